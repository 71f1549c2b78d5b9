// Convolutions of 3 x 3 taps, stride 1 and a border of 1, by F(2 x 2, 3 x 3) (Winograd; Lavin and Gray, 2016), for
// CPU-type devices: forward, and backward to the data (GRADIENT), where the image is dy, rows are channels and
// taps run the other way. A tile of 2 x 2 positions takes 16 multiplications for each channel and filter, not 36.
//
// winograd_weights brings weights to [group][point][panel][inner][6], which is G w G'. A work-item
// of conv_winograd takes some rows of tiles: it brings their images to [point][panel][inner][16 tiles], which is
// B' x B, multiplies point by point (panels.opencl.cl), [point][panel][row][16 tiles], and adds up A' m A. All
// factors are 0, 1 and 1/2: small whole numbers give whole results.

#define TAPS 9

#if defined(GRADIENT)
#define ROWS(win) (win).channels
#define INNER(win) (win).filters
#define WEIGHT(win, g, row, l) (((g) * (win).filters + (l)) * (win).channels + (row))
#define TAP(k) (TAPS - 1 - (k))
#else
#define ROWS(win) (win).filters
#define INNER(win) (win).channels
#define WEIGHT(win, g, row, l) (((g) * (win).filters + (row)) * (win).channels + (l))
#define TAP(k) (k)
#endif

// One tap of six rows. Rows beyond the last repeat it, and are not stored.
#define SIX(k) \
  (float8)(w[at[0] + TAP(k)], w[at[1] + TAP(k)], w[at[2] + TAP(k)], w[at[3] + TAP(k)], \
      w[at[4] + TAP(k)], w[at[5] + TAP(k)], 0.0f, 0.0f)

FUNCTION void store_six(float8 values, GLOBAL float* to) {
  vstore4(values.lo, 0, to);
  vstore2(values.hi.lo, 2, to);
}

// Points (i, 0) to (i, 3) of G w G', from row i of G w.
#define STORE_POINTS(i, a, b, c) \
  { \
    float8 sum = 0.5f * (a + c), half_b = 0.5f * b; \
    store_six(a, to + (4 * i) * next); \
    store_six(sum + half_b, to + (4 * i + 1) * next); \
    store_six(sum - half_b, to + (4 * i + 2) * next); \
    store_six(c, to + (4 * i + 3) * next); \
  }

KERNEL REQUIRED_GROUP(1) void winograd_weights(
    GLOBAL const float* RESTRICT w, GLOBAL float* RESTRICT packed, Window win) {
  int rows = ROWS(win);
  int inner = INNER(win);
  int panels = (rows - 1) / PANEL_M + 1;
  int next = panels * inner * PANEL_M;
  FOR_ELEMENTS(e, win.groups * panels * inner) {
    int g = e / (panels * inner);
    int panel = e / inner % panels;
    int at[PANEL_M];
    for (int r = 0; r < PANEL_M; r++) {
      int row = panel * PANEL_M + r;
      at[r] = WEIGHT(win, g, row < rows ? row : rows - 1, e % inner) * TAPS;
    }
    GLOBAL float* to = packed + g * POINTS * next + (panel * inner + e % inner) * PANEL_M;
    float8 w00 = SIX(0), w01 = SIX(1), w02 = SIX(2);
    float8 w10 = SIX(3), w11 = SIX(4), w12 = SIX(5);
    float8 w20 = SIX(6), w21 = SIX(7), w22 = SIX(8);
    float8 s0 = 0.5f * (w00 + w20), s1 = 0.5f * (w01 + w21), s2 = 0.5f * (w02 + w22);
    float8 h0 = 0.5f * w10, h1 = 0.5f * w11, h2 = 0.5f * w12;
    float8 p0 = s0 + h0, p1 = s1 + h1, p2 = s2 + h2;
    float8 q0 = s0 - h0, q1 = s1 - h1, q2 = s2 - h2;
    STORE_POINTS(0, w00, w01, w02)
    STORE_POINTS(1, p0, p1, p2)
    STORE_POINTS(2, q0, q1, q2)
    STORE_POINTS(3, w20, w21, w22)
  }
}

