package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

// Each fuzz target opens anything at all with one fixed key. What it never sealed must answer ErrSealed, and nothing may panic.

func FuzzKeyOpen(f *testing.F) {
	k := newKey(fixed(1))
	sealed := k.seal(fixed(2), place(), []byte("text"))
	f.Add([]byte{})
	f.Add(sealed)
	f.Add([]byte(sealed[:20]))
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := k.Open(place(), b)
		if bytes.Equal(b, sealed) != (err == nil) || (err != nil && (!errors.Is(err, heed.ErrSealed) || plain != nil)) {
			t.Fatal(err)
		}
	})
}

func FuzzUnwrap(f *testing.F) {
	k, wrapped := wrappedVector(f)
	f.Add([]byte{})
	f.Add(wrapped)
	f.Add(wrapped[:1121])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := UnwrapReportKeys(k, "city", "0123456789abcdefghjkmnpqrs", b)
		if bytes.Equal(b, wrapped) != (err == nil) || (err != nil && !errors.Is(err, heed.ErrSealed)) {
			t.Fatal(err)
		}
		if _, err := OpenIdentity(k, "line", "report", someDay, b); !errors.Is(err, heed.ErrSealed) {
			t.Fatal(err)
		}
		if _, err := UnwrapDaySeed(k, "city", someDay, "custodian", b); !errors.Is(err, heed.ErrSealed) {
			t.Fatal(err)
		}
		if _, err := UnwrapFileKey(k, "city", someAttachment(), ByTransit, b); !errors.Is(err, heed.ErrSealed) {
			t.Fatal(err)
		}
	})
}

// FuzzSplice joins a part of one sealed text to a part of another's, or of its own: at the one's place it opens as the one's or not
// at all, and never as the other's.
func FuzzSplice(f *testing.F) {
	splices := splicesOf(f)
	for format := range splices {
		f.Add(uint8(format), uint16(0), uint16(0), true)
		f.Add(uint8(format), uint16(40), uint16(40), true)
		f.Add(uint8(format), uint16(17), uint16(1), false)
	}
	f.Fuzz(func(t *testing.T, format uint8, head, tail uint16, fromOther bool) {
		s := splices[int(format)%len(splices)]
		rest := s.one
		if fromOther {
			rest = s.other
		}
		spliced := append(bytes.Clone(s.one[:int(head)%(len(s.one)+1)]), rest[int(tail)%(len(rest)+1):]...)
		plain, err := s.open(spliced)
		switch {
		case bytes.Equal(spliced, s.one):
			if err != nil || plain != "one" {
				t.Fatalf("%s: the untouched one: %q, %v", s.what, plain, err)
			}
		case !errors.Is(err, heed.ErrSealed) || plain != "":
			t.Fatalf("%s: %q, %v", s.what, plain, err)
		}
	})
}

// splice is two sealed texts under one key, for two places, and the opener of the one's.
type splice struct {
	what       string
	one, other []byte
	open       func([]byte) (string, error)
}

func splicesOf(f *testing.F) []splice {
	f.Helper()
	k, elsewhere := newKey(fixed(1)), Binding{"line", "another", "content", 1}
	framed := func(seed byte, b Binding, text string) []byte {
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(seed), &out, formatFrames, k, b)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			f.Fatal(err)
		}
		return out.Bytes()
	}
	drafts := NewDraftKey(k)
	draft := func(seed byte, kind, text string) []byte {
		token, err := drafts.seal(fixed(seed), kind, text, someTime, time.Hour)
		if err != nil {
			f.Fatal(err)
		}
		return []byte(token)
	}
	return []splice{
		{"sealed", k.seal(fixed(2), place(), []byte("one")), k.seal(fixed(3), elsewhere, []byte("other")), func(b []byte) (string, error) {
			plain, err := k.Open(place(), b)
			return string(plain), err
		}},
		{"frames", framed(2, place(), "one"), framed(3, elsewhere, "other"), func(b []byte) (string, error) {
			plain, err := unframed(k, place(), b)
			return string(plain), err
		}},
		{"draft", draft(2, "report", "one"), draft(3, "reply", "other"), func(b []byte) (state string, err error) {
			err = drafts.Open("report", string(b), someTime, &state)
			return state, err
		}},
	}
}

// FuzzParsePublicKey seals to whatever is taken for a public key: a store that was tampered with must not bring a process down.
func FuzzParsePublicKey(f *testing.F) {
	f.Add(GeneratePrivateKey().Public().Bytes())
	f.Add(make([]byte, 1216))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePublicKey(b)
		if err != nil {
			if !errors.Is(err, heed.ErrSealed) {
				t.Fatal(err)
			}
			return
		}
		if wrapped, err := p.Wrap(place(), []byte("secret")); err == nil && bytes.Contains(wrapped, []byte("secret")) {
			t.Fatal("it isn't sealed")
		}
	})
}

// wrappedVector is a report's wrapped keys from the vectors: HPKE would seal others in each of the fuzzer's processes.
func wrappedVector(f *testing.F) (*PrivateKey, []byte) {
	f.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "wrapped.json"))
	if err != nil {
		f.Fatal(err)
	}
	var vs []struct{ Seed, Wrapped hexBytes }
	if err := json.Unmarshal(b, &vs); err != nil {
		f.Fatal(err)
	}
	k, err := ParsePrivateKey(vs[0].Seed)
	if err != nil {
		f.Fatal(err)
	}
	return k, vs[0].Wrapped
}

