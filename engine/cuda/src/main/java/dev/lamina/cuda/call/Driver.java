package dev.lamina.cuda.call;

import dev.lamina.device.Range;
import java.nio.ByteBuffer;
import java.util.List;

/** The driver's calls on one opened GPU: memory, streams, events, modules, graphs. */
public interface Driver extends AutoCloseable {
  /** Makes the GPU's context the calling thread's; every thread does so before its calls. */
  void enter();

  /** Returns the device memory that no process has taken. */
  long freeBytes();

  /** Allocates device memory and returns its address. */
  long allocate(long bytes);

  /** Frees what {@link #allocate} gave. */
  void free(long address);

  /** Allocates pinned host memory. */
  Handle pin(int bytes);

  /** Lends pinned memory, in native byte order. */
  ByteBuffer bytes(Handle pinned, int bytes);

  /** Frees what {@link #pin} gave. */
  void unpin(Handle pinned);

  /** Makes a stream that does not wait for the default stream. */
  Handle stream();

  /** Waits for all work of a stream. */
  void synchronize(Handle stream);

  /** Destroys a stream. */
  void destroyStream(Handle stream);

  /** Writes zeros. */
  void zero(Handle stream, long address, long bytes);

  /** Copies the buffer's bytes, from position to limit; it is direct. */
  void upload(Handle stream, ByteBuffer source, long address);

  /** Copies as many bytes as the buffer has from position to limit; it is direct. */
  void download(Handle stream, long address, ByteBuffer destination);

  /** Makes an event without a time. */
  Handle event();

  /** Marks the present end of the stream. */
  void record(Handle event, Handle stream);

  /** Lets later work of the stream wait for the event. */
  void waitFor(Handle stream, Handle event);

  /** Says whether the event has passed. */
  boolean passed(Handle event);

  /** Blocks until the event has passed. */
  void await(Handle event);

  /** Destroys an event. */
  void destroyEvent(Handle event);

  /** Loads a program of PTX. */
  Handle module(String ptx);

  /** Returns a kernel of a module, fully loaded; it lives as long as the module. */
  Handle function(Handle module, String kernel);

  /** Unloads a module. */
  void unload(Handle module);

  /** Returns how many threads a group of this kernel may have. */
  int mostThreads(Handle function);

  /** Launches a kernel over a range whose groups have a size. */
  void launch(Handle stream, Handle function, Range range, List<Argument> arguments);

  /** Launches a kernel on so many groups, each of {@code groupSize}, in one dimension. */
  default void launch(
      Handle stream, Handle function, int groups, int groupSize, List<Argument> arguments) {
    Range range = Range.of((long) groups * groupSize).withLocal(groupSize);
    launch(stream, function, range, arguments);
  }

  /** Begins to record what the calling thread puts into the stream, in place of running it. */
  void beginCapture(Handle stream);

  /** Ends the recording and makes of it a graph that can be launched. */
  Handle endCapture(Handle stream);

  /** Ends a recording that failed, and drops it. */
  void abandonCapture(Handle stream);

  /** Launches a graph. */
  void launchGraph(Handle stream, Handle graph);

  /** Returns how many nodes a graph has. */
  long nodes(Handle graph);

  /** Destroys a graph. */
  void destroyGraph(Handle graph);

  /** Releases the context. */
  @Override
  void close();
}
