package dev.lamina.cpu;

import dev.lamina.cpu.onednn.MemoryDesc;
import dev.lamina.cpu.onednn.OneDnn;
import dev.lamina.device.Layout;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Physical forms of tensors: tags of {@link Layout} on this device, and oneDNN's descriptors.
 *
 * <p>A tag is {@code canonical}; or oneDNN's name of a layout, such as {@code acdb} for NHWC; or,
 * where the layout is one of the tensor seen in another shape, name and shape, such as {@code
 * acdb@120x16x5x5} for the weights of a linear layer that reads NHWC images; or {@code a+8} for a
 * vector filled up with zeros to eight values. Equal bytes have equal tags: a layout goes by the
 * first of its names in {@link #COMMON}.
 */
final class Forms {
  private static final List<String> PLAIN = List.of("a", "ab", "abc", "abcd", "abcde");

  /** Names that layouts go by where they can, by rank. */
  private static final List<List<String>> COMMON =
      List.of(
          List.of("a"),
          List.of("ab", "ba"),
          List.of("abc"),
          List.of("abcd", "acdb", "aBcd8b", "aBcd16b", "cdba", "bcda"),
          List.of("abcde"));

  private static final String FILLED = "a+";

  private Forms() {}

  /** The plain row-major layout's oneDNN name. */
  static String plain(int rank) {
    return PLAIN.get(rank - 1);
  }

  /** Layouts that images usually have: NCHW, NHWC, and channels in blocks of a vector. */
  static List<String> images() {
    boolean wide = OneDnn.load().isa().startsWith("avx512");
    return List.of("abcd", "acdb", wide ? "aBcd16b" : "aBcd8b");
  }

  /** Distinct layouts that tensors of a spec usually have, the canonical one first. */
  static List<MemoryDesc> usual(TensorSpec spec) {
    long[] dims = spec.shape().dims();
    if (dims.length != 4) {
      return List.of(MemoryDesc.of(plain(dims.length), dims));
    }
    List<MemoryDesc> usual = new ArrayList<>();
    for (String tag : images()) {
      MemoryDesc desc = MemoryDesc.of(tag, dims);
      if (usual.stream().noneMatch(other -> other.form().equals(desc.form()))) {
        usual.add(desc);
      }
    }
    return usual;
  }

  /**
   * Names the layout that a primitive gives a tensor.
   *
   * @param view the tensor's extents as the primitive was told them, before any filling up
   * @param desc the primitive's descriptor, possibly of more channels than there are
   * @return empty if {@link #desc} could not find the layout again
   */
  static Optional<Layout> layout(TensorSpec spec, long[] view, MemoryDesc desc) {
    String form = desc.form();
    if (MemoryDesc.of(plain(view.length), view).form().equals(form)) {
      return Optional.of(new Layout(Layout.CANONICAL, spec.bytes()));
    }
    if (view.length == 1) {
      return Optional.of(new Layout(FILLED + desc.dims()[0], desc.bytes()));
    }
    List<String> names = new ArrayList<>(COMMON.get(view.length - 1));
    names.add(desc.tag());
    String suffix = Arrays.equals(view, spec.shape().dims()) ? "" : "@" + extents(view);
    for (String name : names) {
      if (MemoryDesc.known(name) && MemoryDesc.of(name, view).form().equals(form)) {
        return Optional.of(new Layout(name + suffix, desc.bytes()));
      }
    }
    return Optional.empty();
  }

  /** The descriptor of a float32 tensor in a layout that {@link #layout} named. */
  static MemoryDesc desc(TensorSpec spec, Layout layout) {
    long[] dims = spec.shape().dims();
    if (layout.canonical()) {
      return MemoryDesc.of(plain(dims.length), dims);
    }
    String tag = layout.tag();
    int at = tag.indexOf('@');
    if (at < 0) {
      return MemoryDesc.of(tag, dims);
    }
    long[] view =
        Arrays.stream(tag.substring(at + 1).split("x")).mapToLong(Long::parseLong).toArray();
    return MemoryDesc.of(tag.substring(0, at), view);
  }

  /** The extents under which a layout was named: the tensor's own, or another view of it. */
  static long[] view(TensorSpec spec, Layout layout) {
    return filled(layout) ? spec.shape().dims() : desc(spec, layout).dims();
  }

  /** Whether the layout is a vector filled up with zeros. */
  static boolean filled(Layout layout) {
    return layout.tag().startsWith(FILLED);
  }

  private static String extents(long[] view) {
    return Arrays.stream(view).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }
}
