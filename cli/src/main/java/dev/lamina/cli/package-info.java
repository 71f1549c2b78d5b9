/**
 * The command line: its entry, its commands and what they answer.
 *
 * <p>Start at {@link dev.lamina.cli.Main}. A command is a picocli class here, added in {@code
 * Lamina}; it writes through {@link dev.lamina.cli.console.Console}, throws on failure, and {@code
 * Failure} turns what was thrown into one line and an exit code.
 */
package dev.lamina.cli;
