package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"
	"time"
	"unsafe"

	heed "github.com/heed-line/heed"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/sys/unix"
)

// Argon2id on memory of our own (ADR 0004).
//
// The library allocates a derivation's 19 MiB anew each time. The garbage collector then runs after every few Receipts,
// the kernel hands out and zeroes the same pages again and again, and the blocks, from which the keys follow, lie about
// until something else is written there. Here a derivation borrows its memory from a few arenas that the collector doesn't
// see and wipes it before it gives it back. The work itself, filling the blocks, is fill's where the processor has AVX2, and
// the library's elsewhere.

// argonMode and argonVersion are Argon2id, version 1.3 (RFC 9106 §3.1).
const (
	argonMode    = 2
	argonVersion = 0x13
)

// argonBlock is a block of RFC 9106 §3.1: 1024 bytes, as 64-bit little-endian words.
type argonBlock [128]uint64

// fillBlocks is the library's own, which it doesn't export: RFC 9106 §3.2, steps 5 and 6, on blocks that are zero but for
// the first two.
//
//go:linkname fillBlocks golang.org/x/crypto/argon2.processBlocks
func fillBlocks(blocks []argonBlock, time, memory, lanes uint32, mode int)

// hugePage is the size of a processor's next larger page on all that Heed runs on.
const hugePage = 2 << 20

// arenaIdle is how long an arena that nobody needs keeps its memory, once to twice over.
const arenaIdle = 10 * time.Second

// arenas lend memory for derivations of one size. They are made as they are wanted, as many as derive at once, and return
// to the system what was not needed for a while.
type arenas struct {
	kib     uint32
	mu      sync.Mutex
	free    []arena // the last is lent first
	lent    int
	spare   int // the fewest that were free since the last look
	looking bool
}

// arena is zero whenever it isn't lent.
type arena struct{ bytes []byte }

func newArenas(kib uint32) *arenas {
	proveFilling()
	return &arenas{kib: kib}
}

// proveFilling compares a small derivation with the library's own. It panics where they differ: that is a fault of the
// build or of the processor, with which Heed was never tested.
func proveFilling() {
	const kib = 640 // more addresses to a segment than one block of them holds
	password, salt := []byte("password"), []byte("somesalt")
	small := arena{make([]byte, kib*1024)}
	key := small.argon2id(kib, password, salt, 2, keySize)
	if !bytes.Equal(key, argon2.IDKey(password, salt, 2, kib, 1, keySize)) {
		panic("seal: the blocks are filled otherwise than the argon2 library does")
	}
}

// argon2id derives n ≤ 64 bytes with one lane (RFC 9106 §3.2). The salt holds at least 8 bytes. ErrBusy: the system has no
// memory.
func (a *arenas) argon2id(password, salt []byte, passes, n uint32) ([]byte, error) {
	lent, err := a.lend()
	if err != nil {
		return nil, err
	}
	defer a.giveBack(lent)
	return lent.argon2id(a.kib, password, salt, passes, n), nil
}

func (a arena) argon2id(kib uint32, password, salt []byte, passes, n uint32) []byte {
	blocks := a.blocks(kib)
	first := argonStart(password, salt, passes, kib, n)
	defer clear(first)
	for i := range uint32(2) {
		seed := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(bytes.Clone(first), i), 0)
		block := argonHash(seed, uint32(len(argonBlock{})*8))
		for j := range blocks[i] {
			blocks[i][j] = binary.LittleEndian.Uint64(block[8*j:])
		}
		clear(seed)
		clear(block)
	}
	if canMix() {
		fill(blocks, passes)
	} else {
		fillBlocks(blocks, passes, kib, 1, argonMode)
	}
	last := make([]byte, 0, len(argonBlock{})*8)
	for _, word := range blocks[kib-1] {
		last = binary.LittleEndian.AppendUint64(last, word)
	}
	defer clear(last)
	return argonHash(last, n)
}

// argonStart is H0: what all inputs hash to (RFC 9106 §3.2, step 1), without secret and associated data.
func argonStart(password, salt []byte, passes, kib, n uint32) []byte {
	in := make([]byte, 0, 256) // so large that no copy of the password is left behind
	for _, v := range []uint32{1, n, kib, passes, argonVersion, argonMode, uint32(len(password))} {
		in = binary.LittleEndian.AppendUint32(in, v)
	}
	in = binary.LittleEndian.AppendUint32(append(in, password...), uint32(len(salt)))
	in = append(append(in, salt...), make([]byte, 8)...)
	defer clear(in)
	sum := blake2b.Sum512(in)
	return sum[:]
}

// argonHash is H' (RFC 9106 §3.3): a hash of n bytes, n being at most 64 or a multiple of 32.
func argonHash(in []byte, n uint32) []byte {
	in = append(binary.LittleEndian.AppendUint32(nil, n), in...)
	defer clear(in)
	if n == blake2b.Size256 { // a Receipt's: nothing of it is left on the heap
		sum := blake2b.Sum256(in)
		return sum[:]
	}
	if n <= blake2b.Size {
		h, err := blake2b.New(int(n), nil)
		if err != nil {
			panic(err) // only for no bytes or more than 64
		}
		h.Write(in)
		return h.Sum(nil)
	}
	out := make([]byte, 0, n)
	v := blake2b.Sum512(in)
	for uint32(len(out)) < n-blake2b.Size {
		out = append(out, v[:blake2b.Size/2]...)
		v = blake2b.Sum512(v[:])
	}
	return append(out, v[:]...)
}

func (a arena) blocks(n uint32) []argonBlock {
	return unsafe.Slice((*argonBlock)(unsafe.Pointer(unsafe.SliceData(a.bytes))), n)
}

// lend gives an arena of zeros. ErrBusy: the system has no memory for another.
func (a *arenas) lend() (arena, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := len(a.free); n > 0 {
		lent := a.free[n-1]
		a.free = a.free[:n-1]
		a.spare = min(a.spare, n-1)
		a.lent++
		return lent, nil
	}
	size := (int(a.kib)*1024 + hugePage - 1) / hugePage * hugePage
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return arena{}, fmt.Errorf("%w: mapping memory: %w", heed.ErrBusy, err)
	}
	// A derivation jumps about: with small pages the processor looks up an address for most blocks. It is a wish; a kernel
	// or a sandbox that refuses it costs some speed and nothing else.
	_ = unix.Madvise(memory, unix.MADV_HUGEPAGE)
	a.lent++
	return arena{memory}, nil
}

// giveBack wipes the arena and keeps it for the next derivation.
func (a *arenas) giveBack(lent arena) {
	clear(lent.blocks(a.kib)) // all of it that was written to
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free = append(a.free, lent)
	a.lent--
	if !a.looking {
		a.looking, a.spare = true, 0
		time.AfterFunc(arenaIdle, a.look)
	}
}

// look returns the memory of the arenas that nobody needed since the last look.
func (a *arenas) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.free[:a.spare] {
		if err := unix.Munmap(one.bytes); err != nil {
			panic(err) // only for what was never mapped
		}
	}
	a.free = append([]arena(nil), a.free[a.spare:]...)
	a.spare = len(a.free)
	if a.looking = a.lent+len(a.free) > 0; a.looking {
		time.AfterFunc(arenaIdle, a.look)
	}
}
