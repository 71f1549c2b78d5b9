package dev.lamina.exec;

import dev.lamina.device.Device;
import dev.lamina.device.Layout;
import dev.lamina.device.OpCall;
import dev.lamina.device.Way;
import dev.lamina.graph.Node;
import dev.lamina.graph.Value;
import dev.lamina.op.UnsupportedOpException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses for each node of a lane one of the ways its device offers, so that the measured times of
 * the calls and of the reorders between them are least in sum.
 *
 * <p>A value's home is the layout its maker gives; a reader that wants another costs a reorder,
 * shared by all readers that want the same. A parameter's home is what its first reader, the
 * forward pass, wants, unless it is fixed already. The search is a descent: change one node, let
 * its neighbours adapt, keep what got faster. What an earlier run recorded is followed, and further
 * plans of a model (a short batch, evaluation) are made like its first one where that is offered.
 */
final class LayoutSelection {
  private static final int MOST_SWEEPS = 8;
  private static final int FREE = -1;

  private final Device device;
  private final Stopwatch stopwatch;
  private final Choices choices;
  private final String scope;
  private final Optional<String> like;
  private final Map<String, Way> likeWays;
  private final List<Node> nodes;
  private final int lanes;

  /** Homes that are given: feeds, fixed parameters, results that leave the plan. */
  private final Map<Value, Layout> fixed;

  /** For each parameter's gradient, the parameter whose home it must end in. */
  private final Map<Value, Value> gradientOf;

  private final List<OpCall> calls = new ArrayList<>();
  private final List<List<Way>> ways = new ArrayList<>();
  private final Map<Value, List<int[]>> readers = new HashMap<>();
  private final Map<Value, int[]> makers = new HashMap<>();
  private LayoutCosts costs;

  LayoutSelection(
      Device device,
      Stopwatch stopwatch,
      Choices choices,
      String scope,
      Optional<String> like,
      Map<String, Way> likeWays,
      List<Node> nodes,
      int lanes,
      Map<Value, Layout> fixed,
      Map<Value, Value> gradientOf) {
    this.device = device;
    this.stopwatch = stopwatch;
    this.choices = choices;
    this.scope = scope;
    this.like = like;
    this.likeWays = likeWays;
    this.nodes = nodes;
    this.lanes = lanes;
    this.fixed = fixed;
    this.gradientOf = gradientOf;
  }

  /**
   * What was chosen.
   *
   * @param ways by node
   * @param homes home layout of every value, parameters included
   * @param positions of the ways among those offered
   */
  record Result(List<Way> ways, Map<Value, Layout> homes, int[] positions) {}

