package dev.lamina.bench.gpu;

import dev.lamina.cuda.CudaDeviceProvider;
import dev.lamina.cuda.call.Argument;
import dev.lamina.cuda.call.Blas;
import dev.lamina.cuda.call.ConvolutionShape;
import dev.lamina.cuda.call.Dnn;
import dev.lamina.cuda.call.Driver;
import dev.lamina.cuda.call.Gemm;
import dev.lamina.cuda.call.Handle;
import dev.lamina.cuda.call.Libraries;
import dev.lamina.cuda.library.Loading;
import dev.lamina.device.DeviceException;
import dev.lamina.device.DeviceInfo;
import dev.lamina.device.Diagnosis;
import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.MatMul;
import dev.lamina.op.Op;
import dev.lamina.op.Window;
import dev.lamina.tensor.TensorSpec;
import dev.lamina.testkit.HostTensor;
import dev.lamina.testkit.ReferenceOps;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Tries what the CUDA device stands on, piece by piece, and prints a line for each: libraries, one
 * kernel, a product, the three convolutions, one graph. A piece that fails does not keep the next
 * from being tried. Exits 1 if any failed.
 */
public final class Probe {
  private static final long WORKSPACE = 256L << 20;
  private static final String KERNEL =
      "extern \"C\" __global__ void scale(float* x, int n, float by) { for (int i = blockIdx.x *"
          + " blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) x[i] = x[i] * by; }";

  private final Random random = new Random(5);
  private int failures;
  private int capability;
  private Driver driver;
  private Blas blas;
  private Dnn dnn;
  private Handle stream;
  private Handle scale;
  private long workspace;

  private Probe() {}

  /** Runs the probe; takes no arguments. */
  public static void main(String[] arguments) {
    Probe probe = new Probe();
    probe.run();
    System.out.println(
        probe.failures == 0 ? "probe: all well" : "probe: " + probe.failures + " failed");
    System.exit(probe.failures == 0 ? 0 : 1);
  }

  private interface Piece {
    String facts() throws Exception;
  }

