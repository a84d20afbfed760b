package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/heed-line/heed"
)

// A browser holds one mark in a cookie of its own, apart from the session's: sessions and challenges are bound to it, so
// that neither is of use where only one of the two cookies came to. It says nothing about the browser or who uses it.
const markSize = 16 // random bytes

// NewBrowser is a mark for a browser that has none.
func NewBrowser() string {
	var b [markSize]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// IsBrowser reports whether the value is a mark, with or without the proof that KnownBrowser adds.
func IsBrowser(value string) bool { return ownMark(value) != "" }

// ownMark is the mark without its proof, or "" for what is none.
func ownMark(browser string) string {
	own, _, _ := strings.Cut(browser, ".")
	if b, err := base64.RawURLEncoding.Strict().DecodeString(own); err != nil || len(b) != markSize || strings.ContainsAny(own, "\r\n") {
		return ""
	}
	return own
}

// bindingOf is what a credential keeps of the browser's mark, nil where the browser has none.
func bindingOf(browser string) []byte {
	own := ownMark(browser)
	if own == "" {
		return nil
	}
	h := sha256.Sum256([]byte(own))
	return h[:]
}

// bound reports whether the browser may use the credential.
func bound(c *heed.Credential, browser string) bool {
	return c.Browser == nil || hmac.Equal(c.Browser, bindingOf(browser))
}

// KnownBrowser is the mark of a browser that has signed in as name, with the proof of it: the same mark, or a new one where
// it had none. The proof is worthless but for the browser's own waiting time, and for IsKnownBrowser.
func (s *Service) KnownBrowser(browser, name string) string {
	own := ownMark(browser)
	if own == "" {
		own = NewBrowser()
	}
	return own + "." + s.markOf(own, cleanName(name)) + "." + s.markOf(own, anyName)
}

// anyName stands for whichever name a browser signed in as: cleanName gives none with a line's end.
const anyName = "\n"

// IsKnownBrowser reports whether somebody of this line signed in at the browser lately. It proves nothing but that.
func (s *Service) IsKnownBrowser(browser string) bool {
	own, proofs, _ := strings.Cut(browser, ".")
	_, proof, _ := strings.Cut(proofs, ".")
	return hmac.Equal([]byte(proof), []byte(s.markOf(own, anyName)))
}

// knows reports whether the mark, all of it, is one that a browser got by signing in as name.
func (s *Service) knows(browser, name string) bool {
	own, proofs, _ := strings.Cut(browser, ".")
	return hmac.Equal([]byte(proofs), []byte(s.markOf(own, name)+"."+s.markOf(own, anyName)))
}

func (s *Service) markOf(mark, name string) string {
	m := hmac.New(sha256.New, s.browsers[:])
	m.Write([]byte("heed/desk/browser/1\x00" + mark + "\x00" + name)) // a mark that was given holds no NUL
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
