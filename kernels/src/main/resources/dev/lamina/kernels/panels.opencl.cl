// What matrix products by panels in vector registers share, for CPU-type devices. Rows come in panels of 6,
// columns in panels of 16, and a block of 6 x 16 sums is what 12 vectors of 8 hold (Goto and van de Geijn, 2008).
//
// gemm_pack_a brings a, which lies in any way, into panels, [group][panel][inner][6]; rows beyond the last
// are zero.

#define PANEL_M 6
#define PANEL_N 16

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define ROW_ZERO(r) float8 left##r = 0.0f, right##r = 0.0f;
#define ROW_ADD(r) \
  left##r = fma((float8)(left_a[r]), b0, left##r); \
  right##r = fma((float8)(left_a[r]), b1, right##r);

KERNEL REQUIRED_GROUP(1) void gemm_pack_a(
    GLOBAL const float* RESTRICT a, GLOBAL float* RESTRICT packed, int groups, int rows, int inner,
    int a_group, int a_row, int a_inner, int a_runs, int a_run) {
  int panels = (rows - 1) / PANEL_M + 1;
  FOR_ELEMENTS(panel, groups * panels) {
    int row0 = panel % panels * PANEL_M;
    GLOBAL const float* from = a + panel / panels * a_group + row0 * a_row;
    GLOBAL float* to = packed + panel * inner * PANEL_M;
    int count = rows - row0 < PANEL_M ? rows - row0 : PANEL_M;
    // Inner steps come in runs of a_run, and these by a_runs.
    int run = 0;
    int step = 0;
    int first = 0;
    for (int l = 0; l < inner; l++) {
      int at = run * a_inner + first + step;
      for (int r = 0; r < PANEL_M; r++) {
        to[l * PANEL_M + r] = r < count ? from[at + r * a_row] : 0.0f;
      }
      step++;
      if (step == a_run) {
        step = 0;
        run++;
        if (run == a_runs) {
          run = 0;
          first += a_run;
        }
      }
    }
  }
}
