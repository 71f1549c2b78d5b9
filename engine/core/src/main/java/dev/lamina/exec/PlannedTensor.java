package dev.lamina.exec;

import dev.lamina.device.Layout;
import dev.lamina.tensor.TensorSpec;

/** A tensor with its physical form and its place. */
public record PlannedTensor(String name, TensorSpec spec, Layout layout, Place place) {}
