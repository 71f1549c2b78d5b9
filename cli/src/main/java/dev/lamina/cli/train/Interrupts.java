package dev.lamina.cli.train;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Ctrl-C (and a request to terminate) does while it is open: the first asks to stop, the
 * second ends the process at once.
 *
 * <p>Signals are reached by reflection: the JDK offers {@code sun.misc.Signal} in its supported
 * module {@code jdk.unsupported}, but the compiler warns of it without a way to say that it is
 * meant.
 */
final class Interrupts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);
  static final int INTERRUPTED = 130;

  /** Longer than a signal needs to the thread that handles it; waited for after a failure only. */
  private static final long SOON_MILLIS = 5_000;

  private final AtomicInteger received = new AtomicInteger();
  private final CountDownLatch anyReceived = new CountDownLatch(1);
  private final List<Object[]> replaced = new ArrayList<>();
  private Method handle;

  private Interrupts() {}

  /**
   * Handles signals until closed.
   *
   * @param first runs at the first one, on a thread of its own
   */
  static Interrupts handle(Runnable first) {
    Interrupts interrupts = new Interrupts();
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      interrupts.handle = signal.getMethod("handle", signal, handler);
      Object ours =
          Proxy.newProxyInstance(
              Interrupts.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> interrupts.called(proxy, method, arguments, first));
      for (String name : List.of("INT", "TERM")) {
        Object received = signal.getConstructor(String.class).newInstance(name);
        Object before = interrupts.handle.invoke(null, received, ours);
        interrupts.replaced.add(new Object[] {received, before});
      }
    } catch (ReflectiveOperationException unavailable) {
      // A JVM started with -Xrs, or one without the module: Ctrl-C then ends it at once.
      LOG.info("Ctrl-C will save nothing more: signals cannot be handled", unavailable);
    }
    return interrupts;
  }

  private Object called(Object proxy, Method method, Object[] arguments, Runnable first) {
    return switch (method.getName()) {
      case "handle" -> {
        if (received.incrementAndGet() == 1) {
          try {
            first.run();
          } finally {
            anyReceived.countDown();
          }
        } else {
          Runtime.getRuntime().halt(INTERRUPTED);
        }
        yield null;
      }
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "interrupts";
    };
  }

  /** Says whether a signal has come, or is on its way: native code may learn of it before. */
  boolean isReceivedSoon() {
    try {
      return anyReceived.await(SOON_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException asked) {
      Thread.currentThread().interrupt();
      return received.get() > 0;
    }
  }

  @Override
  public void close() {
    for (Object[] signalAndHandler : replaced) {
      try {
        handle.invoke(null, signalAndHandler);
      } catch (IllegalAccessException | InvocationTargetException impossible) {
        throw new IllegalStateException("a signal's handler cannot be put back", impossible);
      }
    }
  }
}
