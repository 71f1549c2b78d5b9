package dev.lamina.cpu.jit;

import static dev.lamina.cpu.jit.Reg.R10;
import static dev.lamina.cpu.jit.Reg.R11;
import static dev.lamina.cpu.jit.Reg.R12;
import static dev.lamina.cpu.jit.Reg.R13;
import static dev.lamina.cpu.jit.Reg.R14;
import static dev.lamina.cpu.jit.Reg.R15;
import static dev.lamina.cpu.jit.Reg.R8;
import static dev.lamina.cpu.jit.Reg.R9;
import static dev.lamina.cpu.jit.Reg.RAX;
import static dev.lamina.cpu.jit.Reg.RBP;
import static dev.lamina.cpu.jit.Reg.RBX;
import static dev.lamina.cpu.jit.Reg.RCX;
import static dev.lamina.cpu.jit.Reg.RDI;
import static dev.lamina.cpu.jit.Reg.RDX;
import static dev.lamina.cpu.jit.Reg.RSI;
import static dev.lamina.cpu.jit.Reg.RSP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Bytes as the GNU disassembler reads them: the comment is what it printed. */
class AssemblerTest {

  @Test
  void integers() {
    assertCode("41 54", a -> a.push(R12)); // push r12
    assertCode("5b", a -> a.pop(RBX)); // pop rbx
    assertCode("48 8b ec", a -> a.mov(RBP, RSP)); // mov rbp,rsp
    assertCode("4d 8b 4d 00", a -> a.mov(R9, Address.at(R13, 0))); // mov r9,[r13+0x0]
    // mov r10,[r12+r9*4+0x3e8]
    assertCode("4f 8b 94 8c e8 03 00 00", a -> a.mov(R10, Address.at(R12, R9, 4, 1000)));
    assertCode("4c 89 7c 24 10", a -> a.mov(Address.at(RSP, 16), R15)); // mov [rsp+0x10],r15
    assertCode("49 c7 c0 ff ff ff ff", a -> a.mov(R8, -1)); // mov r8,0xffffffffffffffff
    // movabs rdx,0x123456789abc
    assertCode("48 ba bc 9a 78 56 34 12 00 00", a -> a.mov(RDX, 0x123456789abcL));
    // movzx rax,BYTE PTR [rsi+r14*1+0x3]
    assertCode("4a 0f b6 44 36 03", a -> a.movByte(RAX, Address.at(RSI, R14, 1, 3)));
    // lea r12,[rbp+rcx*8-0x8]
    assertCode("4c 8d 64 cd f8", a -> a.lea(R12, Address.at(RBP, RCX, 8, -8)));
    assertCode("49 03 c1", a -> a.add(RAX, R9)); // add rax,r9
    assertCode("49 81 c5 20 00 00 00", a -> a.add(R13, 32)); // add r13,0x20
    assertCode("48 81 e9 01 00 00 00", a -> a.sub(RCX, 1)); // sub rcx,0x1
    assertCode("48 23 d0", a -> a.and(RDX, RAX)); // and rdx,rax
    assertCode("49 81 e1 e0 ff ff ff", a -> a.and(R9, -32)); // and r9,0xffffffffffffffe0
    // imul r9,rax,0xe0
    assertCode("4c 69 c8 e0 00 00 00", a -> a.imul(R9, RAX, 224));
    assertCode("49 0f bc c9", a -> a.lowestBit(RCX, R9)); // bsf rcx,r9
  }

