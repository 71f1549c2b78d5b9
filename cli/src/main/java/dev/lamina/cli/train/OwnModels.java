package dev.lamina.cli.train;

import dev.lamina.cli.config.UsageException;
import dev.lamina.io.IoReason;
import dev.lamina.models.ModelProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Networks that users wrote: in a Java file, or in a JAR. They run as part of this program. */
final class OwnModels {
  private OwnModels() {}

  /** Returns whether a model's name means a Java file. */
  static boolean isSource(String model) {
    return model.endsWith(".java");
  }

  /**
   * Compiles a file, in memory, and makes the model provider that it holds.
   *
   * @throws UsageException if it cannot be read or compiled, or has no provider
   */
  static ModelProvider compile(Path source) {
    if (!Files.isRegularFile(source)) {
      throw new UsageException(source + " does not exist; name a Java file, or a model");
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new UsageException(
          "compiling " + source + " needs a JDK, but Lamina runs on a Java runtime without one");
    }
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    Classes classes = new Classes(compiler.getStandardFileManager(problems, Locale.ROOT, null));
    Iterable<? extends JavaFileObject> files =
        compiler.getStandardFileManager(problems, Locale.ROOT, null).getJavaFileObjects(source);
    List<String> options = List.of("-classpath", System.getProperty("java.class.path"));
    boolean compiled =
        compiler.getTask(new StringWriter(), classes, problems, options, null, files).call();
    if (!compiled) {
      throw new UsageException(firstError(source, problems));
    }
    return provider(source, classes);
  }

  private static String firstError(Path source, DiagnosticCollector<JavaFileObject> problems) {
    List<Diagnostic<? extends JavaFileObject>> errors =
        problems.getDiagnostics().stream()
            .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
            .toList();
    Diagnostic<? extends JavaFileObject> first = errors.get(0);
    String more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more errors)" : "";
    return source + ":" + first.getLineNumber() + ": " + first.getMessage(Locale.ROOT) + more;
  }

  private static ModelProvider provider(Path source, Classes classes) {
    ClassLoader loader = new Loader(classes.compiled);
    for (String name : classes.compiled.keySet()) {
      try {
        Class<?> type = loader.loadClass(name);
        if (ModelProvider.class.isAssignableFrom(type)
            && !Modifier.isAbstract(type.getModifiers())) {
          return instance(type);
        }
      } catch (ClassNotFoundException impossible) {
        throw new IllegalStateException("what was compiled is there", impossible);
      }
    }
    throw new UsageException(
        source + " has no class that implements " + ModelProvider.class.getName());
  }

  private static ModelProvider instance(Class<?> type) {
    try {
      var constructor = type.getDeclaredConstructor();
      constructor.setAccessible(true);
      return (ModelProvider) constructor.newInstance();
    } catch (ReflectiveOperationException unusable) {
      Throwable cause = unusable.getCause() == null ? unusable : unusable.getCause();
      throw new UsageException(
          "model provider "
              + type.getName()
              + " cannot be made: it needs a constructor without parameters that works ("
              + cause
              + ")");
    }
  }

  /**
   * Finds a model among the providers that a JAR or a folder of classes declares, by its name or by
   * the name of its class.
   *
   * @throws UsageException if the path cannot be read or has no such model
   */
  static ModelProvider find(String model, Path path) {
    if (!Files.exists(path)) {
      throw new UsageException("--classpath " + path + " does not exist");
    }
    List<String> names = new ArrayList<>();
    try {
      // Stays open: classes are loaded from it as they are needed.
      URLClassLoader loader =
          new URLClassLoader(new URL[] {path.toUri().toURL()}, OwnModels.class.getClassLoader());
      for (ModelProvider provider : ServiceLoader.load(ModelProvider.class, loader)) {
        if (provider.name().equals(model)) {
          return provider;
        }
        names.add(provider.name());
      }
      return instance(loader.loadClass(model).asSubclass(ModelProvider.class));
    } catch (MalformedURLException impossible) {
      throw new UsageException("--classpath " + path + ": " + IoReason.of(impossible));
    } catch (ClassNotFoundException | ClassCastException | ServiceConfigurationError no) {
      throw new UsageException(
          "%s has neither a model nor a model provider's class called %s%s"
              .formatted(
                  path,
                  model,
                  names.isEmpty()
                      ? "; it declares none in META-INF/services/" + ModelProvider.class.getName()
                      : "; there are " + String.join(", ", names)));
    }
  }

  /** Keeps what is compiled in memory. */
  private static final class Classes extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> compiled = new LinkedHashMap<>();

    Classes(JavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      compiled.put(name, bytes);
      return new SimpleJavaFileObject(URI.create("memory:///" + name), kind) {
        @Override
        public OutputStream openOutputStream() throws IOException {
          return bytes;
        }
      };
    }
  }

  /** Loads what was compiled. */
  private static final class Loader extends ClassLoader {
    private final Map<String, ByteArrayOutputStream> compiled;

    Loader(Map<String, ByteArrayOutputStream> compiled) {
      super(OwnModels.class.getClassLoader());
      this.compiled = compiled;
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      ByteArrayOutputStream bytes = compiled.get(name);
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] content = bytes.toByteArray();
      return defineClass(name, content, 0, content.length);
    }
  }
}
