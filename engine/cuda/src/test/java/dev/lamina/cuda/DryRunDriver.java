package dev.lamina.cuda;

import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Argument.Memory;
import dev.lamina.cuda.call.CallException;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Handle;
import dev.lamina.device.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The driver of a {@link DryRun}. */
final class DryRunDriver implements Driver {
  private static final int MOST_THREADS = 1024;

  private record Kernel(String name, List<String> parameters) {}

  private final DryRun run;

  DryRunDriver(DryRun run) {
    this.run = run;
  }

  @Override
  public void enter() {
    run.enter();
  }

  @Override
  public long freeBytes() {
    return run.freeBytes();
  }

  @Override
  public long allocate(long bytes) {
    long address = run.allocate(bytes);
    if (address == 0) {
      throw new CallException("cuMemAlloc", "CUDA_ERROR_OUT_OF_MEMORY");
    }
    return address;
  }

  @Override
  public void free(long address) {
    run.free(address);
  }

  @Override
  public Handle pin(int bytes) {
    run.outsideRecordings("pinning");
    return run.made("pinned memory", ByteBuffer.allocateDirect(bytes));
  }

  @Override
  public ByteBuffer bytes(Handle pinned, int bytes) {
    run.alive("pinned memory", pinned);
    return pinned.as(ByteBuffer.class).duplicate().limit(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void unpin(Handle pinned) {
    run.outsideRecordings("unpinning");
    run.destroyed("pinned memory", pinned);
  }

  @Override
  public Handle stream() {
    run.outsideRecordings("making a stream");
    return run.made("stream", "stream");
  }

  @Override
  public void synchronize(Handle stream) {
    run.waitedFor(stream);
  }

  @Override
  public void destroyStream(Handle stream) {
    run.destroyed("stream", stream);
  }

  @Override
  public void zero(Handle stream, long address, long bytes) {
    run.outsideRecordings("clearing memory");
    run.work(stream, "clearing memory", List.of(new Memory(address, bytes)));
  }

  @Override
  public void upload(Handle stream, ByteBuffer source, long address) {
    run.outsideRecordings("uploading");
    direct(source);
    run.work(stream, "uploading", List.of(new Memory(address, source.remaining())));
  }

  @Override
  public void download(Handle stream, long address, ByteBuffer destination) {
    run.outsideRecordings("downloading");
    direct(destination);
    run.work(stream, "downloading", List.of(new Memory(address, destination.remaining())));
  }

  private void direct(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw run.violation("the driver was given heap memory");
    }
  }

  @Override
  public Handle event() {
    run.outsideRecordings("making an event");
    return run.made("event", "event");
  }

  @Override
  public void record(Handle event, Handle stream) {
    run.outsideRecordings("recording an event");
    run.alive("event", event);
    run.alive("stream", stream);
  }

  @Override
  public void waitFor(Handle stream, Handle event) {
    run.outsideRecordings("waiting for an event");
    run.alive("event", event);
    run.alive("stream", stream);
  }

  @Override
  public boolean passed(Handle event) {
    run.call("asking for an event");
    run.alive("event", event);
    return true;
  }

  @Override
  public void await(Handle event) {
    run.call("waiting for an event");
    run.alive("event", event);
  }

  @Override
  public void destroyEvent(Handle event) {
    run.destroyed("event", event);
  }

  @Override
  public Handle module(String ptx) {
    run.outsideRecordings("loading a module");
    return run.made("module", ptx);
  }

  /** Reads the kernel's parameters from the source, which stands for its PTX here. */
  @Override
  public Handle function(Handle module, String kernel) {
    run.outsideRecordings("loading a kernel");
    run.alive("module", module);
    Matcher head =
        Pattern.compile(
                "void\\s+(?:__launch_bounds__\\(\\d+\\)\\s+)?" + kernel + "\\s*\\(([^)]*)\\)")
            .matcher(module.as(String.class));
    if (!head.find()) {
      throw run.violation("the program has no kernel " + kernel);
    }
    List<String> parameters = new ArrayList<>();
    for (String parameter : head.group(1).split(",")) {
      parameters.add(kind(parameter.strip()));
    }
    return new Handle("function", new Kernel(kernel, parameters));
  }

  private static String kind(String parameter) {
    if (parameter.contains("*")) {
      return "Memory";
    }
    String type = parameter.substring(0, parameter.lastIndexOf(' ')).strip();
    return switch (type) {
      case "int" -> "Int";
      case "float" -> "Real";
      default -> "Struct";
    };
  }

  @Override
  public void unload(Handle module) {
    run.destroyed("module", module);
  }

  @Override
  public int mostThreads(Handle function) {
    return MOST_THREADS;
  }

  @Override
  public void launch(Handle stream, Handle function, Range range, List<Argument> arguments) {
    Kernel kernel = function.as(Kernel.class);
    if (range.local().isEmpty() || range.groupItems() > MOST_THREADS) {
      throw run.violation(kernel.name() + " is launched over " + range);
    }
    List<String> kinds = arguments.stream().map(a -> a.getClass().getSimpleName()).toList();
    if (!kinds.equals(kernel.parameters())) {
      throw run.violation(
          kernel.name() + " takes " + kernel.parameters() + " and is given " + kinds);
    }
    List<Memory> memory = new ArrayList<>();
    for (Argument argument : arguments) {
      if (argument instanceof Memory part) {
        memory.add(part);
      }
    }
    run.work(stream, kernel.name(), memory);
  }

  @Override
  public void beginCapture(Handle stream) {
    run.alive("stream", stream);
    run.beginRecording();
  }

  @Override
  public Handle endCapture(Handle stream) {
    run.alive("stream", stream);
    return run.made("graph", run.endRecording());
  }

  @Override
  public void abandonCapture(Handle stream) {
    run.alive("stream", stream);
    run.endRecording();
  }

  @SuppressWarnings("unchecked")
  private static List<DryRun.Node> nodesOf(Handle graph) {
    return graph.as(List.class);
  }

  @Override
  public void launchGraph(Handle stream, Handle graph) {
    run.alive("stream", stream);
    run.alive("graph", graph);
    run.launched(nodesOf(graph));
  }

  @Override
  public long nodes(Handle graph) {
    run.alive("graph", graph);
    return nodesOf(graph).size();
  }

  @Override
  public void destroyGraph(Handle graph) {
    run.destroyed("graph", graph);
  }

  @Override
  public void close() {
    run.contextClosed();
  }
}
