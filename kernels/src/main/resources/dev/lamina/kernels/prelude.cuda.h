// The words all kernels are written in, as CUDA C says them.
#define KERNEL extern "C" __global__
#define FUNCTION static __device__
#define GLOBAL
#define SHARED __shared__
#define SHARED_ARGUMENT
#define RESTRICT __restrict__
#define REQUIRED_GROUP(n) __launch_bounds__(n)
#define GROUP_ID ((int)blockIdx.x)
#define LOCAL_ID ((int)threadIdx.x)
#define GLOBAL_ID ((int)(blockIdx.x * blockDim.x + threadIdx.x))
#define GLOBAL_SIZE ((int)(gridDim.x * blockDim.x))
#define GROUP_ID_Y ((int)blockIdx.y)
#define LOCAL_ID_Y ((int)threadIdx.y)
#define GLOBAL_ID_Y ((int)(blockIdx.y * blockDim.y + threadIdx.y))
#define GLOBAL_SIZE_Y ((int)(gridDim.y * blockDim.y))
#define GROUP_ID_Z ((int)blockIdx.z)
#define LOCAL_ID_Z ((int)threadIdx.z)
#define GLOBAL_ID_Z ((int)(blockIdx.z * blockDim.z + threadIdx.z))
#define GLOBAL_SIZE_Z ((int)(gridDim.z * blockDim.z))
#define SYNC_GROUP() __syncthreads()
#define FMA(a, b, c) fmaf(a, b, c)
#define EXP(x) expf(x)
#define LOG(x) logf(x)
#define SQRT(x) sqrtf(x)
#define MAX(a, b) fmaxf(a, b)
#define MIN(a, b) fminf(a, b)
#define MULTIPLY_HIGH(a, b) __umulhi(a, b)
#define AS_FLOAT(x) __int_as_float(x)
#define AS_INT(x) __float_as_int(x)
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
