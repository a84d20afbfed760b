package details

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pastStop is where a month that is cut short ends with its full stop, which ends no sentence.
func (f *finder) pastStop(end, monthEnd int) int {
	if end != monthEnd || end+2 >= len(f.s) || f.s[end] != '.' || f.s[end+1] != ' ' {
		return end
	}
	a, b := f.t.Origin(end+2, end+3)
	if r, _ := utf8.DecodeRuneInString(f.t.Original[a:b]); unicode.IsUpper(r) {
		return end
	}
	return end + 1
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
