package dev.lamina.bench.gpu;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.lamina.device.Device;
import dev.lamina.device.DeviceOptions;
import dev.lamina.device.Devices;
import dev.lamina.device.Precision;
import dev.lamina.kernels.KernelOps;
import dev.lamina.op.Op;
import dev.lamina.testkit.DeviceConformance;
import dev.lamina.testkit.ReferenceOps;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs the conformance suite on the device that the arguments name. Exits 1 if a test failed. */
public final class Conformance {
  private static final String PROPERTY = "lamina.conformance.device";
  private static final String PRECISION = "lamina.conformance.precision";
  private static final int SHOWN = 40;

  /** The suite on that device. */
  public static final class OnDevice extends DeviceConformance {
    /** Made by JUnit. */
    public OnDevice() {}

    @Override
    protected Device openDevice() {
      DeviceOptions options =
          DeviceOptions.defaults().withPrecision(Precision.named(System.getProperty(PRECISION)));
      return Devices.open(System.getProperty(PROPERTY), options);
    }

    @Override
    protected Set<Class<? extends Op>> unsupported() {
      return lacking();
    }
  }

  /** Prints what fails at once, should the run be stopped before its end. */
  private static final class Failures implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (result.getStatus() == TestExecutionResult.Status.FAILED) {
        String reason = result.getThrowable().map(Throwable::toString).orElse("no reason given");
        System.out.println("FAIL  " + test.getDisplayName() + ": " + reason);
      }
    }
  }

  private Conformance() {}

  /** Returns the ops that GPUs have no kernels for: the suite holds that they are refused. */
  private static Set<Class<? extends Op>> lacking() {
    Set<Class<? extends Op>> lacking = new HashSet<>(ReferenceOps.ops());
    lacking.removeAll(KernelOps.ops());
    return lacking;
  }

  /**
   * Runs the suite.
   *
   * @param arguments the device's name and its precision, f32 unless given
   */
  public static void main(String[] arguments) {
    System.setProperty(PROPERTY, arguments[0]);
    System.setProperty(PRECISION, arguments.length > 1 ? arguments[1] : "f32");
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(OnDevice.class)).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener, new Failures());
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true), SHOWN);
    System.out.printf(
        "conformance on %s in %s: %d tests, %d passed, %d failed, %d skipped, %.1f s%n",
        arguments[0],
        System.getProperty(PRECISION),
        summary.getTestsFoundCount(),
        summary.getTestsSucceededCount(),
        summary.getTestsFailedCount(),
        summary.getTestsSkippedCount(),
        (summary.getTimeFinished() - summary.getTimeStarted()) / 1e3);
    System.out.println(
        "ops without kernels: " + lacking().stream().map(Class::getSimpleName).sorted().toList());
    boolean all = summary.getTestsFailedCount() == 0 && summary.getTestsSucceededCount() > 0;
    System.exit(all ? 0 : 1);
  }
}
