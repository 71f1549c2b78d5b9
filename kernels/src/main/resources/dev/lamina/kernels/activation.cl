// Nonlinearities, element by element, over dense runs of n elements; gradients follow from the output.
// KIND is the number of a dev.lamina.op.Activation.Kind. ELU: Clevert et al., 2016. Work: see elements.cl;
// types: see stored.cl.

#define LEAKY_RELU 0
#define ELU 1
#define SIGMOID 2
#define TANH 3

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void activation_forward(
    GLOBAL const STORED* RESTRICT x, GLOBAL STORED* RESTRICT y, float alpha, int n) {
  FOR_ELEMENTS(i, n) {
    float value = LOAD(x, i);
#if KIND == LEAKY_RELU
    STORE(y, i, value > 0.0f ? value : alpha * value);
#elif KIND == ELU
    STORE(y, i, value > 0.0f ? value : alpha * (EXP(value) - 1.0f));
#elif KIND == SIGMOID
    STORE(y, i, 1.0f / (1.0f + EXP(-value)));
#else
    // by the magnitude, whose exponential does not overflow
    float e = EXP(value > 0.0f ? -2.0f * value : 2.0f * value);
    float magnitude = (1.0f - e) / (1.0f + e);
    STORE(y, i, value > 0.0f ? magnitude : -magnitude);
#endif
  }
}

// dy and y may be one tensor, so neither is RESTRICT.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void activation_backward(
    GLOBAL const STORED* dy, GLOBAL const STORED* y, GLOBAL STORED* RESTRICT dx, float alpha, int n) {
  FOR_ELEMENTS(i, n) {
    float value = LOAD(y, i);
#if KIND == LEAKY_RELU
    float slope = value > 0.0f ? 1.0f : alpha;
#elif KIND == ELU
    float slope = value > 0.0f ? 1.0f : value + alpha;
#elif KIND == SIGMOID
    float slope = value * (1.0f - value);
#else
    float slope = 1.0f - value * value;
#endif
    STORE(dx, i, LOAD(dy, i) * slope);
  }
}
