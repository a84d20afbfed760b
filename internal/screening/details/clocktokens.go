package details

import (
	"strings"
	"unicode/utf8"
)

// clockToken is a word, a number or a written time of day.
type clockToken struct {
	start, end int
	sense      clockSense
	number     int // in digits; -1 where it is none
	written    int // 1 + minutes of the day, of 14:30; 0 where it is none
	half       halfOfDay
}

// halfOfDay is what is said right behind an hour of which half of the day it is.
type halfOfDay int

const (
	unsaid halfOfDay = iota
	am
	pm
	fixed // noon is of no half
)

var halfWords = [...]struct {
	word string
	half halfOfDay
}{{"a.m", am}, {"am", am}, {"p.m", pm}, {"pm", pm}}

// hourSaid is an hour: the minutes of its day as they are said, and where it stands.
type hourSaid struct {
	minutes, start, end int
	half                halfOfDay
	loose               bool // it may be how long something was, too
}

// read takes the expression apart.
func (r *clockReader) read() {
	for i := 0; i < len(r.s); {
		t := clockToken{start: i, number: -1}
		switch c := r.s[i]; {
		case isDigit(c) || c >= 0xE3:
			t.number, t.end = r.f.smallOrYear(i)
			if minutes, end := r.written(i, t.number, t.end); end > 0 {
				t.written, t.end = 1+minutes, end
			}
		case c == ' ' || c < 0x80 && !isLetter(c):
			i++
			continue
		default:
			t.sense, t.end = r.words.at(r.s, i)
		}
		for _, w := range halfWords {
			if strings.HasPrefix(r.s[i:], w.word) && wordStops(r.s, i+len(w.word)) {
				t.half, t.end = w.half, i+len(w.word)
				break
			}
		}
		if t.end <= i { // a character of no word
			_, size := utf8.DecodeRuneInString(r.s[i:])
			t.end = i + size
			if named, end := r.denseName(i); end > 0 {
				t.sense.named, t.end = named, end
			}
		}
		r.tokens = append(r.tokens, t)
		i = t.end
	}
}

// denseName reads an hour that has a name in Chinese or Japanese.
func (r *clockReader) denseName(i int) (named, end int) {
	for word, sense := range r.words.senses {
		if sense.named > 0 && r.s[i] >= 0xE3 && strings.HasPrefix(r.s[i:], word) {
			return sense.named, i + len(word)
		}
	}
	return 0, 0
}

// written reads the minutes of the day of 14:30, 14h30, 21.15, 14 Uhr 30 and 3点半, whose hour n ends at end; 0, 0 where there is none.
func (r *clockReader) written(i, n, end int) (minutes, stop int) {
	if end-i == 4 && n/100 < 24 && n%100 < 60 && (r.s[i] == '0' || startsWithAny(strings.TrimPrefix(r.s[end:], " "), "hrs", "hours")) { // 0740
		return 60*(n/100) + n%100, end
	}
	if n < 0 || n > 24 || end == len(r.s) {
		return 0, 0
	}
	switch c := r.s[end]; {
	case c == ':' || c == 'h':
		minute, stop := upTo(r.s, end+1, 2)
		if minute >= 0 && minute < 60 {
			return 60*n + minute, stop
		}
		return 60 * n, end + 1
	case dottedClock(r.s, i, end, r.words) || r.f.lang == "ru" && dashedClock(r.s, end):
		minute, stop := upTo(r.s, end+1, 2)
		if minute >= 0 && minute < 60 && stop == end+3 {
			return 60*n + minute, stop
		}
	}
	at := skip(r.s, end, " ")
	if rest, ok := strings.CutPrefix(r.s[at:], "h"); ok && wordStops(rest, 0) { // 17 h 40
		if minute, stop := upTo(r.s, skip(r.s, at+1, " "), 2); minute >= 0 && minute < 60 && stop > at+len("h 1") {
			return 60*n + minute, stop
		}
		return 60 * n, at + 1
	}
	for _, unit := range [...]string{"点", "时", "시"} {
		if strings.HasPrefix(r.s[at:], unit) {
			minute, stop := r.denseMinutes(at + len(unit))
			if missing := r.missing(i); missing > 0 {
				minute = -missing
			}
			return (60*n + minute + 24*60) % (24 * 60), stop
		}
	}
	return 0, 0
}

// dottedClock says whether the numbers around the full stop at dot are an hour and its minutes. Behind a day and a month stands another, before them may a weekday.
func dottedClock(s string, i, dot int, words *clockWords) bool {
	if s[dot] != '.' || i > 0 && s[i-1] == '.' || calendarWords().besideWeekday(s, i, dot, words) {
		return false
	}
	minute, end := upTo(s, dot+1, 2)
	return minute >= 0 && minute < 60 && end == dot+3 && (end == len(s) || s[end] != '.' && s[end] != '/')
}

// dashedClock says whether minutes stand behind the dash at i, as Russian writes them: "в 21-30". They are told from a second hour by being such as no hour is,
// and those that people name.
func dashedClock(s string, i int) bool {
	if s[i] != '-' {
		return false
	}
	minute, end := upTo(s, i+1, 2)
	return end == i+3 && (minute == 0 || minute == 15 || minute > 24 && minute < 60 && minute%5 == 0) && wordStops(s, end) && !strings.HasPrefix(s[end:], "-")
}

// denseMinutes reads those behind the hour in Chinese, Japanese and Korean, and where they end.
func (r *clockReader) denseMinutes(i int) (minutes, end int) {
	at := skip(r.s, i, " ")
	for _, part := range [...]struct {
		word    string
		minutes int
	}{{"半", 30}, {"반", 30}, {"一刻", 15}, {"1刻", 15}, {"三刻", 45}, {"3刻", 45}} {
		if strings.HasPrefix(r.s[at:], part.word) {
			return part.minutes, at + len(part.word)
		}
	}
	if at == len(r.s) {
		return 0, i
	}
	n, end := r.f.smallOrYear(at)
	if n < 0 || n > 59 {
		return 0, i
	}
	for _, unit := range [...]string{"分", "분"} {
		if rest, ok := strings.CutPrefix(r.s[skip(r.s, end, " "):], unit); ok {
			return n, len(r.s) - len(rest)
		}
	}
	if n < 10 || startsWithAny(r.s[end:], "日", "月", "号") {
		return 0, i
	}
	return n, end
}

// missing reads how many minutes are missing to the hour at i: 差二十分六点.
func (r *clockReader) missing(i int) int {
	_, minutes, found := strings.Cut(r.s[:i], missingSign)
	switch n, end := hanNumber(minutes, 0); {
	case !found:
	case minutes == "一刻":
		return 15
	case n > 0 && minutes[end:] == "分":
		return n
	}
	return 0
}

// missingSign stands before the minutes that are missing to an hour.
const missingSign = "差"
