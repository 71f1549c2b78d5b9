/**
 * Tests of the project's shape, in the module that sees all others but the benchmarks: which
 * package may know which, what the artifacts depend on, and what a consumer gets.
 */
package dev.lamina.project;
