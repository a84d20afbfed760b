#include "textflag.h"

// Argon2id's compression function (RFC 9106 §3.5 and §3.6) with AVX2: four words at a time, and two rounds at once so that one
// computes while the other waits.

DATA rotate24<>+0x00(SB)/8, $0x0201000706050403
DATA rotate24<>+0x08(SB)/8, $0x0a09080f0e0d0c0b
DATA rotate24<>+0x10(SB)/8, $0x0201000706050403
DATA rotate24<>+0x18(SB)/8, $0x0a09080f0e0d0c0b
GLOBL rotate24<>(SB), NOPTR|RODATA, $32

DATA rotate16<>+0x00(SB)/8, $0x0100070605040302
DATA rotate16<>+0x08(SB)/8, $0x09080f0e0d0c0b0a
DATA rotate16<>+0x10(SB)/8, $0x0100070605040302
DATA rotate16<>+0x18(SB)/8, $0x09080f0e0d0c0b0a
GLOBL rotate16<>(SB), NOPTR|RODATA, $32

#define R24 Y14
#define R16 Y15

// ADD is a += b + 2·low(a)·low(b), twice.
#define ADD(a, b, a1, b1) \
	VPMULUDQ b, a, Y12; \
	VPMULUDQ b1, a1, Y13; \
	VPADDQ b, a, a; \
	VPADDQ b1, a1, a1; \
	VPADDQ Y12, Y12, Y12; \
	VPADDQ Y13, Y13, Y13; \
	VPADDQ Y12, a, a; \
	VPADDQ Y13, a1, a1

// GB is the function of that name, on eight columns.
#define GB(a, b, c, d, a1, b1, c1, d1) \
	ADD(a, b, a1, b1); \
	VPXOR a, d, d; \
	VPXOR a1, d1, d1; \
	VPSHUFD $0xb1, d, d; \
	VPSHUFD $0xb1, d1, d1; \
	ADD(c, d, c1, d1); \
	VPXOR c, b, b; \
	VPXOR c1, b1, b1; \
	VPSHUFB R24, b, b; \
	VPSHUFB R24, b1, b1; \
	ADD(a, b, a1, b1); \
	VPXOR a, d, d; \
	VPXOR a1, d1, d1; \
	VPSHUFB R16, d, d; \
	VPSHUFB R16, d1, d1; \
	ADD(c, d, c1, d1); \
	VPXOR c, b, b; \
	VPXOR c1, b1, b1; \
	VPADDQ b, b, Y12; \
	VPADDQ b1, b1, Y13; \
	VPSRLQ $63, b, b; \
	VPSRLQ $63, b1, b1; \
	VPOR Y12, b, b; \
	VPOR Y13, b1, b1

// LOAD puts the exclusive or of two blocks' words into y.
#define LOAD(offset, y) \
	VMOVDQU offset(SI), y; \
	VPXOR offset(DX), y, y

// func mixRows(work, prev, ref *argonBlock)
//
// work becomes prev⊕ref with the round P over each of its rows: two rows at a time, a row in four registers.
TEXT ·mixRows(SB), NOSPLIT, $0-24
	MOVQ work+0(FP), DI
	MOVQ prev+8(FP), SI
	MOVQ ref+16(FP), DX
	VMOVDQU rotate24<>(SB), R24
	VMOVDQU rotate16<>(SB), R16
	MOVQ $4, CX

