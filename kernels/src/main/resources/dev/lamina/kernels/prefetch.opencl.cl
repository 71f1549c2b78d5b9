// Memory fetched ahead of its use, for CPU-type devices: a kernel that first reads far memory and then multiplies
// would wait for the one and then the other. So it fetches what comes next a few lines at a time, while it
// multiplies.

// Values of a line of memory.
#define LINE 16

// Fetches the line that a value lies in, where the compiler has a word for it: OpenCL's own prefetch does nothing
// on PoCL, and Oclgrind, whose target is SPIR, knows no other.
#define PREFETCH(pointer)
#if defined(__has_builtin) && !defined(__SPIR__)
#if __has_builtin(__builtin_prefetch)
#undef PREFETCH
#define PREFETCH(pointer) __builtin_prefetch(pointer)
#endif
#endif

// Rows of planes that will be read: `some` lines are fetched each time. plane, line: how far planes and rows lie
// apart.
typedef struct {
  GLOBAL const float* from;
  int planes, rows, width, plane, line, some, at_plane, at_row, at;
} Ahead;

// Some lines each time, so that `times` are enough.
FUNCTION Ahead rows_ahead(
    GLOBAL const float* from, int planes, int rows, int width, int plane, int line, int times) {
  int lines = planes * rows * ((width + LINE - 1) / LINE);
  Ahead ahead = {from, planes, rows, width, plane, line, times > 0 ? lines / times + 1 : 0, 0, 0, 0};
  return ahead;
}

FUNCTION void fetch_some(Ahead* ahead) {
  for (int i = 0; i < ahead->some && ahead->at_plane < ahead->planes; i++) {
    PREFETCH(ahead->from + ahead->at_plane * ahead->plane + ahead->at_row * ahead->line + ahead->at);
    ahead->at += LINE;
    if (ahead->at >= ahead->width) {
      ahead->at = 0;
      ahead->at_row++;
    }
    if (ahead->at_row == ahead->rows) {
      ahead->at_row = 0;
      ahead->at_plane++;
    }
  }
}
