// Makes s0 to s7 the transpose of eight vectors r0 to r7.
// Element by element: Oclgrind cannot make a vector of shorter ones.
#define LOW(a, b) (float8)(a.s0, b.s0, a.s1, b.s1, a.s4, b.s4, a.s5, b.s5)
#define HIGH(a, b) (float8)(a.s2, b.s2, a.s3, b.s3, a.s6, b.s6, a.s7, b.s7)
#define LOW2(a, b) (float8)(a.s0, a.s1, b.s0, b.s1, a.s4, a.s5, b.s4, b.s5)
#define HIGH2(a, b) (float8)(a.s2, a.s3, b.s2, b.s3, a.s6, a.s7, b.s6, b.s7)
#define LOW4(a, b) (float8)(a.s0, a.s1, a.s2, a.s3, b.s0, b.s1, b.s2, b.s3)
#define HIGH4(a, b) (float8)(a.s4, a.s5, a.s6, a.s7, b.s4, b.s5, b.s6, b.s7)

#define TRANSPOSE() \
  float8 s0 = LOW(r0, r1), s1 = HIGH(r0, r1), s2 = LOW(r2, r3), s3 = HIGH(r2, r3); \
  float8 s4 = LOW(r4, r5), s5 = HIGH(r4, r5), s6 = LOW(r6, r7), s7 = HIGH(r6, r7); \
  r0 = LOW2(s0, s2), r1 = HIGH2(s0, s2), r2 = LOW2(s1, s3), r3 = HIGH2(s1, s3); \
  r4 = LOW2(s4, s6), r5 = HIGH2(s4, s6), r6 = LOW2(s5, s7), r7 = HIGH2(s5, s7); \
  s0 = LOW4(r0, r4), s1 = LOW4(r1, r5), s2 = LOW4(r2, r6), s3 = LOW4(r3, r7); \
  s4 = HIGH4(r0, r4), s5 = HIGH4(r1, r5), s6 = HIGH4(r2, r6), s7 = HIGH4(r3, r7);
