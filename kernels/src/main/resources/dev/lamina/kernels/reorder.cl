// A tensor of count elements from one form to another: between [n, channels, plane] and [n, plane, channels]
// where across is 1, each in single precision or as bfloat16 (FROM_BF16, TO_BF16). Types: see stored.cl.

#if defined(FROM_BF16)
#define FROM u16
#define READ(i) widened(from[i])
#else
#define FROM float
#define READ(i) from[i]
#endif
#if defined(TO_BF16)
#define TO u16
#define WRITE(i, value) to[i] = rounded(value)
#else
#define TO float
#define WRITE(i, value) to[i] = (value)
#endif

// inner is the extent that runs fastest in what is written, outer that in what is read.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void reorder(
    GLOBAL const FROM* RESTRICT from, GLOBAL TO* RESTRICT to,
    int inner, int outer, int across, int count) {
  FOR_ELEMENTS(i, count) {
    int source = i;
    if (across) {
      int within = i % (inner * outer);
      source = i - within + within % inner * outer + within / inner;
    }
    WRITE(i, READ(source));
  }
}
