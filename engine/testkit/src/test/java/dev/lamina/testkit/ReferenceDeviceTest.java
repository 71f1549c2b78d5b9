package dev.lamina.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.DeviceArena;
import dev.lamina.device.DeviceBuffer;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceOutOfMemoryException;
import dev.lamina.device.Event;
import dev.lamina.device.Launch;
import dev.lamina.device.OpCall;
import dev.lamina.device.Phase;
import dev.lamina.device.PreparedOp;
import dev.lamina.device.Replay;
import dev.lamina.device.Way;
import dev.lamina.op.Add;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.Relu;
import dev.lamina.op.Reorder;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(LeakCheck.class)
class ReferenceDeviceTest {
  private static final TensorSpec FOUR = TensorSpec.f32(4);
  private static final OpCall RELU = OpCall.of(new Relu(), 1, FOUR);

  private ReferenceDevice device = ReferenceDevice.open();

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void runsARecordedOpAndCountsIt() {
    DeviceArena arena = device.arena("plan");
    DeviceBuffer x = arena.allocate("x", 16);
    DeviceBuffer y = arena.allocate("y", 16);
    PreparedOp relu = device.prepare(RELU, device.ways(RELU).get(0));
    Replay replay = record(relu.bind(List.of(x), List.of(y), null));
    arena.seal();
    ReferenceCounts before = device.counts();
    device.compute().upload(floats(-1, 2, -3, 4), x);
    device.compute().launch(replay);
    device.compute().launch(replay);
    assertArrayEquals(new float[] {0, 2, 0, 4}, download(y));
    ReferenceCounts step = device.counts().since(before);
    assertEquals(new ReferenceCounts(0, 0, 0, 2, 1, 1, 1, Map.of("relu", 2L)), step);
    assertEquals(32, arena.bytesInUse());
    replay.close();
    relu.close();
    arena.close();
  }

  @Test
  void reversedLayoutsMeetThroughReorders() {
    reopen(ReferenceOptions.defaults().withWays(ReferenceWay.REVERSED, ReferenceWay.MIXED));
    Way reversed = device.ways(RELU).get(0);
    assertEquals("reversed", reversed.inputs().get(0).tag());
    assertEquals(64, reversed.inputs().get(0).bytes());
    assertTrue(device.ways(RELU).get(1).outputs().get(0).canonical());
    DeviceArena arena = device.arena("plan");
    DeviceBuffer canonical = arena.allocate("canonical", 16);
    DeviceBuffer physical = arena.allocate("physical", 64);
    OpCall call = OpCall.of(new Reorder(), 1, FOUR);
    Way way =
        new Way("reorder", List.of(device.canonical(FOUR)), List.of(reversed.inputs().get(0)));
    try (PreparedOp reorder = device.prepare(call, way);
        Replay replay = record(reorder.bind(List.of(canonical), List.of(physical), null))) {
      device.compute().upload(floats(1, 2, 3, 4), canonical);
      device.compute().launch(replay);
      float[] expected = new float[16];
      System.arraycopy(new float[] {4, 3, 2, 1}, 0, expected, 0, 4);
      assertArrayEquals(expected, download(physical));
    }
    PreparedOp relu = device.prepare(RELU, device.ways(RELU).get(1));
    Replay replay = record(relu.bind(List.of(physical), List.of(canonical), null));
    physical.mapped().orElseThrow().putFloat(32, 1);
    DeviceException dirty =
        assertThrows(DeviceException.class, () -> device.compute().launch(replay));
    assertTrue(dirty.getMessage().contains("padding"), dirty.getMessage());
    replay.close();
    relu.close();
    arena.close();
  }

  @Test
  void winningPositionsCannotBeReordered() {
    OpCall pool = OpCall.of(new MaxPool2d(Window.of(2)), 1, TensorSpec.f32(1, 1, 3, 3));
    Way way = device.ways(pool).get(0);
    OpCall reorder = OpCall.of(new Reorder(), 1, pool.outputs().get(1));
    Way uncovered =
        new Way(
            "reorder",
            List.of(way.outputs().get(1)),
            List.of(device.canonical(pool.outputs().get(1))));
    assertThrows(DeviceException.class, () -> device.prepare(reorder, uncovered));
  }

  @Test
  void asynchronousWorkHappensOnlyWhenSomeoneWaits() {
    reopen(ReferenceOptions.defaults().likeGpu());
    DeviceArena arena = device.arena("plan");
    DeviceBuffer x = arena.allocate("x", 16);
    assertTrue(x.mapped().isEmpty());
    device.copy().upload(floats(1, 2, 3, 4), x);
    Event uploaded = device.copy().record();
    assertArrayEquals(new float[] {0, 0, 0, 0}, download(x), "compute did not wait for the copy");
    device.compute().waitFor(uploaded);
    assertArrayEquals(new float[] {1, 2, 3, 4}, download(x));
    assertTrue(uploaded.done());
    device.copy().upload(floats(5, 6, 7, 8), x);
    Event again = device.copy().record();
    assertFalse(again.done());
    assertTrue(again.done(), "polling must get there");
    arena.close();
  }

