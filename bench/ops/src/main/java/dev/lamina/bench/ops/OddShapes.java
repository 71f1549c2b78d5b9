package dev.lamina.bench.ops;

import dev.lamina.device.OpCall;
import dev.lamina.op.Activation;
import dev.lamina.op.ActivationBackward;
import dev.lamina.op.AdagradUpdate;
import dev.lamina.op.AdamUpdate;
import dev.lamina.op.Add;
import dev.lamina.op.AugmentSamples;
import dev.lamina.op.Augmentation;
import dev.lamina.op.AvgPool2d;
import dev.lamina.op.AvgPool2dBackward;
import dev.lamina.op.BatchNorm2d;
import dev.lamina.op.BatchNorm2dInference;
import dev.lamina.op.ClipFactor;
import dev.lamina.op.ConcatChannels;
import dev.lamina.op.Conv2d;
import dev.lamina.op.Conv2dBackwardData;
import dev.lamina.op.Conv2dBackwardWeights;
import dev.lamina.op.Dropout;
import dev.lamina.op.DropoutBackward;
import dev.lamina.op.EndStep;
import dev.lamina.op.FoldBatchNorm2d;
import dev.lamina.op.L1Penalty;
import dev.lamina.op.LocalResponseNorm;
import dev.lamina.op.LocalResponseNormBackward;
import dev.lamina.op.MatMul;
import dev.lamina.op.MaxPool2d;
import dev.lamina.op.MovingAverage;
import dev.lamina.op.NormalizeSamples;
import dev.lamina.op.Op;
import dev.lamina.op.PadChannels;
import dev.lamina.op.Reorder;
import dev.lamina.op.RmsPropUpdate;
import dev.lamina.op.ShuffleChannels;
import dev.lamina.op.SliceChannels;
import dev.lamina.op.Softmax;
import dev.lamina.op.SquaredNorm;
import dev.lamina.op.StepTable;
import dev.lamina.op.SumGradients;
import dev.lamina.op.TargetLoss;
import dev.lamina.op.WeightedCrossEntropy;
import dev.lamina.op.Window;
import dev.lamina.tensor.DataType;
import dev.lamina.tensor.Shape;
import dev.lamina.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Shapes that no model of ours has, where tails, strides, groups and widths are unkind. */
final class OddShapes {
  static final String NAME = "odd";

  private static final TensorSpec STEPS = StepTable.spec(3, 1);

  private final List<Case> cases = new ArrayList<>();

  private OddShapes() {}

  static List<Case> cases() {
    OddShapes shapes = new OddShapes();
    shapes.products();
    shapes.convolutions();
    shapes.images();
    shapes.samples();
    shapes.rows();
    shapes.updates();
    return List.copyOf(shapes.cases);
  }

  private void products() {
    for (int[] mkn :
        new int[][] {{1, 4096, 1000}, {127, 129, 131}, {1000, 1000, 7}, {17, 9999, 33}}) {
      for (boolean a : new boolean[] {false, true}) {
        for (boolean b : new boolean[] {false, true}) {
          add(
              "matmul" + (a ? " a'" : "") + (b ? " b'" : ""),
              new MatMul(a, b),
              a ? TensorSpec.f32(mkn[1], mkn[0]) : TensorSpec.f32(mkn[0], mkn[1]),
              b ? TensorSpec.f32(mkn[2], mkn[1]) : TensorSpec.f32(mkn[1], mkn[2]));
        }
      }
    }
  }

  private void convolutions() {
    convolution("wide", Shape.of(3, 13, 31, 57), 29, Window.of(3).pad(1), 1);
    convolution("11x11 stride 4", Shape.of(8, 3, 99, 99), 30, Window.of(11).stride(4).pad(2), 1);
    convolution("7x7 stride 2", Shape.of(8, 3, 63, 63), 33, Window.of(7).stride(2).pad(3), 1);
    convolution("3x2 stride 2x3", Shape.of(5, 17, 37, 41), 19, Window.of(3, 2).stride(2, 3), 1);
    convolution("dilated", Shape.of(5, 20, 29, 29), 21, Window.of(3).pad(2).dilation(2), 1);
    convolution("1x1", Shape.of(7, 58, 14, 14), 57, Window.of(1), 1);
    convolution("groups", Shape.of(7, 36, 17, 17), 72, Window.of(3).pad(1), 3);
    convolution("depthwise", Shape.of(7, 58, 28, 28), 58, Window.of(3).pad(1), 58);
    convolution("one sample", Shape.of(1, 130, 7, 7), 130, Window.of(3).pad(1), 1);
  }

