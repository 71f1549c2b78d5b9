package dev.lamina.cpu.onednn;

import org.bytedeco.javacpp.Pointer;

/** An address as the pointer type of the bindings; owns nothing. */
final class RawPointer extends Pointer {
  RawPointer(long address) {
    this.address = address;
  }

  RawPointer(long address, long capacity) {
    this.address = address;
    this.limit = capacity;
    this.capacity = capacity;
  }
}
