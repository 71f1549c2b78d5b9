// Further losses, behind softmax.cl, whose cells and sum they share.
//
// logits [rows, classes]; one work-item takes a row. The gradient is left out where mean_over is 0.
// WEIGHTS are the class weights with commas between them; smoothing of labels: Szegedy et al., 2016. KIND is
// the number of a dev.lamina.op.TargetLoss.Kind. Work: see elements.cl.

#define SQUARED 0
#define ABSOLUTE 1

FUNCTION int first_largest(GLOBAL const float* x, int classes) {
  int largest = 0;
  for (int c = 1; c < classes; c++) {
    largest = x[c] > x[largest] ? c : largest;
  }
  return largest;
}

#if defined(WEIGHTS)
// With targets t = smoothing / classes * w, and (1 - smoothing) * w more for the label: the loss is the
// sum of t * (log_sum - x), its gradient sum(t) * softmax - t.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void weighted_cross_entropy_rows(
    GLOBAL const float* RESTRICT logits, GLOBAL const int* RESTRICT labels,
    GLOBAL float* RESTRICT cells, GLOBAL float* RESTRICT dlogits,
    int rows, int classes, int mean_over, float smoothing) {
  const float weights[] = {WEIGHTS};
  float even = smoothing / (float)classes;
  FOR_ELEMENTS(row, rows) {
    GLOBAL const float* x = logits + row * classes;
    int label = labels[row];
    float log_sum = log_sum_exp(x, classes);
    float total = 0.0f;
    float loss = 0.0f;
    for (int c = 0; c < classes; c++) {
      float target = weights[c] * (c == label ? even + 1.0f - smoothing : even);
      total += target;
      loss += target * (log_sum - x[c]);
    }
    for (int c = 0; c < classes && mean_over > 0; c++) {
      float target = weights[c] * (c == label ? even + 1.0f - smoothing : even);
      dlogits[row * classes + c] = (total * EXP(x[c] - log_sum) - target) / (float)mean_over;
    }
    cells[2 * row] = loss;
    cells[2 * row + 1] = first_largest(x, classes) == label ? 1.0f : 0.0f;
  }
}
#endif

#if defined(KIND)
// Each output x against t = 1 for the label's class and 0 for others; the mean over classes.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void target_loss_rows(
    GLOBAL const float* RESTRICT logits, GLOBAL const int* RESTRICT labels,
    GLOBAL float* RESTRICT cells, GLOBAL float* RESTRICT dlogits,
    int rows, int classes, int mean_over) {
  FOR_ELEMENTS(row, rows) {
    GLOBAL const float* x = logits + row * classes;
    int label = labels[row];
    float loss = 0.0f;
    for (int c = 0; c < classes; c++) {
      float t = c == label ? 1.0f : 0.0f;
      float difference = x[c] - t;
#if KIND == SQUARED
      loss += difference * difference;
      float slope = 2.0f * difference;
#elif KIND == ABSOLUTE
      loss += difference < 0.0f ? -difference : difference;
      float slope = difference > 0.0f ? 1.0f : difference < 0.0f ? -1.0f : 0.0f * difference;
#else
      float e = EXP(x[c] > 0.0f ? -x[c] : x[c]);
      loss += (x[c] > 0.0f ? x[c] : 0.0f * x[c]) - x[c] * t + LOG(1.0f + e);
      float slope = 1.0f / (1.0f + EXP(-x[c])) - t;
#endif
      if (mean_over > 0) {
        dlogits[row * classes + c] = slope / (float)classes / (float)mean_over;
      }
    }
    cells[2 * row] = loss / (float)classes;
    cells[2 * row + 1] = first_largest(x, classes) == label ? 1.0f : 0.0f;
  }
}
#endif
