// Whole channels of images moved about: joined, sliced, padded with zeros, dealt out among groups.
//
// Images are [rows, channels, plane], a row for each sample; a launch moves or clears one run of channels,
// and leaves the others of its result alone. Work: see elements.cl.

// Channel from_first + c of from [rows, from_channels, plane] becomes channel to_first + c * to_step of
// to [rows, to_channels, plane], for count channels.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void copy_channels(
    GLOBAL const float* RESTRICT from, GLOBAL float* RESTRICT to,
    int rows, int plane, int count, int from_channels, int from_first,
    int to_channels, int to_first, int to_step) {
  int part = count * plane;
  FOR_ELEMENTS(task, rows * part) {
    int row = task / part;
    int c = task % part / plane;
    int i = task % plane;
    to[(row * to_channels + to_first + c * to_step) * plane + i] =
        from[(row * from_channels + from_first + c) * plane + i];
  }
}

// Zeros in count channels from to_first on.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void zero_channels(
    GLOBAL float* RESTRICT to, int rows, int plane, int count, int to_channels, int to_first) {
  int part = count * plane;
  FOR_ELEMENTS(task, rows * part) {
    to[(task / part * to_channels + to_first) * plane + task % part] = 0.0f;
  }
}
