package dev.lamina.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.device.Device;
import dev.lamina.device.OpCall;
import dev.lamina.exec.Choices;
import dev.lamina.exec.Model;
import dev.lamina.op.UnsupportedOpException;
import dev.lamina.testkit.ReferenceDevice;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A device that lacks ops says of all of them in one message. */
class MissingOpsTest {
  private static final TrainingOptions OPTIONS =
      TinyRuns.OPTIONS.withClipNorm(0.5f).withL1(1e-3f).withAverage(0.9f);

  private static Device lacking(Device device, Set<String> ops) {
    return (Device)
        Proxy.newProxyInstance(
            Device.class.getClassLoader(),
            new Class<?>[] {Device.class},
            (proxy, method, arguments) -> {
              if (Set.of("ways", "way").contains(method.getName())
                  && arguments[0] instanceof OpCall call
                  && ops.contains(call.op().name())) {
                throw new UnsupportedOpException("no kernel for " + call.op().name());
              }
              try {
                return method.invoke(device, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getCause();
              }
            });
  }

  private static String refusal(String... ops) {
    try (ReferenceDevice reference = ReferenceDevice.open()) {
      Device device = lacking(reference, Set.of(ops));
      try (Model model = Model.create(device, TinyNetwork.graph(), 5, new Choices())) {
        return assertThrows(
                UnsupportedOpException.class, () -> Trainer.fit(model, TinyRuns.DATA, OPTIONS))
            .getMessage();
      }
    }
  }

  @Test
  void namesAllOpsOfTheNetwork() {
    String message = refusal("max_pool2d", "relu_gradient", "relu");
    assertTrue(message.contains("pool1"), message);
    assertTrue(message.contains("no kernel for max_pool2d"), message);
  }

  @Test
  void namesAllOpsOfTheUpdate() {
    String message = refusal("squared_norm", "moving_average", "l1_penalty", "end_step");
    for (String op : new String[] {"squared_norm", "moving_average", "l1_penalty", "end_step"}) {
      String once = "no kernel for " + op;
      assertTrue(message.contains(once), message);
      assertEquals(message.indexOf(once), message.lastIndexOf(once), message);
    }
  }
}
