package dev.lamina.bench.peers;

import java.util.List;

/**
 * Everything one command measured; the JSON document.
 *
 * @param ratios only of modes in which all engines did the same work
 */
record Comparison(
    Host host,
    Settings settings,
    List<Run> runs,
    List<Agreement> agreements,
    List<Summary> summaries,
    List<Ratio> ratios) {

  static Comparison of(Host host, Settings settings, List<Run> runs) {
    List<WorkerReport> reports = runs.stream().map(Run::report).toList();
    List<Agreement> agreements =
        reports.stream()
            .map(WorkerReport::mode)
            .distinct()
            .map(
                mode ->
                    Agreement.of(
                        mode, reports.stream().filter(report -> report.mode() == mode).toList()))
            .toList();
    List<Summary> summaries = Summary.of(reports);
    List<Ratio> ratios =
        agreements.stream()
            .filter(Agreement::holds)
            .flatMap(agreement -> Ratio.of(agreement.mode(), summaries).stream())
            .toList();
    return new Comparison(host, settings, runs, agreements, summaries, ratios);
  }

  boolean sameWork() {
    return agreements.stream().allMatch(Agreement::holds);
  }
}
