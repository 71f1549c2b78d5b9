// NVIDIA's libraries as a test wants them: device memory is the host's, a stream is done at once, a
// graph remembers how many kernels it recorded, products and convolutions are plain loops. Compiled
// with -DDRIVER, -DCUBLAS or -DCUDNN under the name of the library.

#include <stdlib.h>
#include <string.h>

typedef unsigned long long address;

#ifndef DRIVER
// Elements of type 0, single precision, or of bfloat16 (14 to cuBLAS, 9 to cuDNN).
static float get(const void* from, int type, size_t i) {
  if (type == 0) return ((const float*)from)[i];
  unsigned bits = (unsigned)((const unsigned short*)from)[i] << 16;
  float value;
  return memcpy(&value, &bits, 4), value;
}
#endif

#ifdef DRIVER
static int capturing, recorded, launched;

int cuInit(unsigned flags) { return 0; }
int cuDriverGetVersion(int* version) { return *version = 13000, 0; }
int cuGetExportTable(const void** table, const void* id) { return *table = NULL, 500; }  // NVRTC asks
int cuDeviceGet(int* device, int index) { return index == 0 ? *device = 40, 0 : 101; }
int cuDeviceGetCount(int* count) { return *count = 1, 0; }
int cuDeviceGetName(char* name, int bytes, int device) { return strcpy(name, "stand-in"), device != 40; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { return *bytes = 1 << 30, device != 40; }
int cuDeviceGetAttribute(int* value, int attribute, int device) {
  return *value = attribute == 75 ? 9 : attribute == 16 ? 132 : 0, device != 40;
}
int cuDevicePrimaryCtxRetain(void** context, int device) { return *context = (void*)41, device != 40; }
int cuDevicePrimaryCtxRelease_v2(int device) { return device != 40; }
int cuCtxSetCurrent(void* context) { return context != (void*)41; }
int cuMemGetInfo_v2(size_t* free, size_t* all) { return *free = 123456789012, *all = 2, 0; }
int cuMemAlloc_v2(address* memory, size_t bytes) {
  if (bytes > 1 << 30) return 2;
  return *memory = (address)malloc(bytes), 0;
}
int cuMemFree_v2(address memory) { return free((void*)memory), 0; }
int cuMemHostAlloc(void** memory, size_t bytes, unsigned flags) { return *memory = malloc(bytes), flags; }
int cuMemFreeHost(void* memory) { return free(memory), 0; }
int cuStreamCreate(void** stream, unsigned flags) { return *stream = (void*)42, flags != 1; }
int cuStreamSynchronize(void* stream) { return stream != (void*)42; }
int cuStreamDestroy_v2(void* stream) { return stream != (void*)42; }
int cuMemsetD8Async(address memory, unsigned char value, size_t bytes, void* stream) {
  return memset((void*)memory, value, bytes), stream != (void*)42;
}
int cuMemcpyHtoDAsync_v2(address to, const void* from, size_t bytes, void* stream) {
  return memcpy((void*)to, from, bytes), stream != (void*)42;
}
int cuMemcpyDtoHAsync_v2(void* to, address from, size_t bytes, void* stream) {
  return memcpy(to, (void*)from, bytes), stream != (void*)42;
}
int cuEventCreate(void** event, unsigned flags) { return *event = (void*)43, flags != 3; }
int cuEventRecord(void* event, void* stream) { return event != (void*)43 || stream != (void*)42; }
int cuStreamWaitEvent(void* stream, void* event, unsigned flags) { return event != (void*)43 || flags; }
int cuEventQuery(void* event) { return event != (void*)43; }
int cuEventSynchronize(void* event) { return event != (void*)43; }
int cuEventDestroy_v2(void* event) { return event != (void*)43; }
int cuModuleLoadData(void** module, const void* image) {
  return *module = (void*)44, strncmp(image, "//", 2) != 0 ? 218 : 0;
}
int cuModuleLoadDataEx(void** module, const void* image, unsigned n, int* options, void** values) {
  return cuModuleLoadData(module, image);
}
int cuModuleGetFunction(void** function, void* module, const char* name) {
  return *function = strcmp(name, "fill") == 0 ? (void*)45 : (void*)48, module != (void*)44;
}
int cuFuncGetAttribute(int* value, int attribute, void* function) {
  return *value = 16, attribute != 4 || (function != (void*)45 && function != (void*)48);
}
int cuModuleUnload(void* module) { return module != (void*)44; }

// fill(float* x, int n, float value, struct { int a, b; } more): x[0..n) = value + b. Others do nothing.
int cuLaunchKernel(
    void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
    unsigned shared, void* stream, void** parameters, void** extra) {
  if (function == (void*)48) return recorded += capturing, 0;
  if (function != (void*)45 || gx != 7 || gy * gz * by * bz != 1 || bx != 64 || shared || extra
      || stream != (void*)42) {
    return 1;
  }
  if (capturing) return recorded++, 0;
  float* x = *(float**)parameters[0];
  for (int i = 0; i < *(int*)parameters[1]; i++) x[i] = *(float*)parameters[2] + ((int*)parameters[3])[1];
  return 0;
}
int cuStreamBeginCapture_v2(void* stream, int mode) { return capturing = 1, recorded = 0, mode != 1; }
int cuStreamEndCapture(void* stream, void** graph) {
  if (!capturing) return 904;
  return capturing = 0, *graph = (void*)46, 0;
}
int cuGraphGetNodes(void* graph, void** nodes, size_t* count) {
  if (nodes != NULL) return 1;
  return *count = recorded, graph != (void*)46;
}
int cuGraphInstantiateWithFlags(void** executable, void* graph, address flags) {
  return *executable = (void*)47, graph != (void*)46 || flags;
}
int cuGraphDestroy(void* graph) { return graph != (void*)46; }
int cuGraphLaunch(void* executable, void* stream) {
  return launched++, executable != (void*)47 || stream != (void*)42;
}
int cuGraphExecDestroy(void* executable) { return executable != (void*)47; }
#endif

#ifdef CUBLAS
static void* own_stream;
static float* workspace;

int cublasCreate_v2(void** handle) { return *handle = (void*)50, 0; }
int cublasDestroy_v2(void* handle) { return handle != (void*)50; }
int cublasGetProperty(int property, int* value) { return *value = 13, 0; }
int cublasSetStream_v2(void* handle, void* stream) {
  return own_stream = stream, workspace = NULL, handle != (void*)50;
}
int cublasSetWorkspace_v2(void* handle, void* memory, size_t bytes) {
  return workspace = memory, handle != (void*)50 || bytes < 4096;
}
// Column-major; 68 is single precision, 77 permits TF32.
int cublasGemmEx(
    void* handle, int ta, int tb, int m, int n, int k, const float* alpha, const void* a, int type_a,
    int lda, const void* b, int type_b, int ldb, const float* beta, float* c, int type_c, int ldc,
    int compute, int algorithm) {
  if (handle != (void*)50 || own_stream != (void*)42 || workspace == NULL || type_a != type_b || type_c
      || (type_a != 0 && type_a != 14) || *alpha != 1 || *beta != 0 || algorithm != -1) {
    return 7;
  }
  if (compute != 68 && (compute != 77 || type_a != 0)) return 15;

  for (int i = 0; i < m; i++) {
    for (int j = 0; j < n; j++) {
      float sum = 0;
      for (int l = 0; l < k; l++) {
        sum += get(a, type_a, ta ? l + i * lda : i + l * lda)
            * get(b, type_b, tb ? j + l * ldb : l + j * ldb);
      }
      c[i + j * ldc] = sum;
    }
  }
  return 0;
}
#endif

#ifdef CUDNN
typedef struct { int n, c, h, w, last, type; } tensor;
typedef struct { int k, c, h, w, last, type; } filter;
typedef struct { int ph, pw, sh, sw, dh, dw, mode, math, groups; } convolution;
typedef struct { int algo, status; float time; size_t memory; int determinism, math, reserved[3]; } perf;

size_t cudnnGetVersion(void) { return 91300; }
const char* cudnnGetErrorString(int status) { return status == 3000 ? "CUDNN_STATUS_NOT_SUPPORTED" : "?"; }
int cudnnCreate(void** handle) { return *handle = (void*)60, 0; }
int cudnnDestroy(void* handle) { return handle != (void*)60; }
int cudnnSetStream(void* handle, void* stream) { return handle != (void*)60 || stream != (void*)42; }
int cudnnCreateTensorDescriptor(tensor** made) { return *made = malloc(sizeof(tensor)), 0; }
int cudnnCreateFilterDescriptor(filter** made) { return *made = malloc(sizeof(filter)), 0; }
int cudnnCreateConvolutionDescriptor(convolution** made) {
  return *made = calloc(1, sizeof(convolution)), 0;
}
int cudnnDestroyTensorDescriptor(tensor* made) { return free(made), 0; }
int cudnnDestroyFilterDescriptor(filter* made) { return free(made), 0; }
int cudnnDestroyConvolutionDescriptor(convolution* made) { return free(made), 0; }
int cudnnSetTensor4dDescriptor(tensor* t, int format, int type, int n, int c, int h, int w) {
  return *t = (tensor){n, c, h, w, format, type}, format >> 1 || (type != 0 && type != 9);
}
int cudnnSetFilter4dDescriptor(filter* f, int type, int format, int k, int c, int h, int w) {
  return *f = (filter){k, c, h, w, format, type}, format >> 1 || (type != 0 && type != 9);
}
int cudnnSetConvolution2dDescriptor(
    convolution* v, int ph, int pw, int sh, int sw, int dh, int dw, int mode, int type) {
  return *v = (convolution){ph, pw, sh, sw, dh, dw, mode, 0, 1}, mode != 1 || type;
}
int cudnnSetConvolutionGroupCount(convolution* v, int groups) { return v->groups = groups, 0; }
int cudnnSetConvolutionMathType(convolution* v, int math) { return v->math = math, 0; }

static int list(int wanted, int* count, perf* found) {
  if (wanted < 3) return 3000;
  found[0] = (perf){1, 0, 0.5f, 100, 1, 3};
  found[1] = (perf){0, 0, 0.6f, 0, 0, 3};
  found[2] = (perf){5, 3000, -1, 0, 1, 3};
  return *count = 3, 0;
}
int cudnnGetConvolutionForwardAlgorithm_v7(
    void* handle, tensor* x, filter* w, convolution* v, tensor* y, int wanted, int* count, perf* found) {
  return list(wanted, count, found);
}
int cudnnGetConvolutionBackwardDataAlgorithm_v7(
    void* handle, filter* w, tensor* y, convolution* v, tensor* x, int wanted, int* count, perf* found) {
  return list(wanted, count, found);
}
int cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    void* handle, tensor* x, tensor* y, convolution* v, filter* w, int wanted, int* count, perf* found) {
  return list(wanted, count, found);
}
int cudnnGetConvolutionForwardWorkspaceSize(
    void* handle, tensor* x, filter* w, convolution* v, tensor* y, int algorithm, size_t* bytes) {
  return *bytes = 100 + algorithm, 0;
}
int cudnnGetConvolutionBackwardDataWorkspaceSize(
    void* handle, filter* w, tensor* y, convolution* v, tensor* x, int algorithm, size_t* bytes) {
  return *bytes = 200 + algorithm, 0;
}
int cudnnGetConvolutionBackwardFilterWorkspaceSize(
    void* handle, tensor* x, tensor* y, convolution* v, filter* w, int algorithm, size_t* bytes) {
  return *bytes = 300 + algorithm, 0;
}

