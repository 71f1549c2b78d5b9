package dev.lamina.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void knowsItsExtents() {
    Shape shape = Shape.of(64, 1, 28, 27);
    assertEquals(4, shape.rank());
    assertEquals(28, shape.dim(2));
    assertEquals(27, shape.dim(-1));
    assertEquals(64, shape.size(-4));
    assertEquals(64 * 28 * 27, shape.elements());
    assertEquals("[64,1,28,27]", shape.toString());
    assertEquals(Shape.of(9, 1, 28, 27), shape.with(0, 9));
    assertEquals(64, shape.dim(0), "with() makes a new shape");
  }

  @Test
  void isAValueThatNobodyCanChange() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 7;
    shape.dims()[1] = 7;
    assertArrayEquals(new long[] {2, 3}, shape.dims());
    assertEquals(Shape.of(2, 3), shape);
    assertEquals(Shape.of(2, 3).hashCode(), shape.hashCode());
    assertNotEquals(Shape.of(3, 2), shape);
    assertNotEquals(Shape.of(2, 3, 1), shape);
  }

  @Test
  void scalarHasOneElement() {
    assertEquals(1, Shape.of().elements());
    assertEquals("[]", Shape.of().toString());
  }

  @Test
  void countsBeyondAnInt() {
    Shape large = Shape.of(1L << 20, 1L << 20, 4);
    assertEquals(1L << 42, large.elements());
    assertThrows(ArithmeticException.class, () -> Shape.of(1L << 40).size(0));
  }

  @Test
  void refusesEmptyNegativeAndOverflowing() {
    ShapeException empty = assertThrows(ShapeException.class, () -> Shape.of(3, 0));
    assertTrue(empty.getMessage().contains("[3,0]"), empty.getMessage());
    assertThrows(ShapeException.class, () -> Shape.of(-1));
    assertThrows(ShapeException.class, () -> Shape.of(1L << 32, 1L << 31));
    assertThrows(ShapeException.class, () -> Shape.of(2, 3).with(1, 0));
  }

  @Test
  void specsHaveATypeAndBytes() {
    assertEquals(24, TensorSpec.f32(2, 3).bytes());
    assertEquals(24, TensorSpec.i32(2, 3).bytes());
    assertEquals(6, TensorSpec.u8(2, 3).bytes());
    assertEquals(12, new TensorSpec(DataType.BF16, Shape.of(2, 3)).bytes());
    assertEquals("u8[2,3]", TensorSpec.u8(2, 3).toString());
    assertNotEquals(TensorSpec.f32(2, 3), TensorSpec.i32(2, 3));
    assertEquals(3, TensorSpec.f32(2, 3).dim(-1));
    TensorSpec huge = TensorSpec.f32(1L << 62);
    assertThrows(ArithmeticException.class, huge::bytes);
  }
}
