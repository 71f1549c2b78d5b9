// Convolutions' images made ready for vectors, and the pass backward to the weights, for CPU-type devices.
//
// An image is copied with its border, so that no tap falls outside, and so that the taps of
// neighbouring positions are neighbours: where the stride is s, its rows and columns are dealt out to s * s
// parts, [part][row][column], and a tap reads one of them. In the pass backward to the data (GRADIENT)
// dy is spread instead, zeros between, and taps run the other way.

#if defined(GRADIENT)
FUNCTION int image_rows(Window win) { return win.h; }
FUNCTION int image_columns(Window win) { return win.w; }
FUNCTION int image_channels(Window win) { return win.filters; }
FUNCTION int image_pitch(Window win) { return win.w + (win.kw - 1) * win.dw; }
FUNCTION int image_plane(Window win) {
  return image_pitch(win) * (win.h + (win.kh - 1) * win.dh);
}
FUNCTION int tap_offset(Window win, int kh, int kw) {
  return (win.kh - 1 - kh) * win.dh * image_pitch(win) + (win.kw - 1 - kw) * win.dw;
}
#else
FUNCTION int image_rows(Window win) { return win.oh; }
FUNCTION int image_columns(Window win) { return win.ow; }
FUNCTION int image_channels(Window win) { return win.channels; }
FUNCTION int image_pitch(Window win) { return win.ow + (win.kw - 1) * win.dw / win.sw; }
FUNCTION int part_rows(Window win) { return win.oh + (win.kh - 1) * win.dh / win.sh; }
FUNCTION int image_plane(Window win) {
  return win.sh * win.sw * part_rows(win) * image_pitch(win);
}
FUNCTION int tap_offset(Window win, int kh, int kw) {
  int h = kh * win.dh;
  int w = kw * win.dw;
  int part = h % win.sh * win.sw + w % win.sw;
  return (part * part_rows(win) + h / win.sh) * image_pitch(win) + w / win.sw;
}
#endif

// Copies planes of x (of dy, if GRADIENT) into their padded form, zeros behind the last one, and notes
// where in an image each tap begins: (kh, channel, kw) for products (IMAGE), else (channel, kh, kw).
KERNEL REQUIRED_GROUP(1) void pad_image(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT padded, GLOBAL int* RESTRICT taps,
    int planes, int slack, Window win) {
  int pitch = image_pitch(win);
  int rows = image_plane(win) / pitch;
  int area = win.kh * win.kw;
  FOR_ELEMENTS(tap, image_channels(win) * area) {
#if defined(IMAGE)
    int channel = tap / win.kw % image_channels(win);
    int kh = tap / (win.kw * image_channels(win));
#else
    int channel = tap / area;
    int kh = tap / win.kw % win.kh;
#endif
    taps[tap] = channel * image_plane(win) + tap_offset(win, kh, tap % win.kw);
  }
  if (GLOBAL_ID == 0) {
    for (int i = 0; i < slack; i++) {
      padded[planes * rows * pitch + i] = 0.0f;
    }
  }
  FOR_ELEMENTS(task, planes * rows) {
    GLOBAL float* to = padded + task * pitch;
    int plane = task / rows;
    int row = task % rows;
#if defined(GRADIENT)
    for (int column = 0; column < pitch; column++) {
      to[column] = 0.0f;
    }
    int h = row - (win.kh - 1) * win.dh + win.ph;
    int oh = h / win.sh;
    if (h >= 0 && oh * win.sh == h && oh < win.oh) {
      GLOBAL const float* from = x + (plane * win.oh + oh) * win.ow;
      int column0 = (win.kw - 1) * win.dw - win.pw;
      int first = column0 < 0 ? (-column0 - 1) / win.sw + 1 : 0;
      int end = (pitch - 1 - column0) / win.sw + 1;
      end = end < win.ow ? end : win.ow;
      if (win.sw == 1) {
        for (int ow = first; ow < end; ow++) {
          to[column0 + ow] = from[ow];
        }
      } else {
        for (int ow = first; ow < end; ow++) {
          to[column0 + ow * win.sw] = from[ow];
        }
      }
    }
#else
    int part = row / part_rows(win);
    int h = row % part_rows(win) * win.sh + part / win.sw - win.ph;
    int w0 = part % win.sw - win.pw;
    int first = w0 < 0 ? (-w0 - 1) / win.sw + 1 : 0;
    int end = w0 < win.w ? (win.w - 1 - w0) / win.sw + 1 : 0;
    end = h < 0 || h >= win.h ? 0 : end < pitch ? end : pitch;
    first = first < end ? first : end;
    GLOBAL const float* from = x + (plane * win.h + h) * win.w + w0;
    for (int column = 0; column < first; column++) {
      to[column] = 0.0f;
    }
    for (int column = first; column < end; column++) {
      to[column] = from[column * win.sw];
    }
    for (int column = end; column < pitch; column++) {
      to[column] = 0.0f;
    }
#endif
  }
}

