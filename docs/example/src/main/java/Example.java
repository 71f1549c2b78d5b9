import dev.lamina.data.SampleSpec;
import dev.lamina.graph.Graph;
import dev.lamina.models.LeNet5;
import dev.lamina.tensor.DataType;

/** Builds LeNet-5 and says how large it is. */
public class Example {
  public static void main(String[] args) {
    Graph graph = LeNet5.graph(SampleSpec.of(DataType.U8, 1, 28, 28, 10));
    System.out.printf("%s: %,d parameters%n", graph.name(), graph.parameterCount());
  }
}
