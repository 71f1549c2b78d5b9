package dev.lamina.opencl;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.device.Way;
import dev.lamina.kernels.Defaults;
import dev.lamina.kernels.KernelOps;
import dev.lamina.kernels.KernelTarget;
import dev.lamina.kernels.KernelWay;
import dev.lamina.testkit.TuningConformance;
import org.junit.jupiter.api.Nested;

/** What tuning may choose of the kernels of either kind, on whatever the first device is. */
class KernelTuningTest {
  @Nested
  class Panels extends Kernels {
    Panels() {
      super(true);
    }
  }

  @Nested
  class Tiles extends Kernels {
    Tiles() {
      super(false);
    }
  }

  private abstract static class Kernels extends TuningConformance {
    private final boolean panels;
    private KernelTarget target;

    Kernels(boolean panels) {
      this.panels = panels;
    }

    @Override
    protected Device openDevice() {
      FirstDevice.require();
      Hardware hardware = Hardware.all().get(0);
      Defaults defaults = Defaults.of(panels, hardware.names());
      int cores = hardware.info().computeUnits();
      target = new KernelTarget(panels, cores, Precision.F32, defaults);
      return new OpenClDevice(hardware, DeviceOptions.defaults(), panels);
    }

    @Override
    protected Object launches(OpCall call, Way way) {
      return KernelOps.way(call, target, way.implementation()).map(KernelWay::calls).orElseThrow();
    }
  }
}
