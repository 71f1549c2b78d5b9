// The pass backward to a convolution's weights by blocks of BLOCK channels and up to WIDE * 8 filters, for
// CPU-type devices: dweight = the sum over positions of dy * x.
//
// A work-item makes a share of the blocks of some panels, of all samples or, where weights are few, of a slice of
// them; slices write their sums one after another. A block is BLOCK channels under one place (kh, kw) of the
// window, so that all of them see the same rows and columns of the image, and no border is multiplied. A band of
// dy at a time is brought into a slot of the work-item's own, [panel][position][filter], which a near cache holds,
// and meets all blocks; x is read where it lies, from far memory once for all panels. Sums wait in `sums`,
// [group][panel][channels][kh][kw][channel][filter].

// What is noted of a place: the rows and columns of dy that meet the image under it, and how far from the
// image's first value it lies where dy has its first.
#define FIRST_ROW 0
#define END_ROW 1
#define FIRST_COLUMN 2
#define END_COLUMN 3
#define SHIFT 4
#define NOTE 5

FUNCTION int first_inside(int shift, int stride) {
  return shift < 0 ? (-shift - 1) / stride + 1 : 0;
}
FUNCTION int end_inside(int shift, int stride, int size, int count) {
  int end = size - 1 < shift ? 0 : (size - 1 - shift) / stride + 1;
  return end < count ? end : count;
}

FUNCTION void note_places(GLOBAL int* places, Window win) {
  for (int place = 0; place < win.kh * win.kw; place++) {
    int shift_h = place / win.kw * win.dh - win.ph;
    int shift_w = place % win.kw * win.dw - win.pw;
    GLOBAL int* note = places + place * NOTE;
    note[FIRST_ROW] = first_inside(shift_h, win.sh);
    note[END_ROW] = end_inside(shift_h, win.sh, win.h, win.oh);
    note[FIRST_COLUMN] = first_inside(shift_w, win.sw);
    note[END_COLUMN] = end_inside(shift_w, win.sw, win.w, win.ow);
    note[SHIFT] = shift_h * win.w + shift_w;
  }
}

// Brings `count` positions of planes of `filters` filters to slot, [position][width].
FUNCTION void turn(
    GLOBAL const float* dy, GLOBAL float* slot, int count, int plane, int filters, int width) {
  for (int f0 = 0; f0 < width; f0 += 8) {
    GLOBAL const float* from = dy + f0 * plane;
    GLOBAL float* to = slot + f0;
    int p = 0;
    if (f0 + 8 <= filters) {
      for (; p + 8 <= count; p += 8) {
        GLOBAL const float* at = from + p;
        float8 r0 = vload8(0, at), r1 = vload8(0, at + plane), r2 = vload8(0, at + 2 * plane);
        float8 r3 = vload8(0, at + 3 * plane), r4 = vload8(0, at + 4 * plane);
        float8 r5 = vload8(0, at + 5 * plane), r6 = vload8(0, at + 6 * plane);
        float8 r7 = vload8(0, at + 7 * plane);
        TRANSPOSE()
        vstore8(s0, 0, to + p * width);
        vstore8(s1, 0, to + (p + 1) * width);
        vstore8(s2, 0, to + (p + 2) * width);
        vstore8(s3, 0, to + (p + 3) * width);
        vstore8(s4, 0, to + (p + 4) * width);
        vstore8(s5, 0, to + (p + 5) * width);
        vstore8(s6, 0, to + (p + 6) * width);
        vstore8(s7, 0, to + (p + 7) * width);
      }
    }
    for (; p < count; p++) {
      for (int f = 0; f < 8; f++) {
        to[p * width + f] = f0 + f < filters ? from[f * plane + p] : 0.0f;
      }
    }
  }
}

// The sums of dy over all positions, for `filters` filters.
FUNCTION void sum_bias(
    GLOBAL const float* dy, GLOBAL float* dbias, int samples, int image, int plane, int filters) {
  for (int f = 0; f < filters; f++) {
    float8 sums = 0.0f;
    float sum = 0.0f;
    for (int n = 0; n < samples; n++) {
      GLOBAL const float* from = dy + n * image + f * plane;
      int p = 0;
      for (; p + 8 <= plane; p += 8) {
        sums += vload8(0, from + p);
      }
      for (; p < plane; p++) {
        sum += from[p];
      }
    }
    float4 four = sums.lo + sums.hi;
    dbias[f] = sum + ((four.x + four.y) + (four.z + four.w));
  }
}

// Panel of a group's filters: where it begins, and how many there are. Vectors are shared out evenly: one alone
// would be no faster than two.
typedef struct {
  int first, width;
} Panel;

FUNCTION Panel panel_of(int panel, int panels, int vectors) {
  int more = vectors % panels;
  Panel result = {
      (vectors / panels * panel + (panel < more ? panel : more)) * 8,
      vectors / panels * 8 + (panel < more ? 8 : 0)};
  return result;
}

#define ADD_BLOCK(name) name(x + x_at, slot + dy_at, win.channels - c, to, part_of_image)

