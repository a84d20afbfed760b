package screening

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// lineWriter writes answers as encoding/json does where it leaves HTML as it is: the same bytes in less time, for the fields are
// written by name and a string that needs no escape is copied.
type lineWriter struct {
	w    io.Writer
	line []byte
	err  error // of a value that JSON can't say
}

// refuse writes the answer to a line that could not be read.
func (l *lineWriter) refuse(r refusedLine) error {
	l.line = l.line[:0]
	l.other(r)
	return l.end()
}

// write writes an answer.
func (l *lineWriter) write(id heed.ID, s *heed.Screening) error {
	l.line = l.line[:0]
	l.text(`{"id":`, string(id))
	l.text(`,"language":`, s.Language)
	if len(s.Languages) > 0 {
		l.raw(`,"languages":`)
		for i, of := range s.Languages {
			l.text(opening(i), of)
		}
		l.raw("]")
	}
	l.number(`,"relevance":`, s.Relevance)
	l.flag(`,"set_aside":`, s.SetAside)
	l.flag(`,"refuse":`, s.Refuse)
	l.text(`,"category":`, s.Category)
	l.number(`,"category_probability":`, s.CategoryProbability)
	l.text(`,"urgency":`, string(s.Urgency))
	if s.DuplicateOf == nil {
		l.raw(`,"duplicate_of":null`)
	} else {
		l.text(`,"duplicate_of":`, string(*s.DuplicateOf))
	}
	l.lists(s)
	l.text(`,"model":`, s.Model)
	l.flag(`,"calibrated":`, s.Calibrated)
	l.raw("}")
	return l.end()
}

func (l *lineWriter) lists(s *heed.Screening) {
	l.list(`,"similar":`, s.Similar == nil, len(s.Similar), func(i int) {
		m := &s.Similar[i]
		l.text(`{"id":`, string(m.ID))
		l.number(`,"score":`, m.Score)
		l.text(`,"kind":`, m.Kind)
	})
	l.list(`,"details":`, s.Details == nil, len(s.Details), func(i int) {
		d := &s.Details[i]
		l.text(`{"type":`, d.Type)
		l.text(`,"text":`, d.Text)
		l.place(`,"start":`, d.Start)
		l.place(`,"end":`, d.End)
	})
	l.list(`,"reasons":`, s.Reasons == nil, len(s.Reasons), func(i int) {
		r := &s.Reasons[i]
		l.text(`{"for":`, r.For)
		l.text(`,"rule":`, r.Rule)
		if r.Phrase != "" {
			l.text(`,"phrase":`, r.Phrase)
		}
		if r.Start != 0 {
			l.place(`,"start":`, r.Start)
		}
		if r.End != 0 {
			l.place(`,"end":`, r.End)
		}
		l.number(`,"weight":`, r.Weight)
	})
}

// list writes n objects, each of which item writes but for its last brace.
func (l *lineWriter) list(name string, none bool, n int, item func(i int)) {
	l.raw(name)
	switch {
	case none:
		l.raw("null")
		return
	case n == 0:
		l.raw("[]")
		return
	}
	for i := range n {
		l.raw(opening(i))
		item(i)
		l.raw("}")
	}
	l.raw("]")
}

// opening is what stands before the item of a list.
func opening(i int) string {
	if i == 0 {
		return "["
	}
	return ","
}

func (l *lineWriter) raw(s string) { l.line = append(l.line, s...) }

func (l *lineWriter) flag(name string, is bool) {
	l.line = strconv.AppendBool(append(l.line, name...), is)
}

func (l *lineWriter) place(name string, at int) {
	l.line = strconv.AppendInt(append(l.line, name...), int64(at), 10)
}

// number writes one as encoding/json does (ES6, Number::toString), which is asked for what stands with an exponent, or can't be said.
func (l *lineWriter) number(name string, x float64) {
	l.raw(name)
	if size := math.Abs(x); size == 0 || size >= 1e-6 && size < 1e21 {
		l.line = strconv.AppendFloat(l.line, x, 'f', -1, 64)
		return
	}
	l.other(x)
}

// text writes a string; one in which anything needs an escape encoding/json does.
func (l *lineWriter) text(name, s string) {
	l.raw(name)
	if !plain(s) {
		l.other(s)
		return
	}
	l.line = append(l.line, '"')
	l.line = append(l.line, s...)
	l.line = append(l.line, '"')
}

// plain says that a string stands in JSON as it is.
func plain(s string) bool {
	ascii := true
	for i := range len(s) {
		b := s[i]
		if b < ' ' || b == '"' || b == '\\' {
			return false
		}
		ascii = ascii && b < utf8.RuneSelf
	}
	return ascii || utf8.ValidString(s) && !strings.Contains(s, "\u2028") && !strings.Contains(s, "\u2029")
}

// other writes any value.
func (l *lineWriter) other(v any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		l.err = err
		return
	}
	l.line = append(l.line, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// end writes the line, if all of it could be said.
func (l *lineWriter) end() error {
	err := l.err
	if l.err = nil; err != nil {
		return err
	}
	l.line = append(l.line, '\n')
	_, err = l.w.Write(l.line)
	return err
}
