// Tiles of images for F(2 x 2, 3 x 3) (winograd.opencl.cl), eight at a time: B' x B of 4 x 4 values, which tiles share
// with their neighbours, and A' m A, 2 x 2 positions of y. There are 16 points, (i, j) at 4 * i + j.
//
// A row of tiles is as long as a multiple of `span`, 4 or 2, so that eight tiles are runs of rows; tiles behind the
// last are never stored.

#define POINTS 16

// Rows of tiles, and panels of them, that a task may have.
#define MOST_ROWS 64
#define MOST_PANELS 16

// Four rows of the image that a row of tiles sees, odd columns and even ones apart: column 2 * k - 1 at k,
// column 2 * k at length + k.
FUNCTION void fill_lines(
    GLOBAL const float* x, GLOBAL float* lines, int row0, int length, Window win) {
  for (int i = 0; i < 4; i++) {
    int h = row0 - 1 + i;
    GLOBAL float* odd = lines + 2 * i * length;
    GLOBAL float* even = odd + length;
    int k = 0;
    odd[0] = 0.0f;
    if (h >= 0 && h < win.h) {
      GLOBAL const float* from = x + h * win.w;
      for (; 2 * k + 16 <= win.w; k += 8) {
        float16 both = vload16(0, from + 2 * k);
        vstore8(both.even, 0, even + k);
        // One by one: Oclgrind takes the last of a float16's .odd for never written.
        vstore8(
            (float8)(both.s1, both.s3, both.s5, both.s7, both.s9, both.sb, both.sd, both.sf), 0,
            odd + 1 + k);
      }
      for (; 2 * k < win.w; k++) {
        even[k] = from[2 * k];
        odd[1 + k] = 2 * k + 1 < win.w ? from[2 * k + 1] : 0.0f;
      }
    }
    for (; k < length; k++) {
      even[k] = 0.0f;
      if (1 + k < length) {
        odd[1 + k] = 0.0f;
      }
    }
  }
}

// Eight tiles, in runs of `span`, from where each run begins.
FUNCTION float8 eight_tiles(GLOBAL const float* lines, const int* run, int span) {
  if (span == 4) {
    float4 a = vload4(0, lines + run[0]), b = vload4(0, lines + run[1]);
    return (float8)(a.s0, a.s1, a.s2, a.s3, b.s0, b.s1, b.s2, b.s3);
  }
  float2 a = vload2(0, lines + run[0]), b = vload2(0, lines + run[1]);
  float2 c = vload2(0, lines + run[2]), d = vload2(0, lines + run[3]);
  return (float8)(a.s0, a.s1, b.s0, b.s1, c.s0, c.s1, d.s0, d.s1);
}

// Column j of four rows of a tile, and of B' x.
#define COLUMN(j) \
  float8 x0##j = eight_tiles(lines + (j % 2) * length + j / 2, run, span); \
  float8 x1##j = eight_tiles(lines + (2 + j % 2) * length + j / 2, run, span); \
  float8 x2##j = eight_tiles(lines + (4 + j % 2) * length + j / 2, run, span); \
  float8 x3##j = eight_tiles(lines + (6 + j % 2) * length + j / 2, run, span); \
  float8 t0##j = x0##j - x2##j, t1##j = x1##j + x2##j; \
  float8 t2##j = x2##j - x1##j, t3##j = x1##j - x3##j;

#define POINTS_OF_ROW(i) \
  vstore8(t##i##0 - t##i##2, 0, to + (4 * i) * next); \
  vstore8(t##i##1 + t##i##2, 0, to + (4 * i + 1) * next); \
  vstore8(t##i##2 - t##i##1, 0, to + (4 * i + 2) * next); \
  vstore8(t##i##1 - t##i##3, 0, to + (4 * i + 3) * next);

// B' x B of eight tiles; points are `next` apart.
FUNCTION void transform_tiles(
    GLOBAL const float* lines, int length, const int* run, int span, GLOBAL float* to, int next) {
  COLUMN(0) COLUMN(1) COLUMN(2) COLUMN(3)
  POINTS_OF_ROW(0) POINTS_OF_ROW(1) POINTS_OF_ROW(2) POINTS_OF_ROW(3)
}

#define SUM_COLUMN(j) \
  float8 m1##j = vload8(0, from + (4 + j) * next), m2##j = vload8(0, from + (8 + j) * next); \
  float8 u##j = vload8(0, from + j * next) + m1##j + m2##j; \
  float8 v##j = m1##j - m2##j - vload8(0, from + (12 + j) * next);

#define FINISHED(sum) relu ? fmax((sum) + bias, (float8)(0.0f)) : (sum) + bias
#define PAIRS_LOW(a, b) (float8)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3)
#define PAIRS_HIGH(a, b) (float8)(a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7)

// Where runs of tiles are in y, how many columns of each are inside, and rows.
typedef struct {
  int start[4], columns[4], rows[4], whole;
} Place;

// A row of eight tiles' positions: even columns and odd ones.
FUNCTION void store_tiles(
    float8 even, float8 odd, GLOBAL float* y, int row, int span, const Place* place) {
  float8 low = PAIRS_LOW(even, odd), high = PAIRS_HIGH(even, odd);
  if (place->whole && span == 4) {
    vstore8(low, 0, y + place->start[0]);
    vstore8(high, 0, y + place->start[1]);
  } else {
    float values[16];
    vstore8(low, 0, values);
    vstore8(high, 1, values);
    for (int run = 0; run < 8 / span; run++) {
      for (int i = 0; i < place->columns[run] && row < place->rows[run]; i++) {
        y[place->start[run] + i] = values[2 * span * run + i];
      }
    }
  }
}

// A' m A of eight tiles of one row of sums.
FUNCTION void finish_tiles(
    GLOBAL const float* from, int next, float bias, int relu, GLOBAL float* y, int w, int span,
    const Place* place) {
  SUM_COLUMN(0) SUM_COLUMN(1) SUM_COLUMN(2) SUM_COLUMN(3)
  float8 even = FINISHED(u0 + u1 + u2), odd = FINISHED(u1 - u2 - u3);
  store_tiles(even, odd, y, 0, span, place);
  even = FINISHED(v0 + v1 + v2), odd = FINISHED(v1 - v2 - v3);
  store_tiles(even, odd, y + w, 1, span, place);
}
