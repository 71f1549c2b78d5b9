// How matrix products by tiles find their operands: c[i, j] = sum over l of a(i, l) * b(l, j), where a, b
// and c are matrices as they lie, or convolutions' tensors (window.cl) seen as matrices, so that nothing is
// unfolded in memory (implicit GEMM; Chetlur et al., cuDNN, 2014).
//
// A tap is (channel or filter, kh, kw), a position (n, oh, ow), or (n, h, w) in the pass backward to
// the data. Defines say which product it is; each convolution has a product for each group:
//
//                     rows i     columns j   inner l     a, b, c
// none                rows       columns     inner       strided, strided, dense
// FORWARD             filters    positions   taps of x   weight, x, y
// BACKWARD_DATA       channels   positions   taps of dy  weight, dy, dx
// BACKWARD_WEIGHTS    filters    taps of x   positions   dy, x, dweight

FUNCTION float load_a(
    GLOBAL const float* a, int g, int i, int l, int a_row, int a_inner, Window win) {
#if defined(FORWARD)
  return a[(g * win.filters + i) * (win.channels * win.kh * win.kw) + l];
#elif defined(BACKWARD_DATA)
  int area = win.kh * win.kw;
  return a[((g * win.filters + l / area) * win.channels + i) * area + l % area];
#elif defined(BACKWARD_WEIGHTS)
  int plane = win.oh * win.ow;
  return a[((l / plane * win.groups + g) * win.filters + i) * plane + l % plane];
#else
  return a[i * a_row + l * a_inner];
#endif
}

FUNCTION float image(GLOBAL const float* x, int g, int tap, int position, Window win) {
  int area = win.kh * win.kw;
  int h = position / win.ow % win.oh * win.sh - win.ph + tap / win.kw % win.kh * win.dh;
  int w = position % win.ow * win.sw - win.pw + tap % win.kw * win.dw;
  int sample = position / (win.oh * win.ow);
  int channel = (sample * win.groups + g) * win.channels + tap / area;
  int inside = h >= 0 && h < win.h && w >= 0 && w < win.w;
  return inside ? x[(channel * win.h + h) * win.w + w] : 0.0f;
}

FUNCTION float gradient_image(GLOBAL const float* dy, int g, int tap, int position, Window win) {
  int area = win.kh * win.kw;
  int h = position / win.w % win.h + win.ph - tap / win.kw % win.kh * win.dh;
  int w = position % win.w + win.pw - tap % win.kw * win.dw;
  int sample = position / (win.h * win.w);
  int filter = (sample * win.groups + g) * win.filters + tap / area;
  int oh = h / win.sh;
  int ow = w / win.sw;
  int inside = h >= 0 && h == oh * win.sh && oh < win.oh && w >= 0 && w == ow * win.sw && ow < win.ow;
  return inside ? dy[(filter * win.oh + oh) * win.ow + ow] : 0.0f;
}

FUNCTION float load_b(
    GLOBAL const float* b, int g, int l, int j, int b_inner, int b_column, Window win) {
#if defined(FORWARD)
  return image(b, g, l, j, win);
#elif defined(BACKWARD_DATA)
  return gradient_image(b, g, l, j, win);
#elif defined(BACKWARD_WEIGHTS)
  return image(b, g, j, l, win);
#else
  return b[l * b_inner + j * b_column];
#endif
}

// Where c[i, j] of group g lies.
FUNCTION int place_of(int g, int i, int j, int rows, int columns, Window win) {
#if defined(FORWARD)
  int plane = win.oh * win.ow;
  return ((j / plane * win.groups + g) * rows + i) * plane + j % plane;
#elif defined(BACKWARD_DATA)
  int plane = win.h * win.w;
  return ((j / plane * win.groups + g) * rows + i) * plane + j % plane;
#else
  return (g * rows + i) * columns + j;
#endif
}

#define BIAS_BY_ROW 1
#define BIAS_BY_COLUMN 2

// bias is not read where by is 0.
FUNCTION float finish(float sum, GLOBAL const float* bias, int by, int row, int column, int relu) {
  if (by == BIAS_BY_ROW) {
    sum += bias[row];
  }
  if (by == BIAS_BY_COLUMN) {
    sum += bias[column];
  }
  return relu ? MAX(0.0f, sum) : sum;
}
