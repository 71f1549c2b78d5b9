package dev.lamina.project;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.model.Model;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.repository.WorkspaceReader;
import org.eclipse.aether.repository.WorkspaceRepository;

/**
 * What {@code mvn -Prelease deploy} would send: flattened POMs and jars, where the build put them.
 */
final class PublishedArtifacts implements WorkspaceReader {
  private final ProjectModel project;

  PublishedArtifacts(ProjectModel project) {
    this.project = project;
  }

  Path pom(Model module) {
    return target(module).resolve(".flattened-pom.xml");
  }

  /** The jar, or with a classifier the one beside it. */
  Path jar(Model module, String classifier) {
    String suffix = classifier.isEmpty() ? "" : "-" + classifier;
    return target(module)
        .resolve(module.getArtifactId() + "-" + project.version() + suffix + ".jar");
  }

  /** The build passes the name on that it uses. */
  private static Path target(Model module) {
    return module.getProjectDirectory().toPath().resolve(System.getProperty("lamina.target"));
  }

  @Override
  public WorkspaceRepository getRepository() {
    return new WorkspaceRepository("published");
  }

  @Override
  public File findArtifact(Artifact artifact) {
    Model module = project.module(artifact.getArtifactId());
    if (!artifact.getGroupId().equals("dev.lamina") || !project.published().contains(module)) {
      return null;
    }
    boolean pom = artifact.getExtension().equals("pom");
    File file = (pom ? pom(module) : jar(module, artifact.getClassifier())).toFile();
    return file.exists() ? file : null;
  }

  @Override
  public List<String> findVersions(Artifact artifact) {
    return List.of();
  }
}
