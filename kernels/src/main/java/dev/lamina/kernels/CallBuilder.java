package dev.lamina.kernels;

import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Range;
import dev.lamina.device.Way;
import dev.lamina.kernels.KernelArgument.Input;
import dev.lamina.kernels.KernelArgument.Int;
import dev.lamina.kernels.KernelArgument.Output;
import dev.lamina.kernels.KernelArgument.Real;
import dev.lamina.kernels.KernelArgument.Scratch;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Gathers the launches of one way. */
final class CallBuilder {
  /** Tag of what a forward pass leaves for its own backward pass and nobody else reads. */
  private static final String SAVED = "saved";

  /** Work-items of a group of the kernels that take elements, on GPUs; elements.cl says so too. */
  private static final int GROUP = 64;

  /** More groups than any GPU runs at once; their work-items take further elements in turn. */
  private static final int MOST_GROUPS = 4096;

  /** Elements that are worth a work-item of their own on a CPU-type device: some microseconds. */
  private static final int LEAST_RUN = 4096;

  /** Work for each core: the last to finish keeps the others waiting for a quarter of its share. */
  private static final int SHARES = 4;

  /** Kernels add their number of work-items to indices before they compare. */
  private static final int LARGEST_COUNT = Integer.MAX_VALUE - MOST_GROUPS * GROUP;

  private final OpCall call;
  private final KernelTarget target;
  private final Form images;
  private final List<KernelCall> calls = new ArrayList<>();
  private final List<KernelParameter> parameters = new ArrayList<>();
  private final StringBuilder unusual = new StringBuilder();
  private long scratch;

  /** Begins a way whose operands are all canonical. */
  CallBuilder(OpCall call, KernelTarget target) {
    this(call, target, Form.CANONICAL);
  }

  private CallBuilder(OpCall call, KernelTarget target, Form images) {
    this.call = call;
    this.target = target;
    this.images = images;
  }

  /** Begins a way whose images are in the form of the target's precision. */
  static CallBuilder ofImages(OpCall call, KernelTarget target) {
    return new CallBuilder(call, target, Form.images(target.precision()));
  }

  /** Begins a way as {@link #ofImages} does if the call's first input is an image. */
  static CallBuilder ofElements(OpCall call, KernelTarget target) {
    boolean image = call.inputs().get(0).shape().rank() == 4;
    return image ? ofImages(call, target) : new CallBuilder(call, target);
  }

  /** Returns a program for the target. */
  KernelSource program(String... files) {
    return program(Map.of(), files);
  }

  /** Returns a program for the target, specialised by defines. */
  KernelSource program(Map<String, String> defines, String... files) {
    Map<String, String> all = new TreeMap<>(defines);
    if (target.panels()) {
      all.put("RUNS", "1");
    }
    if (images.half()) {
      all.put("BF16", "1");
    }
    return new KernelSource(List.of(files), all);
  }

  /** Returns what a parameter is where nobody tuned, as {@link Defaults} has it. */
  int usual(String name) {
    return target.defaults().usual(name);
  }

  /** Returns a parameter, and notes that it could be otherwise. */
  int parameter(String name) {
    return parameter(name, usual(name));
  }

  /**
   * Returns a parameter, and notes that it could be otherwise.
   *
   * @param name family and meaning, as {@code tiles.depth}
   * @param usual what it is for this shape where nothing was found
   */
  int parameter(String name, int usual) {
    int value = target.chosen().getOrDefault(name, usual);
    List<Integer> trials = target.defaults().trials(name);
    if (value != usual && !trials.contains(value)) {
      throw new UnsupportedOpException(
          "%s: %s is %d, but may be one of %s".formatted(call, name, value, trials));
    }
    parameters.add(new KernelParameter(name, value, trials));
    if (value != usual) {
      unusual.append(' ').append(name).append('=').append(value);
    }
    return value;
  }

  /** Returns a parameter that is yes or no, 1 or 0. */
  boolean flag(String name) {
    return parameter(name) != 0;
  }

