package dev.lamina.project;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.ModelBuilder;
import org.apache.maven.model.profile.ProfileSelector;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.eclipse.aether.DefaultRepositoryCache;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositoryException;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.graph.DependencyNode;
import org.eclipse.aether.repository.LocalArtifactRequest;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.WorkspaceReader;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.util.graph.manager.DependencyManagerUtils;
import org.eclipse.aether.util.graph.transformer.ConflictResolver;

/**
 * Resolves run-time class paths as a build tool does, from POMs and their parents. Works offline,
 * on what Maven keeps on this machine and on one workspace.
 */
final class DependencyResolver {
  private static final RepositorySystem MAVEN = new RepositorySystemSupplier().get();
  private static final RepositorySystem GRADLE = new ProfileFreeSupplier().get();

  private final RepositorySystem system;
  private final DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();

  private DependencyResolver(RepositorySystem system, WorkspaceReader workspace) {
    this.system = system;
    // Surefire passes Maven's folder on; "simple": a file counts wherever it came from.
    LocalRepository repository =
        new LocalRepository(new File(System.getProperty("localRepository")), "simple");
    session.setLocalRepositoryManager(system.newLocalRepositoryManager(session, repository));
    session.setOffline(true);
    session.setCache(new DefaultRepositoryCache());
    session.setWorkspaceReader(workspace);
    session.setSystemProperties(System.getProperties());
    session.setConfigProperty(ConflictResolver.CONFIG_PROP_VERBOSE, true);
    session.setConfigProperty(DependencyManagerUtils.CONFIG_PROP_VERBOSE, true);
  }

  /** Gradle reads POMs, but no profile in them is ever active. */
  static DependencyResolver asGradle(WorkspaceReader workspace) {
    return new DependencyResolver(GRADLE, workspace);
  }

  /** Maven on a machine with these values of {@code os.name} and {@code os.arch}. */
  static DependencyResolver asMaven(WorkspaceReader workspace, String osName, String osArch) {
    DependencyResolver resolver = new DependencyResolver(MAVEN, workspace);
    resolver.session.setSystemProperty("os.name", osName);
    resolver.session.setSystemProperty("os.arch", osArch);
    return resolver;
  }

  /** The run-time dependencies, this artifact and versions that lost to others included. */
  List<Artifact> tree(Artifact artifact) {
    CollectRequest request = new CollectRequest(new Dependency(artifact, "runtime"), List.of());
    try {
      List<Artifact> tree = new ArrayList<>();
      flatten(system.collectDependencies(session, request).getRoot(), tree);
      return tree;
    } catch (RepositoryException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void flatten(DependencyNode node, List<Artifact> artifacts) {
    artifacts.add(node.getArtifact());
    node.getChildren().forEach(child -> flatten(child, artifacts));
  }

  /** Whether the artifact's file is on this machine. */
  boolean has(Artifact artifact) {
    LocalArtifactRequest request = new LocalArtifactRequest(artifact, List.of(), null);
    return session.getLocalRepositoryManager().find(session, request).isAvailable();
  }

  /** The artifact's file. */
  Path file(Artifact artifact) {
    try {
      ArtifactRequest request = new ArtifactRequest(artifact, List.of(), null);
      return system.resolveArtifact(session, request).getArtifact().getFile().toPath();
    } catch (RepositoryException e) {
      throw new IllegalStateException(e);
    }
  }

  static Artifact artifact(String artifactId, String version) {
    return new DefaultArtifact("dev.lamina", artifactId, "jar", version);
  }

  private static final class ProfileFreeSupplier extends RepositorySystemSupplier {
    @Override
    protected ModelBuilder getModelBuilder() {
      return new DefaultModelBuilderFactory() {
        @Override
        protected ProfileSelector newProfileSelector() {
          return (profiles, context, problems) -> List.of();
        }
      }.newInstance();
    }
  }
}
