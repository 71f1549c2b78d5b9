// How work-items share n elements. On GPUs neighbours take neighbouring elements, so that a group
// reads whole lines of memory. On CPU-type devices (RUNS) each work-item takes one run, which the
// compiler turns into vectors. Kernels over rows of images take an element at a time on GPUs and a row at
// a time on CPU-type devices: WHOLE_ROW is 1 there.

#if defined(RUNS)
#define ELEMENT_GROUP 1
#define WHOLE_ROW 1
#define RUN_OF(n) (((n) - 1) / GLOBAL_SIZE + 1)
#define RUN_END(n) (GLOBAL_ID * RUN_OF(n) + RUN_OF(n))
#define FOR_ELEMENTS(i, n) \
  for (int i = GLOBAL_ID * RUN_OF(n), i##_end = RUN_END(n) < (n) ? RUN_END(n) : (n); i < i##_end; i++)
#else
#define ELEMENT_GROUP 64
#define WHOLE_ROW 0
#define FOR_ELEMENTS(i, n) for (int i = GLOBAL_ID; i < (n); i += GLOBAL_SIZE)
#endif
