// The sums that the pass backward to the weights by blocks is made of (weights_blocks.opencl.cl): BLOCK channels by
// VECTORS * 8 filters, over some positions.

#if BLOCK > 4
#define EACH_CHANNEL(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#elif BLOCK > 3
#define EACH_CHANNEL(DO) DO(0) DO(1) DO(2) DO(3)
#else
#define EACH_CHANNEL(DO) DO(0) DO(1) DO(2)
#endif

// What a block sees of the images: x and dy at its first row and column, and the steps from there.
typedef struct {
  int images, rows, columns, x_image, x_row, x_column, x_plane, dy_image, dy_row;
} Part;

// Channels beyond the last repeat it, and are not stored.
#define SUMS(name, VECTORS) \
  FUNCTION void name( \
      GLOBAL const float* x, GLOBAL const float* dy, int channels, GLOBAL float* sums, Part part) { \
    EACH_CHANNEL(LOAD_##VECTORS) \
    EACH_CHANNEL(PLANE) \
    for (int n = 0; n < part.images; n++) { \
      for (int row = 0; row < part.rows; row++) { \
        GLOBAL const float* gradient = dy + n * part.dy_image + row * part.dy_row; \
        GLOBAL const float* at = x + n * part.x_image + row * part.x_row; \
        for (int column = 0; column < part.columns; column++) { \
          GRADIENT_##VECTORS \
          EACH_CHANNEL(ADD_##VECTORS) \
          gradient += VECTORS * 8; \
          at += part.x_column; \
        } \
      } \
    } \
    EACH_CHANNEL(STORE_##VECTORS) \
  }

#define PLANE(t) long plane##t = (t < channels ? t : channels - 1) * part.x_plane;
#define LOAD_1(t) float8 a##t = vload8(t, sums);
#define LOAD_2(t) float8 a##t = vload8(2 * t, sums), b##t = vload8(2 * t + 1, sums);
#define LOAD_3(t) \
  float8 a##t = vload8(3 * t, sums), b##t = vload8(3 * t + 1, sums), c##t = vload8(3 * t + 2, sums);
#define LOAD_4(t) \
  float8 a##t = vload8(4 * t, sums), b##t = vload8(4 * t + 1, sums), \
         c##t = vload8(4 * t + 2, sums), d##t = vload8(4 * t + 3, sums);
#define STORE_1(t) vstore8(a##t, t, sums);
#define STORE_2(t) vstore8(a##t, 2 * t, sums); vstore8(b##t, 2 * t + 1, sums);
#define STORE_3(t) \
  vstore8(a##t, 3 * t, sums); vstore8(b##t, 3 * t + 1, sums); vstore8(c##t, 3 * t + 2, sums);
#define STORE_4(t) \
  vstore8(a##t, 4 * t, sums); vstore8(b##t, 4 * t + 1, sums); \
  vstore8(c##t, 4 * t + 2, sums); vstore8(d##t, 4 * t + 3, sums);
#define GRADIENT_1 float8 ga = vload8(0, gradient);
#define GRADIENT_2 GRADIENT_1 float8 gb = vload8(1, gradient);
#define GRADIENT_3 GRADIENT_2 float8 gc = vload8(2, gradient);
#define GRADIENT_4 GRADIENT_3 float8 gd = vload8(3, gradient);
#define ADD_1(t) a##t = fma((float8)(at[plane##t]), ga, a##t);
#define ADD_2(t) ADD_1(t) b##t = fma((float8)(at[plane##t]), gb, b##t);
#define ADD_3(t) ADD_2(t) c##t = fma((float8)(at[plane##t]), gc, c##t);
#define ADD_4(t) ADD_3(t) d##t = fma((float8)(at[plane##t]), gd, d##t);

SUMS(sums_1, 1)
SUMS(sums_2, 2)
#if WIDE > 2
SUMS(sums_3, 3)
#endif
#if WIDE > 3
SUMS(sums_4, 4)
#endif
