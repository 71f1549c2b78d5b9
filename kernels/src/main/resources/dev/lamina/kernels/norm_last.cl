// The batch normalisation of norm.cl over images whose channels run fastest: x [rows, channels], a row for
// each pixel. A group takes TILE channels and one of slices runs of rows; LANES work-items share each channel.
// What it sums goes to sums [slices, channels]; whoever wants the whole adds the slices, in order. saved is
// [2, channels], mean and 1 / sqrt(variance + epsilon). Types: see stored.cl.

#define TILE 32
#define LANES 8
#define ROWS_GROUP (TILE * LANES)

#define CHANNEL (GROUP_ID % ((channels + TILE - 1) / TILE) * TILE + LOCAL_ID % TILE)
#define SLICE (GROUP_ID / ((channels + TILE - 1) / TILE))
#define LANE (LOCAL_ID / TILE)
#define FIRST_ROW (SLICE * ((rows + slices - 1) / slices))
#define END_ROW \
  (FIRST_ROW + (rows + slices - 1) / slices < rows ? FIRST_ROW + (rows + slices - 1) / slices : rows)

// Adds the values of a channel's lanes; all of them get the sum.
FUNCTION float sum_lanes(SHARED_ARGUMENT float* shared, float value) {
  SYNC_GROUP();
  shared[LOCAL_ID] = value;
  SYNC_GROUP();
  for (int apart = LANES / 2; apart > 0; apart /= 2) {
    if (LANE < apart) {
      shared[LOCAL_ID] += shared[LOCAL_ID + apart * TILE];
    }
    SYNC_GROUP();
  }
  return shared[LOCAL_ID % TILE];
}

FUNCTION float sum_of_slices(GLOBAL const float* sums, int channel, int channels, int slices) {
  float sum = 0.0f;
  for (int s = 0; s < slices; s++) {
    sum += sums[s * channels + channel];
  }
  return sum;
}

KERNEL REQUIRED_GROUP(ROWS_GROUP) void batch_norm_last_sums(
    GLOBAL const STORED* RESTRICT x, GLOBAL float* RESTRICT sums, int rows, int channels, int slices) {
  SHARED float shared[ROWS_GROUP];
  int channel = CHANNEL;
  float sum = 0.0f;
  if (channel < channels) {
    for (int row = FIRST_ROW + LANE; row < END_ROW; row += LANES) {
      sum += LOAD(x, row * channels + channel);
    }
  }
  sum = sum_lanes(shared, sum);
  if (LANE == 0 && channel < channels) {
    sums[SLICE * channels + channel] = sum;
  }
}

KERNEL REQUIRED_GROUP(ROWS_GROUP) void batch_norm_last_squares(
    GLOBAL const STORED* RESTRICT x, GLOBAL const float* RESTRICT sums, GLOBAL float* RESTRICT squares,
    int rows, int channels, int slices) {
  SHARED float shared[ROWS_GROUP];
  int channel = CHANNEL;
  float sum = 0.0f;
  if (channel < channels) {
    float mean = sum_of_slices(sums, channel, channels, slices) / (float)rows;
    for (int row = FIRST_ROW + LANE; row < END_ROW; row += LANES) {
      float distance = LOAD(x, row * channels + channel) - mean;
      sum += distance * distance;
    }
  }
  sum = sum_lanes(shared, sum);
  if (LANE == 0 && channel < channels) {
    squares[SLICE * channels + channel] = sum;
  }
}

