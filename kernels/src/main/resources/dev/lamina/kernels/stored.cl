// How images lie in memory: in single precision or, where BF16 is defined, as its upper half, rounded to
// nearest, ties to even. What is computed with is single precision either way.

FUNCTION float widened(u16 bits) {
  return AS_FLOAT((int)((u32)bits << 16));
}

FUNCTION u16 rounded(float value) {
  u32 bits = (u32)AS_INT(value);
  u32 nearest = bits + 0x7FFFu + (bits >> 16 & 1u);
  return (u16)(value != value ? bits >> 16 | 0x40u : nearest >> 16);
}

#if defined(BF16)
#define STORED u16
#define LOAD(from, i) widened((from)[i])
#define STORE(to, i, value) (to)[i] = rounded(value)
#else
#define STORED float
#define LOAD(from, i) (from)[i]
#define STORE(to, i, value) (to)[i] = (value)
#endif
