/** JSON as maps, lists, texts, numbers and booleans, which is all the command line needs. */
package dev.lamina.cli.json;
