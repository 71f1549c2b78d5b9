// Convolutions of one tap without border, of any stride, as products by panels (panels.opencl.cl) for CPU-type
// devices: forward, and backward to the data (GRADIENT). Rows are filters (channels, if GRADIENT), inner steps
// channels (filters), columns positions (n, oh, ow) of y.
//
// A work-item packs some panels of columns, of all inner steps, into a slot of its own, [panel][inner][16], so
// that x is read only where the window stands. The pass backward to the data reads dy, which is dense, and
// writes dx with the zeros between. Panels are taken together since planes lie far apart.

// Panels of columns that a work-item takes together, at most.
#define TOGETHER 16

// Where each of n columns has its value in y, and where in x, in the planes of the first filter and channel.
// Columns beyond the last are where the first ones are.
FUNCTION void place_columns(
    int column0, int n, int count, int g, int span, Window win, int* in_y, int* in_x) {
  int plane = win.oh * win.ow;
  int image = column0 / plane * win.groups + g;
  int at = column0 % plane;
  int row = at / win.ow;
  int column = at % win.ow;
  for (int q = 0; q < n; q++) {
    in_y[q] = image * win.filters * plane + at;
    in_x[q] = (image * win.channels * win.h + row * win.sh) * win.w + column * win.sw;
    if (q >= count) {
      in_y[q] = in_y[q % span];
      in_x[q] = in_x[q % span];
    }
    at++;
    column++;
    if (column == win.ow) {
      column = 0;
      row++;
      if (row == win.oh) {
        row = 0;
        at = 0;
        image += win.groups;
      }
    }
  }
}

#define PACK(COPY) \
  for (int l = 0; l < inner; l++) { \
    GLOBAL const float* from = b + l * plane; \
    for (int p = 0; p < panels; p++) { \
      const int* base = places + p * PANEL_N; \
      GLOBAL float* to = slot + (p * inner + l) * PANEL_N; \
      COPY \
    } \
  }

// Packs panels of columns that begin at `places`, `span` of them in a row, `step` values apart.
FUNCTION void pack_columns(
    GLOBAL const float* b, GLOBAL float* slot, const int* places, int panels, int span, int step,
    int inner, int plane) {
  if (step == 1 && span == PANEL_N) {
    PACK(vstore16(vload16(0, from + base[0]), 0, to);)
  } else if (step == 1 && span >= 4) {
    PACK(for (int q = 0; q < 4; q++) { vstore4(vload4(0, from + base[4 * q]), q, to); })
  } else if (step == 2 && span >= 8) {
    PACK(for (int q = 0; q < 2; q++) { vstore8(vload16(0, from + base[8 * q]).even, q, to); })
  } else if (step == 2 && span == 4) {
    PACK(for (int q = 0; q < 4; q++) { vstore4(vload8(0, from + base[4 * q]).even, q, to); })
  } else {
    PACK(for (int q = 0; q < PANEL_N; q++) { to[q] = from[base[q]]; })
  }
}

// Columns that will be packed, `hop` of them in a line of memory: `some` lines are fetched each time.
typedef struct {
  const int* places;
  int count, hop, some, at, at_inner;
} Columns;

FUNCTION void fetch_columns(GLOBAL const float* b, int plane, int inner, Columns* columns) {
  for (int i = 0; i < columns->some && columns->at_inner < inner; i++) {
    PREFETCH(b + columns->at_inner * plane + columns->places[columns->at]);
    columns->at += columns->hop;
    if (columns->at >= columns->count) {
      columns->at = 0;
      columns->at_inner++;
    }
  }
}

#if defined(GRADIENT)

#define APART(a, b, c, d) (float8)(a, 0.0f, b, 0.0f, c, 0.0f, d, 0.0f)

