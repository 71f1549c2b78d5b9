// Matrix products by panels (panels.opencl.cl) for CPU-type devices: c = a * b, with b strided in any way, or the
// image of a convolution that conv.opencl.cl has padded.
//
// Few large work-items each take a run of panels of 16 columns, which lie beside each other in rows of b and c,
// DEPTH inner steps at a time: b's are packed into the work-item's own slot, [inner][16], where they stay in a
// near cache, and meet all panels of a.
//
// IMAGE: rows are filters, columns positions (n, row, column) of c's planes, inner steps taps (kh, channel,
// kw) of b; bias by row. Else bias by column, and c is dense.

#define DEPTH 256

#if defined(IMAGE)

#define PACK_TAPS(COPY) \
  for (int l = first; l < end; l++) { \
    GLOBAL const float* from = b + taps[l]; \
    GLOBAL float* to = slot + (l - first) * PANEL_N; \
    COPY \
  }

// Packs taps [first, end) of 16 columns, which begin at base and lie together by span.
FUNCTION void pack_b(
    GLOBAL const float* b, GLOBAL const int* taps, GLOBAL float* slot, const int* base, int span,
    int first, int end) {
  if (span == 16) {
    PACK_TAPS(vstore16(vload16(0, from + base[0]), 0, to);)
  } else if (span == 8) {
    PACK_TAPS(for (int q = 0; q < 2; q++) { vstore8(vload8(0, from + base[8 * q]), q, to); })
  } else if (span == 4) {
    PACK_TAPS(for (int q = 0; q < 4; q++) { vstore4(vload4(0, from + base[4 * q]), q, to); })
  } else if (span == 2) {
    PACK_TAPS(for (int q = 0; q < 8; q++) { vstore2(vload2(0, from + base[2 * q]), q, to); })
  } else {
    PACK_TAPS(for (int q = 0; q < 16; q++) { to[q] = from[base[q]]; })
  }
}

#else

FUNCTION void pack_b(
    GLOBAL const float* b, GLOBAL float* slot, int column0, int columns, int first, int end,
    int b_inner, int b_column) {
  int whole = column0 + PANEL_N <= columns;
  GLOBAL const float* from = b + column0 * b_column;
  if (whole && b_column == 1) {
    for (int l = first; l < end; l++) {
      vstore16(vload16(0, from + l * b_inner), l - first, slot);
    }
  } else {
    int l0 = first;
    // Columns that lie along the inner steps are turned eight by eight.
    for (; whole && b_inner == 1 && l0 + 8 <= end; l0 += 8) {
      for (int q = 0; q < PANEL_N; q += 8) {
        GLOBAL const float* at = from + l0 + q * b_column;
        GLOBAL float* to = slot + (l0 - first) * PANEL_N + q;
        float8 r0 = vload8(0, at), r1 = vload8(0, at + b_column);
        float8 r2 = vload8(0, at + 2 * b_column), r3 = vload8(0, at + 3 * b_column);
        float8 r4 = vload8(0, at + 4 * b_column), r5 = vload8(0, at + 5 * b_column);
        float8 r6 = vload8(0, at + 6 * b_column), r7 = vload8(0, at + 7 * b_column);
        TRANSPOSE()
        vstore8(s0, 0, to);
        vstore8(s1, 0, to + PANEL_N);
        vstore8(s2, 0, to + 2 * PANEL_N);
        vstore8(s3, 0, to + 3 * PANEL_N);
        vstore8(s4, 0, to + 4 * PANEL_N);
        vstore8(s5, 0, to + 5 * PANEL_N);
        vstore8(s6, 0, to + 6 * PANEL_N);
        vstore8(s7, 0, to + 7 * PANEL_N);
      }
    }
    for (int q = 0; q < PANEL_N; q++) {
      int inside = column0 + q < columns;
      for (int l = l0; l < end; l++) {
        slot[(l - first) * PANEL_N + q] = inside ? from[l * b_inner + q * b_column] : 0.0f;
      }
    }
  }
}

// Fetches a share of the next panel of b, while this one is multiplied: it would be waited for.
FUNCTION void fetch_b(
    GLOBAL const float* b, int first, int end, int b_inner, int b_column, int share, int shares) {
  // A line of memory holds all columns of an inner step, or some inner steps of a column.
  int whole = b_column == 1;
  int lines = whole ? end - first : ((end - first - 1) / LINE + 1) * PANEL_N;
  int some = (lines - 1) / shares + 1;
  for (int i = share * some; i < lines && i < share * some + some; i++) {
    int l = first + (whole ? i : i / PANEL_N * LINE);
    PREFETCH(b + l * b_inner + (whole ? 0 : i % PANEL_N * b_column));
  }
}

#endif

