// Class probabilities and the loss on them.
//
// logits [rows, classes]; one work-item takes a row, its maximum taken out first so that large logits
// do not overflow. The loss of the rows goes to cells [rows, 2] (loss, 1 if right), which
// cross_entropy_sum adds up in a fixed order. Work: see elements.cl.

FUNCTION float log_sum_exp(GLOBAL const float* x, int classes) {
  float largest = x[0];
  for (int c = 1; c < classes; c++) {
    largest = MAX(largest, x[c]);
  }
  float sum = 0.0f;
  for (int c = 0; c < classes; c++) {
    sum += EXP(x[c] - largest);
  }
  return largest + LOG(sum);
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void softmax_forward(
    GLOBAL const float* RESTRICT logits, GLOBAL float* RESTRICT y, int rows, int classes) {
  FOR_ELEMENTS(row, rows) {
    GLOBAL const float* x = logits + row * classes;
    float log_sum = log_sum_exp(x, classes);
    for (int c = 0; c < classes; c++) {
      y[row * classes + c] = EXP(x[c] - log_sum);
    }
  }
}

// dlogits = (softmax - onehot) / mean_over, left out where mean_over is 0.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void cross_entropy_rows(
    GLOBAL const float* RESTRICT logits, GLOBAL const int* RESTRICT labels,
    GLOBAL float* RESTRICT cells, GLOBAL float* RESTRICT dlogits,
    int rows, int classes, int mean_over) {
  FOR_ELEMENTS(row, rows) {
    GLOBAL const float* x = logits + row * classes;
    int label = labels[row];
    float log_sum = log_sum_exp(x, classes);
    int largest = 0;
    for (int c = 0; c < classes; c++) {
      largest = x[c] > x[largest] ? c : largest;
      if (mean_over > 0) {
        float expected = c == label ? 1.0f : 0.0f;
        dlogits[row * classes + c] = (EXP(x[c] - log_sum) - expected) / (float)mean_over;
      }
    }
    cells[2 * row] = log_sum - x[label];
    cells[2 * row + 1] = largest == label ? 1.0f : 0.0f;
  }
}

KERNEL REQUIRED_GROUP(1) void cross_entropy_sum(
    GLOBAL const float* RESTRICT cells, GLOBAL float* RESTRICT cell, int rows) {
  float loss = 0.0f;
  float correct = 0.0f;
  for (int row = 0; row < rows; row++) {
    loss += cells[2 * row];
    correct += cells[2 * row + 1];
  }
  cell[0] = loss;
  cell[1] = correct;
}
