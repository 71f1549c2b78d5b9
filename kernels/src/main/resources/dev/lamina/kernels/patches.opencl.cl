// The pass backward to a convolution's weights where taps are few, for CPU-type devices: dweight [filters, taps] =
// dy [filters, positions] * patches [positions, taps], and dbias beside it, as the product with a tap that is
// always one.
//
// A work-item takes a slice of the samples, and writes their sums; slices are added up afterwards. It brings
// the patches of some rows of an image into a slot of its own, by way of a copy with its border where there is
// one, and reads dy where it lies: 6 filters by 16 taps at a time, in twelve vectors.

#define PANEL_M 6
#define PANEL_N 16

// Rows of the image that `rows` rows of y see, and columns of a part of a row: a part has every sw-th column.
FUNCTION int seen_rows(int rows, Window win) {
  return (rows - 1) * win.sh + (win.kh - 1) * win.dh + 1;
}
FUNCTION int part_columns(Window win) {
  return win.ow + (win.kw - 1) * win.dw / win.sw;
}

// Brings what rows [row0, row0 + rows) of y see, with its border, to image, [channel][row][part][column].
FUNCTION void fill_image(
    GLOBAL const float* x, GLOBAL float* image, int row0, int rows, int height, Window win) {
  int pitch = part_columns(win);
  for (int row = 0; row < win.channels * height; row++) {
    int h = row0 * win.sh - win.ph + row % height;
    int inside = row % height < seen_rows(rows, win) && h >= 0 && h < win.h;
    GLOBAL const float* from = x + (row / height * win.h + h) * win.w;
    for (int part = 0; part < win.sw; part++) {
      int shift = part - win.pw;
      int first = shift < 0 ? (-shift - 1) / win.sw + 1 : 0;
      int end = win.w - 1 < shift ? 0 : (win.w - 1 - shift) / win.sw + 1;
      end = inside ? end < pitch ? end : pitch : 0;
      int i = 0;
      for (; i < first && i < pitch; i++) {
        image[i] = 0.0f;
      }
      if (win.sw == 1) {
        for (; i < end; i++) {
          image[i] = from[shift + i];
        }
      }
      for (; i < end; i++) {
        image[i] = from[shift + i * win.sw];
      }
      for (; i < pitch; i++) {
        image[i] = 0.0f;
      }
      image += pitch;
    }
  }
}

// Taps beyond the last are zero, but for the bias's, which is one.
#define TAP(k, LOAD) (t0 + k < taps ? LOAD(from + at[k]) : (float8)(t0 + k == taps ? one : 0.0f))
#define EVERY(from) vload8(0, from)
#define EVERY_SECOND(from) vload16(0, from).even
#define TURN(LOAD) \
  float8 r0 = TAP(0, LOAD), r1 = TAP(1, LOAD), r2 = TAP(2, LOAD), r3 = TAP(3, LOAD); \
  float8 r4 = TAP(4, LOAD), r5 = TAP(5, LOAD), r6 = TAP(6, LOAD), r7 = TAP(7, LOAD); \
  TRANSPOSE() \
  vstore8(s0, 0, to); \
  vstore8(s1, 2, to); \
  vstore8(s2, 4, to); \
  vstore8(s3, 6, to); \
  vstore8(s4, 8, to); \
  vstore8(s5, 10, to); \
  vstore8(s6, 12, to); \
  vstore8(s7, 14, to);

// Brings rows of y, eight taps at a time, to slot, [panel][position][16 taps].
FUNCTION void fill_patches(
    GLOBAL const float* x, GLOBAL float* image, GLOBAL float* slot, int taps, int taps16, int biased,
    int direct, int row0, int rows, int height, Window win) {
  int area = win.kh * win.kw;
  float one = biased ? 1.0f : 0.0f;
  // How far channels, rows and parts of a row lie apart.
  int plane = direct ? win.h * win.w : height * win.sw * part_columns(win);
  int line = direct ? win.w : win.sw * part_columns(win);
  if (!direct) {
    fill_image(x, image, row0, rows, height, win);
  }
  GLOBAL const float* origin = direct ? x + row0 * win.sh * win.w : image;
  for (int t0 = 0; t0 < taps16; t0 += 8) {
    int at[8];
    for (int k = 0; k < 8; k++) {
      int t = t0 + k < taps ? t0 + k : 0;
      int column = t % win.kw * win.dw;
      at[k] = t / area * plane + t % area / win.kw * win.dh * line
          + (direct ? column : column % win.sw * part_columns(win) + column / win.sw);
    }
    GLOBAL float* panel = slot + t0 / PANEL_N * rows * win.ow * PANEL_N + t0 % PANEL_N;
    for (int row = 0; row < rows; row++) {
      GLOBAL const float* from = origin + row * win.sh * line;
      GLOBAL float* to = panel + row * win.ow * PANEL_N;
      if (win.ow < 8) {
        for (int i = 0; i < win.ow * 8; i++) {
          int k = i % 8;
          to[i / 8 * PANEL_N + k] = t0 + k < taps ? from[at[k] + i / 8] : t0 + k == taps ? one : 0.0f;
        }
      } else {
        int step = direct ? win.sw : 1;
        for (int column = 0;;) {
          if (step == 1) {
            TURN(EVERY)
          } else {
            TURN(EVERY_SECOND)
          }
          if (column == win.ow - 8) {
            break;
          }
          // The last vector reaches back over what is done.
          int next = column + 16 < win.ow ? column + 8 : win.ow - 8;
          from += (next - column) * step;
          to += (next - column) * PANEL_N;
          column = next;
        }
      }
    }
  }
}

