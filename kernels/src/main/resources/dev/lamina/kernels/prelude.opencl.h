// The words all kernels are written in, as OpenCL C 1.2 says them.
#define KERNEL __kernel
#define FUNCTION static
#define GLOBAL __global
#define SHARED __local
#define SHARED_ARGUMENT __local
#define RESTRICT restrict
#define REQUIRED_GROUP(n) __attribute__((reqd_work_group_size(n, 1, 1)))
#define GROUP_ID ((int)get_group_id(0))
#define LOCAL_ID ((int)get_local_id(0))
#define GLOBAL_ID ((int)get_global_id(0))
#define GLOBAL_SIZE ((int)get_global_size(0))
#define GROUP_ID_Y ((int)get_group_id(1))
#define LOCAL_ID_Y ((int)get_local_id(1))
#define GLOBAL_ID_Y ((int)get_global_id(1))
#define GLOBAL_SIZE_Y ((int)get_global_size(1))
#define GROUP_ID_Z ((int)get_group_id(2))
#define LOCAL_ID_Z ((int)get_local_id(2))
#define GLOBAL_ID_Z ((int)get_global_id(2))
#define GLOBAL_SIZE_Z ((int)get_global_size(2))
#define SYNC_GROUP() barrier(CLK_LOCAL_MEM_FENCE)
#define FMA(a, b, c) fma(a, b, c)
#define EXP(x) exp(x)
#define LOG(x) log(x)
#define SQRT(x) sqrt(x)
#define MAX(a, b) fmax(a, b)
#define MIN(a, b) fmin(a, b)
#define MULTIPLY_HIGH(a, b) mul_hi(a, b)
#define AS_FLOAT(x) as_float(x)
#define AS_INT(x) as_int(x)
typedef uchar u8;
typedef ushort u16;
typedef uint u32;
