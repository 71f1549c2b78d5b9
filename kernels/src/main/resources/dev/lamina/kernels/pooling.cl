// Maximum and mean over a sliding window; x [planes, h, w], y [planes, oh, ow], as window.cl has them.
//
// WHERE is the type of the winning positions, which are row-major in the window. Backward, GPUs gather:
// each input sums over the windows that see it, in order. What CPU-type devices do instead stands in
// pooling.opencl.cl. Work: see elements.cl.

// The largest of a window, the first of equal ones, or the first NaN; its place goes to position.
FUNCTION float max_window(
    GLOBAL const float* plane, int h0, int w0, Window win, int* position) {
  int kw0 = w0 < 0 ? -w0 : 0;
  int kw1 = win.w - w0 < win.kw ? win.w - w0 : win.kw;
  int kh1 = win.h - h0 < win.kh ? win.h - h0 : win.kh;
  float best = 0.0f;
  *position = -1;
  for (int kh = h0 < 0 ? -h0 : 0; kh < kh1; kh++) {
    for (int kw = kw0; kw < kw1; kw++) {
      float value = plane[(h0 + kh) * win.w + w0 + kw];
      if (*position < 0 || value > best || (value != value && best == best)) {
        best = value;
        *position = kh * win.kw + kw;
      }
    }
  }
  return best;
}

// The divisor of a window: its area, or what of it lies inside.
FUNCTION float window_area(Window win, int oh, int ow, int count_padding) {
  int h0 = oh * win.sh - win.ph;
  int w0 = ow * win.sw - win.pw;
  int h1 = h0 + win.kh < win.h ? h0 + win.kh : win.h;
  int w1 = w0 + win.kw < win.w ? w0 + win.kw : win.w;
  int seen = (h1 - (h0 > 0 ? h0 : 0)) * (w1 - (w0 > 0 ? w0 : 0));
  return (float)(count_padding ? win.kh * win.kw : seen);
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void avg_pool_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, int planes, int count_padding,
    Window win) {
  int run = WHOLE_ROW ? win.ow : 1;
  int runs = win.ow / run;
  FOR_ELEMENTS(task, planes * win.oh * runs) {
    int row = task / runs;
    int plane = row / win.oh;
    int oh = row % win.oh;
    int first = task % runs * run;
    for (int ow = first; ow < first + run; ow++) {
      float sum = 0.0f;
      for (int kh = 0; kh < win.kh; kh++) {
        for (int kw = 0; kw < win.kw; kw++) {
          int h = oh * win.sh - win.ph + kh;
          int w = ow * win.sw - win.pw + kw;
          if (h >= 0 && h < win.h && w >= 0 && w < win.w) {
            sum += x[(plane * win.h + h) * win.w + w];
          }
        }
      }
      y[row * win.ow + ow] = sum / window_area(win, oh, ow, count_padding);
    }
  }
}

#if !defined(RUNS)

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, GLOBAL WHERE* RESTRICT where,
    int planes, int saved, Window win) {
  FOR_ELEMENTS(i, planes * win.oh * win.ow) {
    int plane = i / (win.oh * win.ow);
    int h0 = i / win.ow % win.oh * win.sh - win.ph;
    int w0 = i % win.ow * win.sw - win.pw;
    int position;
    y[i] = max_window(x + plane * win.h * win.w, h0, w0, win, &position);
    if (saved) {
      where[i] = (WHERE)position;
    }
  }
}

// The first window that sees an input, and the one after the last.
FUNCTION int first_window(int at, int size, int stride) {
  return at < size ? 0 : (at - size) / stride + 1;
}

FUNCTION int last_window(int at, int stride, int windows) {
  int last = at / stride + 1;
  return last < windows ? last : windows;
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const WHERE* RESTRICT where, GLOBAL float* RESTRICT dx,
    int planes, Window win) {
  FOR_ELEMENTS(i, planes * win.h * win.w) {
    int plane = i / (win.h * win.w);
    int h = i / win.w % win.h + win.ph;
    int w = i % win.w + win.pw;
    float sum = 0.0f;
    for (int oh = first_window(h, win.kh, win.sh); oh < last_window(h, win.sh, win.oh); oh++) {
      for (int ow = first_window(w, win.kw, win.sw); ow < last_window(w, win.sw, win.ow); ow++) {
        int window = (plane * win.oh + oh) * win.ow + ow;
        int position = (h - oh * win.sh) * win.kw + w - ow * win.sw;
        if ((int)where[window] == position) {
          sum += dy[window];
        }
      }
    }
    dx[i] = sum;
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void avg_pool_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT dx, int planes, int count_padding,
    Window win) {
  FOR_ELEMENTS(i, planes * win.h * win.w) {
    int plane = i / (win.h * win.w);
    int h = i / win.w % win.h + win.ph;
    int w = i % win.w + win.pw;
    float sum = 0.0f;
    for (int oh = first_window(h, win.kh, win.sh); oh < last_window(h, win.sh, win.oh); oh++) {
      for (int ow = first_window(w, win.kw, win.sw); ow < last_window(w, win.sw, win.ow); ow++) {
        sum +=
            dy[(plane * win.oh + oh) * win.ow + ow] / window_area(win, oh, ow, count_padding);
      }
    }
    dx[i] = sum;
  }
}

#endif
