// Convolutions by blocks of BLOCK positions of a row, 4 or 5, and up to WIDE * 8 filters (blocks.opencl.cl),
// for CPU-type devices: forward, and backward to the data (GRADIENT), where the image is dy and the filters
// are channels.
//
// The pass backward to the data falls apart by stride: dx's rows h with the same (h + ph) % sh see the same
// taps, and so do columns; each of these sh * sw phases is a dense convolution of dy with its own part
// of the taps. A forward pass is one phase of all taps.
//
// blocks_pack brings weights into panels of filters, [group][panel][phase][kh][channel][kw][filter], and
// notes where in an image each tap lies. A work-item of conv_blocks copies the rows of its images into a
// slot of its own, [image][row][channel][part][column], with borders left and right and columns dealt out by
// stride; rows above and below are left out, with their taps. DEPTH taps of a panel at a time stay in a near
// cache, and sums wait in a tile, [image][row][column][filter], which is transposed to planes at the end.

#define DEPTH 192

// left: columns of a slot's row before the image's first; pitch: columns of each of its STEP_W parts.
KERNEL REQUIRED_GROUP(1) void blocks_pack(
    GLOBAL const float* RESTRICT weights, GLOBAL float* RESTRICT packed, GLOBAL int* RESTRICT taps,
    int left, int pitch, Window win) {
  int channels = READ_CHANNELS(win);
  int written = WRITTEN(win);
  int vectors = (written - 1) / 8 + 1;
  int area = win.kh * win.kw;
  int inner = channels * area;
  int first = 0;
  for (int phase = 0; phase < PHASES_H(win) * PHASES_W(win); phase++) {
    Axis h = axis_h(win, phase / PHASES_W(win));
    Axis w = axis_w(win, phase % PHASES_W(win));
    FOR_ELEMENTS(e, win.groups * vectors * channels) {
      int c = e % channels;
      int f0 = e / channels % vectors * 8;
      int g = e / (channels * vectors);
      int panel = f0 / PANEL * PANEL;
      int width = vectors * 8 - panel < PANEL ? vectors * 8 - panel : PANEL;
      GLOBAL float* to = packed + (g * vectors * 8 + panel) * inner + f0 - panel;
#if defined(GRADIENT)
      GLOBAL const float* from = weights + ((g * channels + c) * written + f0) * area;
      int next = area;
#else
      GLOBAL const float* from = weights + ((g * written + f0) * channels + c) * area;
      int next = inner;
#endif
      for (int th = 0; th < h.taps; th++) {
        for (int tw = 0; tw < w.taps; tw++) {
          int l = first + (th * channels + c) * w.taps + tw;
          GLOBAL const float* tap = from + (h.tap + th * h.tap_step) * win.kw + w.tap + tw * w.tap_step;
          for (int f = 0; f < 8; f++) {
            to[l * width + f] = f0 + f < written ? tap[f * next] : 0.0f;
          }
          if (e < channels) {
            int column = left + w.source + tw * w.source_step;
            taps[l] = (th * h.source_step * channels + c) * STEP_W(win) * pitch
                + column % STEP_W(win) * pitch + column / STEP_W(win);
          }
        }
      }
    }
    first += h.taps * w.taps * channels;
  }
}

#if BLOCK > 4
#define EACH_POSITION(DO) DO(0) DO(1) DO(2) DO(3) DO(4)
#else
#define EACH_POSITION(DO) DO(0) DO(1) DO(2) DO(3)
#endif

