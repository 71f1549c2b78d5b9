// The pass backward to a convolution's weights where taps are few, for CPU-type devices: dweight [filters, taps] =
// dy [filters, positions] * patches [positions, taps], and dbias beside it, as the product with a tap that is
// always one.
//
// A work-item takes a slice of the samples, and writes their sums; slices are added up afterwards. It brings
// the patches of some rows of an image into a slot of its own, where they stay in a near cache, and reads dy
// where it lies: 6 filters by 16 taps at a time, in twelve vectors.

#define PANEL_M 6
#define PANEL_N 16

// One tap of rows [row0, row0 + rows) of y's positions, to a dense run.
FUNCTION void copy_tap(
    GLOBAL const float* x, GLOBAL float* to, int kh, int kw, int row0, int rows, Window win) {
  int shift = kw * win.dw - win.pw;
  int first = shift < 0 ? (-shift - 1) / win.sw + 1 : 0;
  int end = win.w - 1 < shift ? 0 : (win.w - 1 - shift) / win.sw + 1;
  end = end < win.ow ? end : win.ow;
  for (int row = row0; row < row0 + rows; row++) {
    int h = row * win.sh - win.ph + kh * win.dh;
    int inside = h >= 0 && h < win.h;
    int low = inside ? first < end ? first : end : win.ow;
    GLOBAL const float* from = x + h * win.w + shift;
    for (int column = 0; column < low; column++) {
      to[column] = 0.0f;
    }
    int column = low;
    int high = inside ? end : low;
    if (win.sw == 1) {
      for (; column < high; column++) {
        to[column] = from[column];
      }
    } else if (win.sw == 2) {
      for (; column + 8 <= high && 2 * column + 16 + shift <= win.w; column += 8) {
        vstore8(vload16(0, from + 2 * column).even, 0, to + column);
      }
    }
    for (; column < high; column++) {
      to[column] = from[column * win.sw];
    }
    for (; column < win.ow; column++) {
      to[column] = 0.0f;
    }
    to += win.ow;
  }
}

// Brings eight taps at a time into `lines`, [8][positions], and from there to slot, [position][taps16].
FUNCTION void fill_patches(
    GLOBAL const float* x, GLOBAL float* lines, GLOBAL float* slot, int taps, int taps16, int biased,
    int row0, int rows, Window win) {
  int area = win.kh * win.kw;
  int positions = rows * win.ow;
  int line = (positions - 1) / 8 * 8 + 8;
  for (int t0 = 0; t0 < taps16; t0 += 8) {
    for (int t = t0; t < t0 + 8; t++) {
      GLOBAL float* to = lines + (t - t0) * line;
      int done = 0;
      if (t < taps) {
        int place = t % area;
        copy_tap(
            x + t / area * win.h * win.w, to, place / win.kw, place % win.kw, row0, rows, win);
        done = positions;
      }
      float rest = biased && t == taps ? 1.0f : 0.0f;
      for (int p = done; p < line; p++) {
        to[p] = rest;
      }
    }
    for (int p = 0; p < line; p += 8) {
      GLOBAL const float* at = lines + p;
      float8 r0 = vload8(0, at), r1 = vload8(0, at + line), r2 = vload8(0, at + 2 * line);
      float8 r3 = vload8(0, at + 3 * line), r4 = vload8(0, at + 4 * line);
      float8 r5 = vload8(0, at + 5 * line), r6 = vload8(0, at + 6 * line);
      float8 r7 = vload8(0, at + 7 * line);
      TRANSPOSE()
      GLOBAL float* to = slot + p * taps16 + t0;
      vstore8(s0, 0, to);
      vstore8(s1, 0, to + taps16);
      vstore8(s2, 0, to + 2 * taps16);
      vstore8(s3, 0, to + 3 * taps16);
      vstore8(s4, 0, to + 4 * taps16);
      vstore8(s5, 0, to + 5 * taps16);
      vstore8(s6, 0, to + 6 * taps16);
      vstore8(s7, 0, to + 7 * taps16);
    }
  }
}

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
// Filters beyond the last repeat it, and are not stored.
#define ROW_BEGIN(r) \
  GLOBAL const float* dy##r = dy + (f0 + (r < last ? r : last)) * plane; \
  GLOBAL float* sums##r = sums + (f0 + (r < last ? r : last)) * taps16 + t0; \
  float8 left##r = vload8(0, sums##r), right##r = vload8(1, sums##r);
#define ROW_ADD(r) \
  value = (float8)(dy##r[p]); \
  left##r = fma(value, patch0, left##r); \
  right##r = fma(value, patch1, right##r);
#define ROW_STORE(r) \
  if (r <= last) { \
    vstore8(left##r, 0, sums##r); \
    vstore8(right##r, 1, sums##r); \
  }

// sums [filters][taps16] += dy [filters][positions] * slot.
FUNCTION void add_patches(
    GLOBAL const float* dy, GLOBAL const float* slot, GLOBAL float* sums, int positions, int plane,
    int filters, int taps16) {
  for (int f0 = 0; f0 < filters; f0 += PANEL_M) {
    int last = filters - 1 - f0;
    for (int t0 = 0; t0 < taps16; t0 += PANEL_N) {
      EACH_ROW(ROW_BEGIN)
      GLOBAL const float* patch = slot + t0;
      float8 value;
      for (int p = 0; p < positions; p++) {
        float8 patch0 = vload8(0, patch), patch1 = vload8(1, patch);
        EACH_ROW(ROW_ADD)
        patch += taps16;
      }
      EACH_ROW(ROW_STORE)
    }
  }
}

// A task is one group in one of `slices` slices of the samples; band: rows whose patches a slot holds.
KERNEL REQUIRED_GROUP(1) void conv_weights_patches(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT slots,
    int slot_length, GLOBAL float* RESTRICT all_sums, GLOBAL float* RESTRICT dweight,
    GLOBAL float* RESTRICT dbias, int samples, int slices, int band, int biased, Window win) {
  int taps = win.channels * win.kh * win.kw;
  int taps16 = (taps + biased - 1) / PANEL_N * PANEL_N + PANEL_N;
  int plane = win.oh * win.ow;
  GLOBAL float* lines = slots + GROUP_ID * slot_length;
  GLOBAL float* slot = lines + 8 * ((band * win.ow - 1) / 8 * 8 + 8);
  FOR_ELEMENTS(task, slices * win.groups) {
    int slice = task / win.groups;
    int g = task % win.groups;
    GLOBAL float* sums = all_sums + task * win.filters * taps16;
    for (int s = 0; s < win.filters * taps16; s++) {
      sums[s] = 0.0f;
    }
    int end = samples * (slice + 1) / slices;
    for (int n = samples * slice / slices; n < end; n++) {
      int image = n * win.groups + g;
      for (int row0 = 0; row0 < win.oh; row0 += band) {
        int rows = win.oh - row0 < band ? win.oh - row0 : band;
        fill_patches(
            x + image * win.channels * win.h * win.w, lines, slot, taps, taps16, biased, row0, rows,
            win);
        add_patches(
            dy + image * win.filters * plane + row0 * win.ow, slot, sums, rows * win.ow, plane,
            win.filters, taps16);
      }
    }
    for (int f = 0; f < win.filters; f++) {
      int filter = task * win.filters + f;
      for (int t = 0; t < taps; t++) {
        dweight[filter * taps + t] = sums[f * taps16 + t];
      }
      if (biased) {
        dbias[filter] = sums[f * taps16 + taps];
      }
    }
  }
}
