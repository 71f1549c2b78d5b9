package dev.lamina.cuda.call;

import dev.lamina.device.KernelBuildException;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;

/** NVRTC through JCuda. */
final class JNvrtcCalls implements Compiler {
  @Override
  public String compile(String name, String source, String... options) {
    nvrtcProgram program = new nvrtcProgram();
    check("nvrtcCreateProgram", JNvrtc.nvrtcCreateProgram(program, source, name, 0, null, null));
    try {
      int compiled = JNvrtc.nvrtcCompileProgram(program, options.length, options);
      if (compiled == nvrtcResult.NVRTC_ERROR_COMPILATION) {
        String[] log = new String[1];
        check("nvrtcGetProgramLog", JNvrtc.nvrtcGetProgramLog(program, log));
        throw KernelBuildException.of("NVRTC", name, log[0].strip(), null);
      }
      check("nvrtcCompileProgram of " + name, compiled);
      String[] ptx = new String[1];
      check("nvrtcGetPTX", JNvrtc.nvrtcGetPTX(program, ptx));
      return ptx[0];
    } finally {
      check("nvrtcDestroyProgram", JNvrtc.nvrtcDestroyProgram(program));
    }
  }

  private static void check(String call, int result) {
    if (result != nvrtcResult.NVRTC_SUCCESS) {
      throw new CallException(call, nvrtcResult.stringFor(result));
    }
  }
}
