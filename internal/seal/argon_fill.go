package seal

// argonSlices is into how many segments a lane is cut (RFC 9106 §3.4: SL).
const argonSlices = 4

// quarters is how many steps mixColumns takes.
const quarters = 4

// fill is RFC 9106 §3.2, steps 5 and 6, of Argon2id with one lane, on blocks of which the first two are there; the others may
// hold anything. It does what the library's fillBlocks does in less than half the time: with registers twice as wide, and by
// fetching a block's partner, which may lie anywhere, while the block in front of it is still made. Only where canMix says so.
func fill(blocks []argonBlock, passes uint32) {
	f := &filling{blocks: blocks, passes: passes, segment: uint32(len(blocks)) / argonSlices}
	defer f.wipe()
	at, _ := f.after(step{index: 1})
	prev, ref := &blocks[1], f.partner(at, 0)
	for more := true; more; {
		out, over := &blocks[f.place(at)], uint64(0)
		if at.pass > 0 {
			over = ^over // RFC 9106 §3.2, step 6: into what the pass before left
		}
		mixRows(&f.work, prev, ref)
		mixColumns(out, prev, ref, &f.work, 0, 1, over)
		// The first word of out is there, and says with what the next one is made.
		var next *argonBlock
		if at, more = f.after(at); more {
			next = f.partner(at, out[0])
			fetch(next)
		}
		mixColumns(out, prev, ref, &f.work, 1, quarters, over)
		prev, ref = out, next
	}
}

// filling is the state of a fill.
type filling struct {
	blocks          []argonBlock
	passes, segment uint32
	work            argonBlock
	addresses       argonBlock // those of §3.4.1.2 among which a step's is
}

// step is a block's turn.
type step struct{ pass, slice, index uint32 }

// place is where the step's block stands.
func (f *filling) place(at step) uint32 { return at.slice*f.segment + at.index }

// after is the next step; false after the last one.
func (f *filling) after(at step) (step, bool) {
	if at.index++; at.index < f.segment {
		return at, true
	}
	at.index, at.slice = 0, at.slice+1
	if at.slice == argonSlices {
		at.slice, at.pass = 0, at.pass+1
	}
	return at, at.pass < f.passes
}

// partner is the block with which the step's is made (RFC 9106 §3.4), word being the first of the block before it.
func (f *filling) partner(at step, word uint64) *argonBlock {
	if at.pass == 0 && at.slice < argonSlices/2 {
		word = f.address(at)
	}
	area, start := at.slice*f.segment, uint32(0)
	if at.pass > 0 {
		area, start = (argonSlices-1)*f.segment, (at.slice+1)%argonSlices*f.segment
	}
	area += at.index - 1
	x := word & 0xffffffff
	x = x * x >> 32
	y := uint32(uint64(area) * x >> 32)
	return &f.blocks[(start+area-1-y)%uint32(len(f.blocks))]
}

// address is the step's word where it doesn't follow from the blocks (RFC 9106 §3.4.1.2).
func (f *filling) address(at step) uint64 {
	const most = uint32(len(argonBlock{}))
	if at.index%most == 0 || at.slice == 0 && at.index == 2 {
		var zero, work argonBlock
		in := argonBlock{uint64(at.pass), 0, uint64(at.slice), uint64(len(f.blocks)), uint64(f.passes), argonMode, uint64(at.index/most) + 1}
		for _, from := range []*argonBlock{&in, &f.addresses} {
			mixRows(&work, &zero, from)
			mixColumns(&f.addresses, &zero, from, &work, 0, quarters, 0)
		}
	}
	return f.addresses[at.index%most]
}

func (f *filling) wipe() { f.work, f.addresses = argonBlock{}, argonBlock{} }
