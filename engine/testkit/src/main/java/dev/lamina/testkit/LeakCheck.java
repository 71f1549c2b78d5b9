package dev.lamina.testkit;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * JUnit extension: after a test class, every device opened in it must be closed, with nothing of it
 * left open, and no thread that began in it may still run.
 *
 * <p>Use it as {@code @ExtendWith(LeakCheck.class)}; test classes that run at the same time in one
 * process see each other's devices, so do not run them in parallel. Run with {@code
 * -Dlamina.leaks=trace} to have the log say where a leak was opened.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(LeakCheck.class);

  @Override
  public void beforeAll(ExtensionContext context) {
    context.getStore(NAMESPACE).put(context.getUniqueId(), new Leftovers());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    Leftovers leftovers =
        context.getStore(NAMESPACE).remove(context.getUniqueId(), Leftovers.class);
    leftovers.check(context.getDisplayName());
  }
}
