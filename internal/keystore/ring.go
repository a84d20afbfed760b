package keystore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// The names of the line's long-lived keys.
const (
	nameContent  = "content"
	nameMatching = "matching"
	nameAudit    = "audit"
	namePackage  = "package"
	namePepper   = "pepper"
	nameDraft    = "draft"
	nameBrowser  = "desk-browser"
	nameSignIn   = "desk-sign-in"
)

// pepperSize is the length of the pepper, in bytes.
const pepperSize = 32

// Ring holds the line's long-lived keys, as the desk and the worker have them.
type Ring struct {
	Content  *seal.PrivateKey  // opens each report's keys
	Matching *seal.MatchingKey // fingerprints and search tokens
	Audit    *seal.Signer      // signs Checkpoints and day keys
	Package  *seal.Signer      // signs Referrals
	Pepper   []byte            // 32 bytes, in every Receipt's derivation
	Draft    seal.DraftKey     // the forms' state between pages
	Browser  seal.Key          // marks browsers that have signed in at the desk
	SignIn   seal.SignInKey    // staff's one-time codes, recovery codes and challenges

	fingerprint []byte
	draft       seal.Key // as Draft, which doesn't give it away
}

// LoadRing reads the ring from ks.
//
// known is the Fingerprint that the store holds, or nil at a first start. At a first start, keys that are missing are
// made, each durably, and those that are there are kept, so that a start cut short is completed by the next, and the
// Custodians' era begins at 0; the caller then stores the ring's Fingerprint. With a known one nothing is made but a lost draft key, which only empties open forms,
// a lost browser key, which only makes known browsers strange, and a lost sign-in key, which voids one-time and recovery
// codes until they are set up anew.
//
// ErrNotFound: the line has reports but a key of its ring is missing. ErrConflict: the ring is another line's.
// ErrSealed: a key is damaged.
func LoadRing(ctx context.Context, ks Keystore, known []byte) (*Ring, error) {
	l := loader{ctx: ctx, ks: ks, first: known == nil}
	content := l.secret(nameContent, func() []byte { return seal.GeneratePrivateKey().Bytes() })
	matching := l.secret(nameMatching, randomKey)
	audit := l.secret(nameAudit, func() []byte { return seal.GenerateSigner().Seed() })
	pack := l.secret(namePackage, func() []byte { return seal.GenerateSigner().Seed() })
	pepper := l.secret(namePepper, randomKey)
	l.first = true
	draft := l.secret(nameDraft, randomKey)
	browser := l.secret(nameBrowser, randomKey)
	signIn := l.secret(nameSignIn, randomKey)
	if l.err != nil {
		return nil, fmt.Errorf("loading the line's keys: %w", l.err)
	}
	r, err := parseRing(content, matching, audit, pack, pepper, draft, browser, signIn)
	if err != nil {
		return nil, fmt.Errorf("loading the line's keys: %w", err)
	}
	if known == nil {
		return r, RaiseEra(ctx, ks, 0)
	}
	if !bytes.Equal(known, r.fingerprint) {
		return nil, fmt.Errorf("the keystore's keys are not those that this line's reports were sealed with: %w", heed.ErrConflict)
	}
	return r, nil
}

func randomKey() []byte {
	k := seal.NewKey()
	return k[:]
}

// loader reads secrets until one fails.
type loader struct {
	ctx   context.Context
	ks    Keystore
	first bool // make what is missing
	err   error
}

func (l *loader) secret(name string, generate func() []byte) []byte {
	if l.err != nil {
		return nil
	}
	b, err := l.ks.Get(l.ctx, name)
	if errors.Is(err, heed.ErrNotFound) && l.first {
		err = l.ks.Create(l.ctx, name, generate())
		if err == nil || errors.Is(err, heed.ErrConflict) { // another process made it first: that one counts
			b, err = l.ks.Get(l.ctx, name)
		}
	}
	l.err = err
	return b
}

func parseRing(content, matching, audit, pack, pepper, draft, browser, signIn []byte) (*Ring, error) {
	r := &Ring{Pepper: pepper}
	var errs [7]error
	var matchingKey, draftKey, signInKey seal.Key
	r.Content, errs[0] = seal.ParsePrivateKey(content)
	matchingKey, errs[1] = seal.ParseKey(matching)
	r.Audit, errs[2] = seal.ParseSigner(audit)
	r.Package, errs[3] = seal.ParseSigner(pack)
	draftKey, errs[4] = seal.ParseKey(draft)
	r.Browser, errs[5] = seal.ParseKey(browser)
	signInKey, errs[6] = seal.ParseKey(signIn)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	if len(pepper) != pepperSize {
		return nil, fmt.Errorf("pepper of %d bytes: %w", len(pepper), heed.ErrSealed)
	}
	r.Matching, r.Draft, r.draft = seal.NewMatchingKey(matchingKey), seal.NewDraftKey(draftKey), draftKey
	r.SignIn = seal.NewSignInKey(signInKey)
	r.fingerprint = fingerprint(r.Content.Public().Bytes(), r.Audit.Verifier().Bytes(), r.Package.Verifier().Bytes(),
		commitment(nameMatching, matching), commitment(namePepper, pepper))
	return r, nil
}

// commitment is a hash of a secret of 256 random bits, which tells two apart and nothing of either.
func commitment(name string, secret []byte) []byte {
	h := sha256.New()
	h.Write([]byte("heed/ring/" + name + "/1\x00"))
	h.Write(secret)
	return h.Sum(nil)
}

func fingerprint(parts ...[]byte) []byte {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256(p)
		h.Write(sum[:])
	}
	return h.Sum(nil)
}

// Fingerprint names the ring by the hashes of its public halves and by commitments to the matching key and the pepper: 32
// bytes that reveal nothing. The store keeps it as a setting, to hand to the next LoadRing.
func (r *Ring) Fingerprint() []byte { return bytes.Clone(r.fingerprint) }

// Public is the part that a portal's process may have.
func (r *Ring) Public() PublicRing {
	return PublicRing{Content: r.Content.Public(), Audit: r.Audit.Verifier(), Pepper: bytes.Clone(r.Pepper), Draft: r.Draft}
}

// Format redacts, whatever the verb.
func (r *Ring) Format(s fmt.State, _ rune) { fmt.Fprint(s, "[ring]") }

// Format redacts, whatever the verb.
func (r PublicRing) Format(s fmt.State, _ rune) { fmt.Fprint(s, "[ring]") }
