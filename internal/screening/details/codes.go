package details

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var degreesShape = regexp.MustCompile(`[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["′]{1,2} ?)?[ns],? ?[0-9]{1,3}° ?[0-9]{1,2}['′] ?(?:[0-9.]+["′]{1,2} ?)?[ew]`)

// token is a run of letters of alphabets with a sense for plates and codes (Latin, Cyrillic), digits, dashes, slashes and
// the dot of Chinese plates, in the folded text.
type token struct {
	start, end int
	digits     int
	capitals   bool // has a letter, and no small one
	small      bool
}

// tokens gives those of the text that stand near a digit: no plate or code is made of others. It also keeps tokens without a digit, for a
// plate may be written apart.
func (f *finder) tokens() []token {
	out := f.room.tokens[:0]
	s, i := f.s, 0
	numbers := f.seek(digits)
	for at := numbers.next(0); at < len(s); at = numbers.next(i) {
		if near := at - longestPlate; near > i {
			i += strings.LastIndexByte(s[i:near], ' ') + 1 // none begins before a blank and ends behind it
		}
		for near := at + longestPlate; i < near && i < len(s); {
			size := tokenRune(s, i)
			if size == 0 || s[i] == '-' || s[i] == '/' {
				i += max(size, 1)
				continue
			}
			t := f.token(i)
			out = append(out, t)
			if i = t.end; t.digits > 0 {
				near = i + longestPlate
			}
		}
	}
	f.room.tokens = out
	return out
}

// token reads the token that begins at i.
func (f *finder) token(i int) token {
	s, t := f.s, token{start: i, end: i}
	for t.end < len(s) {
		size := tokenRune(s, t.end)
		if size == 0 {
			break
		}
		t.end += size
	}
	for t.end > t.start && (s[t.end-1] == '-' || s[t.end-1] == '/') {
		t.end--
	}
	for k := t.start; k < t.end; k++ {
		switch {
		case isDigit(s[k]):
			t.digits++
		case t.small: // no code, whatever else is in it
		case isLetter(s[k]) || s[k] == 0xD0 || s[k] == 0xD1:
			if f.capital(k) {
				t.capitals = true
			} else {
				t.small = true
			}
		}
	}
	t.capitals = t.capitals && !t.small
	return t
}

// tokenRune gives the length of the character at i where it may stand in a token, else 0.
func tokenRune(s string, i int) int {
	switch b := s[i]; {
	case isLetter(b), isDigit(b), b == '-', b == '/':
		return 1
	case (b == 0xD0 || b == 0xD1 || b == 0xC2) && i+1 < len(s):
		if r, size := utf8.DecodeRuneInString(s[i:]); r >= 'а' && r <= 'я' || r == '·' {
			return size
		}
	}
	return 0
}

// codes finds coordinates, number plates and the numbers of cases, batches, models and the like.
func (f *finder) codes() {
	f.coordinates()
	tokens := f.tokens()
	for k := 0; k < len(tokens); k++ {
		t := tokens[k]
		switch {
		case t.small:
		case t.digits > 0 && f.eastern(tokens, k):
		case t.digits > 0 || f.digitsFollow(tokens, k):
			if n := f.plate(tokens, k); n > 0 {
				k += n - 1
			} else {
				f.bareCode(t)
			}
		}
	}
	for _, w := range f.words {
		if w.kind == "code" {
			f.namedCode(w.end)
		}
	}
}

// digitsFollow says whether one of the next tokens, close by, has digits.
func (f *finder) digitsFollow(tokens []token, k int) bool {
	for n := 1; n <= 3 && k+n < len(tokens) && tokens[k+n].end-tokens[k].start <= longestPlate; n++ {
		if tokens[k+n].digits > 0 {
			return true
		}
	}
	return false
}