// What `rows` rows of y see of x, in the channels' planes.
FUNCTION Ahead seen_ahead(GLOBAL const float* x, int rows, int times, Window win) {
  int apart = win.kh > 1 ? 1 : win.sh;
  int seen = (seen_rows(rows, win) - 1) / apart + 1;
  return rows_ahead(x, win.channels, seen, win.w, win.h * win.w, apart * win.w, times);
}

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
// Filters beyond the last repeat it, and are not stored.
#define ROW_BEGIN(r) \
  GLOBAL const float* dy##r = dy + (f0 + (r < last ? r : last)) * plane; \
  GLOBAL float* sums##r = sums + (f0 + (r < last ? r : last)) * taps16 + t0; \
  float8 left##r = vload8(0, sums##r), right##r = vload8(1, sums##r);
#define ROW_FETCH(r) PREFETCH(dy##r + p0 + ahead_dy);
#define ROW_ADD(r) \
  value = (float8)(dy##r[p]); \
  left##r = fma(value, patch0, left##r); \
  right##r = fma(value, patch1, right##r);
#define ROW_STORE(r) \
  if (r <= last) { \
    vstore8(left##r, 0, sums##r); \
    vstore8(right##r, 1, sums##r); \
  }

// sums [filters][taps16] += dy [filters][positions] * slot. A panel of the slot stays in the nearest cache for
// all filters.
FUNCTION void add_patches(
    GLOBAL const float* dy, GLOBAL const float* slot, GLOBAL float* sums, int positions, int plane,
    int filters, int taps16, Ahead* ahead) {
  for (int t0 = 0; t0 < taps16; t0 += PANEL_N) {
    for (int f0 = 0; f0 < filters; f0 += PANEL_M) {
      int last = filters - 1 - f0;
      EACH_ROW(ROW_BEGIN)
      GLOBAL const float* patch = slot + t0 * positions;
      float8 value;
      fetch_some(ahead);
      int ahead_dy = t0 == 0 && last >= 2 * PANEL_M - 1 ? PANEL_M * plane : 0;
      for (int p0 = 0; p0 < positions; p0 += LINE) {
        EACH_ROW(ROW_FETCH)
        int p_end = positions - p0 < LINE ? positions : p0 + LINE;
        for (int p = p0; p < p_end; p++) {
          float8 patch0 = vload8(0, patch), patch1 = vload8(1, patch);
          EACH_ROW(ROW_ADD)
          patch += PANEL_N;
        }
      }
      EACH_ROW(ROW_STORE)
    }
  }
}

// A task is one group in one of `slices` slices of the samples; band: rows whose patches a slot holds. A slot
// begins with the image, of seen_length values. None: there is no border, and x has vectors of 8 columns for
// every one, or every second one, of y's.
KERNEL REQUIRED_GROUP(1) void conv_weights_patches(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT slots,
    int slot_length, int seen_length, GLOBAL float* RESTRICT all_sums,
    GLOBAL float* RESTRICT dweight, GLOBAL float* RESTRICT dbias, int samples, int slices, int band,
    int biased, Window win) {
  int taps = win.channels * win.kh * win.kw;
  int taps16 = (taps + biased - 1) / PANEL_N * PANEL_N + PANEL_N;
  int plane = win.oh * win.ow;
  int height = seen_rows(band, win);
  GLOBAL float* seen = slots + GROUP_ID * slot_length;
  GLOBAL float* slot = seen + seen_length;
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
        int next_row = row0 + band < win.oh ? row0 + band : 0;
        int next_rows = win.oh - next_row < band ? win.oh - next_row : band;
        int last = next_row == 0 && n + 1 == end;
        int next_image = next_row > 0 || last ? image : image + win.groups;
        Ahead ahead = seen_ahead(
            x + (next_image * win.channels * win.h + next_row * win.sh) * win.w, next_rows,
            seen_length > 0 || last ? 0 : taps16 / PANEL_N * ((win.filters - 1) / PANEL_M + 1), win);
        fill_patches(
            x + image * win.channels * win.h * win.w, seen, slot, taps, taps16, biased, seen_length == 0,
            row0, rows, height, win);
        add_patches(
            dy + image * win.filters * plane + row0 * win.ow, slot, sums, rows * win.ow, plane,
            win.filters, taps16, &ahead);
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
