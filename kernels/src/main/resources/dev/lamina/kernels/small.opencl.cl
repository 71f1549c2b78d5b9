// Matrix products whose operands a near cache holds, for CPU-type devices: c = a * b, both read where they
// lie, since packing them would take longer than it saves (gemm.opencl.cl). c is dense.

// Both operands lie along the inner steps: 4 x 3 sums of products, vectors along the inner steps, at least 8
// of them. Work-items share the blocks of rows if by_rows, else those of columns, and keep `near` of them in
// the nearest cache while they go through the others. Bias by column.
#define DOT_ROWS 4
#define DOT_COLUMNS 3

#define DOT_ADD(r) \
  left = vload8(0, a##r + l); \
  sum##r##0 = fma(left, right0, sum##r##0); \
  sum##r##1 = fma(left, right1, sum##r##1); \
  sum##r##2 = fma(left, right2, sum##r##2);

#define DOT_LOAD() \
  right0 = vload8(0, b0 + l); \
  right1 = vload8(0, b1 + l); \
  right2 = vload8(0, b2 + l);

FUNCTION float4 four_sums(float8 s0, float8 s1, float8 s2, float8 s3) {
  float4 t0 = s0.lo + s0.hi, t1 = s1.lo + s1.hi, t2 = s2.lo + s2.hi, t3 = s3.lo + s3.hi;
  // Element by element: Oclgrind cannot make a vector of shorter ones.
  float4 u0 = (float4)(t0.x, t0.y, t1.x, t1.y) + (float4)(t0.z, t0.w, t1.z, t1.w);
  float4 u1 = (float4)(t2.x, t2.y, t3.x, t3.y) + (float4)(t2.z, t2.w, t3.z, t3.w);
  return (float4)(u0.x, u0.z, u1.x, u1.z) + (float4)(u0.y, u0.w, u1.y, u1.w);
}

FUNCTION void store_dots(
    float4 sums, GLOBAL float* c, int columns, int rows, float bias, int relu) {
  float values[4];
  sums += bias;
  vstore4(relu ? fmax(sums, (float4)(0.0f)) : sums, 0, values);
  for (int r = 0; r < DOT_ROWS && r < rows; r++) {
    c[r * columns] = values[r];
  }
}

KERNEL REQUIRED_GROUP(1) void gemm_dots(
    GLOBAL const float* RESTRICT a, GLOBAL const float* RESTRICT b, GLOBAL const float* RESTRICT bias,
    GLOBAL float* RESTRICT c, int rows, int columns, int inner, int a_row, int b_column,
    int by_rows, int near, int biased, int relu) {
  int blocks_m = (rows - 1) / DOT_ROWS + 1;
  int blocks_n = (columns - 1) / DOT_COLUMNS + 1;
  int8 lane = (int8)(0, 1, 2, 3, 4, 5, 6, 7);
  int blocks = by_rows ? blocks_m : blocks_n;
  int others = by_rows ? blocks_n : blocks_m;
  int end = RUN_END(blocks) < blocks ? RUN_END(blocks) : blocks;
  for (int first = GLOBAL_ID * RUN_OF(blocks); first < end; first += near) {
    int next = first + near < end ? first + near : end;
    for (int other = 0; other < others; other++) {
      for (int block = first; block < next; block++) {
        int i = (by_rows ? block : other) * DOT_ROWS;
        int j = (by_rows ? other : block) * DOT_COLUMNS;
        // Rows and columns beyond the last repeat it, and are not stored.
        int last_i = rows - 1 - i;
        int last_j = columns - 1 - j;
        GLOBAL const float* a0 = a + i * a_row;
        GLOBAL const float* a1 = a0 + (last_i < 1 ? last_i : 1) * a_row;
        GLOBAL const float* a2 = a0 + (last_i < 2 ? last_i : 2) * a_row;
        GLOBAL const float* a3 = a0 + (last_i < 3 ? last_i : 3) * a_row;
        GLOBAL const float* b0 = b + j * b_column;
        GLOBAL const float* b1 = b0 + (last_j < 1 ? last_j : 1) * b_column;
        GLOBAL const float* b2 = b0 + (last_j < 2 ? last_j : 2) * b_column;
        float8 left, right0, right1, right2;
        float8 sum00 = 0.0f, sum01 = 0.0f, sum02 = 0.0f, sum10 = 0.0f, sum11 = 0.0f, sum12 = 0.0f;
        float8 sum20 = 0.0f, sum21 = 0.0f, sum22 = 0.0f, sum30 = 0.0f, sum31 = 0.0f, sum32 = 0.0f;
        int l = 0;
        for (; l + 8 <= inner; l += 8) {
          DOT_LOAD() DOT_ADD(0) DOT_ADD(1) DOT_ADD(2) DOT_ADD(3)
        }
        if (l < inner) {
          // The last vector reaches back over what is done: that counts as zero, on both sides, since
          // infinity times zero would show.
          int8 done = lane < (int8)(8 - (inner - l));
          l = inner - 8;
          DOT_LOAD()
          right0 = select(right0, (float8)(0.0f), done);
          right1 = select(right1, (float8)(0.0f), done);
          right2 = select(right2, (float8)(0.0f), done);
#define DOT_END(r) \
  left = select(vload8(0, a##r + l), (float8)(0.0f), done); \
  sum##r##0 = fma(left, right0, sum##r##0); \
  sum##r##1 = fma(left, right1, sum##r##1); \
  sum##r##2 = fma(left, right2, sum##r##2);
          DOT_END(0) DOT_END(1) DOT_END(2) DOT_END(3)
        }
        GLOBAL float* to = c + i * columns + j;
#define DOT_STORE(q) \
  if (last_j >= q) { \
    store_dots(four_sums(sum0##q, sum1##q, sum2##q, sum3##q), to + q, columns, last_i + 1, \
        biased ? bias[j + q] : 0.0f, relu); \
  }
        DOT_STORE(0) DOT_STORE(1) DOT_STORE(2)
      }
    }
  }
}

// b lies along the columns, of which there are at least 16: 6 x 16 sums, vectors along the columns. With
// summed, sums[i] is the sum of a's row i. A task is one of `parts` parts of the columns with one of `parts_m`
// parts of the panels of rows: a block of b's columns stays in a near cache for all of them.
#define ROW_ADD(r) \
  left = (float8)(a##r[l * a_inner]); \
  low##r = fma(left, right0, low##r); \
  high##r = fma(left, right1, high##r);

#define ROW_STORE(r) \
  if (r <= last) { \
    vstore8(low##r, 0, c + (i + r) * columns + j); \
    vstore8(high##r, 1, c + (i + r) * columns + j); \
  }

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define ROW_BEGIN(r) \
  GLOBAL const float* a##r = a + (i + (r < last ? r : last)) * a_row;
#define ROW_ZERO(r) float8 low##r = 0.0f, high##r = 0.0f;

// Eight rows at once where they lie beside each other: one after the other, each step would wait for the last.
FUNCTION void sum_rows(
    GLOBAL const float* a, GLOBAL float* sums, int begin, int end, int inner, int a_row, int a_inner) {
  int i = begin;
  for (; a_row == 1 && i + 8 <= end; i += 8) {
    float8 even = 0.0f, odd = 0.0f;
    int l = 0;
    for (; l + 2 <= inner; l += 2) {
      even += vload8(0, a + i + l * a_inner);
      odd += vload8(0, a + i + (l + 1) * a_inner);
    }
    if (l < inner) {
      even += vload8(0, a + i + l * a_inner);
    }
    vstore8(even + odd, 0, sums + i);
  }
  for (; i < end; i++) {
    float sum = 0.0f;
    for (int l = 0; l < inner; l++) {
      sum += a[i * a_row + l * a_inner];
    }
    sums[i] = sum;
  }
}

KERNEL REQUIRED_GROUP(1) void gemm_rows(
    GLOBAL const float* RESTRICT a, GLOBAL const float* RESTRICT b, GLOBAL float* RESTRICT c,
    GLOBAL float* RESTRICT sums, int rows, int columns, int inner, int a_row, int a_inner,
    int b_inner, int parts, int parts_m, int summed) {
  int panels = (rows - 1) / 6 + 1;
  int blocks = columns / 16;
  FOR_ELEMENTS(task, parts * parts_m) {
    int part = task / parts_m;
    int first_panel = panels * (task % parts_m) / parts_m;
    int end_panel = panels * (task % parts_m + 1) / parts_m;
    int end = part == parts - 1 ? columns : blocks * (part + 1) / parts * 16;
    for (int column = blocks * part / parts * 16; column < end; column += 16) {
      // The last block reaches back over columns that are done.
      int j = column < columns - 16 ? column : columns - 16;
      for (int panel = first_panel; panel < end_panel; panel++) {
        int i = panel * 6;
        int last = rows - 1 - i;
        EACH_ROW(ROW_BEGIN)
        EACH_ROW(ROW_ZERO)
        GLOBAL const float* right = b + j;
        float8 left;
        for (int l = 0; l < inner; l++) {
          float8 right0 = vload8(0, right);
          float8 right1 = vload8(1, right);
          EACH_ROW(ROW_ADD)
          right += b_inner;
        }
        EACH_ROW(ROW_STORE)
      }
    }
    if (summed && part == 0) {
      int end_row = end_panel * 6 < rows ? end_panel * 6 : rows;
      sum_rows(a, sums, first_panel * 6, end_row, inner, a_row, a_inner);
    }
  }
}
