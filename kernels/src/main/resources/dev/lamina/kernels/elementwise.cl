// Ops that treat each element alone. All tensors are dense runs of n elements. Work: see elements.cl.

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void relu_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, int n) {
  FOR_ELEMENTS(i, n) {
    y[i] = x[i] > 0.0f ? x[i] : 0.0f;
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void relu_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const float* RESTRICT y, GLOBAL float* RESTRICT dx, int n) {
  FOR_ELEMENTS(i, n) {
    dx[i] = y[i] > 0.0f ? dy[i] : 0.0f;
  }
}

// a and b may be one tensor, so neither is RESTRICT.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void add_forward(
    GLOBAL const float* a, GLOBAL const float* b, GLOBAL float* RESTRICT sum, int n) {
  FOR_ELEMENTS(i, n) {
    sum[i] = a[i] + b[i];
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void copy_bytes(
    GLOBAL const u8* RESTRICT from, GLOBAL u8* RESTRICT to, int n) {
  FOR_ELEMENTS(i, n) {
    to[i] = from[i];
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void copy_words(
    GLOBAL const int* RESTRICT from, GLOBAL int* RESTRICT to, int n) {
  FOR_ELEMENTS(i, n) {
    to[i] = from[i];
  }
}
