package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"time"

	heed "github.com/heed-line/heed"
)

// The labels that keep the uses of a SignInKey apart.
const (
	labelCodes     = "heed/sign-in/codes/1"
	labelDrawn     = "heed/sign-in/drawn/1"
	labelRecovery  = "heed/sign-in/recovery/1"
	labelChallenge = "heed/sign-in/challenge/1"
)

// Sizes of a challenge's parts and of the secret of one-time codes, in bytes.
const (
	challengeNonce  = 16
	challengeHeader = challengeNonce + 8
	challengeSize   = challengeHeader + sha256.Size
	// CodesSize is that of an HMAC-SHA-1's result, as RFC 4226 §4 (R6) recommends.
	CodesSize = 20
)

// SignInKey keeps what staff prove themselves with at the desk. It prints and logs as "[key]".
type SignInKey struct{ codes, drawn, recovery, challenge Key }

// NewSignInKey makes a SignInKey of a Key; each use gets a key of its own by HKDF.
func NewSignInKey(k Key) SignInKey {
	derive := func(label string) Key { return Key(expand(k[:], nil, label, keySize)) }
	return SignInKey{derive(labelCodes), derive(labelDrawn), derive(labelRecovery), derive(labelChallenge)}
}

func codesPlace(line, factor string) Binding {
	return Binding{Line: line, Field: "one-time-codes/" + factor, Version: 1}
}

// SealCodes seals the secret of one-time codes for the factor with that id.
func (k SignInKey) SealCodes(line, factor string, secret []byte) []byte {
	return k.codes.Seal(codesPlace(line, factor), secret)
}

// OpenCodes gives back what SealCodes sealed for the same factor. ErrSealed: it can't be opened.
func (k SignInKey) OpenCodes(line, factor string, sealed []byte) ([]byte, error) {
	return k.codes.Open(codesPlace(line, factor), sealed)
}

// Codes is the secret of one-time codes that a challenge stands for, CodesSize bytes: a page carries the challenge, and
// nothing is kept until the person has shown that their app has the secret.
func (k SignInKey) Codes(challenge []byte) []byte {
	return mac(k.drawn, challenge)[:CodesSize]
}

// RecoveryHandle is what the store knows a recovery code by: 32 bytes that only this key can compute.
func (k SignInKey) RecoveryHandle(staff, code string) []byte {
	return mac(k.recovery, appendString(appendString(nil, staff), code))
}

// Challenge makes a challenge of 56 bytes that Answered accepts for the same purpose, browser and subject until the moment.
// Nothing of it need be stored.
func (k SignInKey) Challenge(purpose, browser, subject string, until time.Time) []byte {
	return k.challengeOf(rand.Reader, purpose, browser, subject, until)
}

func (k SignInKey) challengeOf(random io.Reader, purpose, browser, subject string, until time.Time) []byte {
	out := make([]byte, challengeNonce, challengeSize)
	draw(random, out)
	out = binary.BigEndian.AppendUint64(out, uint64(until.UnixMilli()))
	return append(out, k.proof(purpose, browser, subject, out)...)
}

// Answered tells until when a challenge of ours that was made for the purpose, browser and subject is good.
//
// ErrSealed: it is none. ErrGone: it was good until now at the latest.
func (k SignInKey) Answered(purpose, browser, subject string, challenge []byte, now time.Time) (until time.Time, err error) {
	if len(challenge) != challengeSize {
		return until, cannotOpen("a challenge")
	}
	header := challenge[:challengeHeader]
	if !hmac.Equal(challenge[challengeHeader:], k.proof(purpose, browser, subject, header)) {
		return until, cannotOpen("a challenge")
	}
	until = time.UnixMilli(int64(binary.BigEndian.Uint64(header[challengeNonce:])))
	if !now.Before(until) {
		return until, heed.ErrGone
	}
	return until, nil
}

func (k SignInKey) proof(purpose, browser, subject string, header []byte) []byte {
	message := appendString(appendString(appendString(nil, purpose), browser), subject)
	return mac(k.challenge, append(message, header...))
}

func mac(k Key, message []byte) []byte {
	h := hmac.New(sha256.New, k[:])
	h.Write(message)
	return h.Sum(nil)
}
