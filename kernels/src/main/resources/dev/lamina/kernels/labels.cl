// Labels of a batch, by the step table (see step.cl), and the ring of losses.

#define INDICES 16

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void gather_labels(
    GLOBAL const int* RESTRICT labels, GLOBAL const int* RESTRICT tables,
    GLOBAL const int* RESTRICT cursor, GLOBAL int* RESTRICT y,
    int words, int first_row, int rows) {
  GLOBAL const int* indices = tables + cursor[0] * words + INDICES + first_row;
  FOR_ELEMENTS(i, rows) {
    y[i] = labels[indices[i]];
  }
}

// ring f32[slots, 2]: the slot at the cursor takes a cell, or adds it to what it has.
KERNEL REQUIRED_GROUP(1) void end_step_cell(
    GLOBAL float* RESTRICT ring, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT cell, int first) {
  GLOBAL float* slot = ring + 2 * cursor[0];
  for (int i = 0; i < 2; i++) {
    slot[i] = first ? cell[i] : slot[i] + cell[i];
  }
}

KERNEL REQUIRED_GROUP(1) void end_step_cursor(GLOBAL int* RESTRICT cursor, int slots) {
  cursor[0] = (cursor[0] + 1) % slots;
}
