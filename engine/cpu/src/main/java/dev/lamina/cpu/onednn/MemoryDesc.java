package dev.lamina.cpu.onednn;

import static org.bytedeco.dnnl.global.dnnl.dnnl_blocked;
import static org.bytedeco.dnnl.global.dnnl.dnnl_f32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_kind_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_format_tag_any;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_blob;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_create_with_tag;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_destroy;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_blob;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_get_size;
import static org.bytedeco.dnnl.global.dnnl.dnnl_memory_desc_query;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_data_type;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_dims;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_format_kind;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_inner_blks;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_inner_idxs;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_inner_nblks_s32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_ndims_s32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_padded_dims;
import static org.bytedeco.dnnl.global.dnnl.dnnl_query_strides;
import static org.bytedeco.dnnl.global.dnnl.dnnl_s32;
import static org.bytedeco.dnnl.global.dnnl.dnnl_u8;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Shape and physical layout of one tensor: an immutable value that owns no native memory.
 *
 * <p>A layout is named the way oneDNN names it: letters for dimensions from the slowest to the
 * fastest, capitals for dimensions that are also blocked, then the blocks: {@code aBcd8b} is NCHW
 * with channels in blocks of eight.
 */
public final class MemoryDesc {
  /**
   * Codes of layouts met so far; empty for a name that is none. Looked up one by one: asking for
   * all of the bindings' thousands of fields at once leaves a megabyte of them behind.
   */
  private static final Map<String, OptionalInt> TAGS = new ConcurrentHashMap<>();

  /** Dimension letters, then block sizes. */
  private static final Pattern TAG = Pattern.compile("(?=[b-lB-L]*[aA])[a-lA-L]+[0-9a-l]*");

  private final long[] dims;
  private final long[] paddedDims;
  private final String tag;
  private final String form;
  private final String dataType;
  private final long bytes;
  private final byte[] blob;

  private MemoryDesc(dnnl_memory_desc handle) {
    int rank = Query.int32(handle, dnnl_query_ndims_s32);
    dims = Query.longs(handle, dnnl_query_dims, rank);
    paddedDims = Query.longs(handle, dnnl_query_padded_dims, rank);
    bytes = dnnl_memory_desc_get_size(handle);
    Order order = Order.of(handle, paddedDims);
    tag = order.tag();
    form = order.form();
    dataType = typeName(Query.int32(handle, dnnl_query_data_type));
    try (NativeWord size = new NativeWord()) {
      SizeTPointer length = size.asSize();
      Status.check(
          dnnl_memory_desc_get_blob((byte[]) null, length, handle), "dnnl_memory_desc_get_blob");
      blob = new byte[Math.toIntExact(length.get())];
      Status.check(dnnl_memory_desc_get_blob(blob, length, handle), "dnnl_memory_desc_get_blob");
    }
  }

  /**
   * A float32 tensor in a named layout.
   *
   * @param tag oneDNN's name of the layout, such as {@code abcd} or {@code ABcd8b8a}
   */
  public static MemoryDesc of(String tag, long... dims) {
    return tagged(tagCode(tag), tag, dims);
  }

  /** A float32 tensor whose layout the primitive may choose. */
  public static MemoryDesc any(long... dims) {
    return tagged(dnnl_format_tag_any, "any", dims);
  }

  /** A float32 tensor with explicit strides, in elements, without padding. */
  public static MemoryDesc strided(long[] dims, long[] strides) {
    dnnl_memory_desc handle = new dnnl_memory_desc();
    Status.check(
        dnnl_memory_desc_create_with_strides(handle, dims.length, dims, dnnl_f32, strides),
        "dnnl_memory_desc_create_with_strides",
        dims,
        strides);
    return owned(handle);
  }

  private static MemoryDesc tagged(int code, String tag, long[] dims) {
    dnnl_memory_desc handle = new dnnl_memory_desc();
    Status.check(
        dnnl_memory_desc_create_with_tag(handle, dims.length, dims, dnnl_f32, code),
        "dnnl_memory_desc_create_with_tag",
        dims,
        tag);
    return owned(handle);
  }

  private static MemoryDesc owned(dnnl_memory_desc handle) {
    try {
      return new MemoryDesc(handle);
    } finally {
      dnnl_memory_desc_destroy(handle);
    }
  }

  /** Copies what oneDNN lends; null stands for an argument that the primitive does not take. */
  static MemoryDesc borrowed(dnnl_memory_desc handle) {
    if (handle == null || handle.isNull() || Query.int32(handle, dnnl_query_ndims_s32) == 0) {
      return null;
    }
    return new MemoryDesc(handle);
  }

  /** Logical dimensions, outermost first. */
  public long[] dims() {
    return dims.clone();
  }

  /** Dimensions as stored, blocks filled up; the surplus must be, and is kept, zero. */
  public long[] paddedDims() {
    return paddedDims.clone();
  }

  /** Whether the stored tensor is larger than the logical one. */
  public boolean padded() {
    return !Arrays.equals(dims, paddedDims);
  }

  /** The layout's name; {@code any} while it is open, {@code opaque} if only oneDNN can read it. */
  public String tag() {
    return tag;
  }

  /**
   * How the bytes lie, whatever the layout is called: dimensions from the slowest to the fastest
   * with their extents as stored, those of extent one left out. Descriptors of one logical tensor
   * and equal forms describe the same bytes: {@code aBcd8b} of six channels has the form of {@code
   * acdb} of eight.
   */
  public String form() {
    return form;
  }

  /** Size of the stored tensor; zero while the layout is open. */
  public long bytes() {
    return bytes;
  }