  @Test
  void vectors() {
    assertCode("c4 e1 7c 10 58 20", a -> a.load(3, Address.at(RAX, 32))); // vmovups ymm3,[rax+32]
    // vmovups ymm13,[r9+r10*4+0x80]
    assertCode("c4 01 7c 10 ac 91 80 00 00 00", a -> a.load(13, Address.at(R9, R10, 4, 128)));
    assertCode("c4 41 7c 11 0c 24", a -> a.store(Address.at(R12, 0), 9)); // vmovups [r12],ymm9
    // vmaskmovps ymm5,ymm15,[rax]
    assertCode("c4 e2 05 2c 28", a -> a.load(5, Address.at(RAX, 0), 15));
    // vmaskmovps [r11+0x24],ymm2,ymm12
    assertCode("c4 42 6d 2e 63 24", a -> a.store(Address.at(R11, 36), 12, 2));
    // vbroadcastss ymm8,[rdx+rcx*4]
    assertCode("c4 62 7d 18 04 8a", a -> a.broadcast(8, Address.at(RDX, RCX, 4, 0)));
    assertCode("c4 41 24 57 db", a -> a.zero(11)); // vxorps ymm11,ymm11,ymm11
    assertCode("c4 42 2d b8 cb", a -> a.multiplyAdd(9, 10, 11)); // vfmadd231ps ymm9,ymm10,ymm11
    // vfmadd231ps ymm15,ymm14,[rsi+0x64]
    assertCode("c4 62 0d b8 7e 64", a -> a.multiplyAdd(15, 14, Address.at(RSI, 100)));
    assertCode("c4 c1 34 58 d7", a -> a.add(2, 9, 15)); // vaddps ymm2,ymm9,ymm15
    assertCode("c4 e1 44 58 3f", a -> a.add(7, 7, Address.at(RDI, 0))); // vaddps ymm7,ymm7,[rdi]
    assertCode("c4 c1 5c 5e e5", a -> a.divide(4, 4, 13)); // vdivps ymm4,ymm4,ymm13
    assertCode("c4 c1 5c 5c e5", a -> a.subtract(4, 4, 13)); // vsubps ymm4,ymm4,ymm13
    assertCode("c4 c1 7c 51 e5", a -> a.squareRoot(4, 13)); // vsqrtps ymm4,ymm13
    assertCode("c4 c1 5c 5f e5", a -> a.max(4, 4, 13)); // vmaxps ymm4,ymm4,ymm13
    assertCode("c4 c1 78 10 1e", a -> a.loadBytes(3, Address.at(R14, 0))); // vmovups xmm3,[r14]
    // vpcmpeqb xmm2,xmm3,[r15+0x10]
    assertCode("c4 c1 61 74 57 10", a -> a.equalBytes(2, 3, Address.at(R15, 16)));
    assertCode("c4 41 79 d7 d4", a -> a.signs(R10, 12)); // vpmovmskb r10d,xmm12
    assertCode("c5 f8 77", Assembler::zeroUpper); // vzeroupper
  }

  @Test
  void masksAndConversions() {
    assertCode("4c 0b e0", a -> a.or(R12, RAX)); // or r12,rax
    assertCode("48 c1 e0 08", a -> a.shiftLeft(RAX, 8)); // shl rax,0x8
    // vcmpneqps ymm1,ymm0,[rdx+0x20]
    assertCode("c4 e1 7c c2 4a 20 04", a -> a.different(1, 0, Address.at(RDX, 32)));
    assertCode("c4 61 7c 50 e1", a -> a.signsOfFloats(R12, 1)); // vmovmskps r12d,ymm1
    assertCode("c4 e1 6c c2 d8 1e", a -> a.larger(3, 2, 0)); // vcmpgt_oqps ymm3,ymm2,ymm0
    assertCode("c4 e1 1c c2 e2 03", a -> a.unordered(4, 12, 2)); // vcmpunordps ymm4,ymm12,ymm2
    assertCode("c4 e1 64 56 dc", a -> a.or(3, 3, 4)); // vorps ymm3,ymm3,ymm4
    assertCode("c4 43 2d 4a cb c0", a -> a.blend(9, 10, 11, 12)); // vblendvps ymm9,...,ymm12
    // vpmovzxbd ymm2,QWORD PTR [rsi+0x8]
    assertCode("c4 e2 7d 31 56 08", a -> a.bytesToInts(2, Address.at(RSI, 8)));
    assertCode("c4 e1 7c 5b d2", a -> a.intsToFloats(2, 2)); // vcvtdq2ps ymm2,ymm2
    // vfnmadd231ps ymm0,ymm8,ymm15
    assertCode("c4 c2 3d bc c7", a -> a.multiplySubtract(0, 8, 15));
    assertCode("c4 c1 7c 28 ef", a -> a.copy(5, 15)); // vmovaps ymm5,ymm15
    // vextractf128 xmm12,ymm9,1; vpackusdw xmm9,xmm9,xmm12; vpackuswb xmm9,xmm9,xmm9;
    // vmovq [rdx],xmm9
    assertCode(
        "c4 43 7d 19 cc 01 c4 42 31 2b cc c4 41 31 67 c9 c4 61 79 d6 0a",
        a -> a.storeBytes(Address.at(RDX, 0), 9, 12));
  }

  @Test
  void jumpsLeadBackAndAhead() {
    // sub rcx,0x1; je +6 (over the next jump); jne -19 (to the start)
    assertCode(
        "48 81 e9 01 00 00 00 0f 84 06 00 00 00 0f 85 ed ff ff ff",
        a -> {
          Label start = new Label();
          Label end = new Label();
          a.place(start);
          a.sub(RCX, 1);
          a.jumpIfZero(end);
          a.jumpIfNotZero(start);
          a.place(end);
        });
  }

  @Test
  void refusesAddressesThatTheProcessorLacks() {
    assertThrows(IllegalArgumentException.class, () -> Address.at(RAX, RSP, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> Address.at(RAX, RCX, 3, 0));
  }

  private static void assertCode(String expected, Consumer<Assembler> emission) {
    Assembler assembler = new Assembler();
    emission.accept(assembler);
    assertEquals(expected, HexFormat.ofDelimiter(" ").formatHex(assembler.code()));
  }
}