// running += momentum * (batch - running), with the unbiased variance.
KERNEL REQUIRED_GROUP(ROWS_GROUP) void batch_norm_last_forward(
    GLOBAL const STORED* RESTRICT x, GLOBAL const float* RESTRICT scale,
    GLOBAL const float* RESTRICT shift, GLOBAL float* RESTRICT running_mean,
    GLOBAL float* RESTRICT running_variance, GLOBAL const float* RESTRICT sums,
    GLOBAL const float* RESTRICT squares, GLOBAL STORED* RESTRICT y, GLOBAL float* RESTRICT saved,
    int rows, int channels, int slices, float epsilon, float momentum) {
  int channel = CHANNEL;
  if (channel < channels) {
    float count = (float)rows;
    float mean = sum_of_slices(sums, channel, channels, slices) / count;
    float variance = sum_of_slices(squares, channel, channels, slices) / count;
    float inverse = 1.0f / SQRT(variance + epsilon);
    float factor = scale[channel] * inverse;
    float offset = shift[channel];
    for (int row = FIRST_ROW + LANE; row < END_ROW; row += LANES) {
      int i = row * channels + channel;
      STORE(y, i, FMA(LOAD(x, i) - mean, factor, offset));
    }
    if (SLICE == 0 && LANE == 0) {
      float unbiased = count > 1.0f ? variance * (count / (count - 1.0f)) : variance;
      running_mean[channel] += momentum * (mean - running_mean[channel]);
      running_variance[channel] += momentum * (unbiased - running_variance[channel]);
      saved[channel] = mean;
      saved[channels + channel] = inverse;
    }
  }
}

KERNEL REQUIRED_GROUP(ROWS_GROUP) void batch_norm_last_gradients(
    GLOBAL const STORED* RESTRICT dy, GLOBAL const STORED* RESTRICT x,
    GLOBAL const float* RESTRICT saved, GLOBAL float* RESTRICT shifts, GLOBAL float* RESTRICT scales,
    int rows, int channels, int slices) {
  SHARED float shared[ROWS_GROUP];
  int channel = CHANNEL;
  float shift = 0.0f;
  float scale = 0.0f;
  if (channel < channels) {
    float mean = saved[channel];
    for (int row = FIRST_ROW + LANE; row < END_ROW; row += LANES) {
      int i = row * channels + channel;
      float gradient = LOAD(dy, i);
      shift += gradient;
      scale += gradient * (LOAD(x, i) - mean);
    }
  }
  shift = sum_lanes(shared, shift);
  scale = sum_lanes(shared, scale);
  if (LANE == 0 && channel < channels) {
    shifts[SLICE * channels + channel] = shift;
    scales[SLICE * channels + channel] = scale;
  }
}

// dx = scale * inverse * (dy - dshift / m - z * dscale / m) with m values a channel.
KERNEL REQUIRED_GROUP(ROWS_GROUP) void batch_norm_last_backward(
    GLOBAL const STORED* RESTRICT dy, GLOBAL const STORED* RESTRICT x,
    GLOBAL const float* RESTRICT scale, GLOBAL const float* RESTRICT saved,
    GLOBAL const float* RESTRICT shifts, GLOBAL const float* RESTRICT scales,
    GLOBAL STORED* RESTRICT dx, GLOBAL float* RESTRICT dscale, GLOBAL float* RESTRICT dshift,
    int rows, int channels, int slices) {
  int channel = CHANNEL;
  if (channel < channels) {
    float count = (float)rows;
    float mean = saved[channel];
    float inverse = saved[channels + channel];
    float shift = sum_of_slices(shifts, channel, channels, slices);
    float gradient = sum_of_slices(scales, channel, channels, slices) * inverse;
    float factor = scale[channel] * inverse;
    float offset = shift / count;
    float slope = gradient * inverse / count;
    for (int row = FIRST_ROW + LANE; row < END_ROW; row += LANES) {
      int i = row * channels + channel;
      STORE(dx, i, factor * (LOAD(dy, i) - offset - (LOAD(x, i) - mean) * slope));
    }
    if (SLICE == 0 && LANE == 0) {
      dscale[channel] = gradient;
      dshift[channel] = shift;
    }
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void batch_norm_last_inference(
    GLOBAL const STORED* RESTRICT x, GLOBAL const float* RESTRICT scale,
    GLOBAL const float* RESTRICT shift, GLOBAL const float* RESTRICT running_mean,
    GLOBAL const float* RESTRICT running_variance, GLOBAL STORED* RESTRICT y,
    int channels, int count, float epsilon) {
  FOR_ELEMENTS(i, count) {
    int channel = i % channels;
    float factor = scale[channel] / SQRT(running_variance[channel] + epsilon);
    STORE(y, i, FMA(LOAD(x, i) - running_mean[channel], factor, shift[channel]));
  }
}