rows:
	LOAD(0, Y0)
	LOAD(32, Y1)
	LOAD(64, Y2)
	LOAD(96, Y3)
	LOAD(128, Y4)
	LOAD(160, Y5)
	LOAD(192, Y6)
	LOAD(224, Y7)
	GB(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	VPERMQ $0x39, Y1, Y1
	VPERMQ $0x39, Y5, Y5
	VPERMQ $0x4e, Y2, Y2
	VPERMQ $0x4e, Y6, Y6
	VPERMQ $0x93, Y3, Y3
	VPERMQ $0x93, Y7, Y7
	GB(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	VPERMQ $0x93, Y1, Y1
	VPERMQ $0x93, Y5, Y5
	VPERMQ $0x4e, Y2, Y2
	VPERMQ $0x4e, Y6, Y6
	VPERMQ $0x39, Y3, Y3
	VPERMQ $0x39, Y7, Y7
	VMOVDQU Y0, 0(DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VMOVDQU Y4, 128(DI)
	VMOVDQU Y5, 160(DI)
	VMOVDQU Y6, 192(DI)
	VMOVDQU Y7, 224(DI)
	ADDQ $256, DI
	ADDQ $256, SI
	ADDQ $256, DX
	DECQ CX
	JNZ  rows
	VZEROALL
	RET

// STORE writes y⊕prev⊕ref, and over what was there where over isn't zero.
#define STORE(offset, y) \
	VPXOR offset(SI), y, y; \
	VPXOR offset(DX), y, y; \
	VPAND offset(BX), Y8, Y9; \
	VPXOR Y9, y, y; \
	VMOVDQU y, offset(BX)

// func mixColumns(out, prev, ref, work *argonBlock, from, to int, over uint64)
//
// The round P over the columns of work in the quarters [from, to), a quarter being two columns of pairs of words; out becomes
// prev⊕ref⊕work there, ⊕out where over is all ones and not where it is zero.
TEXT ·mixColumns(SB), NOSPLIT, $0-56
	MOVQ out+0(FP), BX
	MOVQ prev+8(FP), SI
	MOVQ ref+16(FP), DX
	MOVQ work+24(FP), DI
	MOVQ from+32(FP), AX
	MOVQ to+40(FP), CX
	VPBROADCASTQ over+48(FP), Y8
	VMOVDQU rotate24<>(SB), R24
	VMOVDQU rotate16<>(SB), R16
	SUBQ AX, CX
	SHLQ $5, AX
	ADDQ AX, BX
	ADDQ AX, SI
	ADDQ AX, DX
	ADDQ AX, DI

columns:
	VMOVDQU 0(DI), Y0
	VMOVDQU 128(DI), Y1
	VMOVDQU 256(DI), Y2
	VMOVDQU 384(DI), Y3
	VMOVDQU 512(DI), Y4
	VMOVDQU 640(DI), Y5
	VMOVDQU 768(DI), Y6
	VMOVDQU 896(DI), Y7
	GB(Y0, Y2, Y4, Y6, Y1, Y3, Y5, Y7)
	VPALIGNR $8, Y2, Y3, Y9
	VPALIGNR $8, Y3, Y2, Y3
	VPALIGNR $8, Y7, Y6, Y10
	VPALIGNR $8, Y6, Y7, Y7
	GB(Y0, Y9, Y5, Y10, Y1, Y3, Y4, Y7)
	VPALIGNR $8, Y3, Y9, Y2
	VPALIGNR $8, Y9, Y3, Y3
	VPALIGNR $8, Y10, Y7, Y6
	VPALIGNR $8, Y7, Y10, Y7
	STORE(0, Y0)
	STORE(128, Y1)
	STORE(256, Y2)
	STORE(384, Y3)
	STORE(512, Y4)
	STORE(640, Y5)
	STORE(768, Y6)
	STORE(896, Y7)
	ADDQ $32, BX
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, DI
	DECQ CX
	JNZ  columns
	VZEROALL
	RET

// func fetch(block *argonBlock)
//
// A wish to have the block in the processor's cache.
TEXT ·fetch(SB), NOSPLIT, $0-8
	MOVQ block+0(FP), AX
	MOVQ $4, CX

lines:
	PREFETCHT0 0(AX)
	PREFETCHT0 64(AX)
	PREFETCHT0 128(AX)
	PREFETCHT0 192(AX)
	ADDQ $256, AX
	DECQ CX
	JNZ  lines
	RET
