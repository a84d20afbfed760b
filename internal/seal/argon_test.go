package seal

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"
)

func TestOwnMemoryDerivesWhatTheLibraryDerives(t *testing.T) {
	for _, c := range []struct {
		kib, passes, n uint32
		password, salt string
	}{
		{8, 1, 32, "", "somesalt"},
		{64, 3, 16, "password", "somesalt"},
		{receiptMemory, receiptTime, keySize, "01234567890123456789", "a salt of any length at all"},
		{1024, 2, 64, "a long password, longer than one block of the hash that it goes into, so that all of it must count: 0123456789", "saltsaltsalt"},
	} {
		a := newArenas(c.kib)
		for range 2 { // the second time on memory that was used
			got, err := a.argon2id([]byte(c.password), []byte(c.salt), c.passes, c.n)
			if err != nil {
				t.Fatal(err)
			}
			if want := argon2.IDKey([]byte(c.password), []byte(c.salt), c.passes, c.kib, 1, c.n); !bytes.Equal(got, want) {
				t.Errorf("%+v: %x, the library has %x", c, got, want)
			}
		}
	}
}

func TestBlocksAreFilledAsTheLibraryFillsThem(t *testing.T) {
	if !canMix() {
		t.Skip("on this processor it is the library that fills them")
	}
	random := rand.NewChaCha8([32]byte{9, 1, 0, 6})
	for _, kib := range []uint32{8, 12, 16, 100, 512, 516, 1028, receiptMemory} {
		for passes := uint32(1); passes <= 3; passes++ {
			ours, theirs := make([]argonBlock, kib), make([]argonBlock, kib)
			for i := range ours {
				for j := range ours[i] {
					ours[i][j] = random.Uint64() // but for the first two it doesn't matter
				}
			}
			copy(theirs, ours[:2])
			fill(ours, passes)
			fillBlocks(theirs, passes, kib, 1, argonMode)
			for i := range ours {
				if ours[i] != theirs[i] {
					t.Fatalf("%d KiB, %d passes: block %d is another than the library's", kib, passes, i)
				}
			}
		}
	}
}

func TestADerivationLeavesNothingInItsMemory(t *testing.T) {
	a := newArenas(256)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := a.argon2id([]byte("password"), []byte("somesalt"), 2, 32); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(a.free) == 0 || len(a.free) > 8 {
		t.Fatalf("%d arenas for 8 derivations", len(a.free))
	}
	for _, one := range a.free {
		if i := slices.IndexFunc(one.bytes, func(b byte) bool { return b != 0 }); i >= 0 {
			t.Fatalf("byte %d of an arena was not wiped", i)
		}
	}
	a.look() // since the last look all were needed
	if len(a.free) == 0 {
		t.Fatal("arenas that were needed were returned")
	}
	a.look()
	if len(a.free) > 0 || a.looking {
		t.Fatal("arenas that nobody needed were kept")
	}
}