  private void piece(String name, Piece piece) {
    long start = System.nanoTime();
    try {
      String facts = piece.facts();
      System.out.printf("ok    %s: %s (%.0f ms)%n", name, facts, millis(start));
    } catch (Exception | LinkageError failure) {
      failures++;
      System.out.printf("FAIL  %s: %s (%.0f ms)%n", name, failure, millis(start));
      failure.printStackTrace(System.out);
    }
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) / 1e6;
  }

  private void run() {
    CudaDeviceProvider provider = new CudaDeviceProvider();
    for (Diagnosis finding : provider.diagnose()) {
      System.out.println(
          (finding.healthy() ? "ok    " : "FAIL  ")
              + finding.subject()
              + ": "
              + finding.finding()
              + (finding.advice().isEmpty() ? "" : " -> " + finding.advice()));
    }
    piece("load through JCuda", () -> Loading.load().asMap().toString());
    piece("devices", () -> devices(provider));
    piece("open the driver", this::open);
    if (driver == null) {
      return;
    }
    piece("copies", this::copies);
    piece("NVRTC kernel", this::kernel);
    piece("open cuBLAS", this::openBlas);
    if (blas != null) {
      piece("cublasGemmEx, row-major in all forms", this::products);
    }
    piece("open cuDNN", this::openDnn);
    for (Dnn.Pass pass : dnn == null ? new Dnn.Pass[0] : Dnn.Pass.values()) {
      piece("cuDNN " + pass, () -> convolution(pass));
    }
    if (dnn != null) {
      piece("cuDNN in tf32 and bf16", this::tensorCores);
    }
    if (blas != null && scale != null) {
      piece("a captured graph", this::graph);
    }
    piece("close", this::close);
  }

  private String devices(CudaDeviceProvider provider) {
    List<DeviceInfo> found = provider.discover();
    if (found.isEmpty()) {
      throw new IllegalStateException("the driver shows no device");
    }
    String text = found.get(0).libraries().get("compute capability");
    capability = Integer.parseInt(text.replace(".", ""));
    return found.toString();
  }

  private String open() {
    Driver opened = Libraries.openDriver(0);
    stream = opened.stream();
    workspace = opened.allocate(WORKSPACE);
    driver = opened;
    return "free memory " + (driver.freeBytes() >> 20) + " MiB";
  }

  private String openBlas() {
    Blas opened = Libraries.openBlas();
    opened.use(stream, workspace, 32L << 20);
    blas = opened;
    return "a handle, on a stream, with a workspace";
  }

  private String openDnn() {
    Loading.loadCudnnParts();
    Dnn opened = Libraries.openDnn();
    opened.use(stream);
    dnn = opened;
    return "a handle, on a stream";
  }

  private String copies() {
    long address = driver.allocate(1 << 20);
    driver.zero(stream, address, 1 << 20);
    Handle pinned = driver.pin(1 << 20);
    ByteBuffer host = driver.bytes(pinned, 1 << 20);
    host.putFloat(400, 1.5f);
    driver.upload(stream, host, address);
    ByteBuffer back = direct(1 << 20);
    driver.download(stream, address, back);
    driver.synchronize(stream);
    require(back.getFloat(400) == 1.5f, "a float came back as " + back.getFloat(400));
    Handle event = driver.event();
    driver.record(event, stream);
    driver.await(event);
    driver.destroyEvent(event);
    driver.unpin(pinned);
    driver.free(address);
    return "1 MiB there and back, pinned and not";
  }

  private String kernel() {
    String ptx =
        Libraries.openCompiler()
            .compile("scale.cu", KERNEL, "--gpu-architecture=compute_" + capability);
    scale = driver.function(driver.module(ptx), "scale");
    long address = upload(new float[] {1, 2, 3, 4});
    scale(address, 4, 2.5f);
    float[] values = download(address, 4);
    driver.free(address);
    require(values[3] == 10, "4 times 2.5 is " + values[3]);
    return "PTX of " + ptx.length() + " characters, result right";
  }

  private void scale(long address, int count, float by) {
    driver.launch(
        stream,
        scale,
        1,
        64,
        List.of(
            new Argument.Memory(address, 4L * count),
            new Argument.Int(count),
            new Argument.Real(by)));
  }

  private String products() {
    for (int form = 0; form < 4; form++) {
      boolean a = form % 2 == 1;
      boolean b = form / 2 == 1;
      TensorSpec left = a ? TensorSpec.f32(70, 65) : TensorSpec.f32(65, 70);
      TensorSpec right = b ? TensorSpec.f32(33, 70) : TensorSpec.f32(70, 33);
      Gemm gemm = new Gemm(65, 33, 70, a, b, Precision.F32);
      check(
          OpCall.of(new MatMul(a, b), 1, left, right),
          on -> blas.multiply(gemm, on.get(0), on.get(1), on.get(2)));
    }
    return "65x70x33 of small integers exact";
  }

  /** Says which algorithms cuDNN has for a convolution as it is in the other precisions. */
  private String tensorCores() {
    StringBuilder found = new StringBuilder();
    for (Precision precision : List.of(Precision.TF32, Precision.BF16)) {
      for (int channels : new int[] {3, 64, 96}) {
        ConvolutionShape shape =
            new ConvolutionShape(
                64, channels, 32, 32, 64, 32, 32, Window.of(3).pad(1), 1, precision);
        Handle convolution = dnn.describe(shape);
        for (Dnn.Pass pass : Dnn.Pass.values()) {
          found.append(
              "%n      %s, %d channels, %s: %s"
                  .formatted(precision, channels, pass, dnn.algorithms(convolution, pass)));
        }
        dnn.destroy(convolution);
      }
    }
    return found.toString();
  }

  private String convolution(Dnn.Pass pass) {
    Window window = Window.of(3).stride(2).pad(1);
    TensorSpec x = TensorSpec.f32(4, 8, 17, 15);
    TensorSpec weight = TensorSpec.f32(16, 8, 3, 3);
    TensorSpec y = OpCall.of(new Conv2d(window), 1, x, weight).outputs().get(0);
    ConvolutionShape shape =
        new ConvolutionShape(
            4, 8, 17, 15, 16, (int) y.dim(2), (int) y.dim(3), window, 1, Precision.F32);
    Op[] ops = {
      new Conv2d(window),
      new Conv2dBackwardData(window, 1, x.shape()),
      new Conv2dBackwardWeights(window, 1, false)
    };
    TensorSpec[][] inputs = {{x, weight}, {y, weight}, {x, y}};
    // The op takes dy first, cuDNN the weight.
    int left = pass == Dnn.Pass.BACKWARD_DATA ? 1 : 0;
    Handle convolution = dnn.describe(shape);
    List<Dnn.Algorithm> algorithms = dnn.algorithms(convolution, pass);
    List<String> exact = new ArrayList<>();
    for (Dnn.Algorithm algorithm : algorithms) {
      require(algorithm.workspaceBytes() <= WORKSPACE, algorithm + " wants too much scratch");
      try {
        check(
            OpCall.of(ops[pass.ordinal()], 1, inputs[pass.ordinal()]),
            on ->
                dnn.run(
                    convolution,
                    pass,
                    algorithm,
                    on.get(left),
                    on.get(1 - left),
                    on.get(2),
                    workspace));
        exact.add(Integer.toString(algorithm.number()));
      } catch (IllegalStateException | DeviceException inexact) {
        System.out.println("      algorithm " + algorithm.number() + ": " + inexact.getMessage());
      }
    }
    dnn.destroy(convolution);
    require(!exact.isEmpty(), "no algorithm gives small integers exactly of " + algorithms);
    return "exact on small integers: " + exact + " of " + algorithms;
  }

  private String graph() {
    long x = upload(new float[4096]);
    long y = driver.allocate(4096 * 4);
    Gemm gemm = new Gemm(64, 64, 64, false, false, Precision.F32);
    blas.multiply(gemm, x, x, y);
    driver.synchronize(stream);
    driver.beginCapture(stream);
    for (int i = 0; i < 20; i++) {
      blas.multiply(gemm, x, x, y);
      scale(y, 4096, 0.5f);
    }
    Handle graph = driver.endCapture(stream);
    driver.launchGraph(stream, graph);
    driver.synchronize(stream);
    long start = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      driver.launchGraph(stream, graph);
    }
    driver.synchronize(stream);
    double micros = (System.nanoTime() - start) / 1e3 / 200;
    String facts = driver.nodes(graph) + " nodes, %.1f us a launch".formatted(micros);
    driver.destroyGraph(graph);
    driver.free(x);
    driver.free(y);
    return facts;
  }

  private String close() {
    driver.free(workspace);
    driver.destroyStream(stream);
    if (blas != null) {
      blas.close();
    }
    if (dnn != null) {
      dnn.close();
    }
    driver.close();
    return "all released";
  }

  /** Runs on small integers, which must come out exactly. */
  private void check(OpCall call, Consumer<List<Long>> run) {
    List<HostTensor> inputs = new ArrayList<>();
    List<Long> operands = new ArrayList<>();
    for (TensorSpec spec : call.inputs()) {
      float[] values = new float[(int) spec.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(9) - 4;
      }
      operands.add(upload(values));
      inputs.add(HostTensor.read(spec, bytes(values)));
    }
    TensorSpec result = call.outputs().get(0);
    operands.add(driver.allocate(result.bytes()));
    run.accept(operands);
    float[] values = download(operands.get(operands.size() - 1), (int) result.elements());
    operands.forEach(driver::free);
    HostTensor expected = ReferenceOps.evaluate(call.op(), inputs).get(0);
    double worst = 0;
    for (int i = 0; i < values.length; i++) {
      worst = Math.max(worst, Math.abs(values[i] - expected.at(i)));
    }
    require(worst == 0, "largest error " + worst);
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes = direct(4 * values.length);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }

  private long upload(float[] values) {
    long address = driver.allocate(4L * values.length);
    driver.upload(stream, bytes(values), address);
    driver.synchronize(stream);
    return address;
  }

  private float[] download(long address, int count) {
    ByteBuffer back = direct(4 * count);
    driver.download(stream, address, back);
    driver.synchronize(stream);
    float[] values = new float[count];
    back.asFloatBuffer().get(values);
    return values;
  }
}
