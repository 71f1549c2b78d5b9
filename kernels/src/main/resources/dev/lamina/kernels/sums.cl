// Sums that matrix products and convolutions leave to be done, in a fixed order: slices of a result,
// parts [slices, n] to c [n], and the gradient of a bias, dy [samples, channels, plane] to dbias [channels].
// A group takes a channel: see channels.cl, behind which this stands. Work on slices: see elements.cl.

// c [n] = the sum of slices of n elements each.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void sum_slices(
    GLOBAL const float* RESTRICT parts, GLOBAL float* RESTRICT c, int slices, int n) {
  FOR_ELEMENTS(i, n) {
    float sum = parts[i];
    for (int s = 1; s < slices; s++) {
      sum += parts[s * n + i];
    }
    c[i] = sum;
  }
}

// dbias [channels] = the sum of dy [samples, channels, plane] over all but the channel.
#define GRADIENT(i) dy[i]

KERNEL REQUIRED_GROUP(CHANNEL_GROUP) void bias_backward(
    GLOBAL const float* RESTRICT dy, GLOBAL float* RESTRICT dbias,
    int samples, int channels, int plane) {
  SHARED float sums[CHANNEL_GROUP];
  float sum;
  SUM_CHANNEL(sum, GROUP_ID, samples, channels, plane, GRADIENT)
  sum = sum_group(sums, sum);
  if (LOCAL_ID == 0) {
    dbias[GROUP_ID] = sum;
  }
}
