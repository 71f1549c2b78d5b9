// The pass backward to a convolution's weights for few filters, for CPU-type devices: sums of products along
// the rows of images that conv.opencl.cl has padded, and of dy, which pad_gradient brings to the same rows.
// SIX_FILTERS: sums of 6 filters by 2 taps; else of 4 by 3.
//
// x is the padded image, [n][group][channel], of each plane [part][row][column]; dys [n][group][filter], of
// each plane its rows, image_pitch apart, and zeros up to a whole vector. Sums are [slice][group][filter]
// [tap], taps in the order (channel, kh, kw).

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
