package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.Event;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PinnedBuffer;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.Add;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;

/** Memory, streams, events, phases and closing: what the contract says besides single ops. */
@ExtendWith(LeakCheck.class)
@TestInstance(Lifecycle.PER_CLASS)
abstract class DeviceContract {
  private static final TensorSpec FOUR = TensorSpec.f32(4);

  private Device device;

  /** Opens the device under test; the suite closes it. */
  protected abstract Device openDevice();

  /** Returns the open device. */
  protected final Device device() {
    return device;
  }

  @BeforeAll
  void open() {
    device = openDevice();
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
      device.close();
      assertThrows(IllegalStateException.class, () -> device.arena("late"), "device is closed");
    }
  }

  @Test
  void describesItself() {
    assertTrue(device.info().name().matches("[a-z]+(:\\d+)?"), device.info().name());
    assertTrue(device.info().computeUnits() > 0, "compute units");
    assertTrue(device.info().memoryBytes() > 0, "memory");
    assertTrue(device.maxLanes() >= 1, "lanes");
    assertEquals(1, Integer.bitCount(device.alignment()), "alignment is a power of two");
    assertEquals(FOUR.bytes(), device.canonical(FOUR).bytes());
  }

  @Test
  void turnsAreTakenInOrder() {
    assertTrue(device.turn().isFair(), "a run's next step would overtake whoever waits");
  }

  @Test
  void freshMemoryIsZeroAndCounted() {
    try (DeviceArena arena = device.arena("fresh")) {
      DeviceBuffer first = arena.allocate("first", 1001);
      arena.allocate("second", 10);
      assertEquals("fresh", arena.name());
      assertEquals(1001, first.bytes());
      assertTrue(arena.bytesInUse() >= 1011, "bytes in use: " + arena.bytesInUse());
      ByteBuffer bytes = download(first);
      for (int i = 0; i < 1001; i++) {
        assertEquals(0, bytes.get(i), "byte " + i);
      }
    }
  }

  @Test
  void sealedArenaAllocatesNothing() {
    try (DeviceArena arena = device.arena("sealed")) {
      arena.allocate("early", 16);
      arena.seal();
      IllegalStateException refused =
          assertThrows(IllegalStateException.class, () -> arena.allocate("late", 16));
      assertTrue(refused.getMessage().contains("sealed"), refused.getMessage());
    }
  }

  @Test
  void closedArenaTakesItsBuffersAlong() {
    DeviceArena arena = device.arena("short-lived");
    DeviceBuffer buffer = arena.allocate("x", 64);
    DeviceBuffer part = buffer.slice(0, 16);
    arena.close();
    arena.close();
    ByteBuffer host = Slab.host(64);
    assertThrows(IllegalStateException.class, () -> arena.allocate("y", 16));
    assertThrows(IllegalStateException.class, () -> device.compute().upload(host, buffer));
    assertThrows(IllegalStateException.class, () -> device.compute().download(part, host));
    assertThrows(IllegalStateException.class, buffer::mapped);
  }

  @Test
  void tooMuchMemoryIsRefused() {
    try (DeviceArena arena = device.arena("large")) {
      assertThrows(
          DeviceOutOfMemoryException.class,
          () -> arena.allocate("too large", device.maxAllocation() + 1));
    }
  }

  @Test
  void slicesShareBytesAndStayInside() {
    try (DeviceArena arena = device.arena("slices")) {
      DeviceBuffer buffer = arena.allocate("x", 256);
      upload(buffer, 0, 255);
      DeviceBuffer slice = buffer.slice(64, 128).slice(8, 16);
      assertEquals(72, download(slice).get(0));
      upload(slice, 100, 15);
      ByteBuffer all = download(buffer);
      assertEquals(71, all.get(71));
      assertEquals(100, all.get(72));
      assertEquals(114, all.get(86));
      assertEquals(87, all.get(87), "an upload writes only what it was given");
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.slice(200, 57));
      assertThrows(IndexOutOfBoundsException.class, () -> buffer.slice(-1, 10));
      assertThrows(IndexOutOfBoundsException.class, () -> slice.slice(0, 17));
    }
  }

  @Test
  void copiesRespectPositionAndLimit() {
    try (DeviceArena arena = device.arena("copies");
        PinnedBuffer pinned = device.pinned("staging", 64)) {
      DeviceBuffer buffer = arena.allocate("x", 32);
      for (int i = 0; i < 64; i++) {
        pinned.bytes().put(i, (byte) i);
      }
      ByteBuffer ten = pinned.bytes().duplicate().position(10).limit(20);
      device.compute().upload(ten, buffer);
      assertEquals(10, ten.position(), "positions stay");
      ByteBuffer back = Slab.host(100);
      ByteBuffer middle = back.duplicate().position(50);
      device.compute().download(buffer.slice(0, 12), middle);
      assertEquals(50, middle.position(), "positions stay");
      device.compute().sync();
      assertEquals(0, back.get(49));
      assertEquals(10, back.get(50));
      assertEquals(19, back.get(59));
      assertEquals(0, back.get(60), "the upload had ten bytes");
      assertEquals(0, back.get(62));
    }
  }

  @Test
  void fetchedBytesAreThoseOfTheirPlaceInTheOrder() {
    try (DeviceArena arena = device.arena("fetched");
        PinnedBuffer pinned = device.pinned("staging", 64)) {
      DeviceBuffer buffer = arena.allocate("x", 16);
      ByteBuffer host = pinned.bytes();
      for (int i = 0; i < 16; i++) {
        host.put(i, (byte) 1).put(16 + i, (byte) 2);
      }
      device.compute().upload(host.slice(0, 16), buffer);
      ByteBuffer destination = pinned.bytes().position(32);
      Event fetched = device.compute().fetch(buffer, destination);
      device.compute().upload(host.slice(16, 16), buffer);
      fetched.await();
      assertEquals(32, destination.position(), "positions stay");
      assertEquals(1, destination.get(32));
      assertEquals(1, destination.get(47));
      assertEquals(0, destination.get(48));
      ByteBuffer heap = ByteBuffer.allocate(16);
      device.compute().fetch(buffer, heap).await();
      device.compute().sync();
      assertEquals(2, heap.get(15));
      assertThrows(
          IllegalArgumentException.class, () -> device.compute().fetch(buffer, host.slice(0, 15)));
    }
  }

  @Test
  void mappedBytesAreTheDevicesOwn() {
    try (DeviceArena arena = device.arena("mapped")) {
      DeviceBuffer buffer = arena.allocate("x", 64);
      buffer
          .slice(16, 16)
          .mapped()
          .ifPresent(
              bytes -> {
                assertEquals(16, bytes.remaining());
                bytes.putInt(0, 0x01020304);
                assertEquals(0x01020304, download(buffer).getInt(16), "native byte order");
              });
    }
  }

  @Test
  void streamsMeetInEvents() {
    try (DeviceArena arena = device.arena("streams");
        PinnedBuffer staging = device.pinned("staging", 64)) {
      DeviceBuffer buffer = arena.allocate("x", 64);
      for (int i = 0; i < 64; i++) {
        staging.bytes().put(i, (byte) (i + 1));
      }
      device.copy().upload(staging.bytes().duplicate(), buffer);
      Event uploaded = device.copy().record();
      device.compute().waitFor(uploaded);
      ByteBuffer back = Slab.host(64);
      device.compute().download(buffer, back);
      Event downloaded = device.compute().record();
      downloaded.await();
      assertTrue(downloaded.done());
      assertTrue(uploaded.done(), "the download came after the upload");
      assertEquals(64, back.get(63));
    }
  }

  /** Sums of sums over phases and lanes: each phase needs all lanes of the one before. */
  @Test
  void phasesFollowEachOther() {
    int lanes = Math.min(4, device.maxLanes());
    OpCall call = OpCall.of(new Add(), lanes, FOUR, FOUR);
    Way way = canonicalWay(call);
    try (DeviceArena arena = device.arena("phases");
        PreparedOp add = device.prepare(call, way)) {
      List<DeviceBuffer> level = new ArrayList<>();
      for (int lane = 0; lane < lanes; lane++) {
        level.add(arena.allocate("start " + lane, FOUR.bytes()));
        device.compute().upload(floats(lane + 1), level.get(lane));
      }
      List<Phase> phases = new ArrayList<>();
      for (int phase = 0; phase < 3; phase++) {
        List<DeviceBuffer> next = new ArrayList<>();
        List<List<Launch>> launches = new ArrayList<>();
        for (int lane = 0; lane < lanes; lane++) {
          DeviceBuffer sum = arena.allocate("sum", FOUR.bytes());
          List<DeviceBuffer> pair = List.of(level.get(lane), level.get((lane + 1) % lanes));
          launches.add(List.of(add.bind(pair, List.of(sum), workspace(arena, add))));
          next.add(sum);
        }
        phases.add(new Phase("phase " + phase, launches));
        level = next;
      }
      arena.seal();
      try (Replay replay = device.record(phases)) {
        for (int launch = 0; launch < 50; launch++) {
          device.compute().launch(replay);
        }
        double[] expected = new double[lanes];
        for (int lane = 0; lane < lanes; lane++) {
          expected[lane] = lane + 1;
        }
        for (int phase = 0; phase < 3; phase++) {
          double[] sums = expected.clone();
          for (int lane = 0; lane < lanes; lane++) {
            sums[lane] = expected[lane] + expected[(lane + 1) % lanes];
          }
          expected = sums;
        }
        for (int lane = 0; lane < lanes; lane++) {
          assertEquals(expected[lane], download(level.get(lane)).getFloat(12), "lane " + lane);
        }
      }
    }
  }

  @Test
  void closedOpsAndReplaysCannotRun() {
    OpCall call = OpCall.of(new Add(), 1, FOUR, FOUR);
    try (DeviceArena arena = device.arena("closed")) {
      DeviceBuffer x = arena.allocate("x", FOUR.bytes());
      DeviceBuffer y = arena.allocate("y", FOUR.bytes());
      PreparedOp add = device.prepare(call, canonicalWay(call));
      Launch launch = add.bind(List.of(x, x), List.of(y), workspace(arena, add));
      Replay replay = device.record(List.of(new Phase("closed", List.of(List.of(launch)))));
      replay.close();
      replay.close();
      assertThrows(IllegalStateException.class, () -> device.compute().launch(replay));
      add.close();
      add.close();
      assertThrows(IllegalStateException.class, () -> add.bind(List.of(x, x), List.of(y), null));
    }
  }

  @Test
  void bindingChecksItsBuffers() {
    OpCall call = OpCall.of(new Add(), 1, FOUR, FOUR);
    try (DeviceArena arena = device.arena("buffers");
        PreparedOp add = device.prepare(call, canonicalWay(call))) {
      DeviceBuffer x = arena.allocate("x", FOUR.bytes());
      DeviceBuffer y = arena.allocate("y", FOUR.bytes());
      DeviceBuffer small = y.slice(0, 12);
      DeviceBuffer workspace = workspace(arena, add);
      Class<IllegalArgumentException> refused = IllegalArgumentException.class;
      assertThrows(refused, () -> add.bind(List.of(x), List.of(y), workspace), "one missing");
      assertThrows(refused, () -> add.bind(List.of(x, x), List.of(small), workspace), "short");
    }
  }

  @Test
  void unknownWayIsRefused() {
    OpCall call = OpCall.of(new Add(), 1, FOUR, FOUR);
    Way way = canonicalWay(call);
    Way unknown = new Way("no such implementation", way.inputs(), way.outputs());
    assertThrows(RuntimeException.class, () -> device.prepare(call, unknown));
  }

  private Way canonicalWay(OpCall call) {
    return device.ways(call).stream()
        .filter(way -> way.inputs().stream().allMatch(layout -> layout.canonical()))
        .filter(way -> way.outputs().stream().allMatch(layout -> layout.canonical()))
        .findFirst()
        .orElseThrow(() -> new AssertionError(call + " must be offered on canonical layouts"));
  }

  private static DeviceBuffer workspace(DeviceArena arena, PreparedOp op) {
    return op.workspaceBytes() == 0 ? null : arena.allocate("workspace", op.workspaceBytes());
  }

  private static ByteBuffer floats(float value) {
    ByteBuffer bytes = Slab.host(FOUR.bytes());
    for (int i = 0; i < FOUR.elements(); i++) {
      bytes.putFloat(4 * i, value);
    }
    return bytes;
  }

  /** Uploads {@code count} bytes that count from {@code first}. */
  private void upload(DeviceBuffer buffer, int first, int count) {
    ByteBuffer bytes = Slab.host(count);
    for (int i = 0; i < count; i++) {
      bytes.put(i, (byte) (first + i));
    }
    device.compute().upload(bytes, buffer);
    device.compute().sync();
  }

  private ByteBuffer download(DeviceBuffer buffer) {
    ByteBuffer bytes = Slab.host(buffer.bytes());
    device.compute().download(buffer, bytes);
    device.compute().sync();
    return bytes;
  }
}
