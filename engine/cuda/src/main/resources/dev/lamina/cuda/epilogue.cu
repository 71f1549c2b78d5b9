// What cuDNN's convolutions and cuBLAS's products leave to be done.
//
// y and dy are [samples, channels, plane], dense; a fully connected layer's plane is 1.

// y = y + bias[channel], then max(0, y): either where asked for.
extern "C" __global__ void __launch_bounds__(256) bias_activation(
    float* __restrict__ y, const float* __restrict__ bias,
    int count, int channels, int plane, int biased, int relu) {
  for (int i = blockIdx.x * 256 + threadIdx.x; i < count; i += gridDim.x * 256) {
    float value = y[i];
    if (biased) {
      value += bias[i / plane % channels];
    }
    y[i] = relu ? fmaxf(0.0f, value) : value;
  }
}

// dbias[channel] = the sum of dy over samples and plane. A group takes a channel, in a fixed order.
extern "C" __global__ void __launch_bounds__(256) bias_backward(
    const float* __restrict__ dy, float* __restrict__ dbias, int samples, int channels, int plane) {
  __shared__ float sums[256];
  float sum = 0.0f;
  for (int i = threadIdx.x; i < samples * plane; i += 256) {
    sum += dy[(i / plane * channels + blockIdx.x) * plane + i % plane];
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
