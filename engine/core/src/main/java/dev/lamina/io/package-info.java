/**
 * Files that outlive the program: atomic replacement and tensors in the safetensors format.
 *
 * <p>Used by checkpoints and by the command line; knows shapes and bytes, no model and no device.
 * Start at {@link dev.lamina.io.SafetensorsWriter} and {@link dev.lamina.io.SafetensorsReader}.
 */
package dev.lamina.io;
