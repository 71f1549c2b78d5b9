// The pass backward to a convolution's weights by blocks of BLOCK channels and up to WIDE * 8 filters, for
// CPU-type devices: dweight = the sum over positions of dy * x.
//
// weights_prepare brings dy to [image][group][panel][position][filter]; x is read where it lies. A work-item
// of conv_weights_blocks makes a share of the blocks of a panel, of all samples or, where weights are few, of a
// slice of them; slices write their sums one after another. A block is
// BLOCK channels under one place (kh, kw) of the window, so that all of them see the same rows and columns of
// the image, and no border is multiplied. BAND positions at a time, which a near cache holds, meet all
// blocks, whose sums wait in `sums`, [group][panel][channels][kh][kw][channel][filter].

#define BAND 128

// What is noted of a place: the rows and columns of dy that meet the image under it, and how far from the
// image's first value it lies where dy has its first.
#define FIRST_ROW 0
#define END_ROW 1
#define FIRST_COLUMN 2
#define END_COLUMN 3
#define SHIFT 4
#define NOTE 5

FUNCTION int first_inside(int shift, int stride) {
  return shift < 0 ? (-shift - 1) / stride + 1 : 0;
}
FUNCTION int end_inside(int shift, int stride, int size, int count) {
  int end = size - 1 < shift ? 0 : (size - 1 - shift) / stride + 1;
  return end < count ? end : count;
}

KERNEL REQUIRED_GROUP(1) void weights_prepare(
    GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT turned, GLOBAL int* RESTRICT places,
    int samples, Window win) {
  int filters8 = (win.filters - 1) / 8 * 8 + 8;
  int plane = win.oh * win.ow;
  FOR_ELEMENTS(place, win.kh * win.kw) {
    int shift_h = place / win.kw * win.dh - win.ph;
    int shift_w = place % win.kw * win.dw - win.pw;
    GLOBAL int* note = places + place * NOTE;
    note[FIRST_ROW] = first_inside(shift_h, win.sh);
    note[END_ROW] = end_inside(shift_h, win.sh, win.h, win.oh);
    note[FIRST_COLUMN] = first_inside(shift_w, win.sw);
    note[END_COLUMN] = end_inside(shift_w, win.sw, win.w, win.ow);
    note[SHIFT] = shift_h * win.w + shift_w;
  }
  FOR_ELEMENTS(image, samples * win.groups) {
    for (int f0 = 0; f0 < filters8; f0 += 8) {
      int panel = f0 / PANEL * PANEL;
      int width = filters8 - panel < PANEL ? filters8 - panel : PANEL;
      GLOBAL const float* from = dy + (image * win.filters + f0) * plane;
      GLOBAL float* to = turned + (image * filters8 + panel) * plane + f0 - panel;
      int p = 0;
      if (f0 + 8 <= win.filters) {
        for (; p + 8 <= plane; p += 8) {
          GLOBAL const float* at = from + p;
          float8 r0 = vload8(0, at), r1 = vload8(0, at + plane), r2 = vload8(0, at + 2 * plane);
          float8 r3 = vload8(0, at + 3 * plane), r4 = vload8(0, at + 4 * plane);
          float8 r5 = vload8(0, at + 5 * plane), r6 = vload8(0, at + 6 * plane);
          float8 r7 = vload8(0, at + 7 * plane);
          TRANSPOSE()
          vstore8(s0, 0, to + p * width);
          vstore8(s1, 0, to + (p + 1) * width);
          vstore8(s2, 0, to + (p + 2) * width);
          vstore8(s3, 0, to + (p + 3) * width);
          vstore8(s4, 0, to + (p + 4) * width);
          vstore8(s5, 0, to + (p + 5) * width);
          vstore8(s6, 0, to + (p + 6) * width);
          vstore8(s7, 0, to + (p + 7) * width);
        }
      }
      for (; p < plane; p++) {
        for (int f = 0; f < 8; f++) {
          to[p * width + f] = f0 + f < win.filters ? from[f * plane + p] : 0.0f;
        }
      }
    }
  }
}

