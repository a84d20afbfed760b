package profile

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// Fault is one thing that is wrong in a profile.
type Fault struct {
	Line, Column int    // from 1, columns in characters
	Key          string // "departments[1].recipients[0]"; "" for the file as a whole
	Message      string // a plain sentence: what is wrong and what would be right
}

// Faults is everything that is wrong in a profile, in the order of the file. It wraps heed.ErrInvalid.
type Faults struct {
	File string
	List []Fault

	source []byte
	fatal  bool // nothing after it can be judged
}

// maxFaults keeps a file of the wrong kind from burying its first fault.
const maxFaults = 50

// Error lists every fault as file:line:column with the line of the file that it points at.
func (f *Faults) Error() string {
	var b strings.Builder
	lines := strings.Split(string(f.source), "\n")
	for i, x := range f.List {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == maxFaults {
			fmt.Fprintf(&b, "… and %d more", len(f.List)-i)
			break
		}
		fmt.Fprintf(&b, "%s:%d:%d: ", f.File, x.Line, x.Column)
		if x.Key != "" {
			b.WriteString(x.Key + ": ")
		}
		b.WriteString(x.Message)
		if x.Line >= 1 && x.Line <= len(lines) {
			b.WriteString(excerpt(lines[x.Line-1], x.Line, x.Column))
		}
	}
	return b.String()
}

// Unwrap is heed.ErrInvalid.
func (f *Faults) Unwrap() error { return heed.ErrInvalid }

// excerpt shows one line of the file and an arrow under the column; a long line is cut around it.
func excerpt(line string, number, column int) string {
	const before, width = 40, 90
	line = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return ' '
		}
		return r
	}, line)
	runes := []rune(line)
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > before+20 {
		from = at - before
	}
	to := min(len(runes), from+width)
	return fmt.Sprintf("\n%6d | %s\n       | %s^", number, string(runes[from:to]), strings.Repeat(" ", at-from))
}

func (f *Faults) add(p place, key, format string, args ...any) {
	f.List = append(f.List, Fault{Line: max(p.line, 1), Column: max(p.column, 1), Key: key, Message: fmt.Sprintf(format, args...)})
}

func (f *Faults) sort() {
	sort.SliceStable(f.List, func(i, j int) bool {
		a, b := f.List[i], f.List[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
}
