// How sums of convolutions by blocks (conv_blocks.opencl.cl), which lie [position][filter], come to planes.

FUNCTION float8 finished(GLOBAL const float* sums, float8 bias, int relu) {
  float8 value = vload8(0, sums) + bias;
  return relu ? fmax(value, (float8)(0.0f)) : value;
}

// Eight neighbours of a row of y, or every second of sixteen.
FUNCTION void store_eight(float8 values, GLOBAL float* y, int step, int odd) {
  if (step == 1) {
    vstore8(values, 0, y);
  } else {
    y += odd;
    y[0] = values.s0;
    y[2] = values.s1;
    y[4] = values.s2;
    y[6] = values.s3;
    y[8] = values.s4;
    y[10] = values.s5;
    y[12] = values.s6;
    y[14] = values.s7;
  }
}

// Brings a run of sums of `filters` filters (at most 8), `width` values apart, to rows of y that are `plane`
// apart, from value `first` on, where they lie `step` apart. Beside the run a row has `row` values.
FUNCTION void store_run(
    GLOBAL const float* sums, int width, GLOBAL float* y, int length, int first, int step, int row,
    int plane, int filters, float8 bias, int relu) {
  int p = 0;
  if (step <= 2 && filters == 8) {
    for (; p + 8 <= length && (p + 8) * step <= row; p += 8) {
      GLOBAL const float* at = sums + p * width;
      float8 r0 = finished(at, bias, relu), r1 = finished(at + width, bias, relu);
      float8 r2 = finished(at + 2 * width, bias, relu), r3 = finished(at + 3 * width, bias, relu);
      float8 r4 = finished(at + 4 * width, bias, relu), r5 = finished(at + 5 * width, bias, relu);
      float8 r6 = finished(at + 6 * width, bias, relu), r7 = finished(at + 7 * width, bias, relu);
      TRANSPOSE()
      GLOBAL float* to = y + p * step;
      store_eight(s0, to, step, first);
      store_eight(s1, to + plane, step, first);
      store_eight(s2, to + 2 * plane, step, first);
      store_eight(s3, to + 3 * plane, step, first);
      store_eight(s4, to + 4 * plane, step, first);
      store_eight(s5, to + 5 * plane, step, first);
      store_eight(s6, to + 6 * plane, step, first);
      store_eight(s7, to + 7 * plane, step, first);
    }
  }
  for (; p < length; p++) {
    float values[8];
    vstore8(finished(sums + p * width, bias, relu), 0, values);
    for (int f = 0; f < filters; f++) {
      y[f * plane + p * step + first] = values[f];
    }
  }
}
