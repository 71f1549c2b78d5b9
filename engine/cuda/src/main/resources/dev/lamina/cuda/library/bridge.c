// Lets programs that were linked against CUDA 12's cuBLAS and NVRTC run on CUDA 13.
//
// JCuda's native libraries ask for libcublas.so.12 and libnvrtc.so.12 by name and by version node.
// This file makes libraries of these names whose functions call the same functions of
// libcublas.so.13 and libnvrtc.so.13; their signatures are the same in both. Only what Lamina calls is
// here: any other function of these libraries fails when it is first called, with its name.
//
// Compiled twice, with -DCUBLAS and with -DNVRTC; see build. Lamina loads the two libraries of CUDA 13
// first, by full path, so that dlopen finds them by name wherever they lie.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

static void* target;

// Returns the function of CUDA 13, or null where the library or the function is missing.
static void* find(const char* library, const char* name) {
  if (target == NULL) {
    target = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  }
  return target == NULL ? NULL : dlsym(target, name);
}

#define FORWARD(name, parameters, arguments)                        \
  int name parameters {                                             \
    static int(*function) parameters;                               \
    if (function == NULL) {                                         \
      function = (int(*) parameters)find(LIBRARY, #name);           \
    }                                                               \
    return function == NULL ? MISSING : function arguments;         \
  }

#ifdef CUBLAS
#define LIBRARY "libcublas.so.13"
#define MISSING 15  // CUBLAS_STATUS_NOT_SUPPORTED

FORWARD(cublasCreate_v2, (void** handle), (handle))
FORWARD(cublasDestroy_v2, (void* handle), (handle))
FORWARD(cublasGetVersion_v2, (void* handle, int* version), (handle, version))
FORWARD(cublasGetProperty, (int property, int* value), (property, value))
FORWARD(cublasSetStream_v2, (void* handle, void* stream), (handle, stream))
FORWARD(cublasSetMathMode, (void* handle, int mode), (handle, mode))
FORWARD(cublasGetPointerMode_v2, (void* handle, int* mode), (handle, mode))
FORWARD(cublasSetPointerMode_v2, (void* handle, int mode), (handle, mode))
FORWARD(
    cublasSetWorkspace_v2, (void* handle, void* workspace, size_t bytes), (handle, workspace, bytes))
FORWARD(
    cublasGemmEx,
    (void* handle, int transa, int transb, int m, int n, int k, const void* alpha, const void* a,
     int a_type, int lda, const void* b, int b_type, int ldb, const void* beta, void* c, int c_type,
     int ldc, int compute_type, int algorithm),
    (handle, transa, transb, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc,
     compute_type, algorithm))
#endif

#ifdef NVRTC
#define LIBRARY "libnvrtc.so.13"
#define MISSING 11  // NVRTC_ERROR_INTERNAL_ERROR

FORWARD(nvrtcVersion, (int* major, int* minor), (major, minor))
FORWARD(
    nvrtcCreateProgram,
    (void** program, const char* source, const char* name, int headers,
     const char* const* header_texts, const char* const* header_names),
    (program, source, name, headers, header_texts, header_names))
FORWARD(nvrtcDestroyProgram, (void** program), (program))
FORWARD(
    nvrtcCompileProgram, (void* program, int count, const char* const* options),
    (program, count, options))
FORWARD(nvrtcGetPTXSize, (void* program, size_t* bytes), (program, bytes))
FORWARD(nvrtcGetPTX, (void* program, char* ptx), (program, ptx))
FORWARD(nvrtcGetProgramLogSize, (void* program, size_t* bytes), (program, bytes))
FORWARD(nvrtcGetProgramLog, (void* program, char* log), (program, log))

const char* nvrtcGetErrorString(int result) {
  static const char* (*function)(int);
  if (function == NULL) {
    function = (const char* (*)(int))find(LIBRARY, "nvrtcGetErrorString");
  }
  return function == NULL ? "libnvrtc.so.13 is not loaded" : function(result);
}
#endif
