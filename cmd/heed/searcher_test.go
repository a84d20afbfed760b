package main

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// canaryStem begins every canary, so that one look for it tells whether any of them is there.
const canaryStem = "quokkavelvetmarrow"

// canaries are words that stand nowhere else, one for each door by which something comes in.
type canaries struct {
	words map[string]string // to the door
	n     int
	spelt map[string][]spelling // what spellingsOf answered
	known *sieve                // of the words that there were when it was made
}

// at makes the canary of a door.
func (c *canaries) at(door string) string {
	c.n++
	word := fmt.Sprintf("%s%03d", canaryStem, c.n)
	c.words[word] = door
	return word
}

// spelling is one way in which a word could lie somewhere and still be read.
type spelling struct {
	form   string
	bytes  []byte
	folded bool // without regard to capitals
}

func spellingsOf(word string) []spelling {
	small := strings.ToLower(word)
	all := []spelling{{"in clear", []byte(small), true}, {"in hex", []byte(hex.EncodeToString([]byte(word))), true}}
	if word != small {
		all = append(all, spelling{"in hex of small letters", []byte(hex.EncodeToString([]byte(small))), true})
	}
	var little, big, escaped, unicode []byte
	for _, b := range []byte(small) {
		little, big = append(little, b, 0), append(big, 0, b)
		escaped, unicode = fmt.Appendf(escaped, "%%%02x", b), fmt.Appendf(unicode, `\u%04x`, b)
	}
	all = append(all, spelling{"in UTF-16LE", little, true}, spelling{"in UTF-16BE", big, true},
		spelling{"percent-encoded", escaped, true}, spelling{"in JSON's escapes", unicode, true})
	// In base64 a word reads in one of three ways, by what stands before it. A character is six bits: the outer ones, which have some of a neighbour's, are left out.
	for shift := range 3 {
		shifted := append(make([]byte, shift), word...)
		first, end := (8*shift+5)/6, 8*len(shifted)/6
		standard, forURLs := base64.RawStdEncoding.EncodeToString(shifted)[first:end], base64.RawURLEncoding.EncodeToString(shifted)[first:end]
		all = append(all, spelling{fmt.Sprintf("in base64, shifted by %d", shift), []byte(standard), false})
		if forURLs != standard {
			all = append(all, spelling{fmt.Sprintf("in base64url, shifted by %d", shift), []byte(forURLs), false})
		}
	}
	return all
}

// spellings spells each word once, since it is looked for in thousands of files.
func (c *canaries) spellings(word string) []spelling {
	all, known := c.spelt[word]
	if !known {
		if c.spelt == nil {
			c.spelt = map[string][]spelling{}
		}
		all = spellingsOf(word)
		c.spelt[word] = all
	}
	return all
}

// sighting is a word that lies where none may.
type sighting struct{ door, form, around string }

// find looks for every word in text and in what is compressed inside it.
func (c *canaries) find(text []byte) []sighting {
	all := c.findPlain(text)
	for packing, inner := range unpacked(text) {
		for _, f := range c.findPlain(inner) {
			f.form += ", packed by " + packing
			all = append(all, f)
		}
	}
	return all
}

func (c *canaries) findPlain(text []byte) (all []sighting) {
	if !c.sieve().mayHold(text) {
		return nil
	}
	folded := foldCase(text)
	stems := c.locate(canaryStem, "a door that can't be told", text, folded)
	for word, door := range c.words {
		if len(stems) > 0 || !strings.HasPrefix(word, canaryStem) {
			all = append(all, c.locate(word, door, text, folded)...)
		}
	}
	if len(all) == 0 {
		return stems // a canary that was cut
	}
	return all
}

// locate finds each spelling of one word once.
func (c *canaries) locate(word, door string, text, folded []byte) (all []sighting) {
	for _, s := range c.spellings(word) {
		in := text
		if s.folded {
			in = folded
		}
		if i := bytes.Index(in, s.bytes); i >= 0 {
			around := text[max(0, i-60):min(len(text), i+len(s.bytes)+60)]
			all = append(all, sighting{door, s.form, fmt.Sprintf("%q", around)})
		}
	}
	return all
}

// foldCase is text with small ASCII letters; other bytes stay as they are, whatever they are of.
func foldCase(text []byte) []byte {
	folded := bytes.Clone(text)
	for i, b := range folded {
		if 'A' <= b && b <= 'Z' {
			folded[i] = b + 'a' - 'A'
		}
	}
	return folded
}

// maxUnpacked bounds what is read of one packed member.
const maxUnpacked = 1 << 20

// unpacked gives what members of gzip (RFC 1952) and zlib (RFC 1950) anywhere inside text hold, as far as they can be read. What it gives
// is overwritten by the next.
func unpacked(text []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		var ofGzip gzip.Reader
		var ofZlib io.ReadCloser // made at the first member: among noise there are thousands that only look like one
		var source bytes.Reader
		var inner bytes.Buffer
		for i := range headers(text) {
			source.Reset(text[i:])
			packing, r, err := "gzip", io.Reader(&ofGzip), error(nil)
			switch {
			case text[i] == 0x1f:
				err = ofGzip.Reset(&source)
			case ofZlib == nil:
				packing = "zlib"
				ofZlib, err = zlib.NewReader(&source)
				r = ofZlib
			default:
				packing, r = "zlib", ofZlib
				err = ofZlib.(zlib.Resetter).Reset(&source, nil)
			}
			if err != nil {
				continue // it only looked like one
			}
			inner.Reset()
			inner.ReadFrom(io.LimitReader(r, maxUnpacked)) // what came before a fault is looked at all the same
			if inner.Len() >= len(canaryStem) && !yield(packing, inner.Bytes()) {
				return
			}
		}
	}
}

