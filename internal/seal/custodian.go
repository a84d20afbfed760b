package seal

import (
	"crypto/rand"
	"fmt"
	"io"

	heed "github.com/heed-line/heed"
)

// The form of a Custodian's private key under the passphrase: format byte, Argon2id salt, nonce, ciphertext of the seed.
const (
	formatCustodian = 0x05
	labelCustodian  = "heed/custodian/1"
)

// NewCustodianKey makes a Custodian's key pair: the public half, and the private half sealed under the passphrase
// (Argon2id, 64 MiB, t=2, p=1, all fixed by the format byte; AES-256-GCM bound to the public half).
func NewCustodianKey(passphrase string) (public, sealedPrivate []byte) {
	k := GeneratePrivateKey()
	return k.Public().Bytes(), sealCustodianKey(rand.Reader, passphraseCost(), k, passphrase)
}

// SealCustodianKey seals a Custodian's key anew, under another passphrase.
func SealCustodianKey(k *PrivateKey, passphrase string) []byte {
	return sealCustodianKey(rand.Reader, passphraseCost(), k, passphrase)
}

func sealCustodianKey(random io.Reader, cost argonCost, k *PrivateKey, passphrase string) []byte {
	seed := k.Bytes()
	defer clear(seed)
	out := make([]byte, 1+passphraseSalt+nonceSize, 1+passphraseSalt+nonceSize+len(seed)+tagSize)
	out[0] = formatCustodian
	draw(random, out[1:])
	salt, nonce := out[1:1+passphraseSalt], out[1+passphraseSalt:]
	kek := Key(cost.derive(passphrase, salt, keySize))
	return newGCM(kek).Seal(out, nonce, seed, custodianPlace(k.Public().Bytes()))
}

// OpenCustodianKey opens what NewCustodianKey made of the passphrase. It takes 64 MiB and about 80 ms; what bounds how
// many run at once is the caller's.
//
// ErrSealed: another passphrase, another public half, or a changed byte.
func OpenCustodianKey(public, sealedPrivate []byte, passphrase string) (*PrivateKey, error) {
	return openCustodianKey(passphraseCost(), public, sealedPrivate, passphrase)
}

func openCustodianKey(cost argonCost, public, sealed []byte, passphrase string) (*PrivateKey, error) {
	const head = 1 + passphraseSalt + nonceSize
	if len(sealed) < head+tagSize || sealed[0] != formatCustodian {
		return nil, cannotOpen("a custodian's key")
	}
	salt, nonce := sealed[1:1+passphraseSalt], sealed[1+passphraseSalt:head]
	kek := Key(cost.derive(passphrase, salt, keySize))
	seed, err := newGCM(kek).Open(nil, nonce, sealed[head:], custodianPlace(public))
	if err != nil {
		return nil, cannotOpen("a custodian's key")
	}
	defer clear(seed)
	k, err := ParsePrivateKey(seed)
	if err != nil {
		return nil, err
	}
	if string(k.Public().Bytes()) != string(public) {
		return nil, fmt.Errorf("custodian's key of another public half: %w", heed.ErrSealed)
	}
	return k, nil
}

func custodianPlace(public []byte) []byte {
	return appendString(appendString(nil, labelCustodian), public)
}
