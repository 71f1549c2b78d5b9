// The pass backward to the weights of 3 x 3 taps, stride 1 and a border of 1, by the tiles that winograd.opencl.cl
// has, for CPU-type devices: dweight = G' (sum over tiles of (A dy A') * (B' x B)) G, 16 multiplications for each tile,
// channel and filter, not 36.
//
// A work-item of weights_winograd makes the sums of a part of the panels of filters over a slice of the rows of tiles,
// some panels of 16 tiles at a time: x becomes [point][panel of channels][tile][16 channels], dy [point][filter][tile].
// winograd_finish adds up slices, [slice][group][point][filter][channels16], and dbias, which is the sum of point 5.

#define TAPS 9
#define BIAS_POINT 5

// A row that sees nothing of an image.
#define OUTSIDE -8

// A dy A' of eight tiles; points are `next` apart.
FUNCTION void transform_gradients(
    GLOBAL const float* lines, int length, const int* run, int span, GLOBAL float* to, int next) {
  float8 a0 = eight_tiles(lines + 3 * length, run, span);
  float8 b0 = eight_tiles(lines + 2 * length + 1, run, span);
  float8 a1 = eight_tiles(lines + 5 * length, run, span);
  float8 b1 = eight_tiles(lines + 4 * length + 1, run, span);
  float8 as = a0 + a1, bs = b0 + b1, ad = a0 - a1, bd = b0 - b1;
#define FOUR_POINTS(i, a, b) \
  vstore8(a, 0, to + (4 * i) * next); \
  vstore8(a + b, 0, to + (4 * i + 1) * next); \
  vstore8(a - b, 0, to + (4 * i + 2) * next); \
  vstore8(-(b), 0, to + (4 * i + 3) * next);
  FOUR_POINTS(0, a0, b0)
  FOUR_POINTS(1, as, bs)
  FOUR_POINTS(2, ad, bd)
  FOUR_POINTS(3, -a1, -b1)
}

// Brings 16 channels of a point to [tile][16].
FUNCTION void turn_channels(GLOBAL const float* from, GLOBAL float* slot, int tiles) {
  for (int c = 0; c < PANEL_N; c += 8) {
    for (int t = 0; t < tiles; t += 8) {
      GLOBAL const float* at = from + c * tiles + t;
      float8 r0 = vload8(0, at), r1 = vload8(0, at + tiles), r2 = vload8(0, at + 2 * tiles);
      float8 r3 = vload8(0, at + 3 * tiles), r4 = vload8(0, at + 4 * tiles);
      float8 r5 = vload8(0, at + 5 * tiles), r6 = vload8(0, at + 6 * tiles);
      float8 r7 = vload8(0, at + 7 * tiles);
      TRANSPOSE()
      GLOBAL float* to = slot + t * PANEL_N + c;
      vstore8(s0, 0, to);
      vstore8(s1, 2, to);
      vstore8(s2, 4, to);
      vstore8(s3, 6, to);
      vstore8(s4, 8, to);
      vstore8(s5, 10, to);
      vstore8(s6, 12, to);
      vstore8(s7, 14, to);
    }
  }
}

// Filters beyond the last repeat it, and are not stored.
#define ROW_BEGIN(r) \
  GLOBAL const float* dy##r = gradients + (r < last ? r : last) * tiles; \
  GLOBAL float* sums##r = sums + (r < last ? r : last) * channels16; \
  float8 left##r = vload8(0, sums##r), right##r = vload8(1, sums##r);
