package details

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

func wordRune(r rune) bool { return fold.Word(r) && !fold.Dense(r) }

// piece is a part of an expression of time.
//
//	date, clock, month, weekday, relative   say when by themselves: "3 October", "6 pm", "May", "Tuesday", "yesterday"
//	part                                    a part of the day, which says when beside one of those: "evening"
//	span                                    a stretch that says when beside "last" or "next": "week"
//	before, behind                          what goes with the piece that follows or that was before: "last", "dernier", "night of"
//	not                                     no such piece, though it looks like one: "good morning"
//	month?                                  a month that is mostly another word: "may"
type piece struct {
	kind       string
	start, end int
}

// says reports whether a piece says when by itself.
func (p piece) says() bool {
	switch p.kind {
	case "date", "clock", "month", "weekday", "relative":
		return true
	}
	return false
}

// rank orders two pieces of the same span: what is no piece at all goes first.
func (p piece) rank() int {
	if p.kind == "not" {
		return 0
	}
	return 1
}

// longestTime is how many bytes the pieces of one expression may take before it goes on no more.
const longestTime = 80

// times finds dates, clock times, weekdays and words such as "yesterday", and joins pieces that make one expression, by the convention of the
// package's comment.
func (f *finder) times() {
	pieces := f.pieces()
	slices.SortStableFunc(pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), cmp.Compare(a.rank(), b.rank()))
	})
	pieces = f.paired(pieces)
	for i := 0; i < len(pieces); {
		start, last, said := pieces[i].start, pieces[i], pieces[i].says()
		end, joined := last.end, false
		j := i + 1
		for ; j < len(pieces); j++ {
			p := pieces[j]
			if p.end <= end {
				continue
			}
			if end-start > longestTime || !f.joins(last, p, end) {
				break
			}
			joined = joined || p.kind != "part" || last.kind != "part"
			end, said = p.end, said || p.says()
			if p.kind != "part" || last.kind == "part" {
				last = p
			}
		}
		if said || joined {
			f.add("time", start, end, 50)
		}
		i = j
	}
}

// paired joins each "before" and "behind" to the piece that it goes with, and drops what is left of them and of spans.
func (f *finder) paired(pieces []piece) []piece {
	end := 0
	pieces = slices.DeleteFunc(pieces, func(p piece) bool { // what lies in a longer one
		covered := p.end <= end
		end = max(end, p.end)
		return covered
	})
	out := pieces[:0]
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		for p.kind == "before" { // "early next week"
			next := i + 1
			if next == len(pieces) || pieces[next].kind == "clock" || pieces[next].kind == "behind" || !f.touch(p.end, pieces[next].start) {
				break
			}
			i = next
			p = piece{together(pieces[next].kind), p.start, pieces[next].end}
		}
		if n := len(out); p.kind == "behind" && n > 0 && f.touch(out[n-1].end, p.start) && out[n-1].kind != "clock" {
			out[n-1].end, out[n-1].kind = p.end, together(out[n-1].kind)
			continue
		}
		if p.kind != "before" && p.kind != "behind" && p.kind != "not" {
			out = append(out, p)
		}
	}
	return slices.DeleteFunc(out, func(p piece) bool { return p.kind == "span" || p.kind == "month?" })
}

// together is what a piece is with a word such as "last" beside it.
func together(kind string) string {
	switch kind {
	case "span", "part":
		return "relative"
	case "month?":
		return "month"
	}
	return kind
}

// touch says whether nothing but a blank stands between two places.
func (f *finder) touch(end, start int) bool {
	return start == end || start == end+1 && f.s[end] == ' '
}

// joins says whether p belongs to the expression that ends with last, at end.
func (f *finder) joins(last, p piece, end int) bool {
	if p.start <= end {
		return true
	}
	between := f.s[end:min(p.start, end+longestJoint)]
	if len(between) == longestJoint {
		return false
	}
	listed := strings.HasPrefix(between, ",")
	between = strings.Trim(between, " ,")
	g := f.grammar()
	if last.says() && p.says() && g.is(ranges, between) {
		return true
	}
	if last.kind == "part" && p.kind != "part" {
		return between == "" || g.is(ofs, between)
	}
	if last.kind == p.kind && last.kind != "part" && last.kind != "month" || listed && last.kind == "clock" {
		return false // one beside the other
	}
	return between == "" || g.is(joints, between) || p.kind == "clock" && g.is(dayHours, between)
}

