package dev.lamina.bench.peers;

import java.util.List;

/** Everything one command measured; the JSON document. */
record Comparison(
    Host host,
    Settings settings,
    List<Run> runs,
    List<Agreement> agreements,
    List<Summary> summaries) {}
