package dev.lamina.cuda.call;

import dev.lamina.device.Precision;
import dev.lamina.op.Window;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnDeterminism;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;

/** cuDNN's convolutions by its older calls, through JCuda. */
final class JCudnnCalls implements Dnn {
  private static final Pointer ONE = Pointer.to(new float[] {1});
  private static final Pointer ZERO = Pointer.to(new float[] {0});

  /** No pass has more algorithms. */
  private static final int MOST_ALGORITHMS = 16;

  private record Descriptors(
      cudnnTensorDescriptor x,
      cudnnFilterDescriptor weight,
      cudnnConvolutionDescriptor convolution,
      cudnnTensorDescriptor y) {}

  /** What cuDNN says of an algorithm, the same for each pass. */
  private record Found(int number, int status, int determinism) {}

  private final cudnnHandle handle = new cudnnHandle();

  JCudnnCalls() {
    check("cudnnCreate", JCudnn.cudnnCreate(handle));
  }

  /** Names of codes changed with version 9, so the library itself is asked. */
  private static void check(String call, int status) {
    if (status != 0) {
      throw new CallException(call, JCudnn.cudnnGetErrorString(status));
    }
  }

  @Override
  public void use(Handle stream) {
    check(
        "cudnnSetStream",
        JCudnn.cudnnSetStream(handle, new cudaStream_t(stream.as(CUstream.class))));
  }