// One row of the block: added to what c has where more is 1; bias and activation where last.
FUNCTION void store_row(
    float8 left, float8 right, GLOBAL float* c, const int* start, int together, int count,
    int more, int last, float8 left_bias, float8 right_bias, int relu) {
  float sums[PANEL_N];
  if (more && together) {
    left += vload8(0, c + start[0]);
    right += vload8(1, c + start[0]);
  } else if (more) {
    for (int q = 0; q < PANEL_N; q++) {
      sums[q] = c[start[q < count ? q : 0]];
    }
    left += vload8(0, sums);
    right += vload8(1, sums);
  }
  if (last) {
    left += left_bias;
    right += right_bias;
    if (relu) {
      left = left > 0.0f ? left : (float8)(0.0f);
      right = right > 0.0f ? right : (float8)(0.0f);
    }
  }
  if (together) {
    vstore8(left, 0, c + start[0]);
    vstore8(right, 1, c + start[0]);
  } else {
    vstore8(left, 0, sums);
    vstore8(right, 1, sums);
    for (int q = 0; q < count; q++) {
      c[start[q]] = sums[q];
    }
  }
}

#if defined(IMAGE)
#define ROW_BIAS(r) float8 bias##r = (float8)(biased ? bias[g * rows + row0 + r] : 0.0f);
#define LEFT_BIAS(r) bias##r
#define RIGHT_BIAS(r) bias##r
#else
#define ROW_BIAS(r)
#define LEFT_BIAS(r) left_bias
#define RIGHT_BIAS(r) right_bias
#endif

#define STORE(r) \
  if (row0 + r < rows) { \
    ROW_BIAS(r) \
    store_row(left##r, right##r, c + (row0 + r) * c_row, start, together, count, first > 0, \
        end == inner, LEFT_BIAS(r), RIGHT_BIAS(r), relu); \
  }

KERNEL REQUIRED_GROUP(1) void gemm_panels(
    GLOBAL const float* RESTRICT packed_a, GLOBAL const float* RESTRICT b,
    GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT c, GLOBAL float* RESTRICT slots,
    int rows, int columns, int inner, int biased, int relu,
#if defined(IMAGE)
    GLOBAL const int* RESTRICT taps, int span, Window win) {
  int groups = win.groups;
  int c_row = image_rows(win) * image_columns(win);
#else
    int b_inner, int b_column) {
  int groups = 1;
  int c_row = columns;
#endif
  GLOBAL float* slot = slots + GROUP_ID * (inner < DEPTH ? inner : DEPTH) * PANEL_N;
  int panels_m = (rows - 1) / PANEL_M + 1;
  int panels_n = (columns - 1) / PANEL_N + 1;
  for (int first = 0; first < inner; first += DEPTH) {
    int end = inner - first < DEPTH ? inner : first + DEPTH;
    FOR_ELEMENTS(task, groups * panels_n) {
      int g = task / panels_n;
      int column0 = task % panels_n * PANEL_N;
      int count = columns - column0 < PANEL_N ? columns - column0 : PANEL_N;
      int start[PANEL_N];
#if defined(IMAGE)
      int base[PANEL_N];
      int image = column0 / c_row * groups + g;
      int at = column0 % c_row;
      int row = at / image_columns(win);
      int column = at % image_columns(win);
      for (int q = 0; q < PANEL_N; q++) {
        base[q] =
            image * image_channels(win) * image_plane(win) + row * image_pitch(win) + column;
        start[q] = image * rows * c_row + at;
        if (q >= count) {
          // Columns beyond the last read the first ones, and their sums are never stored.
          base[q] = base[q % span];
        }
        at++;
        column++;
        if (column == image_columns(win)) {
          column = 0;
          row++;
          if (row == image_rows(win)) {
            row = 0;
            at = 0;
            image += groups;
          }
        }
      }
      pack_b(b, taps, slot, base, span, first, end);
#else
      for (int q = 0; q < PANEL_N; q++) {
        start[q] = g * rows * columns + column0 + q;
      }
      pack_b(b, slot, column0, columns, first, end, b_inner, b_column);
      float8 left_bias = 0.0f;
      float8 right_bias = 0.0f;
      if (biased) {
        float some[PANEL_N];
        for (int q = 0; q < PANEL_N; q++) {
          some[q] = q < count ? bias[column0 + q] : 0.0f;
        }
        left_bias = vload8(0, some);
        right_bias = vload8(1, some);
      }
#endif
      int together = count == PANEL_N && start[PANEL_N - 1] - start[0] == PANEL_N - 1;
      for (int panel = 0; panel < panels_m; panel++) {
        GLOBAL const float* left_a = packed_a + ((g * panels_m + panel) * inner + first) * PANEL_M;
        GLOBAL const float* right_b = slot;
#if !defined(IMAGE)
        if (task + 1 < task_end && column0 + 2 * PANEL_N <= columns) {
          fetch_b(b + (column0 + PANEL_N) * b_column, first, end, b_inner, b_column, panel, panels_m);
        }
#endif
        EACH_ROW(ROW_ZERO)
        for (int l = first; l < end; l++) {
          float8 b0 = vload8(0, right_b);
          float8 b1 = vload8(1, right_b);
          EACH_ROW(ROW_ADD)
          left_a += PANEL_M;
          right_b += PANEL_N;
        }
        int row0 = panel * PANEL_M;
        EACH_ROW(STORE)
      }
    }
  }
}

