// Poolings on CPU-type devices: vectors of neighbouring windows where none touches the border and the
// stride is 1 or 2, one window at a time elsewhere. Backward a work-item scatters whole planes in order, so
// equal inputs give equal bits. Behind pooling.cl, which has the layouts and max_window.
//
// WIDE: winning positions are int, since u8 does not count the places of such windows; else u8. Windows of
// 2 x 2 that lie side by side, which have rows of vectors of their own backward, are never WIDE.

#if defined(WIDE)
#define STORE_PLACES(n, position, where) vstore##n(position, 0, where)
#define LOAD_PLACES(n, where) vload##n(0, where)
#else
#define STORE_PLACES(n, position, where) vstore##n(convert_uchar##n(position), 0, where)
#define LOAD_PLACES(n, where) convert_int##n(vload##n(0, where))
#endif

#define TAKE(n, value, place) \
  { \
    float##n some = value; \
    int##n better = ~(some <= best) & (best == best); \
    best = select(best, some, better); \
    position = select(position, (int##n)(place), better); \
  }

// The odd ones of 2 * n values, one by one: Oclgrind takes the last of a float16's .odd for never written.
#define ODD2(v) ((float2)(v.s1, v.s3))
#define ODD4(v) ((float4)(v.s1, v.s3, v.s5, v.s7))
#define ODD8(v) ((float8)(v.s1, v.s3, v.s5, v.s7, v.s9, v.sb, v.sd, v.sf))

// The maxima of n neighbouring windows, which read rows [kh0, kh1) from `rows` on; m is 2 * n.
#define MAX_VECTOR(n, m) \
  FUNCTION void max_vector##n( \
      GLOBAL const float* rows, GLOBAL float* y, GLOBAL WHERE* where, int saved, int kh0, int kh1, \
      Window win) { \
    float##m pair = vload##m(0, rows + kh0 * win.w); \
    float##n best = win.sw == 2 ? pair.even : pair.lo; \
    int##n position = kh0 * win.kw; \
    for (int kh = kh0; kh < kh1; kh++) { \
      GLOBAL const float* row = rows + kh * win.w; \
      if (win.sw == 2) { \
        for (int kw = 0; kw < win.kw; kw += 2) { \
          pair = vload##m(0, row + kw); \
          TAKE(n, pair.even, kh * win.kw + kw) \
          if (kw + 1 < win.kw) { \
            TAKE(n, ODD##n(pair), kh * win.kw + kw + 1) \
          } \
        } \
      } else { \
        for (int kw = 0; kw < win.kw; kw++) { \
          TAKE(n, vload##n(0, row + kw), kh * win.kw + kw) \
        } \
      } \
    } \
    vstore##n(best, 0, y); \
    if (saved) { \
      STORE_PLACES(n, position, where); \
    } \
  }

MAX_VECTOR(2, 4)
MAX_VECTOR(4, 8)
MAX_VECTOR(8, 16)

// The maxima of one row of windows of 2 x 2 that lie side by side, n at a time; m is 2 * n.
#define HALVE(n, m) \
  for (int first = 0; first < win.ow; first += n) { \
    int at = first < win.ow - n ? first : win.ow - n; \
    float##m upper = vload##m(0, rows + 2 * at); \
    float##m lower = vload##m(0, rows + win.w + 2 * at); \
    float##n best = upper.even; \
    int##n position = 0; \
    TAKE(n, ODD##n(upper), 1) \
    TAKE(n, lower.even, 2) \
    TAKE(n, ODD##n(lower), 3) \
    vstore##n(best, 0, y + at); \
    if (saved) { \
      STORE_PLACES(n, position, where + at); \
    } \
  }

FUNCTION void halve_row(
    GLOBAL const float* rows, GLOBAL float* y, GLOBAL WHERE* where, int saved, Window win) {
  if (win.ow >= 8) {
    HALVE(8, 16)
  } else if (win.ow >= 4) {
    HALVE(4, 8)
  } else {
    HALVE(2, 4)
  }
}

KERNEL REQUIRED_GROUP(1) void max_pool_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, GLOBAL WHERE* RESTRICT where,
    int planes, int saved, Window win) {
  int lanes = win.ow >= 8 ? 8 : win.ow >= 4 ? 4 : win.ow >= 2 ? 2 : 1;
  // What the vectors of a window's row read, from its first element on.
  int reach = win.sw == 2 ? (win.kw - 1) / 2 * 2 + 2 * lanes : win.kw - 1 + 2 * lanes;
  int vectors = lanes > 1 && (win.sw == 1 || win.sw == 2);
  int halved = win.kh == 2 && win.kw == 2 && win.sh == 2 && win.sw == 2 && win.ph == 0
      && win.pw == 0 && lanes > 1;
  FOR_ELEMENTS(row, planes * win.oh) {
    GLOBAL const float* plane = x + row / win.oh * win.h * win.w;
    if (halved) {
      int to = row * win.ow;
      halve_row(plane + row % win.oh * 2 * win.w, y + to, where + to, saved, win);
      continue;
    }
    int h0 = row % win.oh * win.sh - win.ph;
    int kh0 = h0 < 0 ? -h0 : 0;
    int kh1 = win.h - h0 < win.kh ? win.h - h0 : win.kh;
    for (int first = 0; first < win.ow; first += lanes) {
      // The last vector reaches back over windows that are done.
      int at = first < win.ow - lanes ? first : win.ow - lanes;
      int w0 = at * win.sw - win.pw;
      int to = row * win.ow + at;
      if (vectors && w0 >= 0 && w0 + reach <= win.w) {
        GLOBAL const float* rows = plane + h0 * win.w + w0;
        if (lanes == 8) {
          max_vector8(rows, y + to, where + to, saved, kh0, kh1, win);
        } else if (lanes == 4) {
          max_vector4(rows, y + to, where + to, saved, kh0, kh1, win);
        } else {
          max_vector2(rows, y + to, where + to, saved, kh0, kh1, win);
        }
      } else {
        for (int q = 0; q < lanes; q++) {
          int position;
          y[to + q] = max_window(plane, h0, w0 + q * win.sw, win, &position);
          if (saved) {
            where[to + q] = (WHERE)position;
          }
        }
      }
    }
  }
}

#if !defined(WIDE)

// One row of windows of 2 x 2 that lie side by side; n are done at a time, m is 2 * n.
#define SPREAD(n, m) \
  for (int first = 0; first < win.ow; first += n) { \
    int at = first < win.ow - n ? first : win.ow - n; \
    float##n gradient = vload##n(0, dy + at); \
    int##n place = LOAD_PLACES(n, where + at); \
    float##m pair; \
    pair.even = select((float##n)(0.0f), gradient, place == 0); \
    pair.odd = select((float##n)(0.0f), gradient, place == 1); \
    vstore##m(pair, 0, dx + 2 * at); \
    pair.even = select((float##n)(0.0f), gradient, place == 2); \
    pair.odd = select((float##n)(0.0f), gradient, place == 3); \
    vstore##m(pair, 0, dx + win.w + 2 * at); \
  }

FUNCTION void spread_row(
    GLOBAL const float* dy, GLOBAL const WHERE* where, GLOBAL float* dx, Window win) {
  if (win.ow >= 8) {
    SPREAD(8, 16)
  } else if (win.ow >= 4) {
    SPREAD(4, 8)
  } else {
    SPREAD(2, 4)
  }
}

#endif

KERNEL REQUIRED_GROUP(1) void max_pool_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const WHERE* RESTRICT where, GLOBAL float* RESTRICT dx,
    int planes, Window win) {
  int halved = win.kh == 2 && win.kw == 2 && win.sh == 2 && win.sw == 2 && win.ow >= 2
      && win.h == 2 * win.oh && win.w == 2 * win.ow && win.ph == 0 && win.pw == 0;
  FOR_ELEMENTS(plane, planes) {
    GLOBAL float* out = dx + plane * win.h * win.w;
#if !defined(WIDE)
    if (halved) {
      for (int oh = 0; oh < win.oh; oh++) {
        int row = (plane * win.oh + oh) * win.ow;
        spread_row(dy + row, where + row, out + 2 * oh * win.w, win);
      }
      continue;
    }
#endif
    for (int i = 0; i < win.h * win.w; i++) {
      out[i] = 0.0f;
    }
    for (int oh = 0; oh < win.oh; oh++) {
      for (int ow = 0; ow < win.ow; ow++) {
        int window = (plane * win.oh + oh) * win.ow + ow;
        int kh = 0;
        int kw = (int)where[window];
        for (; kw >= win.kw; kw -= win.kw) {
          kh++;
        }
        int h = oh * win.sh - win.ph + kh;
        int w = ow * win.sw - win.pw + kw;
        out[h * win.w + w] += dy[window];
      }
    }
  }
}

#if !defined(WIDE)
// The gradient in place of x's whole one as conv_pooled.opencl.cl takes it: dy, then the winners' positions.
KERNEL REQUIRED_GROUP(1) void keep_winners(
    GLOBAL const float* RESTRICT dy, GLOBAL const u8* RESTRICT where, GLOBAL float* RESTRICT winners, int n) {
  GLOBAL u8* places = (GLOBAL u8*)(winners + n);
  FOR_ELEMENTS(i, n) {
    winners[i] = dy[i];
  }
  FOR_ELEMENTS(p, n) {
    places[p] = where[p];
  }
}
#endif

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void avg_pool_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT dx, int planes, int count_padding,
    Window win) {
  FOR_ELEMENTS(plane, planes) {
    GLOBAL float* out = dx + plane * win.h * win.w;
    for (int i = 0; i < win.h * win.w; i++) {
      out[i] = 0.0f;
    }
    for (int oh = 0; oh < win.oh; oh++) {
      for (int ow = 0; ow < win.ow; ow++) {
        float part =
            dy[(plane * win.oh + oh) * win.ow + ow] / window_area(win, oh, ow, count_padding);
        for (int kh = 0; kh < win.kh; kh++) {
          for (int kw = 0; kw < win.kw; kw++) {
            int h = oh * win.sh - win.ph + kh;
            int w = ow * win.sw - win.pw + kw;
            if (h >= 0 && h < win.h && w >= 0 && w < win.w) {
              out[h * win.w + w] += part;
            }
          }
        }
      }
    }
  }
}
