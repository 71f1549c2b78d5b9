package dev.lamina.testkit;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.Launch;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.Reorder;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.Lane.Place;
import dev.lamina.testkit.Slab.Region;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One case, in one of the ways a device offers, on one or more lanes: brings the inputs into the
 * way's layouts, runs, brings the outputs back, and checks values and manners.
 */
final class CaseRun implements AutoCloseable {
  /**
   * One way to run a case.
   *
   * @param way how its op runs
   * @param producer how the op runs that makes the fed input; null where there is none
   */
  record Pairing(Way way, Way producer) {
    @Override
    public String toString() {
      String own = way.implementation() + " " + way.inputs() + " to " + way.outputs();
      return producer == null ? own : own + " fed by " + producer.implementation();
    }
  }

  private record Result(ByteBuffer inputs, ByteBuffer all) {}

  private final Device device;
  private final Examples examples;
  private final OpCase opCase;
  private final int lanes;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Map<List<Object>, PreparedOp> reorders = new HashMap<>();
  private final Slab slab;
  private final DeviceArena arena;
  private final List<Lane> places = new ArrayList<>();
  private final List<Lane> producers = new ArrayList<>();
  private final Replay before;
  private final Replay run;
  private final Replay after;

  private CaseRun(Device device, Examples examples, int lanes, Pairing pairing) {
    this.device = device;
    this.examples = examples;
    opCase = examples.opCase();
    this.lanes = lanes;
    slab = new Slab(device);
    try {
      PreparedOp op = prepare(opCase.call(lanes), pairing.way());
      PreparedOp producer = null;
      OpCase.Feed feed = opCase.feed();
      if (feed != null) {
        producer = prepare(feed.producer().call(lanes), pairing.producer());
      }
      for (int lane = 0; lane < lanes; lane++) {
        Place fed = null;
        if (feed != null) {
          long scratch = producer.workspaceBytes();
          Lane made = new Lane(slab, feed.producer(), pairing.producer(), scratch, null);
          producers.add(made);
          fed = made.outputs().get(feed.output());
        }
        places.add(new Lane(slab, opCase, pairing.way(), op.workspaceBytes(), fed));
      }
      arena = opened(device.arena("conformance"));
      slab.allocate(arena);
      List<List<Launch>> first = new ArrayList<>();
      List<List<Launch>> middle = new ArrayList<>();
      List<List<Launch>> last = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        first.add(arriving(lane, producer));
        middle.add(List.of(bind(op, places.get(lane))));
        last.add(leaving(lane));
      }
      arena.seal();
      before = record("before", first);
      run = record("run", middle);
      after = record("after", last);
    } catch (RuntimeException failed) {
      close();
      throw failed;
    }
  }

  /** Runs the case and fails with an {@link AssertionError} where the device falls short. */
  static void check(Device device, Examples examples, int lanes, Pairing pairing) {
    try (CaseRun run = new CaseRun(device, examples, lanes, pairing)) {
      run.check();
    } catch (AssertionError | RuntimeException failed) {
      // build tools report dynamic tests by number, so the message must say which one it was
      throw new AssertionError(
          "%s as %s on %d lanes: %s"
              .formatted(examples.opCase(), pairing, lanes, failed.getMessage()),
          failed);
    }
  }

  private void check() {
    // As f32 the first garbage is NaN and the second an ordinary number: whoever reads outputs,
    // workspace or padding before writing them gives different results, or NaN.
    Result first = run((byte) 0xFF);
    Result second = run((byte) 0x3D);
    for (int lane = 0; lane < lanes; lane++) {
      OpCase.Expected expected = examples.expected(lane);
      for (int i = 0; i < places.get(lane).outputs().size(); i++) {
        Place place = places.get(lane).outputs().get(i);
        if (!place.opaque()) {
          HostTensor wanted = expected.outputs().get(i);
          checkResult("lane %d, output %d".formatted(lane, i), place, wanted, first, second);
        }
      }
      for (int i = 0; i < places.get(lane).inputs().size(); i++) {
        Place place = places.get(lane).inputs().get(i);
        String what = "lane %d, input %d".formatted(lane, i);
        if (opCase.op().mutates().contains(i)) {
          HostTensor wanted = expected.inputs().get(i);
          checkResult(what + ", changed in place", place, wanted, first, second);
          checkZeros(what, examples.inputs(lane).get(i), wanted, read(place, first));
        } else if (i != opCase.cursor()) {
          Region region = place.physical();
          require(
              region.of(first.inputs()).equals(region.of(first.all())),
              what + " was changed, though the op does not mutate it");
        }
      }
    }
  }

  /** Does everything once, on memory full of garbage. */
  private Result run(byte garbage) {
    ByteBuffer image = slab.image(garbage);
    for (int lane = 0; lane < lanes; lane++) {
      write(image, places.get(lane).inputs(), examples.inputs(lane));
      if (opCase.feed() != null) {
        List<HostTensor> values = opCase.feed().producer().inputs(lane, examples.precision());
        write(image, producers.get(lane).inputs(), values);
      }
    }
    slab.upload(image);
    launch(before);
    ByteBuffer inputs = slab.download();
    for (int round = 0; round < opCase.rounds(); round++) {
      if (opCase.cursor() >= 0 && round > 0) {
        moveCursor(round);
      }
      launch(run);
      device.compute().sync();
    }
    launch(after);
    ByteBuffer all = slab.download();
    slab.checkGuards(all);
    return new Result(inputs, all);
  }

  private void moveCursor(int round) {
    for (Lane lane : places) {
      Place cursor = lane.inputs().get(opCase.cursor());
      require(cursor.layout().canonical(), "the cursor must be canonical");
      ByteBuffer value = Slab.host(Integer.BYTES).putInt(0, round);
      device.compute().upload(value, slab.buffer(cursor.physical()));
      device.compute().sync();
    }
  }

  private static void write(ByteBuffer image, List<Place> inputs, List<HostTensor> values) {
    for (int i = 0; i < inputs.size(); i++) {
      Region canonical = inputs.get(i).canonical();
      if (canonical != null) {
        values.get(i).write(canonical.of(image));
      }
    }
  }

  private void checkResult(
      String what, Place place, HostTensor wanted, Result first, Result second) {
    boolean stored = place.width() < place.spec().type().bytes();
    Optional<String> wrong =
        Comparison.compare(
            opCase.demand(),
            Tolerances.of(opCase.op(), examples.precision(), stored),
            stored,
            wanted,
            read(place, first));
    require(wrong.isEmpty(), what + ": " + wrong.orElse(""));
    require(
        place.canonical().of(first.all()).equals(place.canonical().of(second.all())),
        what
            + " differs between two runs on equal inputs: the op is not deterministic, or reads"
            + " outputs, workspace or padding before writing them");
    if (place.reordered() && opCase.demand() != OpCase.Demand.BROKEN) {
      checkPadding(what, place, first.all());
    }
  }

  /** The bytes of a layout depend on the values alone: padding is what a reorder writes, zero. */
  private static void checkPadding(String what, Place place, ByteBuffer all) {
    ByteBuffer written = place.physical().of(all);
    ByteBuffer again = place.again().of(all);
    int width = place.width();
    for (int i = 0; i < written.capacity(); i += width) {
      boolean same =
          switch (width) {
            case Float.BYTES ->
                written.getInt(i) == again.getInt(i) || written.getFloat(i) == again.getFloat(i);
            case Short.BYTES ->
                written.getShort(i) == again.getShort(i)
                    || Float.intBitsToFloat(written.getShort(i) << 16)
                        == Float.intBitsToFloat(again.getShort(i) << 16);
            default -> written.get(i) == again.get(i);
          };
      if (!same) {
        throw new AssertionError(
            "%s: byte %d of layout %s is not what its values make it, so padding is not zero"
                .formatted(what, i, place.layout()));
      }
    }
  }

  /** What is zero and must stay so, the padding of flat runs of parameters, is zero exactly. */
  private static void checkZeros(
      String what, HostTensor before, HostTensor wanted, HostTensor actual) {
    for (int i = 0; i < wanted.values().length; i++) {
      if (before.at(i) == 0 && wanted.at(i) == 0 && actual.at(i) != 0) {
        throw new AssertionError(
            "%s: element %d was zero and must stay so, but is %s".formatted(what, i, actual.at(i)));
      }
    }
  }

  private static HostTensor read(Place place, Result result) {
    return HostTensor.read(place.spec(), place.canonical().of(result.all()));
  }

  /** Launches that bring a lane's inputs into their layouts. */
  private List<Launch> arriving(int lane, PreparedOp producer) {
    List<Launch> launches = new ArrayList<>();
    if (producer != null) {
      for (Place place : producers.get(lane).inputs()) {
        if (place.reordered()) {
          launches.add(reorder(place, place.canonical(), place.physical(), true));
        }
      }
      launches.add(bind(producer, producers.get(lane)));
    }
    for (Place place : places.get(lane).inputs()) {
      if (place.reordered()) {
        launches.add(reorder(place, place.canonical(), place.physical(), true));
      }
    }
    return launches;
  }

  /** Launches that bring a lane's results back, and into their layouts once more. */
  private List<Launch> leaving(int lane) {
    List<Place> results = new ArrayList<>(places.get(lane).outputs());
    for (int position : opCase.op().mutates()) {
      results.add(places.get(lane).inputs().get(position));
    }
    List<Launch> launches = new ArrayList<>();
    for (Place place : results) {
      if (place.reordered()) {
        launches.add(reorder(place, place.physical(), place.canonical(), false));
        launches.add(reorder(place, place.canonical(), place.again(), true));
      }
    }
    return launches;
  }

  private Launch reorder(Place place, Region source, Region target, boolean fromCanonical) {
    Layout canonical = device.canonical(place.spec());
    Layout from = fromCanonical ? canonical : place.layout();
    Layout to = fromCanonical ? place.layout() : canonical;
    PreparedOp prepared =
        reorders.computeIfAbsent(
            List.of(place.spec(), from, to), key -> prepareReorder(place.spec(), from, to));
    DeviceBuffer workspace =
        prepared.workspaceBytes() == 0
            ? null
            : arena.allocate("reorder workspace", prepared.workspaceBytes());
    return prepared.bind(List.of(slab.buffer(source)), List.of(slab.buffer(target)), workspace);
  }

  private PreparedOp prepareReorder(TensorSpec spec, Layout from, Layout to) {
    OpCall call = OpCall.of(new Reorder(), lanes, spec);
    return prepare(call, new Way("reorder", List.of(from), List.of(to)));
  }

  private Launch bind(PreparedOp op, Lane lane) {
    return op.bind(lane.inputBuffers(), lane.outputBuffers(), lane.workspaceBuffer());
  }

  private PreparedOp prepare(OpCall call, Way way) {
    return opened(device.prepare(call, way));
  }

  /** Returns null where there is nothing to record. */
  private Replay record(String name, List<List<Launch>> launches) {
    boolean empty = launches.stream().allMatch(List::isEmpty);
    return empty ? null : opened(device.record(List.of(new Phase(name, launches))));
  }

  private void launch(Replay replay) {
    if (replay != null) {
      device.compute().launch(replay);
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception failed) {
        throw new AssertionError("closing failed: " + failed.getMessage(), failed);
      }
    }
  }
}
