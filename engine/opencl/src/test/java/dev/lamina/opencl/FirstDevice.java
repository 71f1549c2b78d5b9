package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Precision;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.Add;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dBackward;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MaxPool2dBackward;
import dev.lamina.op.Op;
import dev.lamina.op.Relu;
import dev.lamina.op.ReluBackward;
import dev.lamina.op.Reorder;
import dev.lamina.testkit.RequiredDevices;
import java.util.Set;

/** Opens opencl:0, or skips the test as {@link RequiredDevices} does. */
final class FirstDevice {
  /** Ops whose kernels know more forms of images than one. */
  static final Set<Class<? extends Op>> TAKES_IMAGES =
      Set.of(
          Relu.class,
          ReluBackward.class,
          Add.class,
          Activation.class,
          ActivationBackward.class,
          MaxPool2d.class,
          MaxPool2dBackward.class,
          AvgPool2d.class,
          AvgPool2dBackward.class,
          BatchNorm2d.class,
          BatchNorm2dBackward.class,
          BatchNorm2dInference.class,
          Reorder.class);

  private FirstDevice() {}

  static Device open() {
    require();
    return new OpenClDeviceProvider().open(0, DeviceOptions.defaults());
  }

  static Device openWithTiles() {
    return openWithTiles(Precision.F32);
  }

  /** Opens it with images in the form of a precision, which users are not offered here. */
  static Device openWithTiles(Precision precision) {
    require();
    return new OpenClDevice(
        Hardware.all().get(0), DeviceOptions.defaults().withPrecision(precision), false);
  }

  static void require() {
    RequiredDevices.require("opencl:0");
  }
}
