package dev.lamina.device;

/**
 * One finding of {@code doctor}.
 *
 * @param subject what was looked at, for example {@code oneDNN}
 * @param healthy whether it is as it should be
 * @param finding what was found
 * @param advice what to do; empty where nothing is
 */
public record Diagnosis(String subject, boolean healthy, String finding, String advice) {}
