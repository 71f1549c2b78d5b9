// Dropout (Srivastava et al., 2014) with counter-based random numbers: Philox4x32-10 (Salmon et al., 2011),
// as dev.lamina.random.Philox, so that an element's number depends on key, step and place alone.
//
// x, y and kept are dense runs of n elements, kept u8. tables is i32[slots, words]; cursor[0] is the slot of
// the running step (see step.cl). A block of four neighbouring elements shares one call of the generator.
// Work: see elements.cl.

#define STEP 5
#define RANDOM_KEY 7

// Four random words at counter (block, 0, step, stream) under the table's key, which is two words.
FUNCTION void philox(u32* four, u32 block, u32 step, u32 stream, u32 key0, u32 key1) {
  u32 c0 = block;
  u32 c1 = 0;
  u32 c2 = step;
  u32 c3 = stream;
  for (int round = 0; round < 10; round++) {
    u32 high0 = MULTIPLY_HIGH(0xD2511F53u, c0);
    u32 high1 = MULTIPLY_HIGH(0xCD9E8D57u, c2);
    u32 low0 = 0xD2511F53u * c0;
    u32 low1 = 0xCD9E8D57u * c2;
    c0 = high1 ^ c1 ^ key0;
    c1 = low1;
    c2 = high0 ^ c3 ^ key1;
    c3 = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  four[0] = c0;
  four[1] = c1;
  four[2] = c2;
  four[3] = c3;
}

// y = kept * x * scale; kept where the upper 24 bits at element first + i are at least threshold.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void dropout_forward(
    GLOBAL const float* RESTRICT x, GLOBAL const int* RESTRICT tables,
    GLOBAL const int* RESTRICT cursor, GLOBAL float* RESTRICT y, GLOBAL u8* RESTRICT kept,
    int words, int stream, int first, int threshold, float scale, int n) {
  GLOBAL const int* table = tables + cursor[0] * words;
  int blocks = (first % 4 + n - 1) / 4 + 1;
  FOR_ELEMENTS(block, blocks) {
    u32 four[4];
    philox(
        four, (u32)(first / 4 + block), (u32)table[STEP], (u32)stream,
        (u32)table[RANDOM_KEY], (u32)table[RANDOM_KEY + 1]);
    for (int q = 0; q < 4; q++) {
      int i = 4 * block + q - first % 4;
      if (i >= 0 && i < n) {
        int keep = (int)(four[q] >> 8) >= threshold;
        kept[i] = (u8)keep;
        y[i] = keep ? x[i] * scale : 0.0f;
      }
    }
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void dropout_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const u8* RESTRICT kept, GLOBAL float* RESTRICT dx,
    float scale, int n) {
  FOR_ELEMENTS(i, n) {
    dx[i] = kept[i] ? dy[i] * scale : 0.0f;
  }
}
