package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
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
// the kernel hands out and zeroes the same pages again and again, and what was in them, from which a Receipt can be found
// with less work than from its lookup, lies about until something else is written there. Here a derivation borrows its
// memory from a few arenas that the collector doesn't see and wipes it before it gives it back. The work itself, filling
// the blocks, remains the library's.

// argonMode and argonVersion are Argon2id, version 1.3 (RFC 9106 §3.1).
const (
	argonMode    = 2
	argonVersion = 0x13
)

// argonBlock is a block of RFC 9106 §3.1: 1024 bytes, as 64-bit little-endian words.
type argonBlock [128]uint64

// fillBlocks is the library's own, which it doesn't export: RFC 9106 §3.2, steps 5 and 6, on blocks that are zero but for
// the first two. The first Deriver of a process proves that it still means what it did.
//
//go:linkname fillBlocks golang.org/x/crypto/argon2.processBlocks
func fillBlocks(blocks []argonBlock, time, memory, lanes uint32, mode int)

// hugePage is the size of a processor's next larger page on all that Heed runs on.
const hugePage = 2 << 20

// arenaIdle is how long the arenas keep their memory after the last derivation.
const arenaIdle = time.Minute

// arenas lend memory for derivations of one size. They are made as they are wanted, as many as derive at once, and return
// their memory to the system when nobody has derived for a while.
type arenas struct {
	kib  uint32
	mu   sync.Mutex
	free []arena
	idle *time.Timer
}

// arena is zero whenever it isn't lent.
type arena struct{ bytes []byte }

var fillBlocksProved = sync.OnceFunc(func() {
	password, salt := []byte("password"), []byte("somesalt")
	small := &arenas{kib: 8}
	key, err := small.argon2id(password, salt, 2, 32)
	if err != nil || !bytes.Equal(key, argon2.IDKey(password, salt, 2, small.kib, 1, 32)) {
		panic("seal: the argon2 library fills its blocks otherwise than this package knows") // a fault of the build
	}
	small.release()
})

func newArenas(kib uint32) *arenas {
	fillBlocksProved()
	return &arenas{kib: kib}
}

// argon2id derives n ≤ 64 bytes with one lane (RFC 9106 §3.2). The salt holds at least 8 bytes.
func (a *arenas) argon2id(password, salt []byte, passes, n uint32) ([]byte, error) {
	lent, err := a.lend()
	if err != nil {
		return nil, err
	}
	defer a.giveBack(lent)
	blocks := lent.blocks(a.kib)
	first := argonStart(password, salt, passes, a.kib, n)
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
	fillBlocks(blocks, passes, a.kib, 1, argonMode)
	last := make([]byte, 0, len(argonBlock{})*8)
	for _, word := range blocks[a.kib-1] {
		last = binary.LittleEndian.AppendUint64(last, word)
	}
	defer clear(last)
	return argonHash(last, n), nil
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
		return lent, nil
	}
	size := int(a.kib) * 1024
	if size > hugePage {
		size = (size + hugePage - 1) / hugePage * hugePage
	}
	memory, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return arena{}, fmt.Errorf("%w: mapping memory: %w", heed.ErrBusy, err)
	}
	// A derivation jumps about: with small pages the processor looks up an address for most blocks. A kernel that has no
	// huge ones says so, and nothing is lost.
	if err := unix.Madvise(memory, unix.MADV_HUGEPAGE); err != nil && !errors.Is(err, unix.EINVAL) {
		return arena{}, errors.Join(fmt.Errorf("advising on memory: %w", err), unix.Munmap(memory))
	}
	return arena{memory}, nil
}

// giveBack wipes the arena and keeps it for the next derivation.
func (a *arenas) giveBack(lent arena) {
	clear(lent.bytes)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.free = append(a.free, lent)
	if a.idle == nil {
		a.idle = time.AfterFunc(arenaIdle, a.release)
	} else {
		a.idle.Reset(arenaIdle)
	}
}

// release returns the memory of all arenas that aren't lent.
func (a *arenas) release() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, one := range a.free {
		if err := unix.Munmap(one.bytes); err != nil {
			panic(err) // only for what was never mapped
		}
	}
	a.free = nil
}
