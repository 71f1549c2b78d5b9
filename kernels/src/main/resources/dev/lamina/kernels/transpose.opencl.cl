// Makes s0 to s7 the transpose of eight vectors r0 to r7.
#define LOW(a, b) (float8)(a.s0, b.s0, a.s1, b.s1, a.s4, b.s4, a.s5, b.s5)
#define HIGH(a, b) (float8)(a.s2, b.s2, a.s3, b.s3, a.s6, b.s6, a.s7, b.s7)
#define LOW2(a, b) (float8)(a.s01, b.s01, a.s45, b.s45)
#define HIGH2(a, b) (float8)(a.s23, b.s23, a.s67, b.s67)

#define TRANSPOSE() \
  float8 s0 = LOW(r0, r1), s1 = HIGH(r0, r1), s2 = LOW(r2, r3), s3 = HIGH(r2, r3); \
  float8 s4 = LOW(r4, r5), s5 = HIGH(r4, r5), s6 = LOW(r6, r7), s7 = HIGH(r6, r7); \
  r0 = LOW2(s0, s2), r1 = HIGH2(s0, s2), r2 = LOW2(s1, s3), r3 = HIGH2(s1, s3); \
  r4 = LOW2(s4, s6), r5 = HIGH2(s4, s6), r6 = LOW2(s5, s7), r7 = HIGH2(s5, s7); \
  s0 = (float8)(r0.lo, r4.lo), s1 = (float8)(r1.lo, r5.lo); \
  s2 = (float8)(r2.lo, r6.lo), s3 = (float8)(r3.lo, r7.lo); \
  s4 = (float8)(r0.hi, r4.hi), s5 = (float8)(r1.hi, r5.hi); \
  s6 = (float8)(r2.hi, r6.hi), s7 = (float8)(r3.hi, r7.hi);
