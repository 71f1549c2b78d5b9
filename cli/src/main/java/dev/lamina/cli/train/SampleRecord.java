package dev.lamina.cli.train;

import dev.lamina.cli.json.Json;
import dev.lamina.data.DataException;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.io.FormatException;
import dev.lamina.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What samples a network takes, as a run's record keeps it: predictions need no data set.
 *
 * @param spec type, extents, classes
 * @param normalization how stored values become network inputs
 */
record SampleRecord(SampleSpec spec, Normalization normalization) {
  static Map<String, Object> of(SampleSpec spec, Normalization normalization) {
    return Json.object(
        "type", spec.type().name(),
        "channels", spec.channels(),
        "height", spec.height(),
        "width", spec.width(),
        "classes", spec.classNames(),
        "scale", normalization.scale(),
        "mean", normalization.mean(),
        "deviation", normalization.deviation());
  }

  static SampleRecord read(String file, Map<?, ?> tree) throws FormatException {
    try {
      List<String> classes = new ArrayList<>();
      for (Object name : (List<?>) tree.get("classes")) {
        classes.add((String) name);
      }
      return new SampleRecord(
          new SampleSpec(
              DataType.valueOf((String) tree.get("type")),
              ((Number) tree.get("channels")).intValue(),
              ((Number) tree.get("height")).intValue(),
              ((Number) tree.get("width")).intValue(),
              classes),
          new Normalization(
              ((Number) tree.get("scale")).floatValue(),
              floats((List<?>) tree.get("mean")),
              floats((List<?>) tree.get("deviation"))));
    } catch (ClassCastException
        | NullPointerException
        | IllegalArgumentException
        | DataException damaged) {
      throw new FormatException(file + " is damaged: its field \"samples\" is " + tree);
    }
  }

  private static List<Float> floats(List<?> numbers) {
    List<Float> floats = new ArrayList<>();
    for (Object number : numbers) {
      floats.add(((Number) number).floatValue());
    }
    return floats;
  }
}
