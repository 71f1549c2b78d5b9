// Ops that treat each element alone. All tensors are dense runs of n elements. Work:
// see elements.cl; types: see stored.cl.

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void relu_forward(
    GLOBAL const STORED* RESTRICT x, GLOBAL STORED* RESTRICT y, int n) {
  FOR_ELEMENTS(i, n) {
    float value = LOAD(x, i);
    STORE(y, i, value > 0.0f ? value : 0.0f);
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void relu_backward(
    GLOBAL const STORED* RESTRICT dy, GLOBAL const STORED* RESTRICT y, GLOBAL STORED* RESTRICT dx, int n) {
  FOR_ELEMENTS(i, n) {
    STORE(dx, i, LOAD(y, i) > 0.0f ? LOAD(dy, i) : 0.0f);
  }
}

// a and b may be one tensor, so neither is RESTRICT.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void add_forward(
    GLOBAL const STORED* a, GLOBAL const STORED* b, GLOBAL STORED* RESTRICT sum, int n) {
  FOR_ELEMENTS(i, n) {
    STORE(sum, i, LOAD(a, i) + LOAD(b, i));
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
