package dev.lamina.exec;

import dev.lamina.op.Cost;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes a schedule down for people. */
final class Explanation {
  private Explanation() {}

  static String of(Schedule schedule, Optional<List<ExecutionPlan.Timing>> timings) {
    Map<Task, Long> nanos = new IdentityHashMap<>();
    timings.ifPresent(list -> list.forEach(timing -> nanos.put(timing.task(), timing.nanos())));
    StringBuilder text = new StringBuilder();
    long tasks = schedule.tasks().size();
    long reorders =
        schedule.tasks().stream().filter(task -> task.call().op().name().equals("reorder")).count();
    text.append(
        String.format(
            Locale.ROOT,
            "plan %s: %d tasks, %d reorders, %s in %d slabs%n",
            schedule.name(),
            tasks,
            reorders,
            bytes(schedule.slabBytes()),
            schedule.slabs().size()));
    schedule.remarks().forEach(remark -> text.append(remark).append(System.lineSeparator()));
    for (Schedule.Stage stage : schedule.stages()) {
      for (int lane = 0; lane < stage.lanes().size(); lane++) {
        String when = stage.derives() ? ", only after parameters have changed" : "";
        text.append(String.format(Locale.ROOT, "%s, lane %d%s%n", stage.name(), lane, when));
        stage.lanes().get(lane).forEach(task -> text.append(line(task, nanos.get(task))));
      }
    }
    return text.toString();
  }

  private static String line(Task task, Long nanos) {
    Cost cost = task.call().cost();
    String time = "";
    if (nanos != null) {
      double share = cost.flops() / (double) nanos;
      time = String.format(Locale.ROOT, "%9.1f us %6.1f GFLOP/s", nanos / 1e3, share);
    }
    return String.format(
        Locale.ROOT,
        "  %-28s %-24s %-44s %10s %10s%s%n",
        task.name(),
        task.call().op().name(),
        layouts(task.inputs()) + " -> " + layouts(task.outputs()),
        bytes(cost.bytes()),
        cost.flops() == 0 ? "" : String.format(Locale.ROOT, "%.2f MFLOP", cost.flops() / 1e6),
        time);
  }

  private static String layouts(List<PlannedTensor> tensors) {
    return tensors.stream()
        .map(tensor -> tensor.layout().canonical() ? "-" : tensor.layout().tag())
        .collect(Collectors.joining(" "));
  }

  private static String bytes(long bytes) {
    if (bytes < 10_000) {
      return bytes + " B";
    }
    return bytes < 10_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }
}
