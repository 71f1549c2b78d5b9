package dev.lamina.bench.peers;

import dev.lamina.bench.peers.engine.InferenceSession;
import dev.lamina.bench.peers.engine.Network;
import dev.lamina.bench.peers.engine.PeerEngine;
import dev.lamina.bench.peers.engine.Setup;
import dev.lamina.bench.peers.engine.TrainingSession;
import dev.lamina.bench.peers.engine.Workload;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * A process that measures one engine, variant and mode: it reads a {@link WorkerRequest} and writes
 * a {@link WorkerReport}.
 */
final class Worker {
  private Worker() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream report = System.out;
    System.setOut(System.err);
    Wire.write(report, measure(Wire.read(System.in, WorkerRequest.class)));
  }

  private static WorkerReport measure(WorkerRequest request) {
    Settings settings = request.settings();
    Workload workload =
        new Workload(
            Network.named(settings.model()),
            settings.batchSize(),
            settings.batches(),
            settings.seed());
    Setup setup =
        new Setup(workload, request.variant(), settings.threads(), Path.of(request.nativeCache()));
    PeerEngine engine = Engines.named(request.engine());
    return switch (request.mode()) {
      case TRAINING -> {
        try (TrainingSession session = engine.openTraining(setup)) {
          float[] losses = session.runForLosses(settings.checkedSteps());
          Measurement measurement = new Measurement(session, settings, session::updateNanos);
          List<Window> windows = measurement.run();
          long peakBytes = PeakMemory.bytes();
          yield new WorkerReport(
              request.engine(),
              engine.version(),
              request.variant(),
              request.mode(),
              losses,
              session.runForLosses(1)[0],
              losses.length + measurement.warmUpSteps(),
              windows,
              peakBytes);
        }
      }
      case INFERENCE -> {
        try (InferenceSession session = engine.openInference(setup)) {
          float[] probabilities = session.firstProbabilities();
          Measurement measurement = new Measurement(session, settings, OptionalLong::empty);
          List<Window> windows = measurement.run();
          yield new WorkerReport(
              request.engine(),
              engine.version(),
              request.variant(),
              request.mode(),
              probabilities,
              null,
              1 + measurement.warmUpSteps(),
              windows,
              PeakMemory.bytes());
        }
      }
    };
  }
}