// FuzzIdentityPlaintext opens what somebody with the day's public key sealed in the right place: anything may be inside.
func FuzzIdentityPlaintext(f *testing.F) {
	seed := newKey(fixed(1))
	k, err := ParsePrivateKey(seed[:])
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x00\x02{}"))
	f.Add([]byte("\xff\xff\xff\xff{}"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		wrapped, err := k.Public().Wrap(identityPlace("line", "report", someDay), plain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenIdentity(k, "line", "report", someDay, wrapped); err != nil && !errors.Is(err, heed.ErrSealed) {
			t.Fatal(err)
		}
	})
}

func FuzzDraftOpen(f *testing.F) {
	k := NewDraftKey(newKey(fixed(1)))
	token, err := k.seal(fixed(2), "report", "state", someTime, time.Hour)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("")
	f.Add(token)
	f.Add(token[:60])
	f.Fuzz(func(t *testing.T, s string) {
		var state string
		err := k.Open("report", s, someTime, &state)
		if s != token && !errors.Is(err, heed.ErrSealed) || err == nil && state != "state" {
			t.Fatal(err)
		}
	})
}

func FuzzFrames(f *testing.F) {
	k := newKey(fixed(1))
	var whole [][]byte
	for i, format := range []byte{formatFrames, formatPadded} {
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(2+byte(i)), &out, format, k, place())
		if err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte("a short file")); err != nil {
			f.Fatal(err)
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		whole = append(whole, out.Bytes())
		f.Add(out.Bytes())
		f.Add(out.Bytes()[:framesHeader])
		f.Add(append(bytes.Clone(out.Bytes()), make([]byte, sealedFrame)...))
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewFrameReader(bytes.NewReader(b), k, place())
		var plain []byte
		if err == nil {
			plain, err = io.ReadAll(r)
		}
		if slices.ContainsFunc(whole, func(w []byte) bool { return bytes.Equal(b, w) }) {
			if err != nil || string(plain) != "a short file" {
				t.Fatal(err)
			}
		} else if !errors.Is(err, heed.ErrSealed) || len(plain) > 0 {
			t.Fatalf("%q, %v", plain, err)
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	for _, s := range []string{"", "01234 56789 01234 56789", "٠١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦٧٨٩", "\xff\xfe", "1\u200b2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseReceipt(s)
		var p *heed.Problem
		switch {
		case err != nil && (r != "" || !errors.As(err, &p)):
			t.Fatalf("%q, %v", r, err)
		case err == nil && (len(r) != ReceiptDigits || strings.Trim(string(r), "0123456789") != ""):
			t.Fatalf("%q", r)
		}
		if again, err := ParseReceipt(r.Grouped()); r != "" && (err != nil || again != r) {
			t.Fatalf("%q became %q, %v", r, again, err)
		}
	})
}

func FuzzOpenCustodianKey(f *testing.F) {
	seed := newKey(fixed(1))
	k, err := ParsePrivateKey(seed[:])
	if err != nil {
		f.Fatal(err)
	}
	public, sealed := k.Public().Bytes(), sealCustodianKey(fixed(2), cheap, k, "p")
	f.Add([]byte{}, "p")
	f.Add(sealed, "p")
	f.Add(sealed, "q")
	f.Fuzz(func(t *testing.T, b []byte, passphrase string) {
		_, err := openCustodianKey(cheap, public, b, passphrase)
		right := bytes.Equal(b, sealed) && normalPassphrase(passphrase) == "p"
		if right != (err == nil) || (err != nil && !errors.Is(err, heed.ErrSealed)) {
			t.Fatal(err)
		}
	})
}

func FuzzParsePassphrase(f *testing.F) {
	f.Add(hashPassphrase(fixed(1), cheap, "p"))
	f.Add("$argon2id$v=19$m=64,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		cost, salt, hash, err := parsePassphrase(s)
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if cost.memory > maxPassphraseMemory || cost.time > maxPassphraseTime || len(salt) > 64 || len(hash) > 64 {
			t.Fatalf("%+v", cost)
		}
	})
}

func FuzzKeyText(f *testing.F) {
	text, err := newKey(fixed(1)).MarshalText()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("AAAA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var k Key
		if err := k.UnmarshalText(b); err != nil && !errors.Is(err, heed.ErrSealed) {
			t.Fatal(err)
		}
	})
}

func FuzzParseRecipient(f *testing.F) {
	f.Add("age1")
	f.Add("age1pq1")
	f.Fuzz(func(t *testing.T, s string) {
		if r, err := ParseRecipient(s); err != nil && !errors.Is(err, heed.ErrInvalid) || err == nil && r.recipient == nil {
			t.Fatal(err)
		}
	})
}

func FuzzTicketRead(f *testing.F) {
	k := NewTicketKey(NewDraftKey(newKey(fixed(1))))
	ticket := k.sign(fixed(2), Ticket{Purpose: 1, Work: 4, Wait: time.Second, Issued: someTime})
	f.Add("")
	f.Add(ticket)
	f.Add(ticket + ".7")
	f.Fuzz(func(t *testing.T, pass string) {
		got, solved, err := k.Read(pass)
		text, _, _ := strings.Cut(pass, ".")
		switch {
		case err != nil && (!errors.Is(err, heed.ErrSealed) || solved || got != (Ticket{})):
			t.Fatal(err)
		case err == nil && text != ticket:
			t.Fatalf("%q passes for a ticket", pass)
		case solved && zeroBits([]byte(pass)) < 4:
			t.Fatalf("%q passes for solved", pass)
		}
	})
}
