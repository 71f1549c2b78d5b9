package dev.lamina.cli.config;

/**
 * What somebody wrote for a setting.
 *
 * @param text the value as written
 * @param origin where it stands, as messages name it
 */
public record Given(String text, String origin) {}
