package details

import (
	"fmt"
	"slices"
	"strings"
)

// clockReader reads the hour that a folded expression of time says.
type clockReader struct {
	s      string
	words  *clockWords
	f      *finder
	tokens []clockToken
}

// clockOf reads the time of day that is said first, "T14:30"; "" where there is none.
func clockOf(s string, c Context) string {
	r := &clockReader{s: s, words: clockWordsOf(c.Language), f: &finder{s: s}}
	r.f.lang, _, _ = strings.Cut(c.Language, "-")
	r.read()
	for i := range r.tokens {
		if h, next, ok := r.hour(i); ok && !(h.loose && agoSaid(s)) && h.minutes <= 24*60 {
			minutes := r.halved(h, r.scope(h, next)) % (24 * 60)
			return fmt.Sprintf("T%02d:%02d", minutes/60, minutes%60)
		}
	}
	return ""
}

// token gives the one of a place, an empty one beyond the last.
func (r *clockReader) token(i int) clockToken {
	if i < 0 || i >= len(r.tokens) {
		return clockToken{number: -1, start: len(r.s), end: len(r.s)}
	}
	return r.tokens[i]
}

// hourOf is the hour that a token may say by itself, in minutes of the day, -1 where it can't be one.
func (r *clockReader) hourOf(t clockToken) int {
	switch {
	case t.written > 0:
		return t.written - 1
	case t.number >= 0 && t.number <= 24 && t.end-t.start <= 2 && !r.dayNumber(t):
		return 60 * t.number
	case t.sense.hour > 0:
		return 60 * t.sense.hour
	}
	return -1
}

// minuteOf is the minute that a token may say, 0 where it can't be one.
func minuteOf(t clockToken) int {
	if t.number > 0 && t.number < 60 {
		return t.number
	}
	return t.sense.minute
}

// hour reads the hour at token i, and which token follows it. It is none where nothing says that the number is one.
func (r *clockReader) hour(i int) (h hourSaid, next int, ok bool) {
	t := r.token(i)
	if minutes, next := r.shifted(i); next > 0 {
		return r.withHalf(hourSaid{minutes: minutes, start: t.start}, next, true)
	}
	if t.sense.named > 0 && t.sense.role&unitRole == 0 {
		minutes, next, _ := r.tail(i, t.sense.named-1)
		return hourSaid{minutes: minutes, start: t.start, end: r.token(next - 1).end, half: fixed}, next, true
	}
	hour := r.hourOf(t)
	if hour < 0 {
		return h, i, false
	}
	minutes, next, sure := r.tail(i, hour)
	sure = sure || t.written > 0 || len(r.tokens) == 1 && t.sense.hour > 0 || r.announced(t) || r.goesOn(next)
	h, next, ok = r.withHalf(hourSaid{minutes: minutes, start: t.start}, next, sure)
	h.loose = t.written == 0 && h.half == unsaid
	return h, next, ok
}

// withHalf reads "am" or a part of the day behind the hour, which make sure that it is one.
func (r *clockReader) withHalf(h hourSaid, next int, sure bool) (hourSaid, int, bool) {
	if t := r.token(next); t.half != unsaid {
		h.half, sure, next = t.half, true, next+1
	}
	h.end = r.token(next - 1).end
	if _, role := r.partAt(h.end); role != 0 {
		sure = true
	}
	return h, next, sure
}

// shifted reads an hour whose minutes stand before it: "half past nine", "без двадцати шесть"; 0, 0 where there is none.
func (r *clockReader) shifted(i int) (minutes, next int) {
	t, second, third := r.token(i), r.token(i+1), r.token(i+2)
	if hour := r.hourOf(third); hour >= 0 {
		switch minute := minuteOf(t); {
		case minute > 0 && second.sense.role&pastRole != 0:
			return hour + minute, r.pastUnit(i + 3)
		case minute > 0 && second.sense.role&toRole != 0 && (t.number < 0 || t.number == 20 || t.number == 25): // "10 to 6" is from ten to six
			return hour - minute, r.pastUnit(i + 3)
		case minute > 0 && second.sense.role&intoRole != 0:
			return hour - 60 + minute, r.pastUnit(i + 3)
		case t.sense.role&withoutRole != 0 && minuteOf(second) > 0:
			return hour - minuteOf(second), r.pastUnit(i + 3)
		}
	}
	if hour := r.hourOf(second); hour >= 0 && t.sense.lead != 0 {
		return hour + t.sense.lead, r.pastUnit(i + 2)
	}
	return 0, 0
}

func (r *clockReader) pastUnit(i int) int {
	if r.token(i).sense.role&unitRole != 0 {
		return i + 1
	}
	return i
}

// tail reads the minutes behind the hour at token i, and says whether anything there tells that it is one.
func (r *clockReader) tail(i, hour int) (minutes, next int, sure bool) {
	next = r.pastUnit(i + 1)
	sure = next > i+1
	t, second := r.token(next), r.token(next+1)
	switch {
	case r.token(i).written > 0 && hour%60 != 0:
	case t.sense.role&plusRole != 0 && second.sense.minute > 0:
		return hour + minuteOf(second), r.pastUnit(next + 2), true
	case t.sense.role&minusRole != 0 && minuteOf(second) > 0:
		return hour - minuteOf(second), r.pastUnit(next + 2), true
	case t.sense.minute > 0 && t.start == r.token(next-1).end+1, sure && t.number > 0 && t.number < 60 && t.written == 0 && !r.dayNumber(t):
		if r.shiftsNext(next) {
			break
		}
		return hour + minuteOf(t), next + 1, true
	}
	return hour, next, sure
}

