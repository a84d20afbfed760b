package details

import "strings"

// dayAlone gives the span of a day that is told by its number n at s[i:j] alone: "el 14", "dia 5", "14-го числа", "14 तारीख".
func (f *finder) dayAlone(i, j, n int) (start, end int) {
	if n < 1 || n > 31 {
		return 0, 0
	}
	for _, tail := range [...]string{"-го числа", "-го", "го числа", " числа", " तारीख", " tareekh", " tarikh"} {
		if strings.HasPrefix(f.s[j:], tail) && wordStops(f.s, j+len(tail)) {
			return i, j + len(tail)
		}
	}
	if f.endsBefore("weekday", i) { // "sábado 7", "Tuesday 3rd"
		if startsWithAny(f.s[j:], "st", "nd", "rd", "th") && wordStops(f.s, j+len("th")) {
			return i, j + len("th")
		}
		if f.countsNothing(j) {
			return i, j
		}
	}
	place, at := f.grammar().before(f.s, i, days|dayNames)
	if place == 0 {
		return 0, 0
	}
	end = j
	if f.lang == "de" { // "am 14."
		if !strings.HasPrefix(f.s[j:], ". ") {
			return 0, 0
		}
		end++
	}
	said := f.countsNothing(end) || f.lang == "es" && strings.HasPrefix(f.s[end:], " ") && wordOf(f.s[end+1:]) != "" && !f.plural(end)
	if !said || strings.HasPrefix(f.s[end:], ",") || f.lang == "es" && startsWithAny(f.s[end:], " por cien", " por 100", " por mil") || f.lang == "fr" && f.isCalled(at, n) {
		return 0, 0
	}
	if place&dayNames != 0 {
		return at, end
	}
	return i, end
}

// isCalled says whether n, which follows "le" at i, is an emergency number of France that somebody calls.
func (f *finder) isCalled(i, n int) bool {
	before := strings.TrimRight(f.s[:i], " ")
	return (n == 15 || n == 17 || n == 18) && startsWithAny(before[strings.LastIndexByte(before, ' ')+1:], "appel", "compos", "contact", "joindre", "joint", "rappel", "fais", "faire", "faites")
}

// year gives the span of a year that is told alone, at s[i:j]: "in 2019", "2019 году", "عام 2019".
func (f *finder) year(i, j, n int) (start, end int) {
	if n < 1950 || n > 2099 {
		return 0, 0
	}
	for _, tail := range [...]string{" году", " года", " год", " г."} {
		if strings.HasPrefix(f.s[j:], tail) {
			return i, j + len(tail)
		}
	}
	place, at := f.grammar().before(f.s, i, years|yearNames)
	if place&yearNames != 0 {
		return at, j
	}
	if !f.countsNothing(j) {
		return 0, 0
	}
	if place != 0 || startsWithAny(f.s[j:], " में", " से", " mein ") || f.lang == "de" && f.before(i, longestBefore) == "" {
		return i, j
	}
	return 0, 0
}

// ordinal reads "16th" where the words around make it a day: "by the 16th", not "on the 16th floor".
func (f *finder) ordinal(i, j, n int) int {
	if n < 1 || n > 31 || !startsWithAny(f.s[j:], "st", "nd", "rd", "th") || !strings.HasSuffix(f.s[:i], " the ") {
		return 0
	}
	end := j + len("th")
	rest := f.s[skip(f.s, end, " "):]
	if !f.announced(i-len("the ")) || startsWithAny(rest, "floor", "street", "avenue", "time", "century", "birthday", "year", "grade", "storey") {
		return 0
	}
	return end
}

// writtenDate reads a date of three numbers, or of a day and a month with a full stop after each, that begins with the
// number s[i:j].
func writtenDate(s string, i, j int) int {
	if j >= len(s) || strings.IndexByte("-/.", s[j]) < 0 {
		return 0
	}
	separator := s[j]
	first := number(s[i:j])
	second, k := upTo(s, j+1, 2)
	if second < 1 || second > 31 || first > 31 && j-i < 4 {
		return 0
	}
	if k < len(s) && s[k] == separator {
		third, end := upTo(s, k+1, 4)
		switch {
		case third >= 0 && end < len(s) && (isLetter(s[end]) || s[end] == separator && end+1 < len(s) && isDigit(s[end+1])):
			return 0
		case j-i == 4 && third >= 1 && third <= 31 && first > 1800 && first < 2200, j-i <= 2 && (end-k == 5 || end-k == 3) && min(first, second) <= 12:
			return end
		case separator == '.' && third < 0 && j-i <= 2 && second <= 12 && first >= 1:
			return k + 1
		}
	}
	if separator == '/' && j-i <= 2 && k-j == 3 && first >= 1 && min(first, second) <= 12 && max(first, second) > 12 && (k == len(s) || !isDigit(s[k]) && !isLetter(s[k])) {
		return k // "22/04"
	}
	if separator == '/' && j-i <= 2 && k-j >= 2 && first >= 1 && min(first, second) <= 12 && wordStops(s, k) && (k == len(s) || s[k] != '/') && dayComes(s[:i]) {
		return k // "el 2/10"
	}
	return 0
}

// dayComes says whether what ends s announces a day of the month.
func dayComes(s string) bool {
	for _, word := range [...]string{" el ", " dia ", " le ", " du ", " am ", " vom "} {
		if strings.HasSuffix(s, word) {
			return true
		}
	}
	return false
}
