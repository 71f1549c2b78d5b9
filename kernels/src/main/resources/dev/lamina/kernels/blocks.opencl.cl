// What convolutions by blocks share (conv_blocks.opencl.cl, weights_blocks.opencl.cl): vectors hold filters,
// and images are read one value at a time, so that any width, stride and border will do. Panels are of
// WIDE * 8 filters, the last one of what is left, in whole vectors.
//
// BLOCK is 4 or 5 positions of a row, or 3, 4 or 6 channels in the pass backward to the weights; WIDE follows
// from it, so that sums are ten or twelve vectors, what registers hold. GRADIENT: the pass backward to the
// data, which reads dy and writes dx.

#define WIDE (BLOCK > 4 ? 2 : BLOCK > 3 ? 3 : 4)
#define PANEL (8 * WIDE)

// Rows or columns of a phase: how many there are, which taps they see (tap + t * tap_step), and where:
// position i sees row i * step + source + t * source_step of the image.
typedef struct {
  int extent, taps, tap, tap_step, source, source_step;
} Axis;

#if defined(GRADIENT)
#define READ_CHANNELS(win) (win).filters
#define READ_H(win) (win).oh
#define READ_W(win) (win).ow
#define WRITTEN(win) (win).channels
#define WRITE_H(win) (win).h
#define WRITE_W(win) (win).w
#define PHASES_H(win) (win).sh
#define PHASES_W(win) (win).sw
#define STEP_H(win) 1
#define STEP_W(win) 1
FUNCTION Axis axis_of(int phase, int size, int taps, int stride, int pad, int dilation) {
  Axis axis = {(size - phase + stride - 1) / stride, 0, 0, 1, 0, 1};
  for (int tap = taps - 1; tap >= 0; tap--) {
    if ((phase + pad - tap * dilation) % stride == 0) {
      axis.tap_step = axis.taps > 0 ? axis.tap - tap : 1;
      axis.tap = tap;
      axis.taps++;
    }
  }
  axis.source = (phase + pad - axis.tap * dilation) / stride;
  axis.source_step = axis.taps > 1 ? -axis.tap_step * dilation / stride : 1;
  return axis;
}
FUNCTION Axis axis_h(Window win, int phase) {
  return axis_of(phase, win.h, win.kh, win.sh, win.ph, win.dh);
}
FUNCTION Axis axis_w(Window win, int phase) {
  return axis_of(phase, win.w, win.kw, win.sw, win.pw, win.dw);
}
#else
#define READ_CHANNELS(win) (win).channels
#define READ_H(win) (win).h
#define READ_W(win) (win).w
#define WRITTEN(win) (win).filters
#define WRITE_H(win) (win).oh
#define WRITE_W(win) (win).ow
#define PHASES_H(win) 1
#define PHASES_W(win) 1
#define STEP_H(win) (win).sh
#define STEP_W(win) (win).sw
FUNCTION Axis axis_h(Window win, int phase) {
  Axis axis = {win.oh, win.kh, 0, 1, -win.ph, win.dh};
  return axis;
}
FUNCTION Axis axis_w(Window win, int phase) {
  Axis axis = {win.ow, win.kw, 0, 1, -win.pw, win.dw};
  return axis;
}
#endif

// Rows and parts that no tap reads.
#if defined(GRADIENT)
#define UNREAD_ROW(win, h) 0
#define UNREAD_PART(win, part) 0
#else
#define UNREAD_ROW(win, h) (((h) + (win).ph) % (win).sh > ((win).kh - 1) * (win).dh)
#define UNREAD_PART(win, part) ((part) > ((win).kw - 1) * (win).dw)
#endif

// Copies the planes of an image's group, row by row of all channels: taps of a row read one run of the slot.
FUNCTION void fill_slot(
    GLOBAL const float* planes, GLOBAL float* slot, int left, int pitch, Window win) {
  int step = STEP_W(win);
  for (int row = 0; row < READ_CHANNELS(win) * READ_H(win); row++) {
    int h = row / READ_CHANNELS(win);
    GLOBAL const float* from = planes + (row % READ_CHANNELS(win) * READ_H(win) + h) * READ_W(win);
    int unread = UNREAD_ROW(win, h);
    for (int part = 0; part < step; part++) {
      if (unread || UNREAD_PART(win, part)) {
        slot += pitch;
        continue;
      }
      int column = part - left;
      int i = 0;
      for (; i < pitch && column < 0; i++) {
        slot[i] = 0.0f;
        column += step;
      }
      int end = column < READ_W(win) ? i + (READ_W(win) - 1 - column) / step + 1 : i;
      end = end < pitch ? end : pitch;
      if (step == 1) {
        for (int k = 0; k < end - i; k++) {
          slot[i + k] = from[column + k];
        }
      } else {
        int k = 0;
        for (; step == 2 && column + 2 * k + 16 <= READ_W(win) && k + 8 <= end - i; k += 8) {
          vstore8(vload16(0, from + column + 2 * k).even, 0, slot + i + k);
        }
        for (; k < end - i; k++) {
          slot[i + k] = from[column + k * step];
        }
      }
      for (i = i < end ? end : i; i < pitch; i++) {
        slot[i] = 0.0f;
      }
      slot += pitch;
    }
  }
}