#if BLOCK > 4
#define EACH_CHANNEL(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#else
#define EACH_CHANNEL(DO) DO(0) DO(1) DO(2) DO(3)
#endif

// What a block sees of the images: x and dy at its first row and column, and the steps from there.
typedef struct {
  int images, rows, columns, x_image, x_row, x_column, x_plane, dy_image, dy_row;
} Part;

// Channels beyond the last repeat it, and are not stored.
#define SUMS(name, VECTORS) \
  FUNCTION void name( \
      GLOBAL const float* x, GLOBAL const float* dy, int channels, GLOBAL float* sums, Part part) { \
    EACH_CHANNEL(LOAD_##VECTORS) \
    EACH_CHANNEL(PLANE) \
    for (int n = 0; n < part.images; n++) { \
      for (int row = 0; row < part.rows; row++) { \
        GLOBAL const float* gradient = dy + n * part.dy_image + row * part.dy_row; \
        GLOBAL const float* at = x + n * part.x_image + row * part.x_row; \
        for (int column = 0; column < part.columns; column++) { \
          GRADIENT_##VECTORS \
          EACH_CHANNEL(ADD_##VECTORS) \
          gradient += VECTORS * 8; \
          at += part.x_column; \
        } \
      } \
    } \
    EACH_CHANNEL(STORE_##VECTORS) \
  }

#define PLANE(t) long plane##t = (t < channels ? t : channels - 1) * part.x_plane;
#define LOAD_1(t) float8 a##t = vload8(t, sums);
#define LOAD_2(t) float8 a##t = vload8(2 * t, sums), b##t = vload8(2 * t + 1, sums);
#define LOAD_3(t) \
  float8 a##t = vload8(3 * t, sums), b##t = vload8(3 * t + 1, sums), c##t = vload8(3 * t + 2, sums);
#define STORE_1(t) vstore8(a##t, t, sums);
#define STORE_2(t) vstore8(a##t, 2 * t, sums); vstore8(b##t, 2 * t + 1, sums);
#define STORE_3(t) \
  vstore8(a##t, 3 * t, sums); vstore8(b##t, 3 * t + 1, sums); vstore8(c##t, 3 * t + 2, sums);
#define GRADIENT_1 float8 ga = vload8(0, gradient);
#define GRADIENT_2 GRADIENT_1 float8 gb = vload8(1, gradient);
#define GRADIENT_3 GRADIENT_2 float8 gc = vload8(2, gradient);
#define ADD_1(t) a##t = fma((float8)(at[plane##t]), ga, a##t);
#define ADD_2(t) ADD_1(t) b##t = fma((float8)(at[plane##t]), gb, b##t);
#define ADD_3(t) ADD_2(t) c##t = fma((float8)(at[plane##t]), gc, c##t);

SUMS(sums_1, 1)
SUMS(sums_2, 2)
#if BLOCK == 4
SUMS(sums_3, 3)
#endif

// The sum of dy over all positions, for filters [f0, f0 + 8).
FUNCTION void sum_bias(
    GLOBAL const float* dy, GLOBAL float* dbias, int width, int samples, int image, int positions,
    int filters) {
  float8 sum = 0.0f;
  for (int n = 0; n < samples; n++) {
    for (int p = 0; p < positions; p++) {
      sum += vload8(0, dy + n * image + p * width);
    }
  }
  float values[8];
  vstore8(sum, 0, values);
  for (int f = 0; f < filters && f < 8; f++) {
    dbias[f] = values[f];
  }
}

#define ADD_BLOCK(name) name(x + x_at, dy + dy_at, win.channels - c, to, part_of_image)

KERNEL REQUIRED_GROUP(1) void conv_weights_blocks(
    GLOBAL const float* RESTRICT images, GLOBAL const float* RESTRICT turned,
    GLOBAL const int* RESTRICT places, GLOBAL float* RESTRICT sums, GLOBAL float* RESTRICT dweight,
    GLOBAL float* RESTRICT dbias, int samples, int parts, int slices, int biased, Window win) {
  int filters8 = (win.filters - 1) / 8 * 8 + 8;
  int panels = (filters8 - 1) / PANEL + 1;
  int plane = win.oh * win.ow;
  int area = win.kh * win.kw;
  int blocks = ((win.channels - 1) / BLOCK + 1) * area;
  int band_rows = BAND / win.ow < 1 ? 1 : BAND / win.ow < win.oh ? BAND / win.ow : win.oh;
  int band_images = BAND / plane < 1 ? 1 : BAND / plane;
  Part part_of_image;
  part_of_image.x_plane = win.h * win.w;
  part_of_image.x_image = win.groups * win.channels * win.h * win.w;
  part_of_image.x_row = win.sh * win.w;
  part_of_image.x_column = win.sw;
  part_of_image.dy_image = win.groups * filters8 * plane;
  int all_sums = win.groups * filters8 * blocks * BLOCK;
  int all_weights = win.groups * win.filters * win.channels * area;
  for (int task = GROUP_ID; task < win.groups * panels * parts * slices; task += GLOBAL_SIZE) {
    int part = task % parts;
    int f0 = task / parts % panels * PANEL;
    int g = task / (parts * panels) % win.groups;
    int slice = task / (parts * panels * win.groups);
    int sample_end = samples * (slice + 1) / slices;
    int width = filters8 - f0 < PANEL ? filters8 - f0 : PANEL;
    int first = (int)((long)blocks * part / parts);
    int end = (int)((long)blocks * (part + 1) / parts);
    GLOBAL const float* x = images + g * win.channels * win.h * win.w;
    GLOBAL const float* dy = turned + (g * filters8 + f0) * plane;
    GLOBAL float* own = sums + slice * all_sums + (g * filters8 + f0) * blocks * BLOCK;
    GLOBAL float* result = dweight + slice * all_weights;
    part_of_image.dy_row = win.ow * width;
    for (int s = first * BLOCK * width; s < end * BLOCK * width; s++) {
      own[s] = 0.0f;
    }
    for (int n = samples * slice / slices; n < sample_end; n += band_images) {
      part_of_image.images = sample_end - n < band_images ? sample_end - n : band_images;
      for (int row0 = 0; row0 < win.oh; row0 += band_rows) {
        int row_end = win.oh - row0 < band_rows ? win.oh : row0 + band_rows;
        int place = first % area;
        int c = first / area * BLOCK;
        for (int block = first; block < end; block++) {
          GLOBAL const int* note = places + place * NOTE;
          int low = note[FIRST_ROW] > row0 ? note[FIRST_ROW] : row0;
          int left = note[FIRST_COLUMN];
          part_of_image.rows = (note[END_ROW] < row_end ? note[END_ROW] : row_end) - low;
          part_of_image.columns = note[END_COLUMN] - left;
          if (part_of_image.rows > 0 && part_of_image.columns > 0) {
            int x_at = n * part_of_image.x_image + c * part_of_image.x_plane
                + low * part_of_image.x_row + left * win.sw + note[SHIFT];
            int dy_at = n * part_of_image.dy_image + (low * win.ow + left) * width;
            GLOBAL float* to = own + block * BLOCK * width;
#if BLOCK == 4
            if (width == 24) {
              ADD_BLOCK(sums_3);
            } else
#endif
            if (width == 16) {
              ADD_BLOCK(sums_2);
            } else {
              ADD_BLOCK(sums_1);
            }
          }
          place++;
          if (place == area) {
            place = 0;
            c += BLOCK;
          }
        }
      }
    }
    for (int block = first; block < end; block++) {
      int place = block % area;
      int c0 = block / area * BLOCK;
      for (int c = c0; c < c0 + BLOCK && c < win.channels; c++) {
        for (int f = 0; f < width && f0 + f < win.filters; f++) {
          result[((g * win.filters + f0 + f) * win.channels + c) * area + place] =
              own[(block * BLOCK + c - c0) * width + f];
        }
      }
    }
    if (biased && part == 0 && slice == f0 / PANEL % slices) {
      for (int f = 0; f < width; f += 8) {
        sum_bias(dy + f, dbias + g * win.filters + f0 + f, width, samples, part_of_image.dy_image,
            plane, win.filters - f0 - f);
      }
    }
  }
}
