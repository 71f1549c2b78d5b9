package dev.lamina.cuda.library;

import dev.lamina.device.DeviceException;
import dev.lamina.device.Diagnosis;
import java.nio.file.Path;
import java.util.Map;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnHandle;

/** Prints what doctor finds on a machine that has nothing but one folder of libraries. */
final class DoctorProcess {
  private DoctorProcess() {}

  public static void main(String[] arguments) {
    Path libraries = Path.of(arguments[0]);
    Path home = Path.of(arguments[1]);
    LibrarySearch search =
        LibrarySearch.of(
            LibraryNames.LINUX,
            Map.of(LibrarySearch.VARIABLE, libraries.toString()),
            home.resolve("root"),
            home);
    LibrarySet set = LibrarySet.of(search, home);
    boolean healthy = true;
    for (Diagnosis finding : set.findings()) {
      System.out.println(finding);
      healthy &= finding.healthy();
    }
    if (!healthy || !set.hasDriver()) {
      return;
    }
    try {
      System.out.println("loaded " + Loading.load(set, home).asMap());
      cublasHandle blas = new cublasHandle();
      int[] version = new int[1];
      int status =
          JCublas2.cublasCreate(blas)
              + JCublas2.cublasGetVersion(blas, version)
              + JCublas2.cublasDestroy(blas);
      System.out.println("cuBLAS handle " + status + " " + version[0]);
      cudnnHandle dnn = new cudnnHandle();
      System.out.println("cuDNN handle " + (JCudnn.cudnnCreate(dnn) + JCudnn.cudnnDestroy(dnn)));
    } catch (DeviceException unusable) {
      System.out.println("refused " + unusable.getMessage());
    }
  }
}
