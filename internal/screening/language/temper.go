package language

import (
	"strings"
	"unicode/utf8"
)

// temper says how much each word may speak for a language: a name, an address, a handle or a sign that somebody quotes is no switch.
func (l *lanes) temper(s string) {
	capitals, quoted, quotes := 0, 0, quotes(s)
	for i := range l.words {
		w := &l.words[i]
		if first, _ := utf8.DecodeRuneInString(s[w.from:]); upper(first) {
			capitals++
			if !opens(s[:w.from]) {
				w.weight = asName
			}
		}
		if quotes {
			quoted = max(quoted, quotation(s, w.from))
		}
		if w.to <= quoted || technical(s, w.from, w.to) {
			w.weight = not
		}
	}
	if capitals*5 > len(l.words)*4 { // all is in capitals: they say nothing of names
		for i := range l.words {
			if w := &l.words[i]; w.weight == asName {
				w.weight = plainly
			}
		}
		return
	}
	for i := range l.words {
		if l.words[i].weight == asName {
			l.particles(s, i)
		}
	}
}

// signs says whether a sign that ends or divides sentences stands between two words.
func signs(between string) bool {
	return between != " " && strings.ContainsAny(between, ".,;:!?\n…—–-()[]/|·。，、；：？！،؛؟।")
}

// particles takes the small words between a name's at i and the next one's for part of it: "Calle de los Ángeles", "Bank of the West".
func (l *lanes) particles(s string, i int) {
	const most = 2
	for next := i + 1; next <= i+1+most && next < len(l.words); next++ {
		w := &l.words[next]
		if w.weight == asName {
			for at := i + 1; at < next; at++ {
				l.words[at].weight = asName
			}
			return
		}
		if w.weight != plainly || !particle(s[w.from:w.to]) {
			return
		}
	}
}

func particle(word string) bool {
	switch word {
	case "de", "del", "la", "el", "los", "las", "y", "du", "des", "le", "les", "da", "do", "dos", "das", "e", "di", "della", "of", "the", "al":
		return true
	}
	return false
}

// quotedAtMost is how many bytes in quotation marks are taken for a sign, a name or a saying. What is longer is somebody's speech.
const quotedAtMost = 48

// quotes says whether any sign that opens a quotation is in s.
func quotes(s string) bool {
	for _, sign := range [...]string{`"`, "“", "„", "«", "»", "‘", "「"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

// quotation gives where the short quotation ends that begins right before start; 0 where none does.
func quotation(s string, start int) int {
	before, size := utf8.DecodeLastRuneInString(s[:start])
	if before == ' ' || before == '\u00a0' || before == '\u202f' { // « comme ça »
		before, _ = utf8.DecodeLastRuneInString(s[:start-size])
	}
	closing := ""
	switch before {
	case '"':
		closing = `"`
	case '“', '„':
		closing = "”“"
	case '«':
		closing = "»"
	case '»':
		closing = "«"
	case '‘':
		closing = "’"
	case '「':
		closing = "」"
	default:
		return 0
	}
	return start + max(0, strings.IndexAny(s[start:min(len(s), start+quotedAtMost)], closing))
}

// opens says whether what follows begins a sentence, where a capital letter says nothing.
func opens(before string) bool {
	before = strings.TrimRight(before[max(0, len(before)-8):], " \"“«('‘¿¡-–—*")
	last, size := utf8.DecodeLastRuneInString(before)
	return size == 0 || strings.ContainsRune(".!?:\n…؟", last)
}

// technical says whether a word is part of an address, a handle or a code: of what stands around it without a blank.
func technical(s string, start, end int) bool {
	if (start == 0 || !ascii(s[start-1])) && (end == len(s) || !ascii(s[end])) { // nothing stands there, and a word has letters only
		return false
	}
	const most = 64 // bytes on either side, so that a long run stays linear
	for from := start; start > 0 && start > from-most && ascii(s[start-1]); {
		start--
	}
	for from := end; end < len(s) && end < from+most && ascii(s[end]); {
		end++
	}
	for i := start; i < end; i++ {
		switch b := s[i]; b {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '@', '/', '_', '#', '&', '=':
			return true
		case '.':
			if i > start && i+1 < end && letter(s[i-1]) && letter(s[i+1]) {
				return true
			}
		}
	}
	return false
}

func ascii(b byte) bool { return b > ' ' && b < utf8.RuneSelf }

func letter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b >= utf8.RuneSelf }
