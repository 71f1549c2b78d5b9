package dev.lamina.cuda.call;

import dev.lamina.device.OpCall;
import dev.lamina.device.Precision;
import dev.lamina.kernels.Form;
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
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/** Makes every call but the compiler's, through JCuda, on the libraries it is given. */
final class CallsProcess {
  private static final int WORKSPACE = 4096;

  private final Driver driver = new JCudaDriverCalls(0);
  private final Handle stream = driver.stream();
  private final Random random = new Random(7);

  private CallsProcess() {}

  public static void main(String[] libraries) {
    for (String library : libraries) {
      System.load(library);
    }
    JCudaDriver.setExceptionsEnabled(false);
    JCublas2.setExceptionsEnabled(false);
    JCudnn.setExceptionsEnabled(false);
    CallsProcess calls = new CallsProcess();
    calls.memory();
    calls.kernel();
    for (Precision precision : Precision.values()) {
      calls.products(precision);
      calls.convolutions(precision);
    }
    calls.driver.destroyStream(calls.stream);
    calls.driver.close();
    System.out.println("done");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  private void memory() {
    require(driver.freeBytes() == 123_456_789_012L, "free bytes");
    Handle pinned = driver.pin(64);
    ByteBuffer host = driver.bytes(pinned, 64);
    host.putFloat(8, 2.5f);
    long address = driver.allocate(64);
    driver.zero(stream, address, 64);
    driver.upload(stream, host.duplicate().position(8).limit(12), address + 4);
    ByteBuffer back = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
    driver.download(stream, address, back.duplicate().position(16).limit(32));
    require(back.getFloat(20) == 2.5f && back.getInt(16) == 0, "copies at positions and offsets");
    Handle event = driver.event();
    driver.record(event, stream);
    driver.waitFor(stream, event);
    driver.await(event);
    require(driver.passed(event), "event");
    driver.destroyEvent(event);
    driver.free(address);
    driver.unpin(pinned);
    try {
      driver.allocate(1L << 40);
      require(false, "too much memory");
    } catch (CallException refused) {
      require(refused.outOfMemory(), refused.getMessage());
    }
  }

  private void kernel() {
    Handle module = driver.module("// PTX");
    Handle fill = driver.function(module, "fill");
    long address = driver.allocate(40);
    List<Argument> arguments =
        List.of(
            new Argument.Memory(address + 4, 36),
            new Argument.Int(3),
            new Argument.Real(0.5f),
            new Argument.Struct(List.of(9, 2)));
    driver.zero(stream, address, 40);
    driver.launch(stream, fill, 7, 64, arguments);
    float[] values = download(address, 5);
    require(values[0] == 0 && values[1] == 2.5f && values[3] == 2.5f && values[4] == 0, "kernel");
    driver.beginCapture(stream);
    driver.launch(stream, fill, 7, 64, arguments);
    driver.launch(stream, fill, 7, 64, arguments);
    Handle graph = driver.endCapture(stream);
    require(driver.nodes(graph) == 2, "two nodes");
    driver.launchGraph(stream, graph);
    driver.destroyGraph(graph);
    driver.unload(module);
    driver.free(address);
    try {
      driver.module("no PTX");
      require(false, "a module that is none");
    } catch (CallException refused) {
      require(refused.getMessage().contains("CUDA_ERROR_INVALID_PTX"), refused.getMessage());
    }
  }

  private void products(Precision precision) {
    Blas blas = new JCublasCalls();
    long workspace = driver.allocate(WORKSPACE);
    blas.use(stream, workspace, WORKSPACE);
    for (int which = 0; which < 4; which++) {
      boolean a = which % 2 == 1;
      boolean b = which / 2 == 1;
      TensorSpec left = a ? TensorSpec.f32(4, 3) : TensorSpec.f32(3, 4);
      TensorSpec right = b ? TensorSpec.f32(5, 4) : TensorSpec.f32(4, 5);
      Gemm gemm = new Gemm(3, 5, 4, a, b, precision);
      // The result is single precision always.
      Form form = Form.matrices(precision);
      check(
          OpCall.of(new MatMul(a, b), 1, left, right),
          form,
          Form.CANONICAL,
          operands -> blas.multiply(gemm, operands.get(0), operands.get(1), operands.get(2)));
    }
    blas.close();
    driver.free(workspace);
  }

  private void convolutions(Precision precision) {
    Dnn dnn = new JCudnnCalls();
    dnn.use(stream);
    Window window = new Window(3, 2, 2, 1, 1, 0, 1, 2);
    TensorSpec x = TensorSpec.f32(2, 4, 7, 6);
    TensorSpec weight = TensorSpec.f32(6, 2, 3, 2);
    TensorSpec y = OpCall.of(new Conv2d(window, 2, false), 1, x, weight).outputs().get(0);
    ConvolutionShape shape =
        new ConvolutionShape(2, 4, 7, 6, 6, (int) y.dim(2), (int) y.dim(3), window, 2, precision);
    Handle convolution = dnn.describe(shape);
    Op[] ops = {
      new Conv2d(window, 2, false),
      new Conv2dBackwardData(window, 2, x.shape()),
      new Conv2dBackwardWeights(window, 2, false)
    };
    TensorSpec[][] inputs = {{x, weight}, {y, weight}, {x, y}};
    long workspace = driver.allocate(WORKSPACE);
    for (Dnn.Pass pass : Dnn.Pass.values()) {
      List<Dnn.Algorithm> found = dnn.algorithms(convolution, pass);
      long bytes = 100 * (pass.ordinal() + 1);
      require(
          found.equals(
              List.of(new Dnn.Algorithm(1, true, bytes + 1), new Dnn.Algorithm(0, false, bytes))),
          pass + ": " + found);
      // The op takes dy first, cuDNN the weight.
      int left = pass == Dnn.Pass.BACKWARD_DATA ? 1 : 0;
      check(
          OpCall.of(ops[pass.ordinal()], 1, inputs[pass.ordinal()]),
          Form.images(precision),
          Form.images(precision),
          operands ->
              dnn.run(
                  convolution,
                  pass,
                  found.get(0),
                  operands.get(left),
                  operands.get(1 - left),
                  operands.get(2),
                  workspace));
    }
    dnn.destroy(convolution);
    driver.free(workspace);
    dnn.close();
  }

  private interface Run {
    void on(List<Long> operands);
  }

  /** Runs on small integers, which come out exactly, and compares with the plain reference. */
  private void check(OpCall call, Form form, Form resultForm, Run run) {
    List<HostTensor> inputs = new ArrayList<>();
    List<Long> operands = new ArrayList<>();
    for (TensorSpec spec : call.inputs()) {
      float[] values = new float[(int) spec.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(9) - 4;
      }
      ByteBuffer canonical = host(4 * values.length);
      canonical.asFloatBuffer().put(values);
      inputs.add(HostTensor.read(spec, canonical));
      ByteBuffer bytes = host((int) form.layout(spec).bytes());
      for (int i = 0; i < values.length; i++) {
        int at = place(spec, form, i);
        if (form.half()) {
          bytes.putShort(2 * at, (short) (Float.floatToRawIntBits(values[i]) >>> 16));
        } else {
          bytes.putFloat(4 * at, values[i]);
        }
      }
      long address = driver.allocate(bytes.capacity());
      driver.upload(stream, bytes, address);
      operands.add(address);
    }
    TensorSpec result = call.outputs().get(0);
    ByteBuffer bytes = host((int) resultForm.layout(result).bytes());
    operands.add(driver.allocate(bytes.capacity()));
    run.on(operands);
    driver.download(stream, operands.get(operands.size() - 1), bytes);
    HostTensor expected = ReferenceOps.evaluate(call.op(), inputs).get(0);
    for (int i = 0; i < result.elements(); i++) {
      int at = place(result, resultForm, i);
      boolean half = resultForm.half();
      float value =
          half ? Float.intBitsToFloat(bytes.getShort(2 * at) << 16) : bytes.getFloat(4 * at);
      // What bfloat16 holds of an integer has 8 digits.
      double allowed = half ? Math.abs(expected.at(i)) / 256 : 0;
      require(Math.abs(value - expected.at(i)) <= allowed, call + ": " + i + " is " + value);
    }
    operands.forEach(driver::free);
  }

  private static ByteBuffer host(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Where an element of the row-major order lies in a form. */
  private static int place(TensorSpec spec, Form form, int i) {
    if (!form.last()) {
      return i;
    }
    int channels = (int) spec.dim(1);
    int plane = (int) (spec.dim(2) * spec.dim(3));
    int within = i % (channels * plane);
    return i - within + within % plane * channels + within / plane;
  }

  private float[] download(long address, int count) {
    ByteBuffer bytes = host(4 * count);
    driver.download(stream, address, bytes);
    float[] values = new float[count];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
