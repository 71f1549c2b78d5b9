/**
 * What holds a device to the contract: a double-precision reference of every op, cases, tolerances,
 * a conformance suite, a gradient check, a leak check, and a device that runs the reference.
 *
 * <p>A device's test extends {@link dev.lamina.testkit.DeviceConformance}. Tests of graphs, plans
 * and training run on {@link dev.lamina.testkit.ReferenceDevice}. Nothing here is fast, and nothing
 * here shares code with a device: an oracle that is sped up weakens every test.
 */
package dev.lamina.testkit;
