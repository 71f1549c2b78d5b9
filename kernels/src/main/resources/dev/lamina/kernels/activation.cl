// Nonlinearities, element by element, over dense runs of n elements; gradients follow from the output.
// KIND is the number of a dev.lamina.op.Activation.Kind. Work: see elements.cl.

#define LEAKY_RELU 0
#define ELU 1
#define SIGMOID 2
#define TANH 3

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void activation_forward(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT y, float alpha, int n) {
  FOR_ELEMENTS(i, n) {
    float value = x[i];
#if KIND == LEAKY_RELU
    y[i] = value > 0.0f ? value : alpha * value;
#elif KIND == ELU
    y[i] = value > 0.0f ? value : alpha * (EXP(value) - 1.0f);
#elif KIND == SIGMOID
    y[i] = 1.0f / (1.0f + EXP(-value));
#else
    // by the magnitude, whose exponential does not overflow
    float e = EXP(value > 0.0f ? -2.0f * value : 2.0f * value);
    float magnitude = (1.0f - e) / (1.0f + e);
    y[i] = value > 0.0f ? magnitude : -magnitude;
#endif
  }
}

// dy and y may be one tensor, so neither is RESTRICT.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void activation_backward(
    GLOBAL const float* dy, GLOBAL const float* y, GLOBAL float* RESTRICT dx, float alpha, int n) {
  FOR_ELEMENTS(i, n) {
    float value = y[i];
#if KIND == LEAKY_RELU
    float slope = value > 0.0f ? 1.0f : alpha;
#elif KIND == ELU
    float slope = value > 0.0f ? 1.0f : value + alpha;
#elif KIND == SIGMOID
    float slope = value * (1.0f - value);
#else
    float slope = 1.0f - value * value;
#endif
    dx[i] = dy[i] * slope;
  }
}
