// Matrix products by tiles in local memory, for GPUs. Operands: see operands.cl.
//
// A group of 16 x 16 work-items makes a tile of TILE_M x TILE_N of c, each work-item TILE_M / 16 by
// TILE_N / 16 of it, with DEPTH inner steps at a time in local memory. The inner extent is cut in slices of
// `chunk`, which write partial products one after another; sum_slices adds them in order. There are
// groups * slices * tiles of rows * tiles of columns groups of work-items.

#define DEPTH 16
#define ITEM_M (TILE_M / 16)
#define ITEM_N (TILE_N / 16)

KERNEL REQUIRED_GROUP(256) void gemm_tiles(
    GLOBAL const float* RESTRICT a, GLOBAL const float* RESTRICT b, GLOBAL const float* RESTRICT bias,
    GLOBAL float* RESTRICT c, int rows, int columns, int inner,
    int a_row, int a_inner, int b_inner, int b_column, int bias_by, int relu, int chunk, int slices,
    Window win) {
  SHARED float tile_a[DEPTH * TILE_M];
  SHARED float tile_b[DEPTH * TILE_N];
  int tiles_m = (rows - 1) / TILE_M + 1;
  int tiles_n = (columns - 1) / TILE_N + 1;
  int row0 = GROUP_ID % tiles_m * TILE_M;
  int column0 = GROUP_ID / tiles_m % tiles_n * TILE_N;
  int slice = GROUP_ID / (tiles_m * tiles_n) % slices;
  int g = GROUP_ID / (tiles_m * tiles_n * slices);
  int item_row = LOCAL_ID / 16;
  int item_column = LOCAL_ID % 16;
  int first = slice * chunk;
  int end = inner - first < chunk ? inner : first + chunk;

  float sums[ITEM_M * ITEM_N];
  for (int s = 0; s < ITEM_M * ITEM_N; s++) {
    sums[s] = 0.0f;
  }
  for (int l0 = first; l0 < end; l0 += DEPTH) {
    for (int t = LOCAL_ID; t < DEPTH * TILE_M; t += 256) {
      int i = row0 + t / DEPTH;
      int l = l0 + t % DEPTH;
      int inside = i < rows && l < end;
      tile_a[t % DEPTH * TILE_M + t / DEPTH] =
          inside ? load_a(a, g, i, l, a_row, a_inner, win) : 0.0f;
    }
    for (int t = LOCAL_ID; t < DEPTH * TILE_N; t += 256) {
      int j = column0 + t % TILE_N;
      int l = l0 + t / TILE_N;
      int inside = j < columns && l < end;
      tile_b[t] = inside ? load_b(b, g, l, j, b_inner, b_column, win) : 0.0f;
    }
    SYNC_GROUP();
    for (int d = 0; d < DEPTH; d++) {
      for (int m = 0; m < ITEM_M; m++) {
        float left = tile_a[d * TILE_M + item_row + 16 * m];
        for (int n = 0; n < ITEM_N; n++) {
          float right = tile_b[d * TILE_N + item_column + 16 * n];
          sums[m * ITEM_N + n] = FMA(left, right, sums[m * ITEM_N + n]);
        }
      }
    }
    SYNC_GROUP();
  }

  GLOBAL float* part = c + slice * (win.groups * rows * columns);
  for (int m = 0; m < ITEM_M; m++) {
    for (int n = 0; n < ITEM_N; n++) {
      int i = row0 + item_row + 16 * m;
      int j = column0 + item_column + 16 * n;
      if (i < rows && j < columns) {
        part[place_of(g, i, j, rows, columns, win)] =
            finish(sums[m * ITEM_N + n], bias, bias_by, g * rows + i, j, relu);
      }
    }
  }
}
