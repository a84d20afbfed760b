package details

import (
	"strings"
	"unicode/utf8"
)

// digitTime reads a date or a clock time at the digits s[i], the first of their run, and gives its kind and end; "" where
// there is none. It reads what is written in digits: 12/10/2026, 2026-10-12, 12.10., 10月5日, 14:30, 2am, 18 Uhr, 6h20.
func (f *finder) digitTime(i int) (kind string, start, end int) {
	s := f.s
	j := digitsOf(s, i)
	unit := j < len(s) && s[j] >= 0xE3 // behind a Chinese comma a number begins anew
	if i > 1 && strings.IndexByte(".,:/-", s[i-1]) >= 0 && isDigit(s[i-2]) && !(unit && s[i-1] == ',') || i > 0 && (s[i-1] == '.' || s[i-1] == '/') {
		return "", i, i
	}
	n, width := number(s[i:j]), j-i
	if width > 4 {
		return "", i, i
	}
	if width == 4 {
		if end := f.fourDigitHour(i, j, n); end > 0 {
			return "clock", i, end
		}
	}
	if end := f.dottedHour(i, j, n); end > 0 {
		return "clock", i, end
	}
	if end := f.writtenDate(i, j); end > 0 && !(f.lang == "en" && end-i <= len("10.10.") && s[end-1] == '.') { // "the 8.05." is no date in English
		return "date", i, end
	}
	if kind, end := f.unitTime(n, width, j); end > 0 {
		return kind, i, end
	}
	if end := f.ordinal(i, j, n); end > 0 {
		return "date", i, end
	}
	if start, end := f.year(i, j, n); end > 0 {
		return "date", start, end
	}
	if width > 2 {
		return "", i, i
	}
	if start, end := f.dayAlone(i, j, n); end > 0 {
		return "date", start, end
	}
	if n > 24 {
		return "", i, i
	}
	if end := f.hoursWord(i, j); end > 0 {
		return "clock", i, end
	}
	if rest, ok := strings.CutPrefix(s[j:], "ish"); ok && n > 0 && n <= 12 && wordStops(rest, 0) {
		return "clock", i, j + len("ish")
	}
	if f.lang == "ru" && j < len(s) && dashedClock(s, j) {
		if announced, _ := f.hourComes(i); announced {
			return "clock", i, j + len("-30")
		}
	}
	if end := clockEnd(s, j, n); end > 0 && !(n == 24 && end-j <= len(" h") && s[end-1] == 'h') { // "open 24h"
		return "clock", i, end
	}
	if end := f.bareHour(i, j); end > 0 {
		return "clock", i, end
	}
	return "", i, i
}

func digitsOf(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// number reads up to four digits.
func number(digits string) int {
	n := 0
	for i := range min(len(digits), 4) {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}

// upTo reads one to so many digits at i and gives the number and its end; -1 where there is none or more.
func upTo(s string, i, most int) (n, end int) {
	end = digitsOf(s, i)
	if end == i || end-i > most {
		return -1, i
	}
	return number(s[i:end]), end
}

// smallNumber reads a number of up to two digits, or of Chinese characters, -1 where there is none.
func (f *finder) smallNumber(i int) (n, end int) {
	if i < len(f.s) && isDigit(f.s[i]) {
		return upTo(f.s, i, 2)
	}
	return hanNumber(f.s, i)
}

// halfDays follow an hour and say which half of the day is meant.
var halfDays = [...]string{"a.m.", "p.m.", "a.m", "p.m", "am", "pm"}

// hours follow an hour in languages that have a word for it; the longest first.
var hours = [...]string{
	"часов", "часа", "час", "утра", "вечера", "дня", "ночи", "o'clock", "uhr", "बजे", "baje", "horas", "heures", "hours", "hrs", "hs",
}

// clockEnd reads a time of day whose hour n ends at j; 0 where there is none.
func clockEnd(s string, j, n int) int {
	at := j
	if j < len(s) && (s[j] == ':' || s[j] == '.' || s[j] == 'h') {
		minute, k := upTo(s, j+1, 2)
		switch {
		case minute >= 0 && k-j == 3 && minute < 60:
			if s[j] == ':' && k+2 < len(s) && s[k] == ':' {
				if second, l := upTo(s, k+1, 2); second >= 0 && second < 60 {
					k = l
				}
			}
			if end := hourWord(s, k, n); end > 0 {
				return end
			}
			if s[j] == '.' || k < len(s) && isLetter(s[k]) {
				return 0
			}
			if rest, ok := strings.CutPrefix(s[k:], " h"); ok && wordStops(rest, 0) && s[j] == ':' { // "17:40 h"
				return k + len(" h")
			}
			return k
		case s[j] == 'h' && (j+1 == len(s) || !isLetter(s[j+1]) && !isDigit(s[j+1])):
			return j + 1
		}
	} else if at = skip(s, j, " "); at > j && at < len(s) && s[at] == 'h' {
		minute, k := upTo(s, skip(s, at+1, " "), 2)
		if minute >= 0 && minute < 60 && (k == len(s) || !isLetter(s[k])) {
			return k
		}
		if (at+1 == len(s) || !isLetter(s[at+1]) && s[at+1] != '\'' && s[at+1] < 0x80) && !startsWithAny(s[at+1:], " de ") { // "7 h de travail"
			return at + 1
		}
	}
	return hourWord(s, j, n)
}

// hourWord reads "am", "Uhr 30" or the like after a time of day that ends at j.
func hourWord(s string, j, n int) int {
	at := skip(s, j, " ")
	if at >= len(s) {
		return 0
	}
	for _, word := range halfDays {
		if n <= 12 && strings.HasPrefix(s[at:], word) && wordStops(s, at+len(word)) {
			return at + len(word)
		}
	}
	for _, word := range hours {
		if !strings.HasPrefix(s[at:], word) || !wordStops(s, at+len(word)) {
			continue
		}
		end := at + len(word)
		if word == "horas" || word == "heures" || word == "hours" || word == "hrs" || word == "hs" || word == "часа" || word == "часов" || word == "час" {
			return f24(s, j, end)
		}
		if minute, k := upTo(s, skip(s, end, " "), 2); word == "uhr" && minute >= 0 && minute < 60 && wordStops(s, k) {
			return k
		}
		return end
	}
	return 0
}

// f24 takes "5 часов" and "3 horas" for a time only where minutes stand before or a part of the day follows: else they
// are how long something took.
func f24(s string, j, end int) int {
	if j >= 3 && s[j-3] == ':' {
		return end
	}
	rest := s[skip(s, end, " "):]
	for _, part := range [...]string{"утра", "вечера", "дня", "ночи", "de la", "da manha", "da tarde", "da noite", "du matin", "du soir"} {
		if strings.HasPrefix(rest, part) {
			return skip(s, end, " ") + len(part)
		}
	}
	return 0
}

// wordStops says whether no word goes on at i.
func wordStops(s string, i int) bool {
	if i >= len(s) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return !wordRune(r)
}

func startsWithAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}
