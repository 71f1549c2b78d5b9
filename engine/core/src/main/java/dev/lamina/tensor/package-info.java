/** Values that describe tensors: shape, element type, specification. No device, no memory. */
package dev.lamina.tensor;