#define ROW_MORE(r) \
  value = (float8)(dy##r[t]); \
  left##r = fma(value, x0, left##r); \
  right##r = fma(value, x1, right##r);
#define ROW_END(r) \
  if (r <= last) { \
    vstore8(left##r, 0, sums##r); \
    vstore8(right##r, 1, sums##r); \
  }

// sums [6 filters][16 channels] += gradients [6 filters][tiles] * images [tiles][16 channels].
FUNCTION void add_tiles(
    GLOBAL const float* gradients, GLOBAL const float* images, GLOBAL float* sums, int tiles, int last,
    int channels16) {
  EACH_ROW(ROW_BEGIN)
  float8 value;
  for (int t = 0; t < tiles; t++) {
    float8 x0 = vload8(0, images), x1 = vload8(1, images);
    EACH_ROW(ROW_MORE)
    images += PANEL_N;
  }
  EACH_ROW(ROW_END)
}

KERNEL REQUIRED_GROUP(1) void weights_winograd(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT slots,
    int slot_length, GLOBAL float* RESTRICT all_sums, GLOBAL float* RESTRICT biases, int images,
    int parts, int slices, int rows_of_tiles, int panels, int pitch, int span, int biased,
    Window win) {
  int panels_m = (win.filters - 1) / PANEL_M + 1;
  int panels_n = (win.channels - 1) / PANEL_N + 1;
  int channels16 = panels_n * PANEL_N;
  int tile_rows = (win.h - 1) / 2 + 1;
  int all_rows = images * tile_rows;
  int plane = win.h * win.w;
  int tiles = panels * PANEL_N;
  int part_filters = ((panels_m - 1) / parts + 1) * PANEL_M;
  int next_x = channels16 * tiles + PANEL_N;
  int next_dy = part_filters * tiles + PANEL_N;
  int length = pitch + 1;
  GLOBAL float* points_x = slots + GROUP_ID * slot_length;
  GLOBAL float* points_dy = points_x + POINTS * next_x;
  GLOBAL float* turned = points_dy + POINTS * next_dy;
  GLOBAL float* lines = turned + tiles * PANEL_N;
  // Tiles behind the last row of a block are zeros, and so are channels behind the last.
  int behind = rows_of_tiles * 8 * length;
  for (int i = 0; i < 8 * length; i++) {
    lines[behind + i] = 0.0f;
  }
  for (int point = 0; point < POINTS; point++) {
    for (int i = win.channels * tiles; i < channels16 * tiles; i++) {
      points_x[point * next_x + i] = 0.0f;
    }
  }
  int runs[MOST_PANELS * 2 * 4];
  for (int r = 0; r < tiles / span; r++) {
    int row = r * span / pitch;
    runs[r] = row < rows_of_tiles ? row * 8 * length + r * span % pitch : behind;
  }
  FOR_ELEMENTS(task, slices * win.groups * parts) {
    int part = task % parts;
    int g = task / parts % win.groups;
    int slice = task / (parts * win.groups);
    int f0 = panels_m * part / parts * PANEL_M;
    int end = panels_m * (part + 1) / parts * PANEL_M;
    int filters = (end < win.filters ? end : win.filters) - f0;
    int of_point = win.filters * channels16;
    GLOBAL float* sums =
        all_sums + (slice * win.groups + g) * POINTS * of_point + f0 * channels16;
    GLOBAL float* bias = biases + (slice * win.groups + g) * win.filters + f0;
    for (int point = 0; point < POINTS; point++) {
      for (int i = 0; i < filters * channels16; i++) {
        sums[point * of_point + i] = 0.0f;
      }
    }
    for (int f = 0; biased && f < filters; f++) {
      bias[f] = 0.0f;
    }
    int end_row = (int)((long)all_rows * (slice + 1) / slices);
    for (int first = (int)((long)all_rows * slice / slices); first < end_row;
        first += rows_of_tiles) {
      int image_of[MOST_ROWS];
      int row_of[MOST_ROWS];
      for (int k = 0; k < rows_of_tiles; k++) {
        int inside = first + k < end_row;
        image_of[k] = inside ? (first + k) / tile_rows * win.groups + g : 0;
        row_of[k] = inside ? (first + k) % tile_rows * 2 : OUTSIDE;
      }
      for (int c = 0; c < win.channels; c++) {
        for (int k = 0; k < rows_of_tiles; k++) {
          fill_lines(x + (image_of[k] * win.channels + c) * plane, lines + k * 8 * length,
              row_of[k], length, win);
        }
        for (int eight = 0; eight < 2 * panels; eight++) {
          transform_tiles(lines, length, runs + eight * (8 / span), span,
              points_x + c * tiles + eight * 8, next_x);
        }
      }
      for (int f = 0; f < filters; f++) {
        for (int k = 0; k < rows_of_tiles; k++) {
          fill_lines(dy + (image_of[k] * win.filters + f0 + f) * plane, lines + k * 8 * length,
              row_of[k], length, win);
        }
        for (int eight = 0; eight < 2 * panels; eight++) {
          transform_gradients(lines, length, runs + eight * (8 / span), span,
              points_dy + f * tiles + eight * 8, next_dy);
        }
        for (int t = 0; biased && t < tiles; t++) {
          bias[f] += points_dy[BIAS_POINT * next_dy + f * tiles + t];
        }
      }
      for (int point = 0; point < POINTS; point++) {
        for (int c = 0; c < channels16; c += PANEL_N) {
          turn_channels(points_x + point * next_x + c * tiles, turned, tiles);
          for (int f = 0; f < filters; f += PANEL_M) {
            add_tiles(points_dy + point * next_dy + f * tiles, turned,
                sums + point * of_point + f * channels16 + c, tiles, filters - 1 - f, channels16);
          }
        }
      }
    }
  }
}

// Column j of G' m, where points are m.
#define SUM_POINTS(j) \
  float8 h##j = 0.5f * (m[4 + j] + m[8 + j]); \
  float8 p0##j = m[j] + h##j, p1##j = 0.5f * (m[4 + j] - m[8 + j]), p2##j = h##j + m[12 + j];

// Row i of G' m G.
#define STORE_TAPS(i) \
  { \
    float8 h = 0.5f * (p##i##1 + p##i##2); \
    vstore8(p##i##0 + h, 3 * i, taps); \
    vstore8(0.5f * (p##i##1 - p##i##2), 3 * i + 1, taps); \
    vstore8(h + p##i##3, 3 * i + 2, taps); \
  }

KERNEL REQUIRED_GROUP(1) void winograd_finish(
    GLOBAL const float* RESTRICT sums, GLOBAL const float* RESTRICT biases,
    GLOBAL float* RESTRICT dweight, GLOBAL float* RESTRICT dbias, int slices, int biased,
    Window win) {
  int eights = ((win.channels - 1) / PANEL_N + 1) * 2;
  int filters = win.groups * win.filters;
  int of_point = win.filters * eights * 8;
  FOR_ELEMENTS(e, filters * eights) {
    int filter = e / eights;
    int c0 = e % eights * 8;
    float8 m[POINTS];
    for (int point = 0; point < POINTS; point++) {
      m[point] = 0.0f;
      for (int slice = 0; slice < slices; slice++) {
        int group = slice * win.groups + filter / win.filters;
        m[point] += vload8(0, sums + (group * POINTS + point) * of_point
            + filter % win.filters * eights * 8 + c0);
      }
    }
    SUM_POINTS(0) SUM_POINTS(1) SUM_POINTS(2) SUM_POINTS(3)
    float taps[TAPS * 8];
    STORE_TAPS(0) STORE_TAPS(1) STORE_TAPS(2)
    GLOBAL float* to = dweight + (filter * win.channels + c0) * TAPS;
    for (int q = 0; q < 8 && c0 + q < win.channels; q++) {
      for (int k = 0; k < TAPS; k++) {
        to[q * TAPS + k] = taps[k * 8 + q];
      }
    }
  }
  FOR_ELEMENTS(filter, biased ? filters : 0) {
    float sum = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
      sum += biases[slice * filters + filter];
    }
    dbias[filter] = sum;
  }
}
