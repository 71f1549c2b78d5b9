// The poolings of pooling.cl over images whose channels run fastest: x [n, h, w, channels],
// y [n, oh, ow, channels], as window.cl has them, so that neighbours read neighbouring channels. WHERE is
// the type of the winning positions, which are row-major in the window. Types: see stored.cl.

#define PIXEL(n, h, w) (((n) * win.h + (h)) * win.w + (w))
#define WINDOW(n, oh, ow) (((n) * win.oh + (oh)) * win.ow + (ow))

// The divisor of a window: its area, or what of it lies inside.
FUNCTION float area_of(Window win, int oh, int ow, int count_padding) {
  int h0 = oh * win.sh - win.ph;
  int w0 = ow * win.sw - win.pw;
  int h1 = h0 + win.kh < win.h ? h0 + win.kh : win.h;
  int w1 = w0 + win.kw < win.w ? w0 + win.kw : win.w;
  int seen = (h1 - (h0 > 0 ? h0 : 0)) * (w1 - (w0 > 0 ? w0 : 0));
  return (float)(count_padding ? win.kh * win.kw : seen);
}

// The largest of a window, the first of equal ones, or the first NaN; and its place where it is saved.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_last_forward(
    GLOBAL const STORED* RESTRICT x, GLOBAL STORED* RESTRICT y, GLOBAL WHERE* RESTRICT where,
    int channels, int count, int saved, Window win) {
  FOR_ELEMENTS(i, count) {
    int channel = i % channels;
    int at = i / channels;
    int n = at / (win.oh * win.ow);
    int h0 = at / win.ow % win.oh * win.sh - win.ph;
    int w0 = at % win.ow * win.sw - win.pw;
    float best = 0.0f;
    int position = -1;
    for (int kh = 0; kh < win.kh; kh++) {
      for (int kw = 0; kw < win.kw; kw++) {
        int h = h0 + kh;
        int w = w0 + kw;
        if (h >= 0 && h < win.h && w >= 0 && w < win.w) {
          float value = LOAD(x, PIXEL(n, h, w) * channels + channel);
          if (position < 0 || value > best || (value != value && best == best)) {
            best = value;
            position = kh * win.kw + kw;
          }
        }
      }
    }
    STORE(y, i, best);
    if (saved) {
      where[i] = (WHERE)position;
    }
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void avg_pool_last_forward(
    GLOBAL const STORED* RESTRICT x, GLOBAL STORED* RESTRICT y,
    int channels, int count, int count_padding, Window win) {
  FOR_ELEMENTS(i, count) {
    int channel = i % channels;
    int at = i / channels;
    int n = at / (win.oh * win.ow);
    int oh = at / win.ow % win.oh;
    int ow = at % win.ow;
    float sum = 0.0f;
    for (int kh = 0; kh < win.kh; kh++) {
      for (int kw = 0; kw < win.kw; kw++) {
        int h = oh * win.sh - win.ph + kh;
        int w = ow * win.sw - win.pw + kw;
        if (h >= 0 && h < win.h && w >= 0 && w < win.w) {
          sum += LOAD(x, PIXEL(n, h, w) * channels + channel);
        }
      }
    }
    STORE(y, i, sum / area_of(win, oh, ow, count_padding));
  }
}

// The first window that sees an input, and the one after the last.
FUNCTION int first_seeing(int at, int size, int stride) {
  return at < size ? 0 : (at - size) / stride + 1;
}

FUNCTION int last_seeing(int at, int stride, int windows) {
  int last = at / stride + 1;
  return last < windows ? last : windows;
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void max_pool_last_backward(
    GLOBAL const STORED* RESTRICT dy, GLOBAL const WHERE* RESTRICT where, GLOBAL STORED* RESTRICT dx,
    int channels, int count, Window win) {
  FOR_ELEMENTS(i, count) {
    int channel = i % channels;
    int at = i / channels;
    int n = at / (win.h * win.w);
    int h = at / win.w % win.h + win.ph;
    int w = at % win.w + win.pw;
    float sum = 0.0f;
    for (int oh = first_seeing(h, win.kh, win.sh); oh < last_seeing(h, win.sh, win.oh); oh++) {
      for (int ow = first_seeing(w, win.kw, win.sw); ow < last_seeing(w, win.sw, win.ow); ow++) {
        int window = WINDOW(n, oh, ow) * channels + channel;
        int position = (h - oh * win.sh) * win.kw + w - ow * win.sw;
        if ((int)where[window] == position) {
          sum += LOAD(dy, window);
        }
      }
    }
    STORE(dx, i, sum);
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void avg_pool_last_backward(
    GLOBAL const STORED* RESTRICT dy, GLOBAL STORED* RESTRICT dx,
    int channels, int count, int count_padding, Window win) {
  FOR_ELEMENTS(i, count) {
    int channel = i % channels;
    int at = i / channels;
    int n = at / (win.h * win.w);
    int h = at / win.w % win.h + win.ph;
    int w = at % win.w + win.pw;
    float sum = 0.0f;
    for (int oh = first_seeing(h, win.kh, win.sh); oh < last_seeing(h, win.sh, win.oh); oh++) {
      for (int ow = first_seeing(w, win.kw, win.sw); ow < last_seeing(w, win.sw, win.ow); ow++) {
        sum += LOAD(dy, WINDOW(n, oh, ow) * channels + channel)
            / area_of(win, oh, ow, count_padding);
      }
    }
    STORE(dx, i, sum);
  }
}