// A task is one of `slices` slices of the samples with one of `packs` shares of a group's panels and one of
// `parts` shares of its blocks. A band is band_rows rows of band_images images.
KERNEL REQUIRED_GROUP(1) void conv_weights_blocks(
    GLOBAL const float* RESTRICT images, GLOBAL const float* RESTRICT gradients,
    GLOBAL int* RESTRICT notes, GLOBAL float* RESTRICT slots, int slot_length,
    GLOBAL float* RESTRICT sums, GLOBAL float* RESTRICT dweight, GLOBAL float* RESTRICT dbias,
    int samples, int packs, int parts, int slices, int band_rows, int band_images, int biased,
    Window win) {
  int filters8 = (win.filters - 1) / 8 * 8 + 8;
  int panels = (filters8 - 1) / PANEL + 1;
  int plane = win.oh * win.ow;
  int area = win.kh * win.kw;
  int blocks = ((win.channels - 1) / BLOCK + 1) * area;
  int band = band_images * band_rows * win.ow;
  GLOBAL int* places = notes + GROUP_ID * area * NOTE;
  note_places(places, win);
  GLOBAL float* slot = slots + GROUP_ID * slot_length;
  Part part_of_image;
  part_of_image.x_plane = win.h * win.w;
  part_of_image.x_image = win.groups * win.channels * win.h * win.w;
  part_of_image.x_row = win.sh * win.w;
  part_of_image.x_column = win.sw;
  int dy_image = win.groups * win.filters * plane;
  int all_sums = win.groups * filters8 * blocks * BLOCK;
  int all_weights = win.groups * win.filters * win.channels * area;
  for (int task = GROUP_ID; task < win.groups * packs * parts * slices; task += GLOBAL_SIZE) {
    int part = task % parts;
    int pack = task / parts % packs;
    int g = task / (parts * packs) % win.groups;
    int slice = task / (parts * packs * win.groups);
    int sample_end = samples * (slice + 1) / slices;
    int first_panel = panels * pack / packs;
    int end_panel = panels * (pack + 1) / packs;
    int f_begin = panel_of(first_panel, panels, filters8 / 8).first;
    int first = (int)((long)blocks * part / parts);
    int end = (int)((long)blocks * (part + 1) / parts);
    GLOBAL const float* x = images + g * win.channels * win.h * win.w;
    GLOBAL const float* dy = gradients + g * win.filters * plane;
    GLOBAL float* own = sums + slice * all_sums + g * filters8 * blocks * BLOCK;
    GLOBAL float* result = dweight + slice * all_weights;
    for (int p = first_panel; p < end_panel; p++) {
      Panel panel = panel_of(p, panels, filters8 / 8);
      GLOBAL float* to = own + panel.first * blocks * BLOCK;
      for (int s = first * BLOCK * panel.width; s < end * BLOCK * panel.width; s++) {
        to[s] = 0.0f;
      }
    }
    for (int n = samples * slice / slices; n < sample_end; n += band_images) {
      part_of_image.images = sample_end - n < band_images ? sample_end - n : band_images;
      for (int row0 = 0; row0 < win.oh; row0 += band_rows) {
        int row_end = win.oh - row0 < band_rows ? win.oh : row0 + band_rows;
        for (int p = first_panel; p < end_panel; p++) {
          Panel panel = panel_of(p, panels, filters8 / 8);
          for (int i = 0; i < part_of_image.images; i++) {
            turn(dy + (n + i) * dy_image + panel.first * plane + row0 * win.ow,
                slot + (panel.first - f_begin) * band + i * band_rows * win.ow * panel.width,
                (row_end - row0) * win.ow, plane, win.filters - panel.first, panel.width);
          }
        }
        // All panels meet some channels while a near cache holds these.
        for (int channel = first / area; channel * area < end; channel++) {
          int c = channel * BLOCK;
          int begin_place = channel * area < first ? first - channel * area : 0;
          int end_place = end - channel * area < area ? end - channel * area : area;
          for (int p = first_panel; p < end_panel; p++) {
            Panel panel = panel_of(p, panels, filters8 / 8);
            int width = panel.width;
            GLOBAL float* of_panel = own + panel.first * blocks * BLOCK;
            part_of_image.dy_row = win.ow * width;
            part_of_image.dy_image = band_rows * part_of_image.dy_row;
            for (int place = begin_place; place < end_place; place++) {
              GLOBAL const int* note = places + place * NOTE;
              int low = note[FIRST_ROW] > row0 ? note[FIRST_ROW] : row0;
              int left = note[FIRST_COLUMN];
              part_of_image.rows = (note[END_ROW] < row_end ? note[END_ROW] : row_end) - low;
              part_of_image.columns = note[END_COLUMN] - left;
              if (part_of_image.rows > 0 && part_of_image.columns > 0) {
                int x_at = n * part_of_image.x_image + c * part_of_image.x_plane
                    + low * part_of_image.x_row + left * win.sw + note[SHIFT];
                int dy_at = (panel.first - f_begin) * band + (low - row0) * part_of_image.dy_row
                    + left * width;
                GLOBAL float* to = of_panel + (channel * area + place) * BLOCK * width;
#if WIDE > 3
                if (width == 32) {
                  ADD_BLOCK(sums_4);
                } else
#endif
#if WIDE > 2
                if (width == 24) {
                  ADD_BLOCK(sums_3);
                } else
#endif
                if (width == 16) {
                  ADD_BLOCK(sums_2);
                } else {
                  ADD_BLOCK(sums_1);
                }
              }
            }
          }
        }
      }
    }
    for (int p = first_panel; p < end_panel; p++) {
      Panel panel = panel_of(p, panels, filters8 / 8);
      int f0 = panel.first;
      GLOBAL const float* from = own + f0 * blocks * BLOCK;
      int some_filters = win.filters - f0 < panel.width ? win.filters - f0 : panel.width;
      for (int block = first; block < end; block++) {
        int place = block % area;
        int c0 = block / area * BLOCK;
        for (int c = c0; c < c0 + BLOCK && c < win.channels; c++) {
          for (int f = 0; f < some_filters; f++) {
            result[((g * win.filters + f0 + f) * win.channels + c) * area + place] =
                from[(block * BLOCK + c - c0) * panel.width + f];
          }
        }
      }
      if (biased && part == 0 && slice == p % slices) {
        sum_bias(dy + f0 * plane, dbias + g * win.filters + f0, samples, dy_image, plane, some_filters);
      }
    }
  }
}
