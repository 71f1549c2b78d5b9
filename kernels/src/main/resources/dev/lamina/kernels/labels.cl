// Labels of a batch by the step table, and the end of a step, which notes its loss and moves the cursor on.
//
// labels i32[samples], y i32[rows]; tables i32[slots, words] and cursor i32[1] as step.cl has them.
// ring f32[slots, 2] and cell f32[2]: the sum of the losses, and how many were right. Work: see elements.cl.

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