// headers are the places at which a member of gzip or zlib may begin, in order.
func headers(text []byte) iter.Seq[int] {
	next := func(first byte, from int) int {
		if at := bytes.IndexByte(text[from:], first); at >= 0 {
			return from + at
		}
		return len(text)
	}
	return func(yield func(int) bool) {
		gzipped, deflated := next(0x1f, 0), next(0x78, 0)
		for {
			i := min(gzipped, deflated)
			if i+8 >= len(text) {
				return
			}
			is := false
			if i == gzipped {
				is, gzipped = text[i+1] == 0x8b && text[i+2] == 8, next(0x1f, i+1)
			} else {
				is, deflated = (uint(text[i])<<8|uint(text[i+1]))%31 == 0, next(0x78, i+1)
			}
			if is && !yield(i) {
				return
			}
		}
	}
}

// searchFolders looks into every byte of every file below the folders, and at the files' names.
func (c *canaries) searchFolders(found func(where string, f sighting), folders ...string) (bytesSeen int, err error) {
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it went while its folder was read
			}
			if err != nil {
				return err
			}
			for _, f := range c.find([]byte(strings.TrimPrefix(path, folder))) {
				found("the name of "+path, f)
			}
			if !entry.Type().IsRegular() {
				return nil
			}
			text, err := os.ReadFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			bytesSeen += len(text)
			for _, f := range c.find(text) {
				found(path, f)
			}
			return err
		})
		if err != nil {
			return bytesSeen, err
		}
	}
	return bytesSeen, nil
}

// search fails for every word that lies below the folders.
func (c *canaries) search(t *testing.T, when string, folders ...string) {
	t.Helper()
	bytesSeen, err := c.searchFolders(func(where string, f sighting) { f.fail(t, when+", "+where) }, folders...)
	if err != nil {
		t.Fatal(err)
	}
	if bytesSeen < 10_000 {
		t.Errorf("%s: only %d bytes were searched", when, bytesSeen)
	}
}

// searchBytes fails for every word in text.
func (c *canaries) searchBytes(t *testing.T, where string, text []byte) {
	t.Helper()
	for _, f := range c.find(text) {
		f.fail(t, where)
	}
}

func (f sighting) fail(t *testing.T, where string) {
	t.Helper()
	t.Errorf("%s: what came in by %s lies there %s: …%s…", where, f.door, f.form, f.around)
}

// searchUnlinked looks into the files that the process holds open and that have no name any more.
func (k *killed) searchUnlinked(t *testing.T, c *canaries) {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", k.command.Process.Pid)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrPermission) && os.Geteuid() != 0 {
		t.Log("the process shows its open files to the machine's administrator alone")
		return
	}
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d open files: %v", len(entries), err)
	}
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		target, err := os.Readlink(path)
		if err != nil || !strings.HasSuffix(target, " (deleted)") {
			continue // it was closed meanwhile, or has a name
		}
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		c.searchBytes(t, "the unlinked "+target, text)
	}
}

func TestTheSearcherFindsAWordInEveryFormInWhichItCouldLie(t *testing.T) {
	c := &canaries{words: map[string]string{}}
	word := c.at("the door")
	c.words["98765432109876543210"] = "the receipt"
	wide := func(order func(c byte) []byte) (out []byte) {
		for _, b := range []byte(word) {
			out = append(out, order(b)...)
		}
		return out
	}
	in := func(pack func(io.Writer) io.WriteCloser) []byte {
		var out bytes.Buffer
		w := pack(&out)
		if _, err := io.WriteString(w, "before "+word+" after"); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	planted := map[string][]byte{
		"in clear": []byte(word), "in capitals": []byte(strings.ToUpper(word)), "cut": []byte(word[:len(canaryStem)]),
		"the receipt": []byte("98765432109876543210"), "the receipt in hex": []byte("3938373635343332313039383736353433323130"),
		"in hex": []byte(hex.EncodeToString([]byte(word))), "in capital hex": []byte(strings.ToUpper(hex.EncodeToString([]byte(word)))),
		"in UTF-16LE": wide(func(b byte) []byte { return []byte{b, 0} }), "in UTF-16BE": wide(func(b byte) []byte { return []byte{0, b} }),
		"percent-encoded":  wide(func(b byte) []byte { return fmt.Appendf(nil, "%%%02X", b) }),
		"in JSON's escape": wide(func(b byte) []byte { return fmt.Appendf(nil, `\u%04X`, b) }),
		"by gzip":          in(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }),
		"by zlib":          in(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }),
	}
	for before := range 3 {
		for after := range 3 {
			text := []byte(strings.Repeat("\xff", before) + word + strings.Repeat("\xff", after))
			planted[fmt.Sprintf("in base64 between %d and %d bytes", before, after)] = []byte(base64.StdEncoding.EncodeToString(text))
			planted[fmt.Sprintf("in base64url between %d and %d bytes", before, after)] = []byte(base64.RawURLEncoding.EncodeToString(text))
		}
	}
	noise := picture(70_000)
	if found := c.find(noise); len(found) > 0 {
		t.Fatalf("noise holds %+v", found)
	}
	for form, text := range planted {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "file"), bytes.Join([][]byte{noise, text, noise[8:]}, nil), 0o600); err != nil {
			t.Fatal(err)
		}
		hits := 0
		if _, err := c.searchFolders(func(string, sighting) { hits++ }, folder); err != nil || hits == 0 {
			t.Errorf("%s it isn't found (%v)", form, err)
		}
	}
	folder := filepath.Join(t.TempDir(), "of-"+word)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	hits := 0
	if _, err := c.searchFolders(func(string, sighting) { hits++ }, filepath.Dir(folder)); err != nil || hits != 1 {
		t.Errorf("as a folder's name it is found %d times (%v)", hits, err)
	}
}
