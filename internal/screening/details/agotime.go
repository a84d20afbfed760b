package details

import (
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/screening/fold"
)

// agoWords say that so long ago is meant, agoUnits how many days a unit has, by how its word begins.
var (
	agoWords = [...]string{"ago", "hace", "il y a", "ha", "faz", "atras", "vor", "назад", "قبل", "पहले", "pehle", "前"}
	agoUnits = map[string]int{
		"day": 1, "night": 1, "dia": 1, "noche": 1, "jour": 1, "nuit": 1, "noite": 1, "nacht": 1, "tag": 1, "ден": 1, "дня": 1, "дней": 1, "يوم": 1, "ايام": 1, "दिन": 1, "din": 1, "天": 1, "日": 1,
		"week": 7, "semana": 7, "semaine": 7, "woche": 7, "недел": 7, "اسبوع": 7, "اسابيع": 7, "हफ": 7, "haft": 7, "周": 7, "个星期": 7, "週间": 7, "fortnight": 14,
	}
)

// daysAgo reads "three days ago": how many days, where the number is told and the unit is of days.
func daysAgo(s string, c Context, at time.Time) (days int, said bool) {
	if !agoWordIn(s) {
		return 0, false
	}
	f := &finder{t: fold.New(s), room: &room{}}
	f.s = f.t.Folded
	f.lang, _, _ = strings.Cut(c.Language, "-")
	f.readWords()
	n := 0
	for _, w := range f.words {
		if value, ok := strings.CutPrefix(w.kind, "say."); ok && n == 0 {
			n = number(value)
		}
	}
	for i := 0; i < len(s) && n == 0; i++ {
		if m, end := f.smallOrYear(i); end > i {
			n = m
		}
	}
	first := len(s)
	for word, unit := range agoUnits {
		i := strings.Index(s, word)
		if i < 0 || i >= first || !apart(s, i, len(s)) { // what is said first counts
			continue
		}
		switch {
		case word == "يوم" && strings.HasPrefix(s[i:], "يومين"), word == "اسبوع" && strings.HasPrefix(s[i:], "اسبوعين"):
			first, days, said = i, 2*unit, true
		case single(s, i, c):
			first, days, said = i, unit, true
		case n > 0 && n < 100:
			first, days, said = i, n*unit, true
		case counted(s, i, c) > 0: // "duas", with which no telephone number is said
			first, days, said = i, counted(s, i, c)*unit, true
		}
	}
	return days, said
}

// agoWordIn says whether s has one of agoWords, that is no part of another word.
func agoWordIn(s string) bool {
	for _, word := range agoWords {
		if i := strings.Index(s, word); i >= 0 && apart(s, i, i+len(word)) {
			return true
		}
	}
	return false
}

// singles are units of which one is meant where no number is said.
var singles = [...]string{"неделю", "день", "اسبوع", "يوم"}

// single says whether one of the unit at i is meant: "a week", "неделю".
func single(s string, i int, c Context) bool {
	if slices.Contains(singles[:], wordOf(s[i:])) {
		before := strings.TrimSuffix(s[:i], " ")
		return before == "" || before == "قبل"
	}
	return countWord(s, i, c).role&oneRole != 0
}

// counted gives the number in words before the unit at i, as it would be an hour's; 0 where there is none.
func counted(s string, i int, c Context) int { return countWord(s, i, c).hour }

// countWord is what the word before the unit at i says.
func countWord(s string, i int, c Context) clockSense {
	before := strings.TrimSuffix(s[:i], " ")
	return clockWordsOf(c.Language).senses[before[strings.LastIndexByte(before, ' ')+1:]]
}

// durations are how the words of units of time begin.
var durations = [...]string{"hour", "min", "day", "night", "week", "fortnight", "month", "year", "hora", "rato", "dia", "noche", "semana", "mes", "ano", "heure", "jour", "nuit", "semaine", "mois", "an", "noite", "stunde", "nacht", "tag", "woche", "monat", "jahr",
	"час", "ден", "дня", "дней", "недел", "месяц", "год", "лет", "ساع", "دق", "يوم", "ايام", "اسبوع", "اسابيع", "شهر", "اشهر", "سن", "घंट", "मिनट", "दिन", "हफ", "महीन", "साल", "ghant", "din", "haft", "mahin", "saal"}

// agoSaid says whether s tells how long ago something was.
func agoSaid(s string) bool {
	if !agoWordIn(s) {
		return false
	}
	for word := range strings.FieldsSeq(s) {
		if startsWithAny(word, durations[:]...) {
			return true
		}
	}
	return false
}
