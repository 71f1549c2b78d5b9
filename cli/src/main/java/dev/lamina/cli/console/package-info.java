/** What the program says and how: streams, verbosity, colour, tables, progress. */
package dev.lamina.cli.console;
