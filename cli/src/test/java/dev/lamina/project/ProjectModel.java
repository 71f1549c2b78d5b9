package dev.lamina.project;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.maven.model.Model;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.codehaus.plexus.util.xml.pull.XmlPullParserException;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.repository.WorkspaceReader;
import org.eclipse.aether.repository.WorkspaceRepository;

/** The project's POMs as they stand in the working tree, by artifact id. */
final class ProjectModel implements WorkspaceReader {
  private final Path root;
  private final Map<String, Model> modules = new TreeMap<>();

  private ProjectModel(Path root) {
    this.root = root;
  }

  /** Reads the parent POM and every module it names. */
  static ProjectModel read() {
    ProjectModel project = new ProjectModel(root());
    for (String module : project.add("pom.xml").getModules()) {
      project.add(module + "/pom.xml");
    }
    return project;
  }

  /** The project's folder: Surefire runs each module's tests in the module's own. */
  static Path root() {
    return Path.of("").toAbsolutePath().getParent();
  }

  private Model add(String pom) {
    Model model = readPom(root.resolve(pom));
    model.setPomFile(root.resolve(pom).toFile());
    modules.put(model.getArtifactId(), model);
    return model;
  }

  static Model readPom(Path pom) {
    try (Reader reader = Files.newBufferedReader(pom)) {
      return new MavenXpp3Reader().read(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (XmlPullParserException e) {
      throw new IllegalStateException(pom + " is no POM", e);
    }
  }

  Model parent() {
    return modules.get("lamina-parent");
  }

  /** Every POM but the parent's. */
  List<Model> modules() {
    return modules.values().stream().filter(model -> model != parent()).toList();
  }

  /** The modules that are deployed. */
  List<Model> published() {
    return modules().stream()
        .filter(model -> !"true".equals(model.getProperties().getProperty("maven.deploy.skip")))
        .toList();
  }

  Model module(String artifactId) {
    return modules.get(artifactId);
  }

  String version() {
    return parent().getVersion();
  }

  @Override
  public WorkspaceRepository getRepository() {
    return new WorkspaceRepository("project");
  }

  /** Answers with the POM for a jar too: whoever reads a tree opens no jar. */
  @Override
  public File findArtifact(Artifact artifact) {
    Model model = modules.get(artifact.getArtifactId());
    return artifact.getGroupId().equals("dev.lamina") && model != null ? model.getPomFile() : null;
  }

  @Override
  public List<String> findVersions(Artifact artifact) {
    return List.of();
  }
}