// Where an element of [n, c, h, w] lies, or of [n, h, w, c] where channels are last.
static size_t place(int last, int c_all, int h_all, int w_all, int n, int c, int h, int w) {
  return last ? ((size_t)(n * h_all + h) * w_all + w) * c_all + c
              : ((size_t)(n * c_all + c) * h_all + h) * w_all + w;
}
// Rounds to bfloat16, ties to even.
static void put(void* to, int type, size_t i, float value) {
  unsigned bits;
  if (type == 0) {
    ((float*)to)[i] = value;
  } else {
    memcpy(&bits, &value, 4);
    ((unsigned short*)to)[i] = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  }
}

// Visits every product of the convolution; pass 0 adds to y, 1 to x, 2 to w; sums are single precision.
static int visit(const tensor* tx, void* x, const filter* tw, void* w, const convolution* v,
                 const tensor* ty, void* y, int pass) {
  // One form and type for all three: 3 is strict, 0 permits TF32, 1 wants tensor cores.
  int math = tx->type ? 1 : tx->last ? 0 : 3;
  if (tx->type != tw->type || tw->type != ty->type || tx->last != tw->last || tw->last != ty->last
      || (tx->type && !tx->last) || v->math != math) {
    return 3000;
  }
  int filters = tw->k / v->groups;
  size_t count = pass == 0 ? (size_t)ty->n * ty->c * ty->h * ty->w
      : pass == 1 ? (size_t)tx->n * tx->c * tx->h * tx->w : (size_t)tw->k * tw->c * tw->h * tw->w;
  float* sums = calloc(count, sizeof(float));
  for (int n = 0; n < ty->n; n++)
    for (int k = 0; k < ty->c; k++)
      for (int oh = 0; oh < ty->h; oh++)
        for (int ow = 0; ow < ty->w; ow++)
          for (int c = 0; c < tw->c; c++)
            for (int kh = 0; kh < tw->h; kh++)
              for (int kw = 0; kw < tw->w; kw++) {
                int h = oh * v->sh - v->ph + kh * v->dh;
                int e = ow * v->sw - v->pw + kw * v->dw;
                if (h < 0 || e < 0 || h >= tx->h || e >= tx->w) continue;
                int channel = k / filters * tw->c + c;
                size_t at_x = place(tx->last, tx->c, tx->h, tx->w, n, channel, h, e);
                size_t at_w = place(tw->last, tw->c, tw->h, tw->w, k, c, kh, kw);
                size_t at_y = place(ty->last, ty->c, ty->h, ty->w, n, k, oh, ow);
                if (pass == 0) sums[at_y] += get(x, tx->type, at_x) * get(w, tw->type, at_w);
                if (pass == 1) sums[at_x] += get(y, ty->type, at_y) * get(w, tw->type, at_w);
                if (pass == 2) sums[at_w] += get(x, tx->type, at_x) * get(y, ty->type, at_y);
              }
  for (size_t i = 0; i < count; i++) put(pass == 0 ? y : pass == 1 ? x : w, tx->type, i, sums[i]);
  return free(sums), 0;
}
static int sound(const float* alpha, const float* beta, int algorithm, char* scratch, size_t bytes,
                 size_t expected) {
  if (*alpha != 1 || *beta != 0 || algorithm != 1 || bytes != expected) return 0;
  memset(scratch, 1, bytes);
  return 1;
}
int cudnnConvolutionForward(
    void* handle, float* alpha, tensor* tx, void* x, filter* tw, void* w, convolution* v, int algorithm,
    char* scratch, size_t bytes, float* beta, tensor* ty, void* y) {
  if (!sound(alpha, beta, algorithm, scratch, bytes, 101)) return 3000;
  return visit(tx, x, tw, w, v, ty, y, 0);
}
int cudnnConvolutionBackwardData(
    void* handle, float* alpha, filter* tw, void* w, tensor* ty, void* y, convolution* v, int algorithm,
    char* scratch, size_t bytes, float* beta, tensor* tx, void* x) {
  if (!sound(alpha, beta, algorithm, scratch, bytes, 201)) return 3000;
  return visit(tx, x, tw, w, v, ty, y, 1);
}
int cudnnConvolutionBackwardFilter(
    void* handle, float* alpha, tensor* tx, void* x, tensor* ty, void* y, convolution* v, int algorithm,
    char* scratch, size_t bytes, float* beta, filter* tw, void* w) {
  if (!sound(alpha, beta, algorithm, scratch, bytes, 301)) return 3000;
  return visit(tx, x, tw, w, v, ty, y, 2);
}
#endif
