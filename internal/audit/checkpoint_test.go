package audit_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

func someCheckpoint() audit.Checkpoint {
	return audit.Checkpoint{
		Origin: vectorLine, Size: 20852163, Root: audit.LeafHash([]byte("root")), At: time.Date(2026, 11, 24, 4, 5, 6, 70_000_000, time.UTC),
	}
}

func signed(tb testing.TB, c audit.Checkpoint, s *seal.Signer) []byte {
	tb.Helper()
	b, err := c.Sign(s, s.Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestACheckpointOpensAsItWasSigned(t *testing.T) {
	s := seal.GenerateSigner()
	empty := someCheckpoint()
	empty.Size, empty.Root, empty.At = 0, audit.EmptyRoot(), time.UnixMilli(0).UTC()
	for _, c := range []audit.Checkpoint{someCheckpoint(), empty} {
		if read := must(audit.Open(signed(t, c, s), c.Origin, s.Verifier()))(t); read != c {
			t.Errorf("%+v came back as %+v", c, read)
		}
	}
}

func TestACheckpointChangedAnywhereIsRefused(t *testing.T) {
	s := seal.GenerateSigner()
	good := signed(t, someCheckpoint(), s)
	for i := range good {
		for _, bit := range []byte{0x01, 0x20} {
			bad := bytes.Clone(good)
			bad[i] ^= bit
			if _, err := audit.Open(bad, vectorLine, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
				t.Errorf("byte %d: %v", i, err)
			}
		}
		if _, err := audit.Open(good[:i], vectorLine, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
}

func TestACheckpointOfAnotherKeyOrLineIsRefused(t *testing.T) {
	s := seal.GenerateSigner()
	good := signed(t, someCheckpoint(), s)
	if _, err := audit.Open(good, vectorLine, seal.GenerateSigner().Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("another key: %v", err)
	}
	if _, err := audit.Open(good, "another", s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("another line: %v", err)
	}
	// Signed under the line's name, with another origin in the text.
	text := must(audit.Checkpoint{Origin: "another", At: time.UnixMilli(0)}.Text())(t)
	if _, err := audit.Open(rawNote(t, text, vectorLine, s), vectorLine, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("another line's text: %v", err)
	}
}

// rawNote signs any text, as a broken line might.
func rawNote(t *testing.T, text, name string, s *seal.Signer) []byte {
	t.Helper()
	sig := must(s.SignNote([]byte(text)))(t)
	key := strings.Split(must(audit.VerifierKey(name, s.Verifier()))(t), "+")[1]
	return []byte(text + "\n\u2014 " + name + " " + base64.StdEncoding.EncodeToString(append(unhex(t, key), sig...)) + "\n")
}

func TestASignedTextInAnotherFormIsNoCheckpoint(t *testing.T) {
	s := vectorSigner(t)
	root := audit.EmptyRoot().String()
	const at = "at 2026-11-24T00:00:00.000Z"
	opens := func(lines ...string) error {
		text := strings.Join(lines, "\n") + "\n"
		_, err := audit.Open(rawNote(t, text, vectorLine, s), vectorLine, s.Verifier())
		if _, parsed := audit.ParseCheckpoint(text); (parsed == nil) != (err == nil) {
			t.Errorf("%q: parsed %v, opened %v", lines, parsed, err)
		}
		return err
	}
	if err := opens(vectorLine, "0", root, at); err != nil {
		t.Fatal(err)
	}
	for _, lines := range [][]string{
		{vectorLine}, {vectorLine, "0"}, {vectorLine, "0", root}, {vectorLine, "0", root, at, "more"}, {vectorLine, "0", root, at, ""},
		{vectorLine, "", root, at}, {vectorLine, "00", root, at}, {vectorLine, "01", root, at}, {vectorLine, "+1", root, at},
		{vectorLine, "-1", root, at}, {vectorLine, " 1", root, at}, {vectorLine, "1_0", root, at}, {vectorLine, "0x1", root, at},
		{vectorLine, "4611686018427387905", root, at}, {vectorLine, "18446744073709551616", root, at}, {vectorLine, "١", root, at},
		{vectorLine, "0", root[:43], at}, {vectorLine, "0", root + "=", at}, {vectorLine, "0", "", at}, {vectorLine, "0", root[:40], at},
		{vectorLine, "0", root[:42] + "V=", at}, {vectorLine, "0", strings.ReplaceAll(root, "+", "-"), at},
		{vectorLine, "0", root, "2026-11-24T00:00:00.000Z"}, {vectorLine, "0", root, "at 2026-11-24T00:00:00Z"},
		{vectorLine, "0", root, "at 2026-11-24T00:00:00.0000Z"}, {vectorLine, "0", root, "at 2026-11-24T00:00:00,000Z"},
		{vectorLine, "0", root, "at 2026-11-24T01:00:00.000+01:00"}, {vectorLine, "0", root, "at 2026-02-30T00:00:00.000Z"},
		{vectorLine, "0", root, "at 1969-12-31T23:59:59.999Z"}, {vectorLine, "0", root, "at  2026-11-24T00:00:00.000Z"},
		{"", "0", root, at}, {"two words", "0", root, at}, {"a+b", "0", root, at},
	} {
		if err := opens(lines...); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", lines, err)
		}
	}
}

func TestANoteInAnotherFormIsRefused(t *testing.T) {
	s := seal.GenerateSigner()
	good := string(signed(t, someCheckpoint(), s))
	text, line, _ := strings.Cut(good, "\n\n")
	text += "\n"
	line = strings.TrimSuffix(line, "\n")
	encoded := line[strings.LastIndex(line, " ")+1:]
	for what, bad := range map[string]string{
		"nothing": "", "a text alone": text, "no signature": text + "\n", "no line break at the end": text + "\n" + line,
		"a hyphen for the dash": text + "\n- " + vectorLine + " " + encoded + "\n", "an empty line behind": good + "\n",
		"two spaces": text + "\n\u2014  " + vectorLine + " " + encoded + "\n", "no name": text + "\n\u2014  " + encoded + "\n",
		"a space behind": text + "\n" + line + " \n", "a carriage return": strings.ReplaceAll(good, "\n", "\r\n"), "a tab": text + "\n" + line + "\t\n",
		"base64 for addresses": text + "\n\u2014 " + vectorLine + " " + strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(encoded) + "\n",
		"an id alone":          text + "\n\u2014 " + vectorLine + " AAAAAA==\n", "no UTF-8": strings.Replace(good, "\u2014", "\xff", 1),
		"junk between signatures": good + "junk\n" + line + "\n", "too many signatures": text + "\n" + strings.Repeat(line+"\n", 65),
		"too long": text + "\n" + line + "\n\u2014 witness " + strings.Repeat("AAAA", 40000) + "\n",
	} {
		if _, err := audit.Open([]byte(bad), vectorLine, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The last digit before the = holds four bits of the signature and two that must be 0.
func TestASignatureInASecondSpellingIsRefused(t *testing.T) {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	s := seal.GenerateSigner()
	b := signed(t, someCheckpoint(), s)
	at := bytes.LastIndexByte(b, '=') - 1
	value := strings.IndexByte(digits, b[at])
	for spare := 1; spare < 4; spare++ {
		b[at] = digits[value|spare]
		if _, err := audit.Open(b, vectorLine, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("spare bits %d: %v", spare, err)
		}
	}
}

func TestOtherKeysSignaturesArePassedOver(t *testing.T) {
	s, c := seal.GenerateSigner(), someCheckpoint()
	good := string(signed(t, c, s))
	text, ours, _ := strings.Cut(good, "\n\n")
	text += "\n\n"
	var witnesses strings.Builder
	for i := range 15 { // with ours the 16 that every reader must take, as long as post-quantum ones are
		sig := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i)}, 4900))
		fmt.Fprintf(&witnesses, "\u2014 witness.example/%d %s\n", i, sig)
	}
	sameName := "\u2014 " + vectorLine + " " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
	for _, note := range []string{text + ours + witnesses.String(), text + witnesses.String() + ours, text + sameName + ours, text + ours + ours} {
		if read := must(audit.Open([]byte(note), c.Origin, s.Verifier()))(t); read != c {
			t.Errorf("it came back as %+v", read)
		}
	}
	if _, err := audit.Open([]byte(text+witnesses.String()), c.Origin, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("without the line's own: %v", err)
	}
	// A false signature of the line's key voids the note, whatever stands beside it.
	b := must(base64.StdEncoding.DecodeString(strings.TrimSpace(ours[strings.LastIndex(ours, " ")+1:])))(t)
	b[67] ^= 1
	false1 := "\u2014 " + vectorLine + " " + base64.StdEncoding.EncodeToString(b) + "\n"
	for _, note := range []string{text + ours + false1, text + false1 + ours} {
		if _, err := audit.Open([]byte(note), c.Origin, s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("with a false one beside it: %v", err)
		}
	}
}

func TestAnyToolForSignedNotesOpensACheckpoint(t *testing.T) {
	s, c := seal.GenerateSigner(), someCheckpoint()
	theirs := must(note.NewVerifier(must(audit.VerifierKey(c.Origin, s.Verifier()))(t)))(t)
	opened := must(note.Open(signed(t, c, s), note.VerifierList(theirs)))(t)
	if want := must(c.Text())(t); opened.Text != want || len(opened.Sigs) != 1 || opened.Sigs[0].Name != c.Origin {
		t.Fatalf("%q", opened.Text)
	}
}

func TestWhatCanBeNoCheckpointIsNotSigned(t *testing.T) {
	s := seal.GenerateSigner()
	for what, spoil := range map[string]func(*audit.Checkpoint){
		"no origin":              func(c *audit.Checkpoint) { c.Origin = "" },
		"an origin with a space": func(c *audit.Checkpoint) { c.Origin = "heed day-key/1" },
		"an origin of two lines": func(c *audit.Checkpoint) { c.Origin = "a\n9" },
		"an origin with a plus":  func(c *audit.Checkpoint) { c.Origin = "a+b" },
		"no UTF-8":               func(c *audit.Checkpoint) { c.Origin = "\xff" },
		"too large":              func(c *audit.Checkpoint) { c.Size = audit.MaxSize + 1 },
		"no moment":              func(c *audit.Checkpoint) { c.At = time.Time{} },
		"after 9999":             func(c *audit.Checkpoint) { c.At = time.UnixMilli(253402300800000) },
	} {
		c := someCheckpoint()
		spoil(&c)
		if b, err := c.Sign(s, s.Verifier()); !errors.Is(err, heed.ErrInvalid) || b != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := someCheckpoint().Sign(s, seal.GenerateSigner().Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("with another key's public half: %v", err)
	}
	if _, err := audit.VerifierKey("two words", s.Verifier()); !errors.Is(err, heed.ErrInvalid) {
		t.Error("a key under a name that no key can have")
	}
}

func FuzzOpen(f *testing.F) {
	s := vectorSigner(f)
	good := signed(f, someCheckpoint(), s)
	f.Add(good)
	f.Add(good[:50])
	f.Add([]byte("\n\n\u2014 a AAAAAAA=\n"))
	want, _, _ := strings.Cut(string(good), "\n\n")
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := audit.Open(b, vectorLine, s.Verifier())
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		if c != someCheckpoint() || !strings.HasPrefix(string(b), want+"\n\n") {
			t.Fatal("it opened what was never signed")
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	text, err := someCheckpoint().Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("a\n0\n\nat \n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := audit.ParseCheckpoint(text)
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) || c != (audit.Checkpoint{}) {
				t.Fatal(err)
			}
			return
		}
		if again := must(c.Text())(t); again != text {
			t.Fatal("two forms of one checkpoint")
		}
	})
}
