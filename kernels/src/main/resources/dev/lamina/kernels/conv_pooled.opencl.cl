// A convolution's passes backward where the gradient of its result comes out of a max-pooling of 2 x 2 with
// stride 2, and so is zero in three places of four, for CPU-type devices: only winners are multiplied. The
// convolution has stride 1 and windows of at most 7 columns: a vector holds a row of a filter, and one column more.
//
// x, dx [n, channels, h, w], weights [filters, channels, kh, kw]. winners is a form of its own of the gradient
// [n, filters, oh, ow]: the pooled gradient [n, filters, oh / 2, ow / 2], then as many bytes, the positions of
// the winners in their windows. keep_winners of pooling.opencl.cl leaves it so.
//
// KH is the number of a window's rows; TOGETHER are the channels whose rows are summed up at once, and FILTERS
// the filters with which pooled_weights does so: as many vectors of sums as registers hold. A tile is some
// channels of an image with their border, PITCH values a row and PLANE a channel, and what the last vector reads
// behind; both are known to the compiler, so that an address is a sum of one register and a number.

#define ROWS (KH * TOGETHER)
#define PARTS(win) (((win).channels - 1) / TOGETHER + 1)
#define UNROLLED _Pragma("unroll")

FUNCTION int windows_of(Window win) { return (win.oh / 2) * (win.ow / 2); }

FUNCTION void copy_row(GLOBAL const float* from, GLOBAL float* to, int length) {
  if (length < 8) {
    for (int i = 0; i < length; i++) {
      to[i] = from[i];
    }
    return;
  }
  for (int i = 0; i < length; i += 8) {
    // The last vector reaches back over what is done.
    int at = i < length - 8 ? i : length - 8;
    vstore8(vload8(0, from + at), 0, to + at);
  }
}

// A winner lies in one of two rows and two columns. The place where its filter's rows may go is HIGH rows long,
// and one column longer than a filter: weights are there twice, the second time one column to the right.
#define HIGH (KH + 1)

// Adds what filters give that won in row `lower` of a window.
#define ADD_FILTERS(lower) \
  for (int i = 0; i < counts[lower]; i++) { \
    float8 value = (float8)(values[lists[lower][i].x]); \
    GLOBAL const float* from = weights + lists[lower][i].y; \
    UNROLLED for (int row = 0; row < ROWS; row++) { \
      int to = row / KH * HIGH + row % KH + lower; \
      sums[to] = fma(value, vload8(row, from), sums[to]); \
    } \
  }

// A work-item takes whole images. Its part of scratch begins with the weights, rows filled up to vectors with
// zeros, which add nothing to what lies beside a place; then comes a tile of dx. Filters whose value is zero, as
// a ReLU has made many, are left out.
KERNEL REQUIRED_GROUP(1) void pooled_data(
    GLOBAL const float* RESTRICT winners, GLOBAL const float* RESTRICT filters, GLOBAL float* RESTRICT dx,
    GLOBAL float* RESTRICT scratch, int scratch_floats, int images, Window win) {
  int windows = windows_of(win);
  int filter_floats = PARTS(win) * ROWS * 8;
  int column_floats = win.filters * filter_floats;
  GLOBAL const u8* places = (GLOBAL const u8*)(winners + images * win.filters * windows);
  GLOBAL float* packed = scratch + GROUP_ID * scratch_floats;
  GLOBAL float* tile = packed + 2 * column_floats;
  for (int row = 0; row < 2 * win.filters * PARTS(win) * ROWS; row++) {
    int right = row / (win.filters * PARTS(win) * ROWS);
    int filter = row / (PARTS(win) * ROWS) % win.filters;
    int channel = row / KH % (PARTS(win) * TOGETHER);
    GLOBAL const float* from = filters + ((filter * win.channels + channel) * KH + row % KH) * win.kw;
    for (int i = 0; i < 8; i++) {
      int column = i - right;
      int present = channel < win.channels && column >= 0 && column < win.kw;
      packed[row * 8 + i] = present ? from[column] : 0.0f;
    }
  }
  FOR_ELEMENTS(image, images) {
    for (int i = 0; i < PARTS(win) * TOGETHER * PLANE + 8; i++) {
      tile[i] = 0.0f;
    }
    int first = image * win.filters * windows;
    for (int oh = 0; oh < win.oh / 2; oh++) {
      for (int ow = 0; ow < win.ow / 2; ow++) {
        GLOBAL const float* values = winners + first;
        // By the row in which they won, where filters' values are and where their weights.
        int2 lists[2][MOST_FILTERS];
        int counts[2] = {0, 0};
        for (int filter = 0; filter < win.filters; filter++) {
          int position = places[first + filter * windows];
          int lower = position >> 1 & 1;
          lists[lower][counts[lower]] =
              (int2)(filter * windows, (position & 1) * column_floats + filter * filter_floats);
          counts[lower] += values[filter * windows] != 0.0f;
        }
        first++;
        for (int part = 0; part < PARTS(win); part++) {
          GLOBAL float* place = tile + part * TOGETHER * PLANE + 2 * oh * PITCH + 2 * ow;
          GLOBAL const float* weights = packed + part * ROWS * 8;
          float8 sums[HIGH * TOGETHER];
          UNROLLED for (int row = 0; row < HIGH * TOGETHER; row++) {
            sums[row] = vload8(0, place + row / HIGH * PLANE + row % HIGH * PITCH);
          }
          ADD_FILTERS(0)
          ADD_FILTERS(1)
          UNROLLED for (int row = 0; row < HIGH * TOGETHER; row++) {
            vstore8(sums[row], 0, place + row / HIGH * PLANE + row % HIGH * PITCH);
          }
        }
      }
    }
    for (int row = 0; row < win.channels * win.h; row++) {
      GLOBAL const float* from = tile + row / win.h * PLANE + (row % win.h + win.ph) * PITCH + win.pw;
      copy_row(from, dx + (image * win.channels * win.h + row) * win.w, win.w);
    }
  }
}

