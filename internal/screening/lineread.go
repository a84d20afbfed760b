package screening

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// readPlain reads a line as nearly all are written: one object, its members strings under the very names of a Line's fields, in valid UTF-8.
// It says false of anything else, right or wrong, which is encoding/json's to read: what it reads itself it reads as that does, in a third of the
// time.
func (l *Line) readPlain(raw []byte) bool {
	r := plainReader{left: raw}
	if !r.take('{') {
		return false
	}
	for {
		name, ok := r.text()
		if !ok || !r.take(':') {
			return false
		}
		value, ok := r.text()
		if !ok {
			return false
		}
		switch string(name) {
		case "id":
			l.ID = heed.ID(value)
		case "text":
			l.Text = string(value)
		case "channel":
			l.Channel = string(value)
		case "lang":
			l.Lang = string(value)
		case "received_at":
			l.ReceivedAt = string(value)
		default:
			return false
		}
		if r.take('}') {
			return r.atEnd()
		}
		if !r.take(',') {
			return false
		}
	}
}

// plainReader goes over a line.
type plainReader struct {
	left []byte
	room []byte // for strings with escapes: what they stand for is shorter than they are, so all of a line's are in one piece of memory
}

// atEnd passes blanks (RFC 8259, section 2) and says whether nothing is left.
func (r *plainReader) atEnd() bool {
	for i, b := range r.left {
		if b != ' ' && b != '\n' && b != '\r' && b != '\t' {
			r.left = r.left[i:]
			return false
		}
	}
	r.left = nil
	return true
}

// take passes a sign that is next.
func (r *plainReader) take(sign byte) bool {
	if r.atEnd() || r.left[0] != sign {
		return false
	}
	r.left = r.left[1:]
	return true
}

// text passes a string and gives what it stands for.
func (r *plainReader) text() ([]byte, bool) {
	if !r.take('"') {
		return nil, false
	}
	end := bytes.IndexByte(r.left, '"')
	if end < 0 {
		return nil, false
	}
	if s := r.left[:end]; bytes.IndexByte(s, '\\') < 0 {
		r.left = r.left[end+1:]
		return s, !controls(s) && utf8.Valid(s)
	}
	return r.escaped()
}

// escaped is text of a string with escapes (RFC 8259, section 7). Halves of characters beyond the first 65,536 it leaves to others.
func (r *plainReader) escaped() ([]byte, bool) {
	if r.room == nil {
		r.room = make([]byte, 0, len(r.left))
	}
	out := r.room
	for {
		end := bytes.IndexAny(r.left, `"\`)
		if end < 0 || end == len(r.left)-1 && r.left[end] == '\\' {
			return nil, false
		}
		if controls(r.left[:end]) {
			return nil, false
		}
		out = append(out, r.left[:end]...)
		sign := r.left[end]
		r.left = r.left[end+1:]
		if sign == '"' {
			r.room = out[len(out):]
			return out, utf8.Valid(out)
		}
		of := r.left[0]
		r.left = r.left[1:]
		switch of {
		case '"', '\\', '/':
			out = append(out, of)
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			if len(r.left) < 4 {
				return nil, false
			}
			char, err := strconv.ParseUint(string(r.left[:4]), 16, 16)
			if err != nil || char >= 0xD800 && char < 0xE000 {
				return nil, false
			}
			out = utf8.AppendRune(out, rune(char))
			r.left = r.left[4:]
		default:
			return nil, false
		}
	}
}

// controls says whether there are characters that a string of JSON holds only as escapes.
func controls(s []byte) bool {
	for _, b := range s {
		if b < ' ' {
			return true
		}
	}
	return false
}
