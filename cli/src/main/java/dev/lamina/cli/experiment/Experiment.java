package dev.lamina.cli.experiment;

import dev.lamina.cli.config.Given;
import dev.lamina.cli.config.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an experiment file says.
 *
 * @param file its name as the user gave it
 * @param title one line
 * @param about a few sentences; may be empty
 * @param base settings of all runs
 * @param shortened settings in place of the base's where a short form is asked for
 * @param axes what varies
 * @param repeats how often each combination is run
 * @param shortRepeats how often in the short form
 * @param seeds the seeds of the repeats, where the file lists them
 */
record Experiment(
    String file,
    String title,
    String about,
    Map<Setting<?>, Given> base,
    Map<Setting<?>, Given> shortened,
    List<Axis> axes,
    int repeats,
    Optional<Integer> shortRepeats,
    List<Long> seeds) {}
