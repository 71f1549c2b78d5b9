package dev.lamina.cpu.onednn;

import org.bytedeco.dnnl.global.dnnl;

/** The arguments that primitives read and write. */
public enum Arg {
  SRC(dnnl.DNNL_ARG_SRC),
  SRC_1(dnnl.DNNL_ARG_SRC_1),
  DST(dnnl.DNNL_ARG_DST),
  WEIGHTS(dnnl.DNNL_ARG_WEIGHTS),
  BIAS(dnnl.DNNL_ARG_BIAS),
  DIFF_SRC(dnnl.DNNL_ARG_DIFF_SRC),
  DIFF_DST(dnnl.DNNL_ARG_DIFF_DST),
  DIFF_WEIGHTS(dnnl.DNNL_ARG_DIFF_WEIGHTS),
  DIFF_BIAS(dnnl.DNNL_ARG_DIFF_BIAS),
  MEAN(dnnl.DNNL_ARG_MEAN),
  VARIANCE(dnnl.DNNL_ARG_VARIANCE),
  SCALE(dnnl.DNNL_ARG_SCALE),
  SHIFT(dnnl.DNNL_ARG_SHIFT),
  DIFF_SCALE(dnnl.DNNL_ARG_DIFF_SCALE),
  DIFF_SHIFT(dnnl.DNNL_ARG_DIFF_SHIFT),
  /** What the first post-op adds, see {@link Convolution#forwardAdd}. */
  ADDEND(dnnl.DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | dnnl.DNNL_ARG_SRC_1),
  WORKSPACE(dnnl.DNNL_ARG_WORKSPACE),
  SCRATCHPAD(dnnl.DNNL_ARG_SCRATCHPAD);

  final int code;

  Arg(int code) {
    this.code = code;
  }
}
