package details

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

func wordRune(r rune) bool { return fold.Word(r) && !fold.Dense(r) }

// piece is a part of an expression of time.
type piece struct {
	kind       string // date, clock, month, weekday, relative, part
	start, end int
}

// times finds dates, clock times, weekdays and words such as "yesterday", and joins parts that make one expression.
func (f *finder) times() {
	pieces := f.pieces()
	sort.SliceStable(pieces, func(i, j int) bool {
		if pieces[i].start != pieces[j].start {
			return pieces[i].start < pieces[j].start
		}
		return pieces[i].end > pieces[j].end
	})
	for i := 0; i < len(pieces); {
		start, end, alone := pieces[i].start, pieces[i].end, pieces[i].kind
		j := i + 1
		for ; j < len(pieces); j++ {
			p := pieces[j]
			if p.end <= end {
				continue
			}
			if p.start > end && !joint(f.s[end:min(p.start, end+13)]) || end-start > 80 {
				break
			}
			if p.start > end && p.kind == alone && (alone == "clock" || alone == "relative" || alone == "date") {
				break
			}
			end = p.end
			if p.kind != "part" || alone == "part" {
				alone = p.kind
			}
		}
		if joined := j > i+1 && pieces[j-1].end > pieces[i].end; joined || alone != "part" && alone != "month?" {
			f.add("time", start, end, 50)
		}
		i = j
	}
}

// joints are the words that may stand between the parts of one expression.
var joints = map[string]bool{
	"": true, "on": true, "the": true, "in": true, "into": true, "to": true, "de": true, "del": true, "de la": true, "a": true, "a las": true, "a la": true, "as": true, "em": true,
	"um": true, "am": true, "den": true, "der": true, "le": true, "в": true, "в ночь на": true, "on the": true, "et": true, "y": true, "und": true, "no": true, "na": true,
	"الساعه": true, "を": true, "の": true, "に": true, "ko": true, "को": true, "-": true, "من": true, "في": true, "el": true, "por la": true, "pela": true, "da": true, "do": true, "zum": true,
}

// joint says whether what stands between two parts joins them: blanks, a comma, one of joints.
func joint(between string) bool {
	return len(between) <= 12 && joints[strings.Trim(between, " ,")]
}

// pieces collects the parts from the vocabulary and from what is written in digits.
func (f *finder) pieces() []piece {
	var out []piece
	for _, w := range f.words {
		switch w.kind {
		case "weekday", "relative", "clock", "part":
			out = append(out, piece{w.kind, w.start, w.end})
		case "season":
			if f.announced(w.start) {
				out = append(out, piece{"relative", w.start, w.end})
			}
		case "month":
			out = append(out, f.aroundMonth(w))
		}
	}
	s := f.s
	numbers := f.seek(digits | numeral)
	for i := numbers.next(0); i < len(s); i = numbers.next(i) {
		if isDigit(s[i]) {
			if kind, start, end := f.digitTime(i); kind != "" {
				out = append(out, piece{kind, start, end})
				i = end
			} else {
				i = digitsOf(s, i)
			}
		} else {
			kind, end := f.hanTime(i)
			if kind != "" {
				out = append(out, piece{kind, i, end})
			}
			i = max(i+3, end)
		}
		if len(out) > atMost*4 {
			break
		}
	}
	return out
}

// monthJoints may stand between a day and its month, or between two days of one month.
var monthJoints = [...]string{" de", " of", " and", " et", " y", " und", " e", " the", ".", " i", " и", ","}

// aroundMonth joins a month with its days and year: "2, 9 and 12 October 2026", "October 2nd".
func (f *finder) aroundMonth(w word) piece {
	p := piece{"month", w.start, w.end}
	s := f.s
	at := w.start
	for range 6 {
		k := max(0, at-6) + len(strings.TrimRight(s[max(0, at-6):at], " ,"))
		for _, joint := range monthJoints {
			if strings.HasSuffix(s[:k], joint) {
				k -= len(joint)
				break
			}
		}
		for _, suffix := range [...]string{"st", "nd", "rd", "th", "er", "."} {
			if strings.HasSuffix(s[:k], suffix) && k > len(suffix) && isDigit(s[k-len(suffix)-1]) {
				k -= len(suffix)
				break
			}
		}
		d := k
		for d > 0 && isDigit(s[d-1]) && k-d < 3 {
			d--
		}
		if k-d < 1 || k-d > 2 {
			break
		}
		p.start, at = d, d
	}
	if p.start == w.start {
		p.end = dayAfter(s, w.end)
	}
	p.end = yearAfter(s, p.end)
	if word := s[w.start:w.end]; p.start == w.start && p.end == w.end && (utf8.RuneCountInString(word) <= 4 || word == "march" || strings.HasPrefix(word, "سا")) && !f.announced(w.start) {
		p.kind = "month?" // "may", "mar", "dec" alone are mostly other words
	}
	return p
}

// since are the words before a month or a season that is meant as a time.
var since = wordSet("in on since until till from by before after early late mid last next this en em im no na au fin debut depuis desde ate seit bis ende anfang с до в к за de في منذ حتي من شهر")

// announced says whether the word before i makes a time of what follows: "since May", "en primavera".
func (f *finder) announced(i int) bool {
	rest := strings.TrimSuffix(f.s[max(0, i-12):i], " ")
	return since[rest[strings.LastIndexByte(rest, ' ')+1:]]
}

// dayAfter reads the day in "October 2nd" and gives its end, or end where there is none.
func dayAfter(s string, end int) int {
	from := skip(s, skip(s, end, "."), " ")
	n, stop := upTo(s, from, 2)
	if from == end || n < 1 || n > 31 {
		return end
	}
	for _, suffix := range [...]string{"st", "nd", "rd", "th"} {
		if strings.HasPrefix(s[stop:], suffix) {
			return stop + len(suffix)
		}
	}
	if stop < len(s) && (s[stop] == ':' || s[stop] == '.' && stop+1 < len(s) && isDigit(s[stop+1]) || isLetter(s[stop])) {
		return end
	}
	return stop
}

// yearAfter reads a year after a date that ends at end.
func yearAfter(s string, end int) int {
	at := skip(s, skip(s, end, ","), " ")
	for _, of := range [...]string{"de ", "del ", "of "} {
		if strings.HasPrefix(s[at:], of) {
			at += len(of)
			break
		}
	}
	n, stop := upTo(s, at, 4)
	if at == end || stop-at != 4 || n < 1900 || n > 2099 || !wordStops(s, stop) {
		return end
	}
	return stop
}
