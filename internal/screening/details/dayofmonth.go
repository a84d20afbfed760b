package details

import (
	"strings"
	"time"
)

// monthsAway are words for a month by how many months it is from the report's.
var monthsAway = [...]struct {
	away  int
	words []string
}{
	{-1, []string{"last month", "mes pasado", "mois dernier", "mois passe", "mes passado", "letzten monat", "vorigen monat", "letzten monats", "прошлого месяца", "прошлом месяце", "الشهر الماضي", "पिछले महीने", "上个月", "上月", "先月"}},
	{0, []string{"this month", "este mes", "ce mois", "diesen monat", "dieses monats", "этого месяца", "هذا الشهر", "इस महीने", "这个月", "本月", "今月"}},
	{1, []string{"next month", "mes que viene", "proximo mes", "mois prochain", "mes que vem", "nachsten monat", "nachsten monats", "следующего месяца", "الشهر القادم", "अगले महीने", "下个月", "下月", "来月"}},
}

// dayOfMonth gives the day that is told by its number alone: "the 8th", "día 5", "8日", "domingo 11". It is of the month that is named; else the last such day,
// or with a weekday one of a month around on which that weekday falls. It is said and "" where there is no such.
func (k calendar) dayOfMonth(s string, words *clockWords, at time.Time) (string, bool) {
	weekday, named := k.namedDay(s, words)
	_, monthSaid := monthAway(s)
	for i := 0; i < len(s); i++ {
		n, end := (&finder{s: s}).smallOrYear(i)
		if end == i {
			continue
		}
		besideDay := k.besideWeekday(s, i, end, words) && !hourGoesOn(s, i, end)
		if n >= 1 && n <= 31 && (end-i <= 2 || !isDigit(s[i])) {
			switch sure := dayMarked(s, i, end); {
			case named && (sure || besideDay):
				return dayOn(n, weekday, at), true
			case sure, monthSaid && !hourGoesOn(s, i, end):
				return lastDay(n, s, at)
			}
		}
		i = end - 1
	}
	return "", false
}

// dayMarked says whether something beside the number s[i:end] says that it is a day's.
func dayMarked(s string, i, end int) bool {
	rest := s[end:]
	for _, mark := range [...]string{"st", "nd", "rd", "th", "-го", "го", ".", " числа", " तारीख", " tareekh", " tarikh"} {
		if after, ok := strings.CutPrefix(rest, mark); ok && wordStops(after, 0) && (mark != "." || after == "" || after[0] != '.' && !isDigit(after[0])) {
			return true
		}
	}
	if startsWithAny(rest, "日", "号", "일") {
		return true
	}
	before := strings.TrimRight(s[:i], " ")
	return before != s[:i] && (before == "dia" || before == "يوم" || strings.HasSuffix(before, " dia") || strings.HasSuffix(before, " يوم") || strings.HasSuffix(before, " del") && rest == "") && !startsWithAny(rest, ":", "h")
}

// besideWeekday says whether a weekday stands right before the number s[i:end].
func (k calendar) besideWeekday(s string, i, end int, words *clockWords) bool {
	if !isDigit(s[i]) {
		return false
	}
	before := strings.TrimRight(s[:i], " ,.")
	for _, article := range [...]string{" the", " den", " le", " el"} {
		before = strings.TrimRight(strings.TrimSuffix(before, article), " ,.")
	}
	word := before[strings.LastIndexByte(before, ' ')+1:]
	if _, short := words.days[word]; short {
		return true
	}
	for w := range k.days {
		if strings.HasPrefix(word, w) {
			return true
		}
	}
	return false
}

// hourGoesOn says whether what follows the number s[i:end] makes an hour of it.
func hourGoesOn(s string, i, end int) bool {
	rest := strings.TrimPrefix(s[end:], " ")
	return startsWithAny(rest, ":", "h", "-", "/", ".") || startsWithAny(rest, hourWords[:]...) || partOfHour(s, i, end)
}

// namedDay gives the weekday that s names, where it names one.
func (k calendar) namedDay(s string, words *clockWords) (time.Weekday, bool) {
	found, named := time.Sunday, false
	for w, day := range k.days {
		if strings.Contains(s, w) {
			if named && day != found {
				return 0, false
			}
			found, named = day, true
		}
	}
	if !named {
		return words.shortDay(s)
	}
	return found, named
}

// monthsAround are the months in which a day is looked for, the likeliest first.
var monthsAround = [...]int{0, -1, 1, -2}

// dayOn gives the day of a month around at that has a number and a weekday; "" where there is none.
func dayOn(n int, weekday time.Weekday, at time.Time) string {
	for _, away := range monthsAround {
		if day, ok := dayIn(n, away, at); ok && day.Weekday() == weekday {
			return day.Format(time.DateOnly)
		}
	}
	return ""
}

// monthAway gives how many months from the report's the one is that s names so.
func monthAway(s string) (away int, said bool) {
	for _, month := range monthsAway {
		if says(s, month.words) {
			return month.away, true
		}
	}
	return 0, false
}

// lastDay gives the last day of a number that is not after at, or that of the month which s names.
func lastDay(n int, s string, at time.Time) (string, bool) {
	if away, said := monthAway(s); said {
		day, ok := dayIn(n, away, at)
		return day.Format(time.DateOnly), ok
	}
	for away := 0; away > -3; away-- {
		if day, ok := dayIn(n, away, at); ok && !day.After(at) {
			return day.Format(time.DateOnly), true
		}
	}
	return "", false
}

// dayIn gives day n of the month so many months from at; not ok where that month has no such day.
func dayIn(n, away int, at time.Time) (day time.Time, ok bool) {
	day = time.Date(at.Year(), at.Month()+time.Month(away), n, 0, 0, 0, 0, at.Location())
	return day, day.Day() == n
}
