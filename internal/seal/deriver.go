package seal

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Argon2id's cost for a Receipt: OWASP's first recommendation (19 MiB, t=2, p=1), 12 to 30 ms of one core.
const (
	receiptMemory = 19 * 1024 // KiB
	receiptTime   = 2
)

// The labels of a Receipt's derivation.
const (
	labelReceiptSalt   = "heed/receipt/salt/1"
	labelReceiptLookup = "heed/receipt/lookup/1"
	labelReceiptKey    = "heed/receipt/key/1"
)

// ReceiptKeys are what a Receipt gives: Lookup (32 bytes) finds the Report, Key seals its mailbox key.
type ReceiptKeys struct {
	Lookup []byte
	Key    Key
}

// Deriver derives ReceiptKeys. Each derivation takes 19 MiB, so only so many run at once and only so many wait.
type Deriver struct {
	salt    []byte
	memory  *arenas
	queue   *queue
	derived atomic.Uint64
}

// NewDeriver makes a Deriver for the line's pepper (32 bytes, from the keystore) and salt (from the store). At most
// parallel derivations run at once, in the callers' goroutines, and at most queue wait behind them.
func NewDeriver(pepper, salt []byte, parallel, queue int) *Deriver {
	parallel, queue = max(parallel, 1), max(queue, 0)
	mac := hmac.New(sha256.New, pepper)
	mac.Write(appendString(appendString(nil, labelReceiptSalt), salt))
	return &Deriver{
		salt:   mac.Sum(nil),
		memory: newArenas(receiptMemory),
		queue:  newQueue(parallel, queue),
	}
}

// Derive waits for a place and derives. The parties of WithParty take turns.
//
// ErrBusy: as many wait already as may, or the system has no memory. The context's error: it ended before the derivation began.
func (d *Deriver) Derive(ctx context.Context, r Receipt) (ReceiptKeys, error) {
	if err := d.queue.enter(ctx, PartyOf(ctx)); err != nil {
		return ReceiptKeys{}, fmt.Errorf("waiting to derive a receipt's keys: %w", err)
	}
	defer d.queue.leave()
	if err := ctx.Err(); err != nil {
		return ReceiptKeys{}, fmt.Errorf("waiting to derive a receipt's keys: %w", err)
	}
	d.derived.Add(1)
	return d.derive(r)
}

// Waiting is how many derivations wait for a place, and of how many parties that had no turn of late, who go first.
func (d *Deriver) Waiting() (all, newcomers int) {
	_, all = d.queue.count()
	return all, d.queue.newcomers()
}

// Derived is how many derivations have begun.
func (d *Deriver) Derived() uint64 { return d.derived.Load() }

func (d *Deriver) derive(r Receipt) (ReceiptKeys, error) {
	password := []byte(r)
	defer clear(password)
	root, err := d.memory.argon2id(password, d.salt, receiptTime, keySize)
	if err != nil {
		return ReceiptKeys{}, fmt.Errorf("deriving a receipt's keys: %w", err)
	}
	defer clear(root)
	key := expand(root, nil, labelReceiptKey, keySize)
	defer clear(key)
	return ReceiptKeys{Lookup: expand(root, nil, labelReceiptLookup, keySize), Key: Key(key)}, nil
}

// LibraryDerivation is a Receipt's Argon2id as the library does it by itself: what a benchmark compares a line with.
func LibraryDerivation(r Receipt) {
	argon2.IDKey([]byte(r), make([]byte, sha256.Size), receiptTime, receiptMemory, 1, keySize)
}

// expand is HKDF-SHA256 (RFC 5869), extract and expand.
func expand(secret, salt []byte, info string, n int) []byte {
	out, err := hkdf.Key(sha256.New, secret, salt, info, n)
	if err != nil {
		panic(err) // only for n over 255 hashes
	}
	return out
}
