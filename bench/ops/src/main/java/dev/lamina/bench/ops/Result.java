package dev.lamina.bench.ops;

import dev.lamina.op.Cost;

/**
 * What was measured of a case.
 *
 * @param list the shape list
 * @param place where in the model
 * @param times how often the model makes the call
 * @param op the op's name
 * @param shapes operands' extents
 * @param flops operations of a call as the op defines them; a multiply-add counts two
 * @param bytes bytes of its operands
 * @param measured on the device asked for; null if it does not have the op in a way that is wanted
 * @param against on the other device; null if there is none or it does not have the op so
 */
record Result(
    String list,
    String place,
    int times,
    String op,
    String shapes,
    long flops,
    long bytes,
    Measured measured,
    Measured against) {

  /**
   * Times of a call on a device.
   *
   * @param way implementation, and lanes where there are several
   * @param leastMicros least of all runs
   * @param medianMicros median of all runs
   * @param gflops 10⁹ operations a second, by the least time
   * @param gigabytesPerSecond 10⁹ bytes a second, by the least time
   * @param shareOfArithmetic of the measured peak
   * @param shareOfBandwidth of the measured memory bandwidth; above 1 where caches hold operands
   */
  record Measured(
      String way,
      double leastMicros,
      double medianMicros,
      double gflops,
      double gigabytesPerSecond,
      double shareOfArithmetic,
      double shareOfBandwidth) {

    static Measured of(Subject subject, Cost cost, Peak peak) {
      double gflops = (double) cost.flops() / subject.least();
      double rate = (double) cost.bytes() / subject.least();
      return new Measured(
          subject.way(),
          subject.least() / 1e3,
          subject.median() / 1e3,
          gflops,
          rate,
          gflops / peak.gflops(),
          rate / peak.gigabytesPerSecond());
    }
  }

  /** Returns the speed relative to the other device by least times; NaN if one has no time. */
  double ratio() {
    return measured == null || against == null
        ? Double.NaN
        : against.leastMicros / measured.leastMicros;
  }
}