// longestJoint is of how many bytes a joint is shorter.
const longestJoint = 25

// pieces collects the parts from the vocabulary and from what is written in digits.
func (f *finder) pieces() []piece {
	out := f.room.pieces[:0]
	for _, w := range f.words {
		w.start = f.pastAnd(w)
		switch w.kind {
		case "weekday", "relative", "clock", "span", "before", "behind", "not":
			out = append(out, piece{w.kind, w.start, w.end})
		case "part":
			out = append(out, f.partOfDay(w))
		case "ago":
			if place, _ := f.grammar().before(f.s, w.start, durings); place == 0 && !startsWithAny(f.s[w.end:], " que ", " qu'") { // else it is how long
				out = append(out, piece{"relative", w.start, w.end})
			}
		case "hours":
			if announced, _ := f.hourComes(w.start); announced || f.timeAt(w.end+1) {
				out = append(out, piece{"clock", w.start, w.end})
			}
		case "number":
			if end := f.bareHour(w.start, w.end); end > 0 {
				out = append(out, piece{"clock", w.start, end})
			}
		case "season":
			p := piece{"part", w.start, yearAfter(f.s, w.end)}
			if p.end > w.end || f.announced(w.start) {
				p.kind = "relative"
			}
			out = append(out, p)
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
	for i, p := range out {
		if rest, ok := strings.CutSuffix(f.s[:p.start], arabicHour); ok && p.kind == "clock" {
			out[i].start = len(rest)
		}
	}
	f.room.pieces = out
	return out
}

// arabicHour stands before an hour and belongs to it, as "o'clock" does.
const arabicHour = "الساعه "

// pastAnd is where an Arabic word begins without the "and" that is written on to it.
func (f *finder) pastAnd(w word) int {
	if rest, ok := strings.CutPrefix(f.s[w.start:w.end], "و"); ok && !strings.HasPrefix(rest, "اح") {
		return w.start + len("و")
	}
	return w.start
}

// partOfDay gives the piece of a part of the day: with "since" it says when by itself.
func (f *finder) partOfDay(w word) piece {
	if place, _ := f.grammar().before(f.s, w.start, sinces); place != 0 && !f.timeAt(w.end+1) || f.lang == "hi" && startsWithAny(f.s[w.end:], " से ", " se ") {
		return piece{"relative", w.start, w.end}
	}
	return piece{"part", w.start, w.end}
}

// monthJoints may stand between a day and its month, or between two days of one month.
var monthJoints = [...]string{" auf den", " bis zum", " bis", " to", " au", " al", " para", " до", " по", " на", "-", " de", " of", " and", " et", " y", " und", " e", " the", ".", " i", " и", ","}

// monthRanges stand between two days alone.
var monthRanges = [...]string{" to", " au", " al", " para", " до", " по", " на", "-", " bis", " auf den", " bis zum"}

// aroundMonth joins a month with its days and year: "2, 9 and 12 October 2026", "October 2nd".
func (f *finder) aroundMonth(w word) piece {
	p := piece{"month", w.start, w.end}
	s := f.s
	at := w.start
	for range 6 {
		k := max(0, at-6) + len(strings.TrimRight(s[max(0, at-6):at], " ,"))
		for _, joint := range monthJoints {
			if strings.HasSuffix(s[:k], joint) && (at < w.start || !slices.Contains(monthRanges[:], joint)) {
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
	if word := s[w.start:w.end]; p.start == w.start && p.end == w.end && (utf8.RuneCountInString(word) <= 3 || word == "march" || strings.HasPrefix(word, "سا")) && !f.announced(w.start) {
		p.kind = "month?" // "may", "mar", "dec" alone are mostly other words
	}
	return p
}

// since are the words before a month or a season that is meant as a time.
var since = wordSet("in on since until till from by before after early late mid last next en em im no na au fin debut depuis desde ate seit bis ende anfang с до в к за de في منذ حتي من شهر")

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