// Four rows of four values, or fewer longer ones, each value with a zero behind it and zeros beneath.
#define STORE_WHOLE(r) \
  if (row0 + r < rows) { \
    GLOBAL float* to = c + (row0 + r) * c_plane; \
    vstore8(APART(left##r.s0, left##r.s1, left##r.s2, left##r.s3), 0, to + start[0]); \
    vstore8(APART(left##r.s4, left##r.s5, left##r.s6, left##r.s7), 0, to + start[4]); \
    vstore8(APART(right##r.s0, right##r.s1, right##r.s2, right##r.s3), 0, to + start[8]); \
    vstore8(APART(right##r.s4, right##r.s5, right##r.s6, right##r.s7), 0, to + start[12]); \
    for (int beneath = 1; beneath < win.sh; beneath++) { \
      to += win.w; \
      vstore8((float8)(0.0f), 0, to + start[0]); \
      vstore8((float8)(0.0f), 0, to + start[4]); \
      vstore8((float8)(0.0f), 0, to + start[8]); \
      vstore8((float8)(0.0f), 0, to + start[12]); \
    } \
  }

FUNCTION void store_one(float value, GLOBAL float* dx, int start, Window win) {
  int row = start / win.w % win.h;
  int column = start % win.w;
  for (int r = 0; r < win.sh && row + r < win.h; r++) {
    for (int s = 0; s < win.sw && column + s < win.w; s++) {
      dx[start + r * win.w + s] = r + s == 0 ? value : 0.0f;
    }
  }
}

#define FINISH(r)
#define STORE_ONE(value, to, at) store_one(value, to, at, win)

#else

#define FINISH(r) \
  float bias##r = biased && row0 + r < rows ? bias[g * rows + row0 + r] : 0.0f; \
  left##r += bias##r; \
  right##r += bias##r; \
  if (relu) { \
    left##r = left##r > 0.0f ? left##r : (float8)(0.0f); \
    right##r = right##r > 0.0f ? right##r : (float8)(0.0f); \
  }
#define STORE_ONE(value, to, at) (to)[at] = value

#endif

#define STORE_RUN(r) \
  if (row0 + r < rows) { \
    vstore8(left##r, 0, c + (row0 + r) * c_plane + start[0]); \
    vstore8(right##r, 1, c + (row0 + r) * c_plane + start[0]); \
  }

#define STORE_APART(r) \
  if (row0 + r < rows) { \
    float values[PANEL_N]; \
    vstore8(left##r, 0, values); \
    vstore8(right##r, 1, values); \
    for (int q = 0; q < count; q++) { \
      STORE_ONE(values[q], c + (row0 + r) * c_plane, start[q]); \
    } \
  }

// span: columns that lie in one row of b, 16 at most; of planes without stride, in one plane. together: panels
// of columns of a task.
KERNEL REQUIRED_GROUP(1) void conv_points(
    GLOBAL const float* RESTRICT packed_a, GLOBAL const float* RESTRICT b,
    GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT c, GLOBAL float* RESTRICT slots,
    int images, int span, int together, int biased, int relu, Window win) {
#if defined(GRADIENT)
  int rows = win.channels;
  int inner = win.filters;
  int b_plane = win.oh * win.ow;
  int c_plane = win.h * win.w;
#else
  int rows = win.filters;
  int inner = win.channels;
  int b_plane = win.h * win.w;
  int c_plane = win.oh * win.ow;
#endif
  // dx without stride is as dense as y; with one that fits, it is written in whole vectors.
#if defined(GRADIENT)
  int dense = win.sh * win.sw == 1;
  int whole = win.sw == 2 && span >= 4 && win.h == win.sh * win.oh;
#else
  int dense = 1;
#endif
  int columns = images * win.oh * win.ow;
  int panels_m = (rows - 1) / PANEL_M + 1;
  int panels_n = (columns - 1) / PANEL_N + 1;
  int blocks = (panels_n - 1) / together + 1;
  GLOBAL float* slot = slots + GROUP_ID * together * inner * PANEL_N;
  FOR_ELEMENTS(task, win.groups * blocks) {
    int g = task / blocks;
    int panel0 = task % blocks * together;
    int panels = panels_n - panel0 < together ? panels_n - panel0 : together;
    int left_over = columns - panel0 * PANEL_N;
    int in_y[TOGETHER * PANEL_N];
    int in_x[TOGETHER * PANEL_N];
    place_columns(panel0 * PANEL_N, panels * PANEL_N, left_over, g, span, win, in_y, in_x);
#if defined(GRADIENT)
    const int* starts = in_x;
    pack_columns(b, slot, in_y, panels, span, 1, inner, b_plane);
#else
    const int* starts = in_y;
    pack_columns(b, slot, in_x, panels, span, win.sw, inner, b_plane);
    int next_y[TOGETHER * PANEL_N];
    int next_x[TOGETHER * PANEL_N];
    Columns ahead = {next_x, 0, 1, 0, 0, 0};
    if (task + 1 < task_end && span >= 4) {
      int column = (task + 1) % blocks * together * PANEL_N;
      int left = columns - column;
      int whole = together * PANEL_N;
      int hop = win.sw < LINE ? LINE / win.sw : 1;
      ahead.count = left < whole ? (left - 1) / PANEL_N * PANEL_N + PANEL_N : whole;
      ahead.hop = hop < span ? hop : span;
      ahead.some = inner * ahead.count / ahead.hop / (panels_m * panels) + 1;
      place_columns(column, ahead.count, left, (task + 1) / blocks, span, win, next_y, next_x);
    }
#endif
    for (int row0 = 0; row0 < rows; row0 += PANEL_M) {
      GLOBAL const float* right_b = slot;
      for (int p = 0; p < panels; p++) {
        GLOBAL const float* left_a = packed_a + (g * panels_m * PANEL_M + row0) * inner;
#if !defined(GRADIENT)
        fetch_columns(b, b_plane, inner, &ahead);
#endif
        EACH_ROW(ROW_ZERO)
        for (int l = 0; l < inner; l++) {
          float8 b0 = vload8(0, right_b);
          float8 b1 = vload8(1, right_b);
          EACH_ROW(ROW_ADD)
          left_a += PANEL_M;
          right_b += PANEL_N;
        }
        const int* start = starts + p * PANEL_N;
        int count = left_over - p * PANEL_N < PANEL_N ? left_over - p * PANEL_N : PANEL_N;
        EACH_ROW(FINISH)
        if (dense && count == PANEL_N && start[PANEL_N - 1] - start[0] == PANEL_N - 1) {
          EACH_ROW(STORE_RUN)
#if defined(GRADIENT)
        } else if (whole && count == PANEL_N) {
          EACH_ROW(STORE_WHOLE)
#endif
        } else {
          EACH_ROW(STORE_APART)
        }
      }
    }
  }
}
