package dev.lamina.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeclaredKernelsTest {
  @Test
  void kernelsOfBothLanguagesAndOfThePreludeAreFound() {
    DeclaredKernels declared =
        DeclaredKernels.of(
            """
            // KERNEL void commented(int n) {}
            /* __kernel void also(int n) {} */
            FUNCTION float helper(float x) { return x; }
            KERNEL REQUIRED_GROUP(64) void portable(
                GLOBAL const float* RESTRICT x, GLOBAL u8* y, float alpha, int n) {
            }
            __kernel __attribute__((reqd_work_group_size(64, 1, 1)))
            void opencl(__global float4 *x, __constant const int* y, unsigned int n, __local float* s) {}
            extern "C" __global__ void __launch_bounds__(64) cuda(
                const float *__restrict__ x, unsigned long long n) {}
            kernel void nothing(void);
            """);
    assertEquals(List.of("portable", "opencl", "cuda", "nothing"), declared.names());
    assertEquals("[float* x, uchar* y, float alpha, int n]", text(declared, "portable"));
    assertEquals("[float4* x, int* y, uint n, local float* s]", text(declared, "opencl"));
    assertEquals("[float* x, ulong n]", text(declared, "cuda"));
    assertEquals("[]", text(declared, "nothing"));
    assertEquals(Optional.empty(), declared.signature("commented"));
    assertEquals("uint", DeclaredKernels.type("__global const unsigned int "));
  }

  private static String text(DeclaredKernels declared, String kernel) {
    return declared.signature(kernel).orElseThrow().parameters().toString();
  }
}