  @Test
  void memoryIsBoundedAndSealed() {
    reopen(ReferenceOptions.defaults().withMemory(128, 192));
    DeviceArena arena = device.arena("plan");
    assertThrows(DeviceOutOfMemoryException.class, () -> arena.allocate("large", 129));
    DeviceBuffer first = arena.allocate("first", 128);
    DeviceOutOfMemoryException full =
        assertThrows(DeviceOutOfMemoryException.class, () -> arena.allocate("second", 65));
    assertTrue(full.getMessage().contains("plan has 128"), full.getMessage());
    arena.seal();
    assertThrows(IllegalStateException.class, () -> arena.allocate("late", 1));
    assertThrows(IndexOutOfBoundsException.class, () -> first.slice(64, 65));
    arena.close();
    arena.close();
    assertThrows(IllegalStateException.class, () -> first.slice(0, 1));
    assertThrows(IllegalStateException.class, first::mapped);
    DeviceArena next = device.arena("next");
    next.allocate("all", 128);
    next.close();
  }

  @Test
  void bindingRefusesWhatDoesNotFit() {
    DeviceArena arena = device.arena("plan");
    DeviceBuffer slab = arena.allocate("slab", 1024);
    DeviceBuffer x = slab.slice(0, 16);
    DeviceBuffer y = slab.slice(64, 16);
    PreparedOp relu = device.prepare(RELU, device.ways(RELU).get(0));
    assertRefused(relu, List.of(), List.of(y), "0 buffers");
    assertRefused(relu, List.of(slab.slice(0, 15)), List.of(y), "needs 16 bytes");
    assertRefused(relu, List.of(slab.slice(32, 16)), List.of(y), "not aligned");
    assertRefused(relu, List.of(x), List.of(x), "overlaps");
    OpCall product = OpCall.of(new MatMul(), 1, TensorSpec.f32(2, 2), TensorSpec.f32(2, 2));
    PreparedOp matMul = device.prepare(product, device.ways(product).get(0));
    DeviceBuffer z = slab.slice(128, 16);
    assertRefused(matMul, List.of(x, y), List.of(z), "workspace");
    Launch bound = relu.bind(List.of(x), List.of(y), null);
    Replay replay = record(bound);
    relu.close();
    assertThrows(IllegalStateException.class, () -> device.compute().launch(replay));
    replay.close();
    assertThrows(IllegalStateException.class, () -> device.compute().launch(replay));
    matMul.close();
    arena.close();
  }

  @Test
  void lanesThatRaceAreRefused() {
    OpCall call = OpCall.of(new Add(), 2, FOUR, FOUR);
    DeviceArena arena = device.arena("plan");
    DeviceBuffer a = arena.allocate("a", 16);
    DeviceBuffer b = arena.allocate("b", 16);
    DeviceBuffer c = arena.allocate("c", 16);
    PreparedOp add = device.prepare(call, device.ways(call).get(0));
    Launch first = add.bind(List.of(a, a), List.of(b), null);
    Launch second = add.bind(List.of(a, b), List.of(c), null);
    IllegalArgumentException race =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                device.record(
                    List.of(new Phase("gradients", List.of(List.of(first), List.of(second))))));
    assertTrue(race.getMessage().contains("gradients"), race.getMessage());
    device.record(List.of(new Phase("gradients", List.of(List.of(first, second))))).close();
    add.close();
    arena.close();
  }

  @Test
  void usingItOutOfTurnIsRefused() throws InterruptedException {
    DeviceArena arena = device.arena("plan");
    DeviceBuffer x = arena.allocate("x", 16);
    CountDownLatch locked = new CountDownLatch(1);
    CountDownLatch refused = new CountDownLatch(1);
    Thread other =
        new Thread(
            () -> {
              device.turn().lock();
              locked.countDown();
              try {
                refused.await();
              } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
              } finally {
                device.turn().unlock();
              }
            });
    other.start();
    locked.await();
    for (Executable use :
        List.<Executable>of(
            () -> device.compute().upload(floats(1), x),
            () -> device.arena("late"),
            () -> device.pinned("late", 16),
            () -> device.ways(RELU),
            () -> arena.allocate("y", 16),
            arena::close)) {
      IllegalStateException outOfTurn = assertThrows(IllegalStateException.class, use);
      assertTrue(outOfTurn.getMessage().contains("another has the turn"), outOfTurn.getMessage());
    }
    refused.countDown();
    other.join();
    arena.close();
  }

  @Test
  void closedDeviceRefusesEverything() {
    device.close();
    assertThrows(IllegalStateException.class, () -> device.arena("late"));
    assertThrows(IllegalStateException.class, () -> device.ways(RELU));
    assertThrows(IllegalStateException.class, () -> device.compute().sync());
  }

  private void reopen(ReferenceOptions options) {
    device.close();
    device = ReferenceDevice.open(options);
  }

  private Replay record(Launch... launches) {
    return device.record(List.of(new Phase("test", List.of(List.of(launches)))));
  }

  private static void assertRefused(
      PreparedOp op, List<DeviceBuffer> inputs, List<DeviceBuffer> outputs, String reason) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> op.bind(inputs, outputs, null));
    assertTrue(refused.getMessage().contains(reason), refused.getMessage());
  }

  private static ByteBuffer floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4 * values.length).order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private float[] download(DeviceBuffer buffer) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect((int) buffer.bytes()).order(ByteOrder.nativeOrder());
    device.compute().download(buffer, bytes);
    device.compute().sync();
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