  /** A fresh native descriptor; the caller destroys it by closing. */
  Handle open() {
    dnnl_memory_desc handle = new dnnl_memory_desc();
    Status.check(
        dnnl_memory_desc_create_with_blob(handle, blob), "dnnl_memory_desc_create_with_blob", this);
    return new Handle(handle);
  }

  /** Opens {@code desc}, or gives a null handle for null: oneDNN's way of saying "absent". */
  static Handle open(MemoryDesc desc) {
    return desc == null ? new Handle(null) : desc.open();
  }

  /** A native descriptor for the length of a try block. */
  record Handle(dnnl_memory_desc pointer) implements AutoCloseable {
    @Override
    public void close() {
      if (pointer != null) {
        dnnl_memory_desc_destroy(pointer);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MemoryDesc that
        && tag.equals(that.tag)
        && dataType.equals(that.dataType)
        && Arrays.equals(dims, that.dims)
        && Arrays.equals(paddedDims, that.paddedDims)
        && bytes == that.bytes;
  }

  @Override
  public int hashCode() {
    return Objects.hash(tag, Arrays.hashCode(dims), bytes);
  }

  @Override
  public String toString() {
    return dataType + Arrays.toString(dims) + ":" + tag;
  }

  private static String typeName(int code) {
    if (code == dnnl_f32) {
      return "f32";
    }
    if (code == dnnl_u8) {
      return "u8";
    }
    return code == dnnl_s32 ? "s32" : "type" + code;
  }

  /** Whether oneDNN has a layout of that name; it does not name all that its primitives choose. */
  public static boolean known(String tag) {
    return code(tag).isPresent();
  }

  private static int tagCode(String tag) {
    return code(tag)
        .orElseThrow(() -> new IllegalArgumentException("oneDNN knows no layout \"" + tag + "\""));
  }

  private static OptionalInt code(String tag) {
    return TAGS.computeIfAbsent(tag, MemoryDesc::constant);
  }

  /** The bindings' constant for a layout. */
  private static OptionalInt constant(String tag) {
    if (!TAG.matcher(tag).matches()) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(
          (int)
              MethodHandles.publicLookup()
                  .findStaticVarHandle(
                      org.bytedeco.dnnl.global.dnnl.class, "dnnl_" + tag, int.class)
                  .get());
    } catch (NoSuchFieldException none) {
      return OptionalInt.empty();
    } catch (IllegalAccessException e) {
      throw new LinkageError("the bindings hide their constant dnnl_" + tag, e);
    }
  }

  /**
   * The order in which a layout runs through its dimensions.
   *
   * @param tag as oneDNN's own benchmark prints it
   * @param form see {@link MemoryDesc#form()}
   */
  private record Order(String tag, String form) {

    static Order of(dnnl_memory_desc handle, long[] padded) {
      int kind = Query.int32(handle, dnnl_query_format_kind);
      if (kind != dnnl_blocked) {
        String name = kind == dnnl_format_kind_any ? "any" : "opaque";
        return new Order(name, name);
      }
      int rank = padded.length;
      long[] strides = Query.longs(handle, dnnl_query_strides, rank);
      int blocks = Query.int32(handle, dnnl_query_inner_nblks_s32);
      long[] sizes = Query.longs(handle, dnnl_query_inner_blks, blocks);
      long[] indices = Query.longs(handle, dnnl_query_inner_idxs, blocks);
      long[] outer = padded.clone();
      boolean[] blocked = new boolean[rank];
      long expected = 1;
      for (int b = 0; b < blocks; b++) {
        int d = (int) indices[b];
        blocked[d] = true;
        outer[d] /= sizes[b];
        expected *= sizes[b];
      }
      Integer[] slowestFirst = new Integer[rank];
      Arrays.setAll(slowestFirst, d -> d);
      // Of equal strides the larger dimension is the slower one.
      Arrays.sort(
          slowestFirst,
          (x, y) ->
              strides[x] != strides[y]
                  ? Long.compare(strides[y], strides[x])
                  : Long.compare(outer[y], outer[x]));
      StringBuilder tag = new StringBuilder();
      boolean dense = true;
      for (int i = rank - 1; i >= 0; i--) {
        int d = slowestFirst[i];
        dense &= strides[d] == expected || outer[d] == 1;
        expected *= outer[d];
        tag.append((char) ((blocked[d] ? 'A' : 'a') + d));
      }
      tag.reverse();
      StringBuilder form = new StringBuilder();
      for (int d : slowestFirst) {
        append(form, d, outer[d]);
      }
      for (int b = 0; b < blocks; b++) {
        tag.append(sizes[b]).append((char) ('a' + indices[b]));
        append(form, (int) indices[b], sizes[b]);
      }
      String gaps = dense ? "" : Arrays.toString(strides);
      return new Order(tag + gaps, form + gaps);
    }

    private static void append(StringBuilder form, int dimension, long extent) {
      if (extent > 1) {
        form.append((char) ('a' + dimension)).append(extent);
      }
    }
  }

  /** Queries of one descriptor. */
  private static final class Query {
    private Query() {}

    static int int32(dnnl_memory_desc handle, int what) {
      try (NativeWord word = new NativeWord()) {
        Status.check(
            dnnl_memory_desc_query(handle, what, word.pointer()), "dnnl_memory_desc_query", what);
        return word.int32();
      }
    }

    /** An array that belongs to the descriptor, copied. */
    static long[] longs(dnnl_memory_desc handle, int what, int count) {
      if (count == 0) {
        return new long[0];
      }
      try (NativeWord word = new NativeWord()) {
        Status.check(
            dnnl_memory_desc_query(handle, what, word.pointer()), "dnnl_memory_desc_query", what);
        long[] values = new long[count];
        NativeMemory.bufferAt(word.int64(), count * Long.BYTES).asLongBuffer().get(values);
        return values;
      }
    }
  }
}
