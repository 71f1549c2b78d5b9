// Convolutions by panels (panels.opencl.cl) that read images where conv.opencl.cl has padded them, for
// CPU-type devices: forward, and backward to the data (GRADIENT), where the image is dy and the rows of a
// are channels. Rows of c's image have at least 8 columns.
//
// packed_a [group][panel][inner][6]; b is the padded image, [n][group][channel], of each plane its parts,
// [part][row][column]; taps [inner], in the order (kh, channel, kw), say where in an image each tap begins.
// bias [group][row]; c [n][group][row], of each plane [row][column].

#define STORE_DIRECT(r) \
  if (first_row + r < rows) { \
    float sum_bias = biased ? bias[g * rows + first_row + r] : 0.0f; \
    left##r += sum_bias; \
    right##r += sum_bias; \
    if (relu) { \
      left##r = left##r > 0.0f ? left##r : (float8)(0.0f); \
      right##r = right##r > 0.0f ? right##r : (float8)(0.0f); \
    } \
    vstore8(left##r, 0, to + r * c_row + start0); \
    vstore8(right##r, 0, to + r * c_row + start1); \
  }

// Moves on to the next 8 columns of a plane; the last ones of a row reach back over those before.
#define NEXT_VECTOR() \
  column += 8; \
  if (column == width) { \
    column = 0; \
    row = row + 1 == image_rows(win) ? row : row + 1; \
  } else if (column > width - 8) { \
    column = width - 8; \
  }

// Taps [low, high) of kh see the image from some row.
#if defined(GRADIENT)
FUNCTION int low_tap(Window win, int row) {
  int over = row + win.ph - win.oh + 1;
  return win.sh > 1 || over <= 0 ? 0 : (over - 1) / win.dh + 1;
}
FUNCTION int high_tap(Window win, int row) {
  int high = (row + win.ph) / win.dh + 1;
  return win.sh > 1 || high > win.kh ? win.kh : high;
}
#define UPPER_ROW(low, high) low
#else
FUNCTION int low_tap(Window win, int row) {
  int under = win.ph - row * win.sh;
  return under <= 0 ? 0 : (under - 1) / win.dh + 1;
}
FUNCTION int high_tap(Window win, int row) {
  int over = win.h - 1 + win.ph - row * win.sh;
  int high = over < 0 ? 0 : over / win.dh + 1;
  return high > win.kh ? win.kh : high;
}
#define UPPER_ROW(low, high) high
#endif

// A work-item takes two vectors of 8 columns at a time, of one image. Taps that see only rows of the border
// are left out.
KERNEL REQUIRED_GROUP(1) void gemm_direct(
    GLOBAL const float* RESTRICT packed_a, GLOBAL const float* RESTRICT b,
    GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT c, GLOBAL const int* RESTRICT taps,
    int rows, int inner, int biased, int relu, int images, Window win) {
  int width = image_columns(win);
  int c_row = image_rows(win) * width;
  int panels_m = (rows - 1) / PANEL_M + 1;
  int pairs = (image_rows(win) * ((width - 1) / 8 + 1) + 1) / 2;
  int row = 0;
  int column = 0;
  int before = -1;
  FOR_ELEMENTS(task, images * win.groups * pairs) {
    int image = task / pairs;
    int g = image % win.groups;
    if (image != before) {
      int vector = before < 0 ? task % pairs * 2 : 0;
      int per_row = (width - 1) / 8 + 1;
      row = vector / per_row;
      column = vector % per_row * 8;
      column = column < width - 8 ? column : width - 8;
      before = image;
    }
    int base = image * image_channels(win) * image_plane(win);
    int row0 = row;
    int base0 = base + row * image_pitch(win) + column;
    int start0 = row * width + column;
    NEXT_VECTOR()
    int base1 = base + row * image_pitch(win) + column;
    int start1 = row * width + column;
    int per_row = inner / win.kh;
    int low = low_tap(win, UPPER_ROW(row0, row)) * per_row;
    int high = high_tap(win, UPPER_ROW(row, row0)) * per_row;
    NEXT_VECTOR()
    for (int panel = 0; panel < panels_m; panel++) {
      GLOBAL const float* left_a = packed_a + ((g * panels_m + panel) * inner + low) * PANEL_M;
      GLOBAL const float* from0 = b + base0;
      GLOBAL const float* from1 = b + base1;
      EACH_ROW(ROW_ZERO)
      for (int l = low; l < high; l++) {
        int tap = taps[l];
        float8 b0 = vload8(0, from0 + tap);
        float8 b1 = vload8(0, from1 + tap);
        EACH_ROW(ROW_ADD)
        left_a += PANEL_M;
      }
      int first_row = panel * PANEL_M;
      GLOBAL float* to = c + (image * rows + first_row) * c_row;
      EACH_ROW(STORE_DIRECT)
    }
  }
}
