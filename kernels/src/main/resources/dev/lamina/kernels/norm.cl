// Batch normalisation of x [samples, channels, plane]: z = (x - mean) / sqrt(variance + epsilon),
// y = z * scale + shift, with the statistics of the batch (training) or running ones (inference).
// Ioffe and Szegedy, 2015. A group takes a channel; saved is [2, channels], mean and
// 1 / sqrt(variance + epsilon). Sums: see channels.cl.

#define VALUE(i) x[i]
#define SQUARE(i) (x[i] - mean) * (x[i] - mean)
#define GRADIENT(i) dy[i]
#define PRODUCT(i) dy[i] * (x[i] - mean)

// running += momentum * (batch - running), with the unbiased variance.
KERNEL REQUIRED_GROUP(CHANNEL_GROUP) void batch_norm_forward(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT scale,
    GLOBAL const float* RESTRICT shift, GLOBAL float* RESTRICT running_mean,
    GLOBAL float* RESTRICT running_variance, GLOBAL float* RESTRICT y, GLOBAL float* RESTRICT saved,
    int samples, int channels, int plane, float epsilon, float momentum) {
  SHARED float sums[CHANNEL_GROUP];
  int channel = GROUP_ID;
  float count = (float)samples * (float)plane;
  float sum;
  SUM_CHANNEL(sum, channel, samples, channels, plane, VALUE)
  float mean = sum_group(sums, sum) / count;
  SUM_CHANNEL(sum, channel, samples, channels, plane, SQUARE)
  float variance = sum_group(sums, sum) / count;
  float inverse = 1.0f / SQRT(variance + epsilon);
  float factor = scale[channel] * inverse;
  float offset = shift[channel];
  for (int s = 0; s < samples; s++) {
    int start = (s * channels + channel) * plane;
    for (int i = start + LOCAL_ID; i < start + plane; i += CHANNEL_GROUP) {
      y[i] = FMA(x[i] - mean, factor, offset);
    }
  }
  if (LOCAL_ID == 0) {
    float unbiased = count > 1.0f ? variance * (count / (count - 1.0f)) : variance;
    running_mean[channel] += momentum * (mean - running_mean[channel]);
    running_variance[channel] += momentum * (unbiased - running_variance[channel]);
    saved[channel] = mean;
    saved[channels + channel] = inverse;
  }
}

// dx = scale * inverse * (dy - dshift / m - z * dscale / m) with m values a channel.
KERNEL REQUIRED_GROUP(CHANNEL_GROUP) void batch_norm_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL const float* RESTRICT x,
    GLOBAL const float* RESTRICT scale, GLOBAL const float* RESTRICT saved,
    GLOBAL float* RESTRICT dx, GLOBAL float* RESTRICT dscale, GLOBAL float* RESTRICT dshift,
    int samples, int channels, int plane) {
  SHARED float sums[CHANNEL_GROUP];
  int channel = GROUP_ID;
  float count = (float)samples * (float)plane;
  float mean = saved[channel];
  float inverse = saved[channels + channel];
  float sum;
  SUM_CHANNEL(sum, channel, samples, channels, plane, GRADIENT)
  float shifts = sum_group(sums, sum);
  SUM_CHANNEL(sum, channel, samples, channels, plane, PRODUCT)
  float scales = sum_group(sums, sum) * inverse;
  float factor = scale[channel] * inverse;
  float offset = shifts / count;
  float slope = scales * inverse / count;
  for (int s = 0; s < samples; s++) {
    int start = (s * channels + channel) * plane;
    for (int i = start + LOCAL_ID; i < start + plane; i += CHANNEL_GROUP) {
      dx[i] = factor * (dy[i] - offset - (x[i] - mean) * slope);
    }
  }
  if (LOCAL_ID == 0) {
    dscale[channel] = scales;
    dshift[channel] = shifts;
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void batch_norm_inference(
    GLOBAL const float* RESTRICT x, GLOBAL const float* RESTRICT scale,
    GLOBAL const float* RESTRICT shift, GLOBAL const float* RESTRICT running_mean,
    GLOBAL const float* RESTRICT running_variance, GLOBAL float* RESTRICT y,
    int samples, int channels, int plane, float epsilon) {
  int run = WHOLE_ROW ? plane : 1;
  int runs = plane / run;
  FOR_ELEMENTS(task, samples * channels * runs) {
    int row = task / runs;
    int channel = row % channels;
    float mean = running_mean[channel];
    float factor = scale[channel] / SQRT(running_variance[channel] + epsilon);
    float offset = shift[channel];
    int first = row * plane + task % runs * run;
    for (int i = first; i < first + run; i++) {
      y[i] = FMA(x[i] - mean, factor, offset);
    }
  }
}

// Weight w [filters, size] of a convolution that does the normalisation of its result, too.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void batch_norm_fold_weight(
    GLOBAL const float* RESTRICT w, GLOBAL const float* RESTRICT scale,
    GLOBAL const float* RESTRICT running_variance, GLOBAL float* RESTRICT folded,
    int filters, int size, float epsilon) {
  int run = WHOLE_ROW ? size : 1;
  int runs = size / run;
  FOR_ELEMENTS(task, filters * runs) {
    int filter = task / runs;
    float factor = scale[filter] / SQRT(running_variance[filter] + epsilon);
    int first = filter * size + task % runs * run;
    for (int i = first; i < first + run; i++) {
      folded[i] = w[i] * factor;
    }
  }
}

// Its bias; without one before (biased 0), bias is any operand of that length.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void batch_norm_fold_bias(
    GLOBAL const float* RESTRICT scale, GLOBAL const float* RESTRICT shift,
    GLOBAL const float* RESTRICT running_mean, GLOBAL const float* RESTRICT running_variance,
    GLOBAL const float* RESTRICT bias, GLOBAL float* RESTRICT folded,
    int filters, int biased, float epsilon) {
  FOR_ELEMENTS(filter, filters) {
    float factor = scale[filter] / SQRT(running_variance[filter] + epsilon);
    float before = biased ? bias[filter] : 0.0f;
    folded[filter] = FMA(before - running_mean[filter], factor, shift[filter]);
  }
}