  @Override
  public Handle describe(ConvolutionShape shape) {
    Descriptors made =
        new Descriptors(
            new cudnnTensorDescriptor(),
            new cudnnFilterDescriptor(),
            new cudnnConvolutionDescriptor(),
            new cudnnTensorDescriptor());
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(made.x));
    check("cudnnCreateTensorDescriptor", JCudnn.cudnnCreateTensorDescriptor(made.y));
    check("cudnnCreateFilterDescriptor", JCudnn.cudnnCreateFilterDescriptor(made.weight));
    check(
        "cudnnCreateConvolutionDescriptor",
        JCudnn.cudnnCreateConvolutionDescriptor(made.convolution));
    Handle descriptors = new Handle("convolution", made);
    try {
      set(made, shape);
      return descriptors;
    } catch (CallException failure) {
      destroy(descriptors);
      throw failure;
    }
  }

  private static void set(Descriptors made, ConvolutionShape shape) {
    Window window = shape.window();
    int type =
        shape.precision() == Precision.BF16
            ? cudnnDataType.CUDNN_DATA_BFLOAT16
            : cudnnDataType.CUDNN_DATA_FLOAT;
    int format =
        shape.precision() == Precision.F32
            ? cudnnTensorFormat.CUDNN_TENSOR_NCHW
            : cudnnTensorFormat.CUDNN_TENSOR_NHWC;
    check(
        "cudnnSetTensor4dDescriptor",
        JCudnn.cudnnSetTensor4dDescriptor(
            made.x, format, type, shape.n(), shape.c(), shape.h(), shape.w()));
    check(
        "cudnnSetTensor4dDescriptor",
        JCudnn.cudnnSetTensor4dDescriptor(
            made.y, format, type, shape.n(), shape.k(), shape.oh(), shape.ow()));
    check(
        "cudnnSetFilter4dDescriptor",
        JCudnn.cudnnSetFilter4dDescriptor(
            made.weight,
            type,
            format,
            shape.k(),
            shape.c() / shape.groups(),
            window.height(),
            window.width()));
    check(
        "cudnnSetConvolution2dDescriptor",
        JCudnn.cudnnSetConvolution2dDescriptor(
            made.convolution,
            window.padHeight(),
            window.padWidth(),
            window.strideHeight(),
            window.strideWidth(),
            window.dilationHeight(),
            window.dilationWidth(),
            cudnnConvolutionMode.CUDNN_CROSS_CORRELATION,
            cudnnDataType.CUDNN_DATA_FLOAT));
    check(
        "cudnnSetConvolutionGroupCount",
        JCudnn.cudnnSetConvolutionGroupCount(made.convolution, shape.groups()));
    check(
        "cudnnSetConvolutionMathType",
        JCudnn.cudnnSetConvolutionMathType(made.convolution, math(shape.precision())));
  }

  /** None of them lets cuDNN round operands to a type other than they are stored in. */
  private static int math(Precision precision) {
    return switch (precision) {
      // The default would permit TF32.
      case F32 -> cudnnMathType.CUDNN_FMA_MATH;
      case TF32 -> cudnnMathType.CUDNN_DEFAULT_MATH;
      case BF16 -> cudnnMathType.CUDNN_TENSOR_OP_MATH;
    };
  }

  @Override
  public void destroy(Handle convolution) {
    Descriptors made = convolution.as(Descriptors.class);
    check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(made.x));
    check("cudnnDestroyTensorDescriptor", JCudnn.cudnnDestroyTensorDescriptor(made.y));
    check("cudnnDestroyFilterDescriptor", JCudnn.cudnnDestroyFilterDescriptor(made.weight));
    check(
        "cudnnDestroyConvolutionDescriptor",
        JCudnn.cudnnDestroyConvolutionDescriptor(made.convolution));
  }

  @Override
  public List<Algorithm> algorithms(Handle convolution, Pass pass) {
    Descriptors of = convolution.as(Descriptors.class);
    List<Algorithm> algorithms = new ArrayList<>();
    Set<Integer> seen = new HashSet<>();
    for (Found found : found(of, pass)) {
      long[] workspace = new long[1];
      // An algorithm is listed once for each kind of arithmetic; the descriptor says which it runs
      // in.
      // What the heuristic lists and the size query refuses cannot run.
      if (found.status == 0
          && seen.add(found.number)
          && workspace(of, pass, found.number, workspace) == 0) {
        boolean deterministic = found.determinism == cudnnDeterminism.CUDNN_DETERMINISTIC;
        algorithms.add(new Algorithm(found.number, deterministic, workspace[0]));
      }
    }
    return algorithms;
  }

  private List<Found> found(Descriptors of, Pass pass) {
    int[] count = new int[1];
    switch (pass) {
      case FORWARD:
        cudnnConvolutionFwdAlgoPerf[] forward = new cudnnConvolutionFwdAlgoPerf[MOST_ALGORITHMS];
        check(
            "cudnnGetConvolutionForwardAlgorithm_v7",
            JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
                handle, of.x, of.weight, of.convolution, of.y, MOST_ALGORITHMS, count, forward));
        return list(
            count[0], i -> new Found(forward[i].algo, forward[i].status, forward[i].determinism));
      case BACKWARD_DATA:
        cudnnConvolutionBwdDataAlgoPerf[] data =
            new cudnnConvolutionBwdDataAlgoPerf[MOST_ALGORITHMS];
        check(
            "cudnnGetConvolutionBackwardDataAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardDataAlgorithm_v7(
                handle, of.weight, of.y, of.convolution, of.x, MOST_ALGORITHMS, count, data));
        return list(count[0], i -> new Found(data[i].algo, data[i].status, data[i].determinism));
      default:
        cudnnConvolutionBwdFilterAlgoPerf[] weights =
            new cudnnConvolutionBwdFilterAlgoPerf[MOST_ALGORITHMS];
        check(
            "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
            JCudnn.cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                handle, of.x, of.y, of.convolution, of.weight, MOST_ALGORITHMS, count, weights));
        return list(
            count[0], i -> new Found(weights[i].algo, weights[i].status, weights[i].determinism));
    }
  }

  private static List<Found> list(int count, IntFunction<Found> found) {
    List<Found> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(found.apply(i));
    }
    return list;
  }

  private int workspace(Descriptors of, Pass pass, int algorithm, long[] bytes) {
    return switch (pass) {
      case FORWARD ->
          JCudnn.cudnnGetConvolutionForwardWorkspaceSize(
              handle, of.x, of.weight, of.convolution, of.y, algorithm, bytes);
      case BACKWARD_DATA ->
          JCudnn.cudnnGetConvolutionBackwardDataWorkspaceSize(
              handle, of.weight, of.y, of.convolution, of.x, algorithm, bytes);
      case BACKWARD_WEIGHTS ->
          JCudnn.cudnnGetConvolutionBackwardFilterWorkspaceSize(
              handle, of.x, of.y, of.convolution, of.weight, algorithm, bytes);
    };
  }

  @Override
  public void run(
      Handle convolution,
      Pass pass,
      Algorithm algorithm,
      long left,
      long right,
      long result,
      long workspace) {
    Descriptors of = convolution.as(Descriptors.class);
    int number = algorithm.number();
    Pointer scratch = new Address(workspace);
    long bytes = algorithm.workspaceBytes();
    Pointer a = new Address(left);
    Pointer b = new Address(right);
    Pointer c = new Address(result);
    switch (pass) {
      case FORWARD ->
          check(
              "cudnnConvolutionForward",
              JCudnn.cudnnConvolutionForward(
                  handle,
                  ONE,
                  of.x,
                  a,
                  of.weight,
                  b,
                  of.convolution,
                  number,
                  scratch,
                  bytes,
                  ZERO,
                  of.y,
                  c));
      case BACKWARD_DATA ->
          check(
              "cudnnConvolutionBackwardData",
              JCudnn.cudnnConvolutionBackwardData(
                  handle,
                  ONE,
                  of.weight,
                  a,
                  of.y,
                  b,
                  of.convolution,
                  number,
                  scratch,
                  bytes,
                  ZERO,
                  of.x,
                  c));
      case BACKWARD_WEIGHTS ->
          check(
              "cudnnConvolutionBackwardFilter",
              JCudnn.cudnnConvolutionBackwardFilter(
                  handle,
                  ONE,
                  of.x,
                  a,
                  of.y,
                  b,
                  of.convolution,
                  number,
                  scratch,
                  bytes,
                  ZERO,
                  of.weight,
                  c));
    }
  }

  @Override
  public void close() {
    check("cudnnDestroy", JCudnn.cudnnDestroy(handle));
  }
}
