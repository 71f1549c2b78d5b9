/**
 * Networks as functions from an input spec to a graph. No device, no native library.
 *
 * <p>Start at {@link dev.lamina.models.ModelCatalog} for models by name, or call a model's {@code
 * graph} function, for example {@link dev.lamina.models.LeNet5#graph}. A new model is a class with
 * such a function and a line in the catalogue.
 */
package dev.lamina.models;