// Fills a tile with channels of an image. Its border, and what is there for channels that are not, stays.
FUNCTION void fill_tile(GLOBAL const float* image, GLOBAL float* tile, int channels, Window win) {
  for (int row = 0; row < channels * win.h; row++) {
    GLOBAL float* to = tile + row / win.h * PLANE + (row % win.h + win.ph) * PITCH + win.pw;
    copy_row(image + row * win.w, to, win.w);
  }
}

FUNCTION float sum_of_values(GLOBAL const float* values, int images, int filters, int windows) {
  float sum = 0.0f;
  for (int image = 0; image < images; image++) {
    float8 sums = 0.0f;
    int i = 0;
    for (; i + 8 <= windows; i += 8) {
      sums += vload8(0, values + i);
    }
    float4 four = sums.lo + sums.hi;
    float2 two = four.lo + four.hi;
    sum += two.x + two.y;
    for (; i < windows; i++) {
      sum += values[i];
    }
    values += filters * windows;
  }
  return sum;
}

// dbias is the sum of all values, if biased. dweights: a task takes FILTERS filters, TOGETHER channels and a slice
// of the images; slices write sums one behind the other. What vectors hold beside a filter's rows is not stored.
KERNEL REQUIRED_GROUP(1) void pooled_weights(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT winners, GLOBAL float* RESTRICT dweights,
    GLOBAL float* RESTRICT dbias, GLOBAL float* RESTRICT scratch, int scratch_floats, int images, int slices,
    int biased, Window win) {
  int windows = windows_of(win);
  int blocks = (win.filters - 1) / FILTERS + 1;
  GLOBAL const u8* all_places = (GLOBAL const u8*)(winners + images * win.filters * windows);
  GLOBAL float* tile = scratch + GROUP_ID * scratch_floats;
  for (int task = GROUP_ID; task < blocks * PARTS(win) * slices; task += GLOBAL_SIZE) {
    int channel = task % PARTS(win) * TOGETHER;
    int filter = task / PARTS(win) % blocks * FILTERS;
    int slice = task / (PARTS(win) * blocks);
    int present = win.channels - channel < TOGETHER ? win.channels - channel : TOGETHER;
    // Filters beyond the last repeat it, and are not stored.
    int last = win.filters - 1 - filter;
    float8 sums[FILTERS * ROWS];
    UNROLLED for (int i = 0; i < FILTERS * ROWS; i++) {
      sums[i] = 0.0f;
    }
    for (int i = 0; i < TOGETHER * PLANE + 8; i++) {
      tile[i] = 0.0f;
    }
    int end = (int)((long)images * (slice + 1) / slices);
    for (int image = (int)((long)images * slice / slices); image < end; image++) {
      GLOBAL const float* from = x + (image * win.channels + channel) * win.h * win.w;
      // Vectors, and channels beyond the last, reach into the next image, which the last one has not.
      if (win.ph > 0 || win.pw > 0 || image == images - 1) {
        fill_tile(from, tile, present, win);
        from = tile;
      }
      int at = (image * win.filters + filter) * windows;
      for (int oh = 0; oh < win.oh / 2; oh++) {
        GLOBAL const float* place = from + 2 * oh * PITCH;
        for (int ow = 0; ow < win.ow / 2; ow++) {
          UNROLLED for (int f = 0; f < FILTERS; f++) {
            int winner = at + (f < last ? f : last) * windows;
            int position = all_places[winner];
            float8 value = (float8)(winners[winner]);
            GLOBAL const float* won = place + (position >> 1 & 1) * PITCH + (position & 1);
            UNROLLED for (int row = 0; row < ROWS; row++) {
              float8 seen = vload8(0, won + row / KH * PLANE + row % KH * PITCH);
              sums[f * ROWS + row] = fma(value, seen, sums[f * ROWS + row]);
            }
          }
          place += 2;
          at++;
        }
      }
    }
    GLOBAL float* out = dweights + slice * win.filters * win.channels * KH * win.kw;
    UNROLLED for (int i = 0; i < FILTERS * ROWS; i++) {
      int f = i / ROWS;
      int c = i % ROWS / KH;
      if (f <= last && c < present) {
        float values[8];
        vstore8(sums[i], 0, values);
        GLOBAL float* to = out + (((filter + f) * win.channels + channel + c) * KH + i % KH) * win.kw;
        for (int column = 0; column < win.kw; column++) {
          to[column] = values[column];
        }
      }
    }
    if (biased && slice == 0 && channel == 0) {
      for (int f = 0; f < FILTERS && f <= last; f++) {
        GLOBAL const float* values = winners + (filter + f) * windows;
        dbias[filter + f] = sum_of_values(values, images, win.filters, windows);
      }
    }
  }
}
