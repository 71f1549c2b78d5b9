package dev.lamina.bench.peers.pytorch;

import ai.djl.engine.Engine;
import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Mode;
import dev.lamina.bench.peers.engine.PeerEngine;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import java.util.List;

/** PyTorch's CPU library from Maven artifacts; nothing is downloaded and nothing is reported. */
public final class PyTorchEngine implements PeerEngine {
  /** DJL's own SGD. */
  static final String STOCK_SGD = "stock-sgd";

  /** The same update by in-place tensor operations: what DJL's SGD copies is not copied. */
  static final String IN_PLACE_SGD = "in-place-sgd";

  /** One batch at a time, all threads inside each operation. */
  static final String SHARED_THREADS = "shared-threads";

  /** As many batches at a time as there are threads, each computed by one thread. */
  static final String BATCH_PER_THREAD = "batch-per-thread";

  private static final String NATIVES = "native/lib/pytorch.properties";

  @Override
  public String name() {
    return "pytorch";
  }

  @Override
  public List<String> variants(Mode mode, List<String> devices) {
    return switch (mode) {
      case TRAINING -> List.of(STOCK_SGD, IN_PLACE_SGD);
      case INFERENCE -> List.of(SHARED_THREADS, BATCH_PER_THREAD);
    };
  }

  @Override
  public String version() {
    return Engine.getEngine("PyTorch").getVersion() + " (DJL " + Engine.getDjlVersion() + ")";
  }

  @Override
  public TrainingSession openTraining(Setup setup) {
    return new PyTorchTraining(load(setup, setup.threads()), setup);
  }

  @Override
  public InferenceSession openInference(Setup setup) {
    boolean batchPerThread = setup.variant().equals(BATCH_PER_THREAD);
    Engine engine = load(setup, batchPerThread ? 1 : setup.threads());
    return new PyTorchInference(engine, setup, batchPerThread ? setup.threads() : 1);
  }

  /** Loads PyTorch once for this process; its thread count cannot change afterwards. */
  private static Engine load(Setup setup, int threadsPerOperation) {
    if (PyTorchEngine.class.getClassLoader().getResource(NATIVES) == null) {
      throw new IllegalStateException(
          "PyTorch's native libraries are not on the class path; start with bench/peers/run,"
              + " or build with -Prun");
    }
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    System.setProperty("ENGINE_CACHE_DIR", setup.nativeCache().toString());
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threadsPerOperation));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    return Engine.getEngine("PyTorch");
  }
}