#define ROW_STORE(r) \
  vstore8(left##r, 0, to + r * PANEL_N); \
  vstore8(right##r, 1, to + r * PANEL_N);

// A task is `rows_of_tiles` of all images, in `panels` panels of 16 tiles.
KERNEL REQUIRED_GROUP(1) void conv_winograd(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT packed,
    GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT y, GLOBAL float* RESTRICT slots,
    int slot_length, int images, int rows_of_tiles, int panels, int pitch, int span, int biased,
    int relu, Window win) {
  int rows = ROWS(win);
  int inner = INNER(win);
  int panels_m = (rows - 1) / PANEL_M + 1;
  int tile_rows = (win.h - 1) / 2 + 1;
  int all_rows = images * tile_rows;
  int blocks = (all_rows - 1) / rows_of_tiles + 1;
  int plane = win.h * win.w;
  // Points lie a line apart from multiples of 4 KiB, which would all fall in the same place of a near cache.
  int next = panels * inner * PANEL_N + PANEL_N;
  int sums_next = panels * panels_m * PANEL_M * PANEL_N + PANEL_N;
  GLOBAL float* points = slots + GROUP_ID * slot_length;
  GLOBAL float* sums = points + POINTS * next;
  GLOBAL float* lines = sums + POINTS * sums_next;
  int length = pitch + 1;
  FOR_ELEMENTS(task, win.groups * blocks) {
    int g = task / blocks;
    int first = task % blocks * rows_of_tiles;
    int plane_of[MOST_ROWS];
    int row_of[MOST_ROWS];
    for (int k = 0; k < rows_of_tiles; k++) {
      int row = first + k < all_rows ? first + k : all_rows - 1;
      plane_of[k] = (row / tile_rows * win.groups + g) * inner;
      row_of[k] = row % tile_rows * 2;
    }
    int runs[MOST_PANELS * 2 * 4];
    for (int r = 0; r < panels * PANEL_N / span; r++) {
      int row = r * span / pitch;
      runs[r] = row < rows_of_tiles ? row * 8 * length + r * span % pitch : 0;
    }
    for (int l = 0; l < inner; l++) {
      for (int k = 0; k < rows_of_tiles; k++) {
        fill_lines(
            x + (plane_of[k] + l) * plane, lines + k * 8 * length, row_of[k], length, win);
      }
      for (int eight = 0; eight < 2 * panels; eight++) {
        transform_tiles(lines, length, runs + eight * (8 / span), span,
            points + (eight / 2 * inner + l) * PANEL_N + eight % 2 * 8, next);
      }
    }
    GLOBAL const float* weights = packed + g * POINTS * panels_m * PANEL_M * inner;
    for (int point = 0; point < POINTS; point++) {
      for (int panel_m = 0; panel_m < panels_m; panel_m++) {
        GLOBAL const float* right_b = points + point * next;
        for (int panel = 0; panel < panels; panel++) {
          GLOBAL const float* left_a = weights;
          EACH_ROW(ROW_ZERO)
          for (int l = 0; l < inner; l++) {
            float8 b0 = vload8(0, right_b);
            float8 b1 = vload8(1, right_b);
            EACH_ROW(ROW_ADD)
            left_a += PANEL_M;
            right_b += PANEL_N;
          }
          GLOBAL float* to =
              sums + point * sums_next + (panel * panels_m + panel_m) * PANEL_M * PANEL_N;
          EACH_ROW(ROW_STORE)
        }
        weights += inner * PANEL_M;
      }
    }
    for (int eight = 0; eight < 2 * panels; eight++) {
      Place place;
      place.whole = 1;
      for (int run = 0; run < 8 / span; run++) {
        int tile = eight * 8 + run * span;
        int row = first + tile / pitch;
        int column = tile % pitch * 2;
        int inside = tile / pitch < rows_of_tiles && row < all_rows && column < win.w;
        int columns = win.w - column < 2 * span ? win.w - column : 2 * span;
        int below = row % tile_rows * 2 + 1 < win.h ? 2 : 1;
        place.start[run] = row / tile_rows * win.groups * rows * plane
            + row % tile_rows * 2 * win.w + column;
        place.columns[run] = inside ? columns : 0;
        place.rows[run] = below;
        place.whole = place.whole && inside && columns == 2 * span && below == 2;
      }
      GLOBAL const float* from = sums + eight / 2 * panels_m * PANEL_M * PANEL_N + eight % 2 * 8;
      for (int row = 0; row < rows; row++) {
        finish_tiles(from + row * PANEL_N, sums_next, biased ? bias[g * rows + row] : 0.0f, relu,
            y + (g * rows + row) * plane, win.w, span, &place);
      }
    }
  }
}
