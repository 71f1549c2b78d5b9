// Batches gathered by the step table: y [rows, channels, plane] = (source - mean) / deviation, a launch
// for each channel.
//
// source [samples, channels, plane], of SAMPLE, which is u8 or float, times scale. tables is i32[slots,
// words]; cursor[0] is the slot of the running step. Words from INDICES on are rows of the source, one per
// row of the batch; first_row says where the output's rows begin. Labels, and the end of a step: see
// labels.cl. Work: see elements.cl.

#define INDICES 16

// y[rows, channel, plane] = (source * scale - mean) / deviation, of one channel.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void gather_samples(
    GLOBAL const SAMPLE* RESTRICT source, GLOBAL const int* RESTRICT tables,
    GLOBAL const int* RESTRICT cursor, GLOBAL float* RESTRICT y,
    int words, int first_row, int rows, int channels, int channel, int plane,
    float scale, float mean, float deviation) {
  GLOBAL const int* indices = tables + cursor[0] * words + INDICES + first_row;
  int run = WHOLE_ROW ? plane : 1;
  int runs = plane / run;
  FOR_ELEMENTS(task, rows * runs) {
    int row = task / runs;
    int first = task % runs * run;
    GLOBAL const SAMPLE* from =
        source + (size_t)indices[row] * (size_t)(channels * plane) + channel * plane;
    GLOBAL float* to = y + (row * channels + channel) * plane;
    for (int i = first; i < first + run; i++) {
      to[i] = ((float)from[i] * scale - mean) / deviation;
    }
  }
}
