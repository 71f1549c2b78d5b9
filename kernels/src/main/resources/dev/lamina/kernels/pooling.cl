// Maximum and mean over a sliding window; x [planes, h, w], y [planes, oh, ow], as window.cl has them.
//
// WHERE is the type of the winning positions, which are row-major in the window. Backward, GPUs gather:
// each input sums over the windows that see it, in order. On CPU-type devices a work-item scatters whole
// planes, in order as well, so equal inputs give equal bits on either. Work: see elements.cl.

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, GLOBAL WHERE* RESTRICT where,
    int planes, int saved, Window win) {
  int run = WHOLE_ROW ? win.ow : 1;
  int runs = win.ow / run;
  FOR_ELEMENTS(task, planes * win.oh * runs) {
    int row = task / runs;
    int plane = row / win.oh;
    int h0 = row % win.oh * win.sh - win.ph;
    int kh0 = h0 < 0 ? -h0 : 0;
    int kh1 = win.h - h0 < win.kh ? win.h - h0 : win.kh;
    int first = task % runs * run;
    for (int ow = first; ow < first + run; ow++) {
      int w0 = ow * win.sw - win.pw;
      int kw0 = w0 < 0 ? -w0 : 0;
      int kw1 = win.w - w0 < win.kw ? win.w - w0 : win.kw;
      float best = 0.0f;
      int position = -1;
      for (int kh = kh0; kh < kh1; kh++) {
        for (int kw = kw0; kw < kw1; kw++) {
          float value = x[(plane * win.h + h0 + kh) * win.w + w0 + kw];
          if (position < 0 || value > best || (value != value && best == best)) {
            best = value;
            position = kh * win.kw + kw;
          }
        }
      }
      y[row * win.ow + ow] = best;
      if (saved) {
        where[row * win.ow + ow] = (WHERE)position;
      }
    }
  }
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

#if defined(RUNS)

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const WHERE* RESTRICT where, GLOBAL float* RESTRICT dx,
    int planes, Window win) {
  FOR_ELEMENTS(plane, planes) {
    GLOBAL float* out = dx + plane * win.h * win.w;
    for (int i = 0; i < win.h * win.w; i++) {
      out[i] = 0.0f;
    }
    for (int oh = 0; oh < win.oh; oh++) {
      for (int ow = 0; ow < win.ow; ow++) {
        int window = (plane * win.oh + oh) * win.ow + ow;
        int position = (int)where[window];
        int kh = 0;
        for (; position >= win.kw; position -= win.kw) {
          kh++;
        }
        int h = oh * win.sh - win.ph + kh;
        int w = ow * win.sw - win.pw + position;
        out[h * win.w + w] += dy[window];
      }
    }
  }
}

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

#else

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
