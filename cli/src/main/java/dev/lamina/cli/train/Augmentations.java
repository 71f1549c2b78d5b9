package dev.lamina.cli.train;

import dev.lamina.cli.config.Configuration;
import dev.lamina.cli.config.Setting;
import dev.lamina.cli.config.TrainSettings;
import dev.lamina.cli.config.UsageException;
import dev.lamina.data.SampleSpec;
import dev.lamina.op.AugmentSamples;
import java.util.List;

/** Whether samples can be varied as the settings say. */
final class Augmentations {
  private Augmentations() {}

  /**
   * Checks the settings.
   *
   * @throws UsageException naming the one that does not suit the samples
   */
  static void check(Configuration configuration, SampleSpec samples) {
    int least = Math.min(samples.height(), samples.width());
    int most = Math.max(samples.height(), samples.width());
    for (Setting<Long> size : List.of(TrainSettings.CROP, TrainSettings.CUTOUT)) {
      long pixels = configuration.find(size).orElse(0L);
      if (pixels > least) {
        throw new UsageException(
            "%s %d does not fit samples of %dx%d pixels; take at most %d"
                .formatted(size.option(), pixels, samples.height(), samples.width(), least));
      }
    }
    if (configuration.find(TrainSettings.ROTATION).orElse(0L) > 0
        && most > AugmentSamples.MOST_TURNED) {
      throw new UsageException(
          "%s turns samples of up to %d pixels a side, but these have %d; leave it out"
              .formatted(TrainSettings.ROTATION.option(), AugmentSamples.MOST_TURNED, most));
    }
    if (configuration.find(TrainSettings.SATURATION).orElse(0.0) > 0 && samples.channels() != 3) {
      throw new UsageException(
          "%s needs colours, but the samples have %d channel(s); leave it out"
              .formatted(TrainSettings.SATURATION.option(), samples.channels()));
    }
  }
}