#if !defined(GRADIENT)

FUNCTION int gradient_plane(Window win) { return (win.oh * image_pitch(win) + 7) / 8 * 8; }

// Copies planes of dy into rows as long as the padded image's, with zeros behind.
KERNEL REQUIRED_GROUP(1) void pad_gradient(
    GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT padded, int planes, Window win) {
  int pitch = image_pitch(win);
  int length = gradient_plane(win);
  FOR_ELEMENTS(plane, planes) {
    GLOBAL const float* from = dy + plane * win.oh * win.ow;
    GLOBAL float* to = padded + plane * length;
    for (int oh = 0; oh < win.oh; oh++) {
      for (int ow = 0; ow < win.ow; ow++) {
        to[oh * pitch + ow] = from[oh * win.ow + ow];
      }
      for (int column = win.ow; column < pitch; column++) {
        to[oh * pitch + column] = 0.0f;
      }
    }
    for (int i = win.oh * pitch; i < length; i++) {
      to[i] = 0.0f;
    }
  }
}

#define TASK_TAPS 12

// Sums of 4 filters by 3 taps or of 6 by 2 fill twelve vectors, what registers hold.
#if defined(SIX_FILTERS)
#define FILTERS 6
#define TAPS 2
#define FILTER(f) \
  dy = vload8(0, dy##f + p); \
  sums##f##0 = fma(dy, x0, sums##f##0); \
  sums##f##1 = fma(dy, x1, sums##f##1);
#define LOAD(f) \
  float8 sums##f##0 = sums[(t + 0) * FILTERS + f]; \
  float8 sums##f##1 = sums[(t + 1) * FILTERS + f];
#define STORE(f) \
  sums[(t + 0) * FILTERS + f] = sums##f##0; \
  sums[(t + 1) * FILTERS + f] = sums##f##1;
#define EACH_FILTER(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#else
#define FILTERS 4
#define TAPS 3
#define FILTER(f) \
  dy = vload8(0, dy##f + p); \
  sums##f##0 = fma(dy, x0, sums##f##0); \
  sums##f##1 = fma(dy, x1, sums##f##1); \
  sums##f##2 = fma(dy, x2, sums##f##2);
#define LOAD(f) \
  float8 sums##f##0 = sums[(t + 0) * FILTERS + f]; \
  float8 sums##f##1 = sums[(t + 1) * FILTERS + f]; \
  float8 sums##f##2 = sums[(t + 2) * FILTERS + f];
#define STORE(f) \
  sums[(t + 0) * FILTERS + f] = sums##f##0; \
  sums[(t + 1) * FILTERS + f] = sums##f##1; \
  sums[(t + 2) * FILTERS + f] = sums##f##2;
#define EACH_FILTER(DO) DO(0) DO(1) DO(2) DO(3)
#endif

// The sum of one plane of every sample.
FUNCTION float sum_of_planes(GLOBAL const float* dy, int samples, int planes, int length) {
  float8 sum0 = 0.0f, sum1 = 0.0f;
  for (int n = 0; n < samples; n++) {
    int p = 0;
    for (; p + 16 <= length; p += 16) {
      sum0 += vload8(0, dy + p);
      sum1 += vload8(1, dy + p);
    }
    if (p < length) {
      sum0 += vload8(0, dy + p);
    }
    dy += planes * length;
  }
  float8 sum = sum0 + sum1;
  float4 four = sum.lo + sum.hi;
  float2 two = four.lo + four.hi;
  return two.x + two.y;
}

// dbias = the sum over positions of dy, if biased.
// dweight = the sum over positions of dy * x, where both are padded to the same rows, so that vectors run
// across them; what x holds beside the image's columns meets zeros of dy. A work-item takes FILTERS filters
// and TASK_TAPS taps (channel, kh, kw) of a slice of the samples, `block` samples at a time, which a near
// cache holds. Slices write partial sums one after another.
KERNEL REQUIRED_GROUP(1) void conv_weights(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT dys,
    GLOBAL const int* RESTRICT taps, GLOBAL float* RESTRICT parts, GLOBAL float* RESTRICT dbias,
    int samples, int slices, int block, int biased, Window win) {
  int area = win.kh * win.kw;
  int all_taps = win.channels * area;
  int plane = image_plane(win);
  int length = gradient_plane(win);
  int filter_tasks = (win.filters - 1) / FILTERS + 1;
  int tap_tasks = (all_taps - 1) / TASK_TAPS + 1;
  if (biased) {
    FOR_ELEMENTS(filter, win.groups * win.filters) {
      dbias[filter] = sum_of_planes(dys + filter * length, samples, win.groups * win.filters, length);
    }
  }
  for (int task = GROUP_ID; task < win.groups * slices * tap_tasks * filter_tasks;
      task += GLOBAL_SIZE) {
    int f0 = task % filter_tasks * FILTERS;
    int t0 = task / filter_tasks % tap_tasks * TASK_TAPS;
    int slice = task / (filter_tasks * tap_tasks) % slices;
    int g = task / (filter_tasks * tap_tasks * slices);
    int n_end = (int)((long)samples * (slice + 1) / slices);
    int count_f = win.filters - f0 < FILTERS ? win.filters - f0 : FILTERS;
    int count_t = all_taps - t0 < TASK_TAPS ? all_taps - t0 : TASK_TAPS;
    float8 sums[TASK_TAPS * FILTERS];
    int offset[TASK_TAPS];
    for (int t = 0; t < TASK_TAPS; t++) {
      // Taps and filters beyond the last repeat it, and their sums are not stored.
      int tap = t0 + (t < count_t ? t : count_t - 1);
      offset[t] = taps[tap];
    }
    for (int s = 0; s < TASK_TAPS * FILTERS; s++) {
      sums[s] = 0.0f;
    }
    for (int n0 = (int)((long)samples * slice / slices); n0 < n_end; n0 += block) {
      for (int t = 0; t < count_t; t += TAPS) {
        EACH_FILTER(LOAD)
        for (int n = n0; n < n0 + block && n < n_end; n++) {
          GLOBAL const float* image = x + (n * win.groups + g) * win.channels * plane;
          GLOBAL const float* from0 = image + offset[t];
          GLOBAL const float* from1 = image + offset[t + 1];
#if TAPS > 2
          GLOBAL const float* from2 = image + offset[t + 2];
#endif
          GLOBAL const float* dy0 = dys + ((n * win.groups + g) * win.filters + f0) * length;
          GLOBAL const float* dy1 = dy0 + (count_f > 1 ? length : 0);
          GLOBAL const float* dy2 = dy1 + (count_f > 2 ? length : 0);
          GLOBAL const float* dy3 = dy2 + (count_f > 3 ? length : 0);
#if FILTERS > 4
          GLOBAL const float* dy4 = dy3 + (count_f > 4 ? length : 0);
          GLOBAL const float* dy5 = dy4 + (count_f > 5 ? length : 0);
#endif
          for (int p = 0; p < length; p += 8) {
            float8 x0 = vload8(0, from0 + p);
            float8 x1 = vload8(0, from1 + p);
#if TAPS > 2
            float8 x2 = vload8(0, from2 + p);
#endif
            float8 dy;
            EACH_FILTER(FILTER)
          }
        }
        EACH_FILTER(STORE)
      }
    }
    GLOBAL float* part = parts + slice * (win.groups * win.filters * all_taps);
    for (int t = 0; t < count_t; t++) {
      for (int f = 0; f < count_f; f++) {
        float4 four = sums[t * FILTERS + f].lo + sums[t * FILTERS + f].hi;
        float2 two = four.lo + four.hi;
        part[(g * win.filters + f0 + f) * all_taps + t0 + t] = two.x + two.y;
      }
    }
  }
}

#endif
