// What cuDNN's convolutions and cuBLAS's products leave to be done.
//
// y and dy are [samples, channels, plane], dense; a fully connected layer's plane is 1. Where channels run
// fastest, each pixel is a sample of plane 1. Types: see stored.cl.

// y = y + bias[channel], then max(0, y): either where asked for.
extern "C" __global__ void __launch_bounds__(256) bias_activation(
    STORED* __restrict__ y, const float* __restrict__ bias,
    int count, int channels, int plane, int biased, int relu) {
  for (int i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
    float value = LOAD(y, i);
    if (biased) {
      value += bias[i / plane % channels];
    }
    STORE(y, i, relu ? fmaxf(0.0f, value) : value);
  }
}

// dbias[channel] = the sum of dy over samples and plane. A group takes a channel, in a fixed order.
extern "C" __global__ void __launch_bounds__(256) bias_backward(
    const STORED* __restrict__ dy, float* __restrict__ dbias, int samples, int channels, int plane) {
  __shared__ float sums[256];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < samples * plane; i += 256) {
    sum += LOAD(dy, (i / plane * channels + blockIdx.x) * plane + i % plane);
  }
  sums[threadIdx.x] = sum;
  __syncthreads();
  for (int apart = 128; apart > 0; apart /= 2) {
    if (threadIdx.x < apart) {
      sums[threadIdx.x] += sums[threadIdx.x + apart];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    dbias[blockIdx.x] = sums[0];
  }
}

// sums [slices, channels] of dy [rows, channels]: a group takes 32 channels and one of slices runs of rows,
// eight threads a channel, in a fixed order.
extern "C" __global__ void __launch_bounds__(256) bias_backward_last(
    const STORED* __restrict__ dy, float* __restrict__ sums, int rows, int channels, int slices) {
  __shared__ float shared[256];
  int tiles = (channels + 31) / 32;
  int slice = blockIdx.x / tiles;
  int channel = blockIdx.x % tiles * 32 + threadIdx.x % 32;
  int run = (rows + slices - 1) / slices;
  int end = min(rows, (slice + 1) * run);
  float sum = 0.0f;
  if (channel < channels) {
    for (int row = slice * run + threadIdx.x / 32; row < end; row += 8) {
      sum += LOAD(dy, row * channels + channel);
    }
  }
  shared[threadIdx.x] = sum;
  __syncthreads();
  for (int apart = 4; apart > 0; apart /= 2) {
    if (threadIdx.x / 32 < apart) {
      shared[threadIdx.x] += shared[threadIdx.x + apart * 32];
    }
    __syncthreads();
  }
  if (threadIdx.x < 32 && channel < channels) {
    sums[slice * channels + channel] = shared[threadIdx.x];
  }
}

// dbias[channel] = the sum of the slices, in order.
extern "C" __global__ void __launch_bounds__(256) add_slices(
    const float* __restrict__ sums, float* __restrict__ dbias, int channels, int slices) {
  for (int channel = blockIdx.x * 256 + threadIdx.x; channel < channels; channel += gridDim.x * 256) {
    float sum = 0.0f;
    for (int slice = 0; slice < slices; slice++) {
      sum += sums[slice * channels + channel];
    }
    dbias[channel] = sum;
  }
}
