import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.SampleSpec;
import dev.lamina.device.Device;
import dev.lamina.device.Devices;
import dev.lamina.exec.Model;
import dev.lamina.models.LeNet5;
import dev.lamina.tensor.DataType;
import dev.lamina.train.Predictor;
import dev.lamina.train.Trainer;
import dev.lamina.train.TrainingOptions;
import java.util.Arrays;
import java.util.Random;

/** Trains LeNet-5 on arrays of one's own: which pair of rows is bright? */
public class Example {
  public static void main(String[] args) {
    float[] images = new float[2_000 * 28 * 28];
    int[] labels = new int[2_000];
    Random random = new Random(1);
    for (int i = 0; i < images.length; i++) {
      int image = i / (28 * 28);
      if (i % (28 * 28) == 0) {
        labels[image] = random.nextInt(10);
      }
      int row = i / 28 % 28;
      images[i] = random.nextFloat() + (row / 2 == labels[image] ? 1 : 0);
    }
    SampleSpec spec = SampleSpec.of(DataType.F32, 1, 28, 28, 10);
    InMemoryDataset data = InMemoryDataset.ofFloats("bars", spec, images, labels);

    try (Device device = Devices.open("cpu");
        Model model = Model.create(device, LeNet5.graph(spec), 42)) {
      Trainer.fit(model, data, TrainingOptions.defaults().withEpochs(5));
      try (Predictor predictor = new Predictor(model, spec, data.normalization())) {
        float[] probabilities = predictor.predict(Arrays.copyOf(images, 28 * 28));
        boolean found = probabilities[labels[0]] > 0.9f;
        System.out.println("class " + labels[0] + (found ? " found" : " missed"));
      }
    }
  }
}