// shiftsNext says whether token i begins an hour of its own: "nine, ten past ten".
func (r *clockReader) shiftsNext(i int) bool {
	_, next := r.shifted(i)
	return next > 0
}

// announced says whether what stands before a number says that it is an hour: "at".
func (r *clockReader) announced(t clockToken) bool {
	place, _ := r.f.grammar().before(r.s, t.start, hourly|sure|dayHours|betweens)
	return place != 0
}

// goesOn says whether "to" and an hour stand at token i.
func (r *clockReader) goesOn(i int) bool {
	for j := i; j <= i+2 && j < len(r.tokens); j++ {
		if between := strings.TrimSpace(r.s[r.token(i-1).end:r.token(j).start]); r.f.grammar().is(ranges|ors|pairing, between) {
			if _, _, ok := r.hour(j); ok || j == len(r.tokens)-1 && r.hourOf(r.token(j)) >= 0 {
				return true
			}
		}
	}
	return false
}

// dayNumber says whether a number is that of a day: "3 October", "October 3", "8th".
func (r *clockReader) dayNumber(t clockToken) bool {
	rest := strings.TrimLeft(r.s[t.end:], " .")
	for _, of := range [...]string{"de ", "of "} {
		rest = strings.TrimPrefix(rest, of)
	}
	if startsWithAny(r.s[t.end:], "st", "nd", "rd", "th", "-го", ".", "日", "号", "月", "年") || startsWithAny(rest, "तारीख", "числа") || r.partOfDate(t) {
		return true
	}
	before := strings.TrimRight(r.s[:t.start], " .")
	if strings.HasSuffix(before, "dia") {
		return true
	}
	k := calendarWords()
	if _, part := r.partAt(t.end); part == 0 && k.besideWeekday(r.s, t.start, t.end, r.words) && !hourGoesOn(r.s, t.start, t.end) {
		return true
	}
	return k.monthAt(rest) || k.monthAt(before[strings.LastIndexByte(before, ' ')+1:])
}

// partOfDate says whether a number is one of several that a stroke or two dashes or full stops part: "8/10", "2026-10-08".
func (r *clockReader) partOfDate(t clockToken) bool {
	const marks = "0123456789/.-"
	from := len(strings.TrimRight(r.s[:t.start], marks))
	run := r.s[from : len(r.s)-len(strings.TrimLeft(r.s[t.end:], marks))]
	return strings.Contains(run, "/") || strings.Count(run, "-") > 1 || strings.Count(run, ".") > 1
}

// partAt gives where the part of the day ends that stands at i, with "in the" or the like before it, and which it is.
func (r *clockReader) partAt(i int) (end int, role clockRole) {
	rest := strings.TrimLeft(r.s[i:], " ")
	for _, of := range r.words.ofs {
		if after, ok := strings.CutPrefix(rest, of); ok {
			rest = after
			break
		}
	}
	for part, words := range r.words.parts {
		for _, word := range words {
			if strings.HasPrefix(rest, word) && (len(word) > len("م") || wordStops(rest, len(word))) {
				if at := len(r.s) - len(rest) + len(word); at > end {
					end, role = at, part
				}
			}
		}
	}
	return end, role
}

// scope is the part of the expression in which the part of the day of hour h is looked for: up to the next hour, where a part of the day stands before that.
func (r *clockReader) scope(h hourSaid, next int) string {
	for i := next; i < len(r.tokens); i++ {
		if other, _, ok := r.hour(i); ok {
			if before := r.s[:other.start]; r.partsIn(before) != 0 {
				return before
			}
		}
	}
	return r.s
}

// partsIn gives the parts of the day that s speaks of.
func (r *clockReader) partsIn(s string) (roles clockRole) {
	for role, words := range r.words.parts {
		if slices.ContainsFunc(words, func(word string) bool { return r.speaks(s, word) }) {
			roles |= role
		}
	}
	return roles
}

// speaks says whether s has a word for a part of the day. German writes it on to the weekday; others decline it.
func (r *clockReader) speaks(s, word string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return false
		}
		i += from
		from = i + len(word)
		if r.f.lang == "de" || word[0] >= 0xE3 || (i == 0 || !wordRune(lastRune(s[:i]))) && (len(word) > 4 || wordStops(s, from)) {
			return true
		}
	}
}

// halved gives the minutes of the day of an hour by the half of the day that is meant.
func (r *clockReader) halved(h hourSaid, scope string) int {
	const half, day = 12 * 60, 24 * 60
	minutes := (h.minutes + day) % day
	first, hour := minutes < half, minutes/60
	_, role := r.partAt(h.end)
	if role == 0 {
		role = r.partsIn(scope)
	}
	switch {
	case h.half == fixed:
	case h.half == am && hour == 12, h.half == unsaid && role&nightRole != 0 && role&eveningRole == 0 && hour == 12:
		return minutes - half
	case h.half == am:
	case first && (h.half == pm || role&eveningRole != 0 || role&nightRole != 0 && hour >= 5 || role&noonRole != 0 && 0 < hour && hour <= 5):
		return minutes + half
	}
	return minutes
}
