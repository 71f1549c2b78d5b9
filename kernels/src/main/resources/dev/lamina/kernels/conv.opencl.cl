// Convolutions' images made ready for vectors, for CPU-type devices (gemm.opencl.cl, conv_direct.opencl.cl,
// conv_dots.opencl.cl).
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