// VECTORS * 8 filters at BLOCK neighbours, over some taps; sums begin at zero if fresh.
#define SUMS(name, VECTORS, DECLARE, WEIGHTS, ADD, STORE) \
  FUNCTION void name( \
      GLOBAL const float* image, int base, GLOBAL const int* taps, int count, \
      GLOBAL const float* weights, GLOBAL float* sums, int fresh) { \
    EACH_POSITION(DECLARE) \
    if (!fresh) { \
      EACH_POSITION(LOAD_##VECTORS) \
    } \
    for (int l = 0; l < count; l++) { \
      GLOBAL const float* at = image + (base + taps[l]); \
      WEIGHTS \
      weights += VECTORS * 8; \
      EACH_POSITION(ADD) \
    } \
    EACH_POSITION(STORE) \
  }

#define DECLARE_1(p) float8 a##p = 0.0f;
#define DECLARE_2(p) DECLARE_1(p) float8 b##p = 0.0f;
#define DECLARE_3(p) DECLARE_2(p) float8 c##p = 0.0f;
#define LOAD_1(p) a##p = vload8(p, sums);
#define LOAD_2(p) a##p = vload8(2 * p, sums); b##p = vload8(2 * p + 1, sums);
#define LOAD_3(p) \
  a##p = vload8(3 * p, sums); b##p = vload8(3 * p + 1, sums); c##p = vload8(3 * p + 2, sums);
#define STORE_1(p) vstore8(a##p, p, sums);
#define STORE_2(p) vstore8(a##p, 2 * p, sums); vstore8(b##p, 2 * p + 1, sums);
#define STORE_3(p) \
  vstore8(a##p, 3 * p, sums); vstore8(b##p, 3 * p + 1, sums); vstore8(c##p, 3 * p + 2, sums);
#define WEIGHTS_1 float8 wa = vload8(0, weights);
#define WEIGHTS_2 WEIGHTS_1 float8 wb = vload8(1, weights);
#define WEIGHTS_3 WEIGHTS_2 float8 wc = vload8(2, weights);
#define ADD_1(p) a##p = fma((float8)(at[p]), wa, a##p);
#define ADD_2(p) ADD_1(p) b##p = fma((float8)(at[p]), wb, b##p);
#define ADD_3(p) ADD_2(p) c##p = fma((float8)(at[p]), wc, c##p);

SUMS(block_1, 1, DECLARE_1, WEIGHTS_1, ADD_1, STORE_1)
SUMS(block_2, 2, DECLARE_2, WEIGHTS_2, ADD_2, STORE_2)
#if BLOCK == 4
SUMS(block_3, 3, DECLARE_3, WEIGHTS_3, ADD_3, STORE_3)
#endif

// Values of images that a near cache holds beside a slot.
#define NEAR_IMAGES 65536

// The images of a work-item's next task, fetched `times` times. None if they are those of this one, or many.
FUNCTION Ahead images_ahead(
    GLOBAL const float* x, int task, int parts, int images, int block, int times, Window win) {
  int g = (task + GLOBAL_SIZE) / parts % win.groups;
  int image = (task + GLOBAL_SIZE) / (parts * win.groups) * block;
  int values = READ_CHANNELS(win) * READ_H(win) * READ_W(win);
  int count = win.groups > 1 ? 1 : images - image < block ? images - image : block;
  int none = image >= images || image == task / (parts * win.groups) * block || values > NEAR_IMAGES / count;
  return none ? rows_ahead(x, 0, 0, 0, 0, 0, 0)
      : rows_ahead(x + (image * win.groups + g) * values, 1, 1, count * values, 0, 0, times);
}

// A task is `block` images with one of `parts` shares of a group's panels; rows of a tile come in bands.
KERNEL REQUIRED_GROUP(1) void conv_blocks(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT packed,
    GLOBAL const int* RESTRICT taps, GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT y,
    GLOBAL float* RESTRICT slots, int slot_length, GLOBAL float* RESTRICT tiles, int tile_length,
    int images, int block, int parts, int band, int left, int pitch, int biased, int relu,
    Window win) {
  int channels = READ_CHANNELS(win);
  int written = WRITTEN(win);
  int written8 = (written - 1) / 8 * 8 + 8;
  int inner = channels * win.kh * win.kw;
  int panels = (written8 - 1) / PANEL + 1;
  int row_length = STEP_W(win) * pitch;
  int image_length = channels * READ_H(win) * row_length;
  int plane = WRITE_H(win) * WRITE_W(win);
  int blocks = (images - 1) / block + 1;
  // Where some phase has no tap, all is zero to begin with.
  int untapped = 0;
  for (int phase = 0; phase < PHASES_H(win) * PHASES_W(win); phase++) {
    untapped |= axis_h(win, phase / PHASES_W(win)).taps == 0;
    untapped |= axis_w(win, phase % PHASES_W(win)).taps == 0;
  }
  GLOBAL float* slot = slots + GROUP_ID * slot_length;
  GLOBAL float* tile = tiles + GROUP_ID * tile_length;
  for (int task = GROUP_ID; task < blocks * win.groups * parts; task += GLOBAL_SIZE) {
    int part = task % parts;
    int g = task / parts % win.groups;
    int first_image = task / (parts * win.groups) * block;
    int count = images - first_image < block ? images - first_image : block;
    for (int n = 0; n < count; n++) {
      int planes = ((first_image + n) * win.groups + g) * channels;
      fill_slot(x + planes * READ_H(win) * READ_W(win), slot + n * image_length, left, pitch, win);
    }
    int rows_of_sums = panels / parts * count * PHASES_W(win) * WRITE_H(win);
    Ahead ahead = images_ahead(x, task, parts, images, block, rows_of_sums, win);
    for (int panel = panels * part / parts; panel < panels * (part + 1) / parts; panel++) {
      int f0 = panel * PANEL;
      int width = written8 - f0 < PANEL ? written8 - f0 : PANEL;
      int first_tap = 0;
      if (untapped) {
        for (int n = 0; n < count; n++) {
          int filter = ((first_image + n) * win.groups + g) * written + f0;
          int some = written - f0 < width ? written - f0 : width;
          for (int i = 0; i < some * plane; i++) {
            y[filter * plane + i] = 0.0f;
          }
        }
      }
      for (int phase = 0; phase < PHASES_H(win) * PHASES_W(win); phase++) {
        Axis h = axis_h(win, phase / PHASES_W(win));
        Axis w = axis_w(win, phase % PHASES_W(win));
        if (untapped && h.taps * w.taps == 0) {
          continue;
        }
        int columns = (w.extent + BLOCK - 1) / BLOCK * BLOCK;
        int per_row = channels * w.taps;
        int phase_taps = h.taps * per_row;
        int reach = h.source_step < 0 ? -h.source_step : h.source_step;
        for (int row0 = 0; row0 < h.extent; row0 += band) {
          int rows = h.extent - row0 < band ? h.extent - row0 : band;
          int l0 = 0;
          do {
            for (int at = 0; at < count * rows; at++) {
              // Taps [low, high) of rows lie within the image.
              int source = (row0 + at % rows) * STEP_H(win) + h.source;
              int under = h.source_step < 0 ? READ_H(win) - 1 - source : source;
              int over = READ_H(win) - 1 - under;
              int low = under < 0 ? (-under - 1) / reach + 1 : 0;
              int high = over < 0 ? 0 : over / reach + 1;
              low *= per_row;
              high = (high < h.taps ? high : h.taps) * per_row;
              low = low > l0 ? low : l0;
              high = high < l0 + DEPTH ? high : l0 + DEPTH;
              int base = at / rows * image_length + source * channels * row_length;
              GLOBAL const int* some = taps + first_tap + low;
              GLOBAL const float* weights =
                  packed + (g * written8 + f0) * inner + (first_tap + low) * width;
              GLOBAL float* sums = tile + at * columns * width;
              if (l0 == 0) {
                fetch_some(&ahead);
              }
              for (int column = 0; column < columns; column += BLOCK) {
#if BLOCK == 4
                if (width == 24) {
                  block_3(slot, base, some, high - low, weights, sums, l0 == 0);
                } else
#endif
                if (width == 16) {
                  block_2(slot, base, some, high - low, weights, sums, l0 == 0);
                } else {
                  block_1(slot, base, some, high - low, weights, sums, l0 == 0);
                }
                base += BLOCK;
                sums += BLOCK * width;
              }
            }
            l0 += DEPTH;
          } while (l0 < phase_taps);
          int steps_h = PHASES_H(win);
          int steps_w = PHASES_W(win);
          int whole = columns == w.extent && steps_w == 1 && steps_h == 1;
          for (int at = 0; at < count * rows; at += whole ? rows : 1) {
            int n = first_image + at / rows;
            int row = (row0 + at % rows) * steps_h + phase / steps_w;
            for (int f = 0; f < width && f0 + f < written; f += 8) {
              int filter = g * written + f0 + f;
              int some_filters = written - f0 - f < 8 ? written - f0 - f : 8;
              float values[8];
              for (int q = 0; q < 8; q++) {
                values[q] = biased && q < some_filters ? bias[filter + q] : 0.0f;
              }
              store_run(
                  tile + at * columns * width + f, width,
                  y + (n * win.groups * written + filter) * plane + row * WRITE_W(win),
                  whole ? rows * columns : w.extent, phase % steps_w, steps_w,
                  whole ? rows * columns : WRITE_W(win), plane, some_filters, vload8(0, values),
                  relu);
            }
          }
        }
        first_tap += phase_taps;
      }
    }
  }
}
