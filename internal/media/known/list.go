package known

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/look"
)

// The algorithms of a list's hashes.
const (
	// SHA256 is of the file's bytes.
	SHA256 = "sha256"
	// Picture is of what a picture shows: look.Picture, which outlasts a new encoding.
	Picture = "heed-p1"
)

const (
	maxDigests  = 1_000_000
	maxPictures = 10_000 // each is held against every picture that comes: some 50 ms for all of them
	maxNote     = 200    // characters
	maxLine     = 4096   // bytes
	maxFaults   = 20
)

// List is one list. It is read-only once read, and safe for concurrent use. A nil List is empty.
type List struct {
	digests  []digest // by sum
	pictures []picture
	notes    []string // each once
}

type digest struct {
	sum  [sha256.Size]byte
	note int32
}

type picture struct {
	print look.Picture
	note  int32
}

// Entry is what a list says of a file that is on it.
type Entry struct {
	Note string // the operator's; may be ""
	// Share is how much (0..1) of what was compared of a picture is the same; 1 for the listed file itself.
	Share float64
}

// Fault is a line that is none of a list's. It never quotes the line.
type Fault struct {
	Line    int // from 1
	Message string
}

// Faults are a list's, the first maxFaults of them. It wraps heed.ErrInvalid.
type Faults struct {
	File string
	List []Fault
}

// Error lists them as file:line.
func (f *Faults) Error() string {
	var all []string
	for _, x := range f.List {
		all = append(all, fmt.Sprintf("%s:%d: %s", f.File, x.Line, x.Message))
	}
	return strings.Join(all, "\n")
}

// Unwrap is heed.ErrInvalid.
func (f *Faults) Unwrap() error { return heed.ErrInvalid }

// Load reads the list in a file; nil where path is "".
//
// It returns *Faults where it is none, else the error of reading it.
func Load(path string) (*List, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a list of known files: %w", err)
	}
	l, err := Parse(path, f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return l, nil
}

// Parse reads a list: a hash a line, as Load does. name is what faults call it.
func Parse(name string, r io.Reader) (*List, error) {
	l, faults, notes := &List{}, &Faults{File: name}, map[string]int32{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		if message := l.add(bytes.TrimSpace(lines.Bytes()), notes); message != "" {
			faults.List = append(faults.List, Fault{n, message})
		}
		if len(faults.List) == maxFaults {
			return nil, faults
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			faults.List = append(faults.List, Fault{n + 1, fmt.Sprintf("a line is longer than %d bytes", maxLine)})
			return nil, faults
		}
		return nil, fmt.Errorf("read a list of known files: %w", err)
	}
	if len(faults.List) > 0 {
		return nil, faults
	}
	slices.SortStableFunc(l.digests, func(a, b digest) int { return bytes.Compare(a.sum[:], b.sum[:]) })
	return l, nil
}

// add adds a line, and says what is wrong with it.
func (l *List) add(line []byte, notes map[string]int32) (fault string) {
	if len(line) == 0 || line[0] == '#' {
		return ""
	}
	algorithm, rest, _ := strings.Cut(string(line), " ")
	digits, note, _ := strings.Cut(strings.TrimSpace(rest), " ")
	note = strings.TrimSpace(note)
	if !utf8.ValidString(note) || utf8.RuneCountInString(note) > maxNote || strings.ContainsFunc(note, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return fmt.Sprintf("a note is at most %d characters of UTF-8, none of them a control", maxNote)
	}
	sum, err := hex.DecodeString(digits)
	at, known := notes[note]
	if !known {
		at = int32(len(l.notes))
		notes[note], l.notes = at, append(l.notes, note)
	}
	switch {
	case algorithm != SHA256 && algorithm != Picture:
		return "a line begins with " + SHA256 + " or " + Picture
	case algorithm == SHA256 && (err != nil || len(sum) != sha256.Size):
		return fmt.Sprintf("%d hexadecimal digits follow %s", 2*sha256.Size, SHA256)
	case algorithm == SHA256 && len(l.digests) == maxDigests:
		return fmt.Sprintf("a list has at most %d of %s", maxDigests, SHA256)
	case algorithm == SHA256:
		l.digests = append(l.digests, digest{[sha256.Size]byte(sum), at})
		return ""
	case err != nil || len(sum) != look.PictureSize:
		return fmt.Sprintf("%d hexadecimal digits follow %s", 2*look.PictureSize, Picture)
	case len(l.pictures) == maxPictures:
		return fmt.Sprintf("a list has at most %d of %s", maxPictures, Picture)
	}
	p := picture{note: at}
	if err := p.print.UnmarshalBinary(sum); err != nil || p.print == (look.Picture{}) {
		return Picture + " of a picture on which nothing is fits every such"
	}
	l.pictures = append(l.pictures, p)
	return ""
}

// Size is how many hashes it has.
func (l *List) Size() int {
	if l == nil {
		return 0
	}
	return len(l.digests) + len(l.pictures)
}

// File finds a file by the SHA-256 of its bytes.
func (l *List) File(sum []byte) (Entry, bool) {
	if l == nil || len(sum) != sha256.Size {
		return Entry{}, false
	}
	i, found := slices.BinarySearchFunc(l.digests, sum, func(d digest, sum []byte) int { return bytes.Compare(d.sum[:], sum) })
	if !found {
		return Entry{}, false
	}
	return Entry{Note: l.notes[l.digests[i].note], Share: 1}, true
}

// HasPictures says whether any of its hashes is of what a picture shows.
func (l *List) HasPictures() bool { return l != nil && len(l.pictures) > 0 }

// Shown finds a picture by what it shows: of several that show the same the one that does most.
func (l *List) Shown(asked *look.Asked) (Entry, bool) {
	if l == nil {
		return Entry{}, false
	}
	var all []Entry
	for i := range l.pictures {
		if same, share := asked.Same(&l.pictures[i].print); same {
			all = append(all, Entry{Note: l.notes[l.pictures[i].note], Share: share})
		}
	}
	if len(all) == 0 {
		return Entry{}, false
	}
	return slices.MaxFunc(all, func(a, b Entry) int { return cmp.Compare(a.Share, b.Share) }), true
}
