/** What a run is told: settings, where their values come from, and which source wins. */
package dev.lamina.cli.config;