  private void convolution(String what, Shape x, int filters, Window window, int groups) {
    TensorSpec image = TensorSpec.f32(x.dims());
    TensorSpec weight = TensorSpec.f32(filters, x.dim(1) / groups, window.height(), window.width());
    TensorSpec dy = TensorSpec.f32(window.slide(what, x, filters).dims());
    add(what, new Conv2d(window, groups, true), image, weight, TensorSpec.f32(filters));
    add(what, new Conv2dBackwardData(window, groups, x), dy, weight);
    add(what, new Conv2dBackwardWeights(window, groups, true), image, dy);
  }

  private void images() {
    TensorSpec x = TensorSpec.f32(9, 37, 29, 31);
    TensorSpec channels = TensorSpec.f32(37);
    Window window = Window.of(3).stride(2).pad(1);
    TensorSpec pooled = TensorSpec.f32(window.slide("odd", x.shape(), 37).dims());
    add("images", new MaxPool2d(window, false), x);
    add("images", new AvgPool2d(window, false), x);
    add("images", new AvgPool2dBackward(window, false, x.shape()), pooled);
    add("images", new BatchNorm2d(1e-5f, 0.1f), x, channels, channels, channels, channels);
    add("images", new BatchNorm2dInference(1e-5f), x, channels, channels, channels, channels);
    TensorSpec weight = TensorSpec.f32(37, 29, 3, 3);
    add("weights", new FoldBatchNorm2d(1e-5f), weight, channels, channels, channels, channels);
    add("images", new LocalResponseNorm(5), x);
    add("images", new LocalResponseNormBackward(5, 1e-4f, 0.75f, 1), x, x);
    for (Activation.Kind kind : Activation.Kind.values()) {
      add("images", new Activation(kind, 0), x);
      add("images", new ActivationBackward(kind, 0), x, x);
    }
    add("images", new Dropout(0.3f, 0, 0), x, STEPS, StepTable.cursor());
    add("images", new DropoutBackward(0.3f), x, new TensorSpec(DataType.U8, x.shape()));
    add("images", new Add(), x, x);
    add("images", new Reorder(), x);
    add("images", new ConcatChannels(), x, x);
    add("images", new SliceChannels(5, 19), x);
    add("images", new PadChannels(5, 13), x);
    add("images", new ShuffleChannels(37), x);
  }

  private void samples() {
    Augmentation augmentation = new Augmentation(true, 3, 15, 7, 0.4f, 0.4f, 0.4f);
    TensorSpec pixels = TensorSpec.u8(37, 3, 61, 59);
    AugmentSamples augment = new AugmentSamples(0, 37, augmentation, List.of(128, 128, 128));
    add("samples", augment, pixels, StepTable.spec(3, 37), StepTable.cursor());
    List<Float> middle = List.of(0.5f, 0.5f, 0.5f);
    add("samples", new NormalizeSamples(1 / 255f, middle, middle), pixels);
  }

  private void rows() {
    TensorSpec logits = TensorSpec.f32(333, 1001);
    TensorSpec labels = TensorSpec.i32(333);
    add("rows", new Softmax(), logits);
    List<Float> weights = Collections.nCopies(1001, 0.5f);
    add("rows", new WeightedCrossEntropy(333, 0.1f, weights), logits, labels);
    for (TargetLoss.Kind kind : TargetLoss.Kind.values()) {
      add("rows", new TargetLoss(kind, 333), logits, labels);
    }
    TensorSpec cell = TensorSpec.f32(2);
    add("rows", new EndStep(), TensorSpec.f32(3, 2), StepTable.cursor(), cell, cell);
  }

  private void updates() {
    TensorSpec flat = TensorSpec.f32(1_234_567);
    TensorSpec cursor = StepTable.cursor();
    add("flat", new SumGradients(false), flat, STEPS, cursor, flat, flat);
    add("flat", new SquaredNorm(), flat);
    TensorSpec square = TensorSpec.f32(1);
    add("flat", new ClipFactor(1), STEPS, cursor, square, square, square);
    add("flat", new L1Penalty(0.01f), flat, flat, STEPS, cursor);
    Op adam = new AdamUpdate(0.9f, 0.999f, 1e-8f, true, 0.01f, 1, false);
    add("flat", adam, flat, flat, flat, STEPS, cursor, flat);
    Op rms = new RmsPropUpdate(0.99f, 1e-8f, 0.9f, 0, 1, false);
    add("flat", rms, flat, flat, flat, STEPS, cursor, flat);
    add("flat", new AdagradUpdate(1e-8f, 0, 1, false), flat, flat, STEPS, cursor, flat);
    add("flat", new MovingAverage(), flat, flat, STEPS, cursor);
  }

  private void add(String place, Op op, TensorSpec... inputs) {
    OpCall call = OpCall.of(op, 1, inputs);
    cases.add(new Case(NAME, place, 1, call, call, Set.of()));
  }
}
