package dev.lamina.task;

import dev.lamina.device.Device;
import dev.lamina.device.Kernel;
import dev.lamina.device.KernelArgumentException;
import dev.lamina.device.KernelOp;
import dev.lamina.device.OpCall;
import dev.lamina.device.Range;
import dev.lamina.exec.ScheduleBuilder;
import dev.lamina.op.Op;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.ShapeException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tasks in order, with the transfers around them; see the package for an outline.
 *
 * <pre>{@code
 * TaskGraph graph = TaskGraph.named("product")
 *     .toDevice(TransferMode.FIRST_EXECUTION, a)
 *     .toDevice(TransferMode.EVERY_EXECUTION, b)
 *     .libraryTask("gemm", new MatMul(), a, b, c)
 *     .task("scale", Kernel.of("scale.cl", "scale"), Range.of(n), 0.5f, c)
 *     .toHost(TransferMode.EVERY_EXECUTION, c);
 * try (TaskPlan plan = graph.on(device).withProfiler().build()) {
 *   ExecutionResult result = plan.execute();
 * }
 * }</pre>
 *
 * <p>Arrays that are not sent to the device start as zeros there and keep their values from one
 * execution to the next.
 */
public final class TaskGraph {
  /**
   * One task; a function of the user's has no op of the device's.
   *
   * @param inputs how many of the arrays are inputs; the others are outputs
   */
  record Step(String name, Op op, HostFunction function, List<HostArray> arrays, int inputs) {}

  /** One transfer. */
  record Move(TransferMode mode, HostArray array) {}

  private static final Set<Class<?>> SCALARS =
      Set.of(Integer.class, Long.class, Float.class, Double.class);

  private final String name;
  private final List<Step> steps = new ArrayList<>();
  private final List<Move> toDevice = new ArrayList<>();
  private final List<Move> toHost = new ArrayList<>();
  private final Map<String, HostArray> arrays = new LinkedHashMap<>();

  private TaskGraph(String name) {
    this.name = name;
  }

  /** Starts a graph of that name. */
  public static TaskGraph named(String name) {
    return new TaskGraph(name);
  }

  /** Sends arrays to the device before the tasks, the first time or every time. */
  public TaskGraph toDevice(TransferMode mode, HostArray... sent) {
    if (mode == TransferMode.UNDER_DEMAND) {
      throw new IllegalArgumentException(
          "task graph " + name + ": only transfers to the host can wait for a demand");
    }
    for (HostArray array : sent) {
      register(array);
      toDevice.add(new Move(mode, array));
    }
    return this;
  }

  /**
   * Fetches arrays from the device after the tasks, every time or when asked for.
   *
   * @throws IllegalArgumentException if the mode is {@link TransferMode#FIRST_EXECUTION}: results
   *     of later executions would never arrive
   */
  public TaskGraph toHost(TransferMode mode, HostArray... fetched) {
    if (mode == TransferMode.FIRST_EXECUTION) {
      throw new IllegalArgumentException(
          "task graph %s: results are fetched with EVERY_EXECUTION or UNDER_DEMAND, not %s"
              .formatted(name, mode));
    }
    for (HostArray array : fetched) {
      register(array);
      toHost.add(new Move(mode, array));
    }
    return this;
  }

  /**
   * Adds a call of the device's library (cuBLAS, oneDNN or our kernels), in canonical layouts where
   * the device offers them. Steps of a network measure layouts; a task graph does not.
   *
   * @param op what to compute
   * @param operands the op's inputs, then its outputs
   * @throws ShapeException if the operands do not fit the op
   */
  public TaskGraph libraryTask(String task, Op op, HostArray... operands) {
    List<HostArray> arrays = List.of(operands);
    List<String> misfits = new ArrayList<>();
    for (int inputs = operands.length; inputs >= 0; inputs--) {
      Optional<String> misfit = misfit(op, arrays, inputs);
      if (misfit.isEmpty()) {
        return step(new Step(task, op, null, arrays, inputs));
      }
      misfits.add("as %d inputs: %s".formatted(inputs, misfit.get()));
    }
    throw new ShapeException(
        "%s \"%s\" in task graph %s: the operands %s are not its inputs followed by its outputs (%s)"
            .formatted(op.name(), task, name, arrays, String.join("; ", misfits)));
  }