  /** Returns a parameter that is yes or no, and which is usual for this shape. */
  boolean flag(String name, boolean usual) {
    return parameter(name, usual ? 1 : 0) != 0;
  }

  /** Returns the target's cores or multiprocessors. */
  int cores() {
    return target.computeUnits();
  }

  /** Returns the number of groups that keep the target busy, where each core may take several. */
  int shares() {
    return SHARES * target.computeUnits();
  }

  /** Returns {@link #shares()}, where the groups of a core are a parameter of that name. */
  int shares(String parameter) {
    return shares(parameter, usual(parameter));
  }

  /** Returns the same, where the usual number of groups of a core depends on the shape. */
  int shares(String parameter, int usual) {
    return parameter(parameter, usual) * target.computeUnits();
  }

  static Input in(int position) {
    return new Input(position);
  }

  static Output out(int position) {
    return new Output(position);
  }

  static Int of(int value) {
    return new Int(value);
  }

  static Int of(boolean value) {
    return new Int(value ? 1 : 0);
  }

  static Real of(float value) {
    return new Real(value);
  }

  /** Returns a count as kernels take it. */
  int count(long count) {
    if (count > LARGEST_COUNT) {
      throw new UnsupportedOpException(
          call + ": " + count + " elements are more than the kernels count");
    }
    return (int) count;
  }

  /** Reserves scratch for that many 32-bit values. */
  Scratch scratch(long values) {
    long alignment = KernelWay.SCRATCH_ALIGNMENT;
    Scratch part = new Scratch(scratch, 4L * count(values));
    scratch = (scratch + part.bytes() + alignment - 1) / alignment * alignment;
    return part;
  }

  CallBuilder launch(
      KernelSource source, String kernel, int groups, int groupSize, KernelArgument... arguments) {
    Range range = Range.of((long) groups * groupSize).withLocal(groupSize);
    calls.add(new KernelCall(source, kernel, range, List.of(arguments)));
    return this;
  }

  /** Launches a kernel that shares so many elements among its work-items, as elements.cl says. */
  CallBuilder elements(
      KernelSource source, String kernel, long elements, KernelArgument... arguments) {
    if (target.panels()) {
      long runs = (elements - 1) / LEAST_RUN + 1;
      return launch(source, kernel, (int) Math.min(shares(), runs), 1, arguments);
    }
    long groups = (elements - 1) / GROUP + 1;
    return launch(source, kernel, (int) Math.min(MOST_GROUPS, groups), GROUP, arguments);
  }

  /** Returns how many work-items share so many tasks on a CPU-type device. */
  int workers(long tasks) {
    return (int) Math.min(tasks, shares());
  }

  /** Returns {@link #workers(long)}, where the work-items of a core are a parameter. */
  int workers(long tasks, String parameter) {
    return (int) Math.min(tasks, shares(parameter));
  }

  /** Launches a kernel that gives each channel a group, as channels.cl says. */
  CallBuilder channels(
      KernelSource source, String kernel, int channels, KernelArgument... arguments) {
    return launch(source, kernel, channels, target.panels() ? 1 : GROUP, arguments);
  }

  KernelWay way(String implementation) {
    return way(implementation, -1);
  }

  /** Makes a way whose input {@code saved} is what the forward pass left. */
  KernelWay way(String implementation, int saved) {
    List<Layout> inputs = new ArrayList<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      inputs.add(layout(call.inputs().get(i), i == saved));
    }
    return way(implementation, inputs);
  }

  private KernelWay way(String implementation, List<Layout> inputs) {
    List<Layout> outputs = new ArrayList<>();
    for (int i = 0; i < call.outputs().size(); i++) {
      outputs.add(layout(call.outputs().get(i), call.op().opaque().contains(i)));
    }
    return way(new Way(implementation + unusual, inputs, outputs));
  }

  private Layout layout(TensorSpec spec, boolean saved) {
    if (saved) {
      return new Layout(SAVED, spec.bytes());
    }
    return (spec.shape().rank() == 4 ? images : Form.CANONICAL).layout(spec);
  }

  KernelWay way(Way way) {
    return new KernelWay(way, scratch, calls, parameters);
  }
}
