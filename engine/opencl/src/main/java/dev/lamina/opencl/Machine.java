package dev.lamina.opencl;

import dev.lamina.device.DeviceException;
import dev.lamina.io.CacheFolder;
import java.nio.file.Path;
import java.util.List;
import org.jocl.CLException;

/** What the provider depends on outside this process. */
interface Machine {
  /** The machine this process runs on. */
  Machine THIS =
      new Machine() {
        @Override
        public List<Platform.Driver> drivers(boolean anew) {
          DriverProbe.standard().check(anew);
          return Platform.drivers();
        }

        @Override
        public boolean hasLinker() {
          return Hardware.linkerFound();
        }

        @Override
        public Advice advice() {
          return Advice.ofThisSystem();
        }

        @Override
        public Path cache() {
          return CacheFolder.standard();
        }
      };

  /**
   * Returns the drivers that the loader finds.
   *
   * @param anew whether to try drivers again that have failed
   * @throws LinkageError if OpenCL cannot be called
   * @throws DeviceException if a driver ends the process that asks it
   * @throws CLException if the loader fails
   */
  List<Platform.Driver> drivers(boolean anew);

  /** Says whether PoCL finds a linker. */
  boolean hasLinker();

  Advice advice();

  /** Returns the user's cache folder. */
  Path cache();
}
