// Samples varied on their way into a batch, in whole numbers: the same bytes on every device. Behind
// random.cl, whose generator it draws from. dev.lamina.op.AugmentSamples says what each word is for.
//
// tables is i32[slots, words]; cursor[0] is the slot of the running step. Work: see elements.cl.

#define INDICES 16
#define DRAWS 16
#define FLIP 0
#define CROP_Y 1
#define CROP_X 2
#define ANGLE 3
#define CUTOUT_Y 4
#define CUTOUT_X 5
#define BRIGHTNESS 6
#define CONTRAST 7
#define SATURATION 8

// draws [rows, DRAWS] = the random words of each row; four of them share a call of the generator.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void augmentation_draws(
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor, GLOBAL u32* RESTRICT draws,
    int words, int first_row, int rows) {
  GLOBAL const int* table = tables + cursor[0] * words;
  FOR_ELEMENTS(block, rows * (DRAWS / 4)) {
    u32 four[4];
    philox(
        four, (u32)(first_row * (DRAWS / 4) + block), (u32)table[STEP], 0xFFFFFFFFu,
        (u32)table[RANDOM_KEY], (u32)table[RANDOM_KEY + 1]);
    for (int q = 0; q < 4; q++) {
      draws[4 * block + q] = four[q];
    }
  }
}

FUNCTION int around(GLOBAL const u32* drawn, int which, int most) {
  return (int)MULTIPLY_HIGH(drawn[which], (u32)(2 * most + 1)) - most;
}

// Sine and cosine of 1/65536 radians, up to 45 degrees, by the first terms of their series.
FUNCTION int sine(int radians) {
  u32 a = (u32)(radians < 0 ? -radians : radians);
  u32 square = a * a / 65536u;
  u32 third = a * square / 65536u;
  u32 fifth = third * square / 65536u;
  u32 seventh = fifth * square / 65536u;
  int value = (int)(a - third / 6u + fifth / 120u - seventh / 5040u);
  return radians < 0 ? -value : value;
}

FUNCTION int cosine(int radians) {
  u32 a = (u32)(radians < 0 ? -radians : radians);
  u32 square = a * a / 65536u;
  u32 fourth = square * square / 65536u;
  u32 sixth = fourth * square / 65536u;
  u32 eighth = sixth * square / 65536u;
  return (int)(65536u - square / 2u + fourth / 24u - sixth / 720u + eighth / 40320u);
}

FUNCTION int scaled(int value, int middle, int factor) {
  int moved = middle + (((value - middle) * factor + 128) >> 8);
  return moved < 0 ? 0 : moved > 255 ? 255 : moved;
}

FUNCTION int pixel_at(GLOBAL const u8* plane, int height, int width, int y, int x) {
  return y >= 0 && y < height && x >= 0 && x < width ? plane[y * width + x] : 0;
}

// The value at a position in 1/65536, mixed of the four pixels around it.
FUNCTION int mixed(GLOBAL const u8* plane, int height, int width, int down, int across) {
  int right = (across & 0xFFFF) >> 8;
  int lower = (down & 0xFFFF) >> 8;
  int x = across >> 16;
  int y = down >> 16;
  int above = (256 - right) * pixel_at(plane, height, width, y, x)
      + right * pixel_at(plane, height, width, y, x + 1);
  int below = (256 - right) * pixel_at(plane, height, width, y + 1, x)
      + right * pixel_at(plane, height, width, y + 1, x + 1);
  return ((256 - lower) * above + lower * below + 32768) >> 16;
}

// One channel of y [rows, channels, height, width]. radians, bright, contrast and saturation are the
// largest changes, in 1/65536 and 1/256.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void augment_channel(
    GLOBAL const u8* RESTRICT source, GLOBAL const int* RESTRICT tables,
    GLOBAL const int* RESTRICT cursor, GLOBAL const u32* RESTRICT draws, GLOBAL u8* RESTRICT y,
    int words, int first_row, int rows, int channels, int channel, int height, int width,
    int flip, int crop, int radians, int cutout, int bright, int contrast, int saturation, int fill) {
  GLOBAL const int* indices = tables + cursor[0] * words + INDICES + first_row;
  int plane = height * width;
  FOR_ELEMENTS(task, rows * plane) {
    int row = task / plane;
    int down = task % plane / width;
    int across = task % width;
    GLOBAL const u32* drawn = draws + row * DRAWS;
    GLOBAL u8* to = y + (row * channels + channel) * plane + task % plane;
    int top = (int)MULTIPLY_HIGH(drawn[CUTOUT_Y], (u32)height) - cutout / 2;
    int left = (int)MULTIPLY_HIGH(drawn[CUTOUT_X], (u32)width) - cutout / 2;
    if (down >= top && down < top + cutout && across >= left && across < left + cutout) {
      *to = (u8)fill;
      continue;
    }
    GLOBAL const u8* sample = source + (size_t)indices[row] * (size_t)(channels * plane);
    across = flip && (drawn[FLIP] >> 31) ? width - 1 - across : across;
    across += around(drawn, CROP_X, crop);
    down += around(drawn, CROP_Y, crop);
    int angle = around(drawn, ANGLE, radians);
    int turned_down = down;
    int turned_across = across;
    if (angle != 0) {
      int u = 2 * across - (width - 1);
      int v = 2 * down - (height - 1);
      turned_across = (u * cosine(angle) + v * sine(angle) + (width - 1) * 65536) >> 1;
      turned_down = (v * cosine(angle) - u * sine(angle) + (height - 1) * 65536) >> 1;
    }
    int light = 256 + around(drawn, BRIGHTNESS, bright);
    int distance = 256 + around(drawn, CONTRAST, contrast);
    int colour[3];
    int first = saturation > 0 ? 0 : channel;
    int end = saturation > 0 ? 3 : channel + 1;
    for (int c = first; c < end; c++) {
      GLOBAL const u8* from = sample + c * plane;
      int value = angle != 0
          ? mixed(from, height, width, turned_down, turned_across)
          : pixel_at(from, height, width, down, across);
      colour[c - first] = scaled(scaled(value, 0, light), 128, distance);
    }
    if (saturation > 0) {
      int grey = (77 * colour[0] + 150 * colour[1] + 29 * colour[2] + 128) >> 8;
      *to = (u8)scaled(colour[channel], grey, 256 + around(drawn, SATURATION, saturation));
    } else {
      *to = (u8)colour[0];
    }
  }
}

// One channel of y = (pixels * scale - mean) / deviation, both [rows, channels, plane].
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void normalize_channel(
    GLOBAL const u8* RESTRICT pixels, GLOBAL float* RESTRICT y,
    int rows, int channels, int channel, int plane, float scale, float mean, float deviation) {
  FOR_ELEMENTS(task, rows * plane) {
    int i = (task / plane * channels + channel) * plane + task % plane;
    y[i] = ((float)pixels[i] * scale - mean) / deviation;
  }
}
