// Gradient sums, their norm, and the optimizers, over flat runs of n parameters.
//
// tables is i32[slots, words]; cursor[0] is the slot of the running step, whose first words are floats
// (see dev.lamina.op.StepTable). A parameter, gradient and state of zero stay zero. Adam: Kingma and
// Ba, 2015; AdamW (decoupled): Loshchilov and Hutter, 2019.

#define LEARNING_RATE 0
#define GRADIENT_SCALE 1
#define KEEP_GRADIENTS 2
#define BIAS_CORRECTION_1 3
#define BIAS_CORRECTION_2 4
#define AVERAGE_DECAY 9
#define PARTIALS 256

FUNCTION float word(GLOBAL const int* tables, GLOBAL const int* cursor, int words, int which) {
  return AS_FLOAT(tables[cursor[0] * words + which]);
}

// sum += gradient
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void accumulate(
    GLOBAL float* RESTRICT sum, GLOBAL const float* RESTRICT gradient, int n) {
  FOR_ELEMENTS(i, n) {
    sum[i] += gradient[i];
  }
}

// sum = gradient, added to what sum held where the op keeps it and the step's table says so.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void sum_gradients(
    GLOBAL float* RESTRICT sum, GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT gradient, int words, int keeps, int n) {
  int keep = keeps && word(tables, cursor, words, KEEP_GRADIENTS) != 0.0f;
  FOR_ELEMENTS(i, n) {
    sum[i] = keep ? sum[i] + gradient[i] : gradient[i];
  }
}

// Work-item p of PARTIALS sums the squares of the p-th run of elements.
KERNEL REQUIRED_GROUP(16) void squared_norm_partials(
    GLOBAL const float* RESTRICT x, GLOBAL float* RESTRICT partials, int n) {
  int run = (n + PARTIALS - 1) / PARTIALS;
  int first = GLOBAL_ID * run;
  int end = first + run < n ? first + run : n;
  float sum = 0.0f;
  for (int i = first; i < end; i++) {
    sum = FMA(x[i], x[i], sum);
  }
  partials[GLOBAL_ID] = sum;
}

KERNEL REQUIRED_GROUP(1) void squared_norm_total(
    GLOBAL const float* RESTRICT partials, GLOBAL float* RESTRICT norm) {
  float sum = 0.0f;
  for (int i = 0; i < PARTIALS; i++) {
    sum += partials[i];
  }
  norm[0] = sum;
}

KERNEL REQUIRED_GROUP(1) void clip_factor(
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT squares, GLOBAL float* RESTRICT factor, int words, float max_norm) {
  float norm = word(tables, cursor, words, GRADIENT_SCALE) * SQRT(squares[0]);
  float bounded = max_norm / (norm + 1e-6f);
  // Not MIN, which drops a NaN: a run that diverges must show.
  factor[0] = bounded > 1.0f ? 1.0f : bounded;
}

// velocity is not read where momentum is 0; clip is not read where clipped is 0.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void sgd_update(
    GLOBAL float* RESTRICT parameters, GLOBAL float* RESTRICT velocity,
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT clip, GLOBAL const float* RESTRICT gradient,
    int words, int clipped, float momentum, int nesterov, float weight_decay, float rate_factor, int n) {
  float rate = word(tables, cursor, words, LEARNING_RATE) * rate_factor;
  float scale = word(tables, cursor, words, GRADIENT_SCALE) * (clipped ? clip[0] : 1.0f);
  FOR_ELEMENTS(i, n) {
    float parameter = parameters[i];
    float step = FMA(weight_decay, parameter, gradient[i] * scale);
    if (momentum != 0.0f) {
      float v = FMA(momentum, velocity[i], step);
      velocity[i] = v;
      step = nesterov ? FMA(momentum, v, step) : v;
    }
    parameters[i] = FMA(-rate, step, parameter);
  }
}

KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void adam_update(
    GLOBAL float* RESTRICT parameters, GLOBAL float* RESTRICT mean, GLOBAL float* RESTRICT square,
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT clip, GLOBAL const float* RESTRICT gradient,
    int words, int clipped, float beta1, float beta2, float epsilon, int decoupled,
    float weight_decay, float rate_factor, int n) {
  float rate = word(tables, cursor, words, LEARNING_RATE) * rate_factor;
  float scale = word(tables, cursor, words, GRADIENT_SCALE) * (clipped ? clip[0] : 1.0f);
  float size = rate / word(tables, cursor, words, BIAS_CORRECTION_1);
  float root = SQRT(word(tables, cursor, words, BIAS_CORRECTION_2));
  FOR_ELEMENTS(i, n) {
    float parameter = parameters[i];
    float g = gradient[i] * scale;
    if (decoupled) {
      parameter *= 1.0f - rate * weight_decay;
    } else {
      g = FMA(weight_decay, parameter, g);
    }
    float m = FMA(beta1, mean[i], (1.0f - beta1) * g);
    float v = FMA(beta2, square[i], (1.0f - beta2) * g * g);
    mean[i] = m;
    square[i] = v;
    parameters[i] = parameter - size * m / (SQRT(v) / root + epsilon);
  }
}

// RMSprop (Hinton, 2012). mean is not read where centered is 0, velocity where momentum is 0: both may
// then be another of the buffers.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void rmsprop_update(
    GLOBAL float* RESTRICT parameters, GLOBAL float* RESTRICT square, GLOBAL float* mean,
    GLOBAL float* velocity, GLOBAL const int* RESTRICT tables,
    GLOBAL const int* RESTRICT cursor, GLOBAL const float* RESTRICT clip,
    GLOBAL const float* RESTRICT gradient,
    int words, int clipped, float alpha, float epsilon, int centered, float momentum,
    float weight_decay, float rate_factor, int n) {
  float rate = word(tables, cursor, words, LEARNING_RATE) * rate_factor;
  float scale = word(tables, cursor, words, GRADIENT_SCALE) * (clipped ? clip[0] : 1.0f);
  FOR_ELEMENTS(i, n) {
    float parameter = parameters[i];
    float g = FMA(weight_decay, parameter, gradient[i] * scale);
    float s = FMA(alpha, square[i], (1.0f - alpha) * g * g);
    square[i] = s;
    if (centered) {
      float m = FMA(alpha, mean[i], (1.0f - alpha) * g);
      mean[i] = m;
      // Not MAX, which drops a NaN: a run that diverges must show.
      float variance = FMA(-m, m, s);
      s = variance < 0.0f ? 0.0f : variance;
    }
    float step = g / (SQRT(s) + epsilon);
    if (momentum != 0.0f) {
      step = FMA(momentum, velocity[i], step);
      velocity[i] = step;
    }
    parameters[i] = FMA(-rate, step, parameter);
  }
}

// Adagrad (Duchi, Hazan and Singer, 2011).
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void adagrad_update(
    GLOBAL float* RESTRICT parameters, GLOBAL float* RESTRICT square,
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    GLOBAL const float* RESTRICT clip, GLOBAL const float* RESTRICT gradient,
    int words, int clipped, float epsilon, float weight_decay, float rate_factor, int n) {
  float rate = word(tables, cursor, words, LEARNING_RATE) * rate_factor;
  float scale = word(tables, cursor, words, GRADIENT_SCALE) * (clipped ? clip[0] : 1.0f);
  FOR_ELEMENTS(i, n) {
    float parameter = parameters[i];
    float g = FMA(weight_decay, parameter, gradient[i] * scale);
    float s = FMA(g, g, square[i]);
    square[i] = s;
    parameters[i] = FMA(-rate, g / (SQRT(s) + epsilon), parameter);
  }
}

// gradients += factor / GRADIENT_SCALE * sign(parameters)
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void l1_penalty(
    GLOBAL float* RESTRICT gradients, GLOBAL const float* RESTRICT parameters,
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor,
    int words, float factor, int n) {
  float push = factor / word(tables, cursor, words, GRADIENT_SCALE);
  FOR_ELEMENTS(i, n) {
    float parameter = parameters[i];
    gradients[i] += parameter > 0.0f ? push : parameter < 0.0f ? -push : 0.0f;
  }
}

// averages += (1 - decay) * (parameters - averages); a decay of 0 copies.
KERNEL REQUIRED_GROUP(ELEMENT_GROUP) void moving_average(
    GLOBAL float* RESTRICT averages, GLOBAL const float* RESTRICT parameters,
    GLOBAL const int* RESTRICT tables, GLOBAL const int* RESTRICT cursor, int words, int n) {
  float share = 1.0f - word(tables, cursor, words, AVERAGE_DECAY);
  FOR_ELEMENTS(i, n) {
    float average = averages[i];
    averages[i] = share == 1.0f ? parameters[i] : FMA(share, parameters[i] - average, average);
  }
}
