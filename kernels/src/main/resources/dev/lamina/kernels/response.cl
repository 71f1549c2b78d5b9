// Local response normalisation of x [samples, channels, plane] across channels: s = k + alpha / size *
// (sum of x^2 over the size channels around), y = x / s^beta. Krizhevsky et al., 2012, section 3.3, in
// PyTorch's convention. weight is alpha / size, reach is size / 2. Work: see elements.cl.

// s of the element i of that channel
FUNCTION float response_base(
    GLOBAL const float* x, int i, int channel, int channels, int plane, int reach, float weight, float k) {
  int first = channel < reach ? -channel : -reach;
  int last = channel + reach < channels ? reach : channels - 1 - channel;
  float sum = 0.0f;
  for (int apart = first; apart <= last; apart++) {
    float value = x[i + apart * plane];
    sum = FMA(value, value, sum);
  }
  return FMA(weight, sum, k);
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void local_response_norm_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y,
    int channels, int plane, int reach, float weight, float beta, float k, int n) {
  FOR_ELEMENTS(i, n) {
    float s = response_base(x, i, i / plane % channels, channels, plane, reach, weight, k);
    y[i] = x[i] * EXP(-beta * LOG(s));
  }
}

// dy and x may be one tensor, so neither is RESTRICT.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void local_response_norm_backward(
    GLOBAL const float* dy, GLOBAL const float* x, GLOBAL float* RESTRICT dx,
    int channels, int plane, int reach, float weight, float beta, float k, int n) {
  FOR_ELEMENTS(i, n) {
    int channel = i / plane % channels;
    int first = channel < reach ? -channel : -reach;
    int last = channel + reach < channels ? reach : channels - 1 - channel;
    float sum = 0.0f;
    float own = 0.0f;
    for (int apart = first; apart <= last; apart++) {
      int j = i + apart * plane;
      float s = response_base(x, j, channel + apart, channels, plane, reach, weight, k);
      float power = EXP(-beta * LOG(s));
      sum += dy[j] * x[j] * power / s;
      own = apart == 0 ? power : own;
    }
    dx[i] = dy[i] * own - 2.0f * weight * beta * x[i] * sum;
  }
}