  /**
   * Adds a kernel of the user's, which may change every array it is given. Whether the arguments
   * fit its parameters is known when it is compiled, so {@link Builder#build} says so.
   *
   * @param arguments one for each parameter of the kernel: a {@link HostArray} for a buffer; for a
   *     number an {@code Integer}, {@code Long}, {@code Float} or {@code Double}, as its type says
   * @throws KernelArgumentException if an argument is none of these
   */
  public TaskGraph task(String task, Kernel kernel, Range range, Object... arguments) {
    List<HostArray> distinct = new ArrayList<>();
    List<KernelOp.Argument> given = new ArrayList<>();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof HostArray array) {
        if (!distinct.contains(array)) {
          distinct.add(array);
        }
        given.add(new KernelOp.Array(distinct.indexOf(array), array.name()));
      } else if (arguments[i] instanceof Number number && SCALARS.contains(number.getClass())) {
        given.add(new KernelOp.Scalar(number));
      } else {
        throw new KernelArgumentException(
            task,
            kernel.name(),
            i,
            "argument %d is %s; give a HostArray, or an int, long, float or double"
                .formatted(i, described(arguments[i])));
      }
    }
    Op op = new KernelOp(task, kernel, range, given, distinct.size());
    return step(new Step(task, op, null, distinct, distinct.size()));
  }

  private static String described(Object argument) {
    return argument == null ? "null" : argument + " of type " + argument.getClass().getName();
  }

  /**
   * Adds a function in Java; only devices that compute in host memory can run it.
   *
   * @param operands arrays of floats
   * @throws IllegalArgumentException if an array has another type
   */
  public TaskGraph javaTask(String task, HostFunction function, HostArray... operands) {
    for (HostArray array : operands) {
      if (array.spec().type() != DataType.F32) {
        throw new IllegalArgumentException(
            "java task \"%s\" in task graph %s: array %s does not hold floats"
                .formatted(task, name, array));
      }
    }
    Op op = new HostFunctionOp(task, operands.length);
    return step(new Step(task, op, function, List.of(operands), operands.length));
  }

  /** Chooses the device to run on. */
  public Builder on(Device device) {
    return new Builder(this, device);
  }

  private TaskGraph step(Step step) {
    step.arrays().forEach(this::register);
    steps.add(step);
    return this;
  }

  private void register(HostArray array) {
    HostArray before = arrays.putIfAbsent(array.name(), array);
    if (before != null && before != array) {
      throw new IllegalArgumentException(
          "task graph " + name + ": two arrays are named \"" + array.name() + "\"");
    }
  }

  /** Says why so many inputs, with the rest as outputs, do not fit; empty if they do. */
  private static Optional<String> misfit(Op op, List<HostArray> operands, int inputs) {
    List<TensorSpec> specs = operands.stream().map(HostArray::spec).toList();
    List<TensorSpec> given = specs.subList(inputs, specs.size());
    try {
      List<TensorSpec> made = op.infer(specs.subList(0, inputs));
      return made.equals(given)
          ? Optional.empty()
          : Optional.of("the outputs are " + made + ", not " + given);
    } catch (ShapeException misfit) {
      return Optional.of(misfit.getMessage());
    }
  }

  /** How a graph is made into a plan. */
  public static final class Builder {
    private final TaskGraph graph;
    private final Device device;
    private boolean profiled;
    private int warmUps;

    private Builder(TaskGraph graph, Device device) {
      this.graph = graph;
      this.device = device;
    }

    /**
     * Times each task and transfer, beside what the device reaches with its own ops, which takes up
     * to some seconds to measure. Tasks then run one by one, each waited for, instead of as one
     * recorded launch, and the profile says so. JDK Flight Recorder gets an event for each.
     */
    public Builder withProfiler() {
      profiled = true;
      return this;
    }

    /** Runs the tasks that often when the plan is built, on zeros, to have everything loaded. */
    public Builder withWarmUp(int runs) {
      if (runs < 0) {
        throw new IllegalArgumentException("warm-up runs must not be negative: " + runs);
      }
      warmUps = runs;
      return this;
    }

    /**
     * Prepares everything and allocates all memory.
     *
     * @throws UnsupportedOpException listing all tasks that the device cannot run
     * @throws dev.lamina.device.KernelBuildException if a kernel does not compile
     * @throws dev.lamina.device.UnknownKernelException if a source has no kernel of that name
     * @throws KernelArgumentException if arguments do not fit a kernel's parameters
     * @throws dev.lamina.device.RangeException if a kernel or the device takes no such groups
     */
    public TaskPlan build() {
      device.turn().lock();
      try (ScheduleBuilder schedule = new ScheduleBuilder(device, graph.name)) {
        graph.arrays.values().forEach(array -> schedule.tensor(array.name(), array.spec()));
        List<String> missing = new ArrayList<>();
        for (Step step : graph.steps) {
          try {
            add(schedule, step);
          } catch (UnsupportedOpException unsupported) {
            String hint =
                step.op() instanceof KernelOp
                    ? " (kernels run on devices that compile them, opencl:0 or cuda:0; on the CPU"
                        + " take a javaTask)"
                    : "";
            missing.add("task \"" + step.name() + "\": " + unsupported.getMessage() + hint);
          }
        }
        if (!missing.isEmpty()) {
          throw new UnsupportedOpException(
              "task graph %s: %s cannot run %s"
                  .formatted(graph.name, device.info().name(), String.join("; ", missing)));
        }
        return new TaskPlan(
            device, schedule, graph.arrays, graph.toDevice, graph.toHost, profiled, warmUps);
      } finally {
        device.turn().unlock();
      }
    }

    private void add(ScheduleBuilder schedule, Step step) {
      List<TensorSpec> specs = step.arrays().stream().map(HostArray::spec).toList();
      List<String> names = step.arrays().stream().map(HostArray::name).toList();
      int inputs = step.inputs();
      OpCall call =
          new OpCall(step.op(), specs.subList(0, inputs), specs.subList(inputs, specs.size()), 1);
      List<String> read = names.subList(0, inputs);
      List<String> made = names.subList(inputs, names.size());
      if (step.function() == null) {
        schedule.add(step.name(), call, read, made);
      } else {
        PreparedFunction prepared = new PreparedFunction(step.name(), step.function());
        schedule.add(step.name(), call, prepared, read, made);
      }
    }
  }
}
