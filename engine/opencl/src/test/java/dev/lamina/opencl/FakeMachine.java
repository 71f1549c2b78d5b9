package dev.lamina.opencl;

import dev.lamina.device.DeviceInfo;
import dev.lamina.device.DeviceInfo.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jocl.CLException;

/** A machine whose drivers are written down. */
final class FakeMachine implements Machine {
  private final List<Platform.Driver> drivers = new ArrayList<>();
  private final Path cache;
  private Advice advice = Advice.DEBIAN;
  private Error loader;
  private RuntimeException failure;
  private boolean linker = true;

  FakeMachine(Path cache) {
    this.cache = cache;
  }

  FakeMachine without(Error unloadable) {
    loader = unloadable;
    return this;
  }

  FakeMachine failing(RuntimeException thrown) {
    failure = thrown;
    return this;
  }

  FakeMachine withoutLinker() {
    linker = false;
    return this;
  }

  FakeMachine on(Advice system) {
    advice = system;
    return this;
  }

  /** Adds a driver; a null stands for a device that cannot be used. */
  FakeMachine with(String name, Kind... devices) {
    drivers.add(new Written(name, devices));
    return this;
  }

  /** Adds a driver that fails when it is asked how many devices it has. */
  FakeMachine withFailing(String name) {
    drivers.add(
        new Written(name) {
          @Override
          public int count() {
            throw new CLException("CL_OUT_OF_HOST_MEMORY", -6);
          }
        });
    return this;
  }

  @Override
  public List<Platform.Driver> drivers(boolean anew) {
    if (loader != null) {
      throw loader;
    }
    if (failure != null) {
      throw failure;
    }
    return drivers;
  }

  @Override
  public boolean hasLinker() {
    return linker;
  }

  @Override
  public Advice advice() {
    return advice;
  }

  @Override
  public Path cache() {
    return cache;
  }

  private static class Written implements Platform.Driver {
    private final String name;
    private final Kind[] devices;

    Written(String name, Kind... devices) {
      this.name = name;
      this.devices = devices;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String version() {
      return "OpenCL 3.0";
    }

    @Override
    public int count() {
      return devices.length;
    }

    @Override
    public Optional<Hardware> device(int position, int index) {
      Kind kind = devices[position];
      if (kind == null) {
        return Optional.empty();
      }
      Map<String, String> libraries = Map.of("OpenCL", name, "driver", "1.0");
      return Optional.of(
          new Hardware(
              null, null, new DeviceInfo("opencl:" + index, kind, "Chip", 8, 1 << 30, libraries)));
    }
  }
}
