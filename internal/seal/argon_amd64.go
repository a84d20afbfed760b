package seal

import "golang.org/x/sys/cpu"

// canMix says whether the processor has what mixRows and mixColumns are written for.
func canMix() bool { return cpu.X86.HasAVX2 }

// mixRows and mixColumns are the compression function G of RFC 9106 §3.5 in two steps, the second in four quarters: after the
// first one of them the first word of out is there. over is all ones where out is mixed into what it holds, else 0.

//go:noescape
func mixRows(work, prev, ref *argonBlock)

//go:noescape
func mixColumns(out, prev, ref, work *argonBlock, from, to int, over uint64)

// fetch brings a block nearer to the processor, if it likes.
//
//go:noescape
func fetch(block *argonBlock)