// bareCode adds a token that looks like a code whatever is written before it: capitals and digits together ("ACC-2026-0871",
// "JQ260918B"), or digits of a case number ("2026/114-B").
func (f *finder) bareCode(t token) {
	s := f.s[t.start:t.end]
	if !t.capitals || t.digits < 2 || s[0] >= 0x80 && t.digits < 3 {
		return
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' })
	if len(parts) == 1 {
		letters := len(s) - t.digits
		if t.digits < 4 || letters > 6 || isDigit(s[0]) && letters > 2 {
			return
		}
	}
	f.code(t.start, t.end, 61)
}

// lead are what may stand between "batch" and its number.
var codeLeads = [...]string{"number", "numero", "номер", "nummer", "番号", "no.", "nos", "no", "nr.", "nr", "n°", "is", "is:", "是", "为", "号", "id", "code", "est", "es", "ist", "est le", "le", "the"}

// namedCode reads the code after a word such as "batch" that ends at i.
func (f *finder) namedCode(i int) {
	s := f.s
	for range 6 {
		before := i
		for i < len(s) && strings.IndexByte(" :#.-", s[i]) >= 0 {
			i++
		}
		for _, lead := range codeLeads {
			if strings.HasPrefix(s[i:], lead) && (wordStops(s, i+len(lead)) || lead[0] >= 0x80) {
				i += len(lead)
				break
			}
		}
		if i == before || i >= len(s) {
			break
		}
	}
	end, digits := i, 0
	for end < len(s) && (tokenRune(s, end) > 0 || s[end] == ' ' && digits > 0 && f.groupGoesOn(i, end)) {
		if isDigit(s[end]) {
			digits++
		}
		end += max(1, tokenRune(s, end))
	}
	for end > i && strings.IndexByte("-/ ", s[end-1]) >= 0 {
		end--
	}
	if digits > 0 && end > i {
		f.code(i, end, 73)
	}
}

// groupGoesOn says whether a code of digits in groups ("90 44 17") goes on after the blank at i.
func (f *finder) groupGoesOn(start, i int) bool {
	j := digitsOf(f.s, i+1)
	return j > i+1 && j-i <= 5 && wordStops(f.s, j) && strings.Trim(f.s[start:i], "0123456789 ") == "" && !(j+1 < len(f.s) && strings.IndexByte(":.,", f.s[j]) >= 0 && isDigit(f.s[j+1]))
}

// code adds an id-number of at least three characters with a digit, written without small letters.
func (f *finder) code(start, end, rank int) {
	text := f.s[start:end]
	if len(text) < 3 || !strings.ContainsAny(text, "0123456789") {
		return
	}
	for k := start; k < end; k++ {
		if (isLetter(f.s[k]) || f.s[k] == 0xD0 || f.s[k] == 0xD1) && !f.capital(k) {
			return
		}
	}
	if r := f.runeAt(end); r == ':' && end+1 < len(f.s) && isDigit(f.s[end+1]) || r == '%' || r == '@' || r == '_' {
		return
	}
	f.add("id-number", start, end, rank)
}

// coordinates finds pairs of decimal numbers that can be a latitude and a longitude, and those in degrees.
func (f *finder) coordinates() {
	s := f.s
	for i := strings.IndexByte(s, '.'); i >= 0 && i < len(s); {
		if start, end := f.pair(i); end > 0 {
			f.add("coordinates", start, end, 88)
			i = end
		} else {
			i++
		}
		next := strings.IndexByte(s[i:], '.')
		if next < 0 {
			break
		}
		i += next
	}
	if f.marked&digits != 0 && strings.Contains(s, "°") {
		for _, m := range degreesShape.FindAllStringIndex(s, atMost) {
			f.add("coordinates", m[0], m[1], 88)
		}
	}
}

// pair reads a latitude and a longitude around the full stop at i.
func (f *finder) pair(i int) (start, end int) {
	s := f.s
	start = i
	for start > 0 && isDigit(s[start-1]) && i-start < 3 {
		start--
	}
	middle := digitsOf(s, i+1)
	if start == i || middle-i < 4 || start > 0 && isDigit(s[start-1]) {
		return 0, 0
	}
	if start > 0 && (s[start-1] == '-' || s[start-1] == '+') {
		start--
	}
	if r := f.runeBefore(start); r == '.' || isLetter(byte(r)) && r < 0x80 {
		return 0, 0
	}
	at := compass(s, middle, "ns")
	first := at
	for at < len(s) && strings.IndexByte(" ,;/", s[at]) >= 0 && at-first < 3 {
		at++
	}
	second := at
	if at < len(s) && (s[at] == '-' || s[at] == '+') {
		at++
	}
	dot := digitsOf(s, at)
	if at == first || dot == at || dot-at > 3 || dot >= len(s) || s[dot] != '.' {
		return 0, 0
	}
	last := digitsOf(s, dot+1)
	if last-dot < 4 || last < len(s) && s[last] == '.' && last+1 < len(s) && isDigit(s[last+1]) || !onEarth(s[start:middle], s[second:last]) {
		return 0, 0
	}
	return start, compass(s, last, "ew")
}

// compass reads a degree sign and one of two letters for a quarter of the sky after a number that ends at i.
func compass(s string, i int, letters string) int {
	if strings.HasPrefix(s[i:], "°") {
		i += len("°")
	}
	if at := skip(s, i, " "); at < len(s) && strings.IndexByte(letters, s[at]) >= 0 && wordStops(s, at+1) {
		return at + 1
	}
	return i
}

// onEarth says whether two decimal numbers are a latitude and a longitude.
func onEarth(latitude, longitude string) bool {
	lat, err1 := strconv.ParseFloat(latitude, 64)
	lon, err2 := strconv.ParseFloat(longitude, 64)
	return err1 == nil && err2 == nil && lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180
}
