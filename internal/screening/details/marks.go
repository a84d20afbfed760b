package details

import "unicode/utf8"

// mark is a place of the folded text where some finders may begin. Most of a text holds none: it is looked through for them once, and what no
// finder waits for costs nothing more.
type mark struct {
	at int32
	of marks
}

// marks says what stands at a mark, or which marks a finder begins at.
type marks uint8

const (
	digits  marks = 1 << iota // the first of a run of digits
	points                    // '.'
	ats                       // '@'
	colons                    // ':'
	pluses                    // '+'
	opens                     // '('
	numeral                   // a character that numbers begin with in Chinese, Japanese or Korean
)

// numerals are the characters of numbers that are not written in digits.
var numerals = newHanSet(hanDigits + hanSaid + hangulDigits)

// markOf is by bytes what they mark; numeral stands for the first bytes of the three that each character of numerals has, and some others.
var markOf = func() (of [256]marks) {
	for b := '0'; b <= '9'; b++ {
		of[b] = digits
	}
	of['.'], of['@'], of[':'], of['+'], of['('] = points, ats, colons, pluses, opens
	for b := 0xE3; b <= 0xED; b++ {
		of[b] = numeral
	}
	return of
}()

// readMarks finds the marks of the text.
func (f *finder) readMarks() {
	out, s := f.room.marks[:0], f.s
	for i := 0; i < len(s); i++ {
		of := markOf[s[i]]
		if of == 0 {
			continue
		}
		switch at := int32(i); of {
		case digits:
			out = append(out, mark{at, of})
			i = digitsOf(s, i) - 1
		case numeral:
			if r, _ := utf8.DecodeRuneInString(s[i:]); numerals.has(r) {
				out = append(out, mark{at, of})
			}
			i += 2
		default:
			out = append(out, mark{at, of})
		}
		f.marked |= of
	}
	f.marks, f.room.marks = out, out
}

// seeker goes from one mark of some sorts to the next.
type seeker struct {
	s    string
	rest []mark
	of   marks
}

func (f *finder) seek(of marks) seeker { return seeker{f.s, f.marks, of} }

// next gives the first place from i on where one of the sorts stands, the end of the text where there is none: i only grows. Where i is amid
// digits it is i.
func (k *seeker) next(i int) int {
	if k.of&digits != 0 && i > 0 && i < len(k.s) && isDigit(k.s[i]) {
		return i
	}
	for len(k.rest) > 0 && (int(k.rest[0].at) < i || k.rest[0].of&k.of == 0) {
		k.rest = k.rest[1:]
	}
	if len(k.rest) == 0 {
		return len(k.s)
	}
	return int(k.rest[0].at)
}
