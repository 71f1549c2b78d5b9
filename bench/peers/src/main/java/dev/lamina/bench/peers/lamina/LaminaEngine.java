package dev.lamina.bench.peers.lamina;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Mode;
import dev.lamina.bench.peers.engine.PeerEngine;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import java.util.List;

/** Lamina; its variants are the names of its devices. */
public final class LaminaEngine implements PeerEngine {
  /** The engine's name, by which reports find what to compare others with. */
  public static final String NAME = "lamina";

  private String version = "";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> variants(Mode mode, List<String> devices) {
    return devices;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public TrainingSession openTraining(Setup setup) {
    return new LaminaTraining(open(setup), setup);
  }

  @Override
  public InferenceSession openInference(Setup setup) {
    return new LaminaInference(open(setup), setup);
  }

  private Device open(Setup setup) {
    DeviceOptions options = DeviceOptions.defaults();
    // Other devices take no number of threads; PoCL reads a variable that the coordinator sets.
    boolean cpu = setup.variant().equals("cpu");
    Device device =
        Devices.open(setup.variant(), cpu ? options.withThreads(setup.threads()) : options);
    version =
        Device.class.getPackage().getImplementationVersion() + " " + device.info().libraries();
    return device;
  }
}
