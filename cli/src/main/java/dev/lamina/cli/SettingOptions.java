package dev.lamina.cli;

import dev.lamina.cli.config.Setting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;

/** Makes options of settings, grouped for readers, and collects what users give. */
final class SettingOptions {
  private final Map<Setting<?>, String> given = new LinkedHashMap<>();

  /** Returns what was given, as text. */
  Map<Setting<?>, String> given() {
    return given;
  }

  /**
   * Adds the settings to a command.
   *
   * @param candidates values that shells complete
   */
  void addTo(
      CommandSpec command,
      List<Setting<?>> settings,
      Function<Setting<?>, List<String>> candidates) {
    Map<Setting.Group, List<Setting<?>>> groups = new LinkedHashMap<>();
    for (Setting<?> setting : settings) {
      groups.computeIfAbsent(setting.group(), key -> new ArrayList<>()).add(setting);
    }
    int order = 0;
    for (Map.Entry<Setting.Group, List<Setting<?>>> group : groups.entrySet()) {
      ArgGroupSpec.Builder builder =
          ArgGroupSpec.builder()
              .heading("%n" + group.getKey().heading() + ":%n")
              .validate(false)
              .exclusive(false)
              .order(order++);
      group.getValue().forEach(setting -> builder.addArg(option(setting, candidates)));
      command.addArgGroup(builder.build());
    }
  }

  private OptionSpec option(Setting<?> setting, Function<Setting<?>, List<String>> candidates) {
    Collect collect = new Collect(setting);
    OptionSpec.Builder option =
        OptionSpec.builder(setting.option())
            .description(setting.description())
            .getter(collect)
            .setter(collect);
    if (setting.isFlag()) {
      return option.type(Boolean.class).arity("0").negatable(true).build();
    }
    List<String> values = candidates.apply(setting);
    if (!values.isEmpty()) {
      option.completionCandidates(values);
    }
    return option.type(String.class).arity("1").paramLabel(setting.label()).build();
  }

  private final class Collect implements IGetter, ISetter {
    private final Setting<?> setting;

    Collect(Setting<?> setting) {
      this.setting = setting;
    }

    @Override
    public <T> T get() {
      return null;
    }

    /** Picocli also sets what was not given, to null. */
    @Override
    public <T> T set(T value) {
      if (value == null) {
        given.remove(setting);
      } else {
        given.put(setting, value.toString());
      }
      return null;
    }
  }
}