  /**
   * Chooses.
   *
   * @throws UnsupportedOpException listing everything the device cannot do
   */
  Result select() {
    offer();
    int[] chosen = recorded();
    if (Arrays.stream(chosen).anyMatch(way -> way == FREE)) {
      chosen = descend(chosen);
    }
    for (int n = 0; n < nodes.size(); n++) {
      OpCall call = calls.get(n);
      boolean tuned = device.tuning().filter(tuning -> tuning.covers(call)).isPresent();
      if (ways.get(n).size() > 1 || tuned || known(n).isPresent()) {
        choices.decide(key(scope, n), ways.get(n).get(chosen[n]).implementation());
      }
    }
    List<Way> result = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      result.add(ways.get(n).get(chosen[n]));
    }
    Map<Value, Layout> homes = new HashMap<>(fixed);
    makers.keySet().forEach(value -> homes.put(value, home(value, result)));
    readers.keySet().forEach(value -> homes.put(value, home(value, result)));
    return new Result(result, homes, chosen);
  }

  /** Returns the measured time of the lane as chosen, calls without a choice included. */
  long nanos(Result result) {
    long nanos = costs.total(result.positions());
    for (int n = 0; n < nodes.size(); n++) {
      if (ways.get(n).size() == 1) {
        nanos += stopwatch.nanos(calls.get(n), ways.get(n).get(0));
      }
    }
    return nanos;
  }

  private void offer() {
    List<String> missing = new ArrayList<>();
    for (int n = 0; n < nodes.size(); n++) {
      Node node = nodes.get(n);
      OpCall call =
          new OpCall(
              node.op(),
              node.inputs().stream().map(Value::spec).toList(),
              node.outputs().stream().map(Value::spec).toList(),
              lanes);
      calls.add(call);
      try {
        Optional<Way> known = known(n).flatMap(name -> device.way(call, name));
        List<Way> offered = known.isPresent() ? List.of(known.get()) : device.ways(call);
        ways.add(alike(n, offered).map(List::of).orElse(offered));
      } catch (UnsupportedOpException unsupported) {
        ways.add(List.of());
        missing.add(node.place() + ": " + unsupported.getMessage());
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        readers
            .computeIfAbsent(node.inputs().get(i), key -> new ArrayList<>())
            .add(new int[] {n, i});
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        makers.put(node.outputs().get(i), new int[] {n, i});
      }
    }
    if (!missing.isEmpty()) {
      throw new UnsupportedOpException(
          device.info().name() + " cannot run " + String.join("; ", missing));
    }
    costs = new LayoutCosts(stopwatch, nodes, calls, ways, lanes, fixed, gradientOf);
  }

  /**
   * The way that resembles the one of the same node in the plan that this one is to be like, where
   * nothing of its own is recorded. Folded, a convolution has a bias that it has not in training,
   * and so another name for the same thing.
   */
  private Optional<Way> alike(int n, List<Way> offered) {
    Way main = likeWays.get(nodes.get(n).name());
    if (main == null || offered.size() == 1 || choices.get(key(scope, n)).isPresent()) {
      return Optional.empty();
    }
    return offered.stream()
        .filter(way -> kind(way).equals(kind(main)))
        .filter(way -> shared(way.inputs(), main.inputs()))
        .filter(way -> shared(way.outputs(), main.outputs()))
        .findFirst();
  }

  private static String kind(Way way) {
    return way.implementation().split(" ", 2)[0];
  }

  private static boolean shared(List<Layout> some, List<Layout> others) {
    int both = Math.min(some.size(), others.size());
    return some.subList(0, both).equals(others.subList(0, both));
  }

  private String key(String scope, int n) {
    return scope + "/" + nodes.get(n).name();
  }

  /** The way recorded for this plan, else that of the plan it is to be like. */
  private Optional<String> known(int n) {
    Optional<String> own = choices.get(key(scope, n));
    return own.isPresent() ? own : like.flatMap(other -> choices.get(key(other, n)));
  }

  /** Where each way stands that is known; what is not offered any more is free, like the rest. */
  private int[] recorded() {
    int[] chosen = new int[nodes.size()];
    for (int n = 0; n < chosen.length; n++) {
      int node = n;
      Optional<String> own = choices.get(key(scope, n));
      if (own.isEmpty() && ways.get(n).size() == 1) {
        continue;
      }
      chosen[n] = own.map(way -> position(node, way)).orElse(FREE);
    }
    return chosen;
  }

  private int offered(int n, String implementation) {
    List<Way> offered = ways.get(n);
    for (int w = 0; w < offered.size(); w++) {
      if (offered.get(w).implementation().equals(implementation)) {
        return w;
      }
    }
    return FREE;
  }

  private int position(int n, String implementation) {
    int position = offered(n, implementation);
    if (position != FREE || !choices.binding()) {
      return position;
    }
    throw new UnsupportedOpException(
        nodes.get(n).place()
            + ": the recorded choice "
            + implementation
            + " is not offered by "
            + device.info().name()
            + " here (offered: "
            + ways.get(n).stream().map(Way::implementation).toList()
            + "); run without recorded choices to choose anew");
  }

  private int[] descend(int[] recorded) {
    boolean[] free = new boolean[recorded.length];
    int[] chosen = recorded.clone();
    for (int n = 0; n < chosen.length; n++) {
      free[n] = chosen[n] == FREE;
      for (int w = free[n] ? 0 : ways.get(n).size(); w < ways.get(n).size(); w++) {
        if (chosen[n] == FREE || costs.nanos(n, w) < costs.nanos(n, chosen[n])) {
          chosen[n] = w;
        }
      }
    }
    long best = costs.total(chosen);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      long before = best;
      for (int n = 0; n < chosen.length; n++) {
        for (int w = 0; free[n] && w < ways.get(n).size(); w++) {
          int[] trial = adapted(chosen, n, w, free);
          long total = costs.total(trial);
          if (total < best) {
            best = total;
            chosen = trial;
          }
        }
      }
      if (best == before) {
        break;
      }
    }
    if (best >= Stopwatch.NEVER) {
      throw new UnsupportedOpException(
          device.info().name()
              + " offers no ways for "
              + scope
              + " whose opaque layouts (saved by pooling, for example) fit together");
    }
    return chosen;
  }

  /** The assignment with one node changed and its neighbours, one by one, made to fit. */
  private int[] adapted(int[] chosen, int changed, int way, boolean[] free) {
    int[] trial = chosen.clone();
    trial[changed] = way;
    for (int n : neighbours(changed)) {
      if (!free[n]) {
        continue;
      }
      int kept = trial[n];
      long least = costs.total(trial);
      for (int w = 0; w < ways.get(n).size(); w++) {
        trial[n] = w;
        long total = costs.total(trial);
        if (total < least) {
          least = total;
          kept = w;
        }
      }
      trial[n] = kept;
    }
    return trial;
  }

  private Set<Integer> neighbours(int n) {
    Set<Integer> found = new HashSet<>();
    List<Value> touched = new ArrayList<>(nodes.get(n).inputs());
    touched.addAll(nodes.get(n).outputs());
    for (Value value : touched) {
      if (makers.containsKey(value)) {
        found.add(makers.get(value)[0]);
      }
      readers.getOrDefault(value, List.of()).forEach(reader -> found.add(reader[0]));
    }
    found.removeIf(other -> other == n || ways.get(other).size() < 2);
    return found;
  }

  private Layout home(Value value, List<Way> assigned) {
    if (makers.containsKey(value)) {
      return made(value, assigned);
    }
    Layout given = fixed.get(value);
    if (given != null) {
      return given;
    }
    int[] first = readers.get(value).get(0);
    return assigned.get(first[0]).inputs().get(first[1]);
  }

  private Layout made(Value value, List<Way> assigned) {
    int[] maker = makers.get(value);
    return assigned.get(maker[0]).outputs().get(maker[1]);
  }
}
