package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.exec.ChoiceStore;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.testkit.ReferenceDevice;
import dev.lamina.testkit.ReferenceOptions;
import dev.lamina.testkit.ReferenceWay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChoiceStoreTest {
  @TempDir Path cache;

  private Device device() {
    return ReferenceDevice.open(ReferenceOptions.defaults().withWays(ReferenceWay.values()));
  }

  @Test
  void choicesSurviveTheProcess() {
    try (Device device = device()) {
      ChoiceStore store = ChoiceStore.of(cache, device, TinyNetwork.graph());
      assertTrue(store.load().all().isEmpty());
      Choices choices = new Choices();
      choices.decide("training 8/lanes", "4");
      store.save(choices);
      assertEquals(Map.of("training 8/lanes", "4"), store.load().all());
      choices.decide("training 8/lanes 4/rows 2/conv1", "mixed");
      store.save(choices);
      assertEquals(choices.all(), store.load().all());
    }
  }

  @Test
  void damagedAndForeignFilesAreLeftAside() throws IOException {
    try (Device device = device()) {
      ChoiceStore store = ChoiceStore.of(cache, device, TinyNetwork.graph());
      Choices choices = new Choices();
      choices.decide("a", "b");
      store.save(choices);
      Path file;
      try (Stream<Path> files = Files.list(cache.resolve("choices"))) {
        file = files.findFirst().orElseThrow();
      }
      String whole = Files.readString(file);
      Files.writeString(file, whole.substring(0, whole.length() / 2));
      assertTrue(store.load().all().isEmpty());
      Files.writeString(file, whole.replace("\"subject\" : \"1 ", "\"subject\" : \"0 "));
      assertTrue(store.load().all().isEmpty());
      Files.writeString(file, whole);
      assertFalse(store.load().all().isEmpty());
    }
  }

  /** A library that was replaced may not offer what was remembered: that is no error. */
  @Test
  void rememberedChoicesThatAreNotOfferedAreMadeAnew() {
    Choices stale = new Choices();
    try (Device device = device();
        Model model = Model.create(device, TinyNetwork.graph(), 1, stale)) {
      Trainer.fit(model, TinyNetwork.dataset(9), options());
    }
    Map<String, String> changed = stale.all();
    String key =
        changed.keySet().stream().filter(name -> name.endsWith("/conv1")).findFirst().orElseThrow();
    changed.put(key, "no longer offered");
    Choices remembered = Choices.remembered(changed);
    try (Device device = device();
        Model model = Model.create(device, TinyNetwork.graph(), 1, remembered)) {
      Trainer.fit(model, TinyNetwork.dataset(9), options());
    }
    assertFalse(remembered.all().containsValue("no longer offered"));
  }

  /**
   * Only the first plan of a model is measured; its short batch and evaluation are made like it.
   */
  @Test
  void furtherPlansAreMadeLikeTheFirst() {
    Choices choices = new Choices();
    choices.decide("training 4/lanes", "2");
    try (Device device = device();
        Model model = Model.create(device, TinyNetwork.graph(), 1, choices);
        TrainingRun run =
            Trainer.start(
                model, TinyNetwork.dataset(7), Optional.of(TinyNetwork.dataset(9)), options())) {
      run.run();
    }
    for (String scope :
        List.of(
            "training 3/lanes 2/rows 2",
            "training 3/lanes 2/rows 1",
            "evaluation 9/lanes 2/rows 5")) {
      for (String node : List.of("conv1", "fc1", "fc2")) {
        assertEquals(
            choices.get("training 4/lanes 2/rows 2/" + node).orElseThrow(),
            choices.get(scope + "/" + node).orElseThrow());
      }
    }
  }

  private static TrainingOptions options() {
    return TrainingOptions.defaults().withEpochs(1).withBatchSize(4);
  }
}
