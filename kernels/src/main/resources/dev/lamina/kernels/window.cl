// A sliding window: x [n, groups * channels, h, w] and y [n, groups * filters, oh, ow]; windows of
// kh x kw, strides sh, sw, padding ph, pw on either side, dilation dh, dw. Poolings leave groups,
// channels and filters at 1.

typedef struct {
  int h, w, oh, ow, kh, kw, sh, sw, ph, pw, dh, dw, groups, channels, filters;
} Window;
