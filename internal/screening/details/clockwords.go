package details

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed clock.txt
var clockList string

// clockSense is what a word may say in a clock time.
type clockSense struct {
	hour, minute, lead, named int // hour 1.., minute 1..59, lead ±minutes, named 1 + minutes of the day; 0 where it says no such thing
	role                      clockRole
}

type clockRole uint16

const (
	pastRole clockRole = 1 << iota
	toRole
	intoRole
	withoutRole
	plusRole
	minusRole
	unitRole
	oneRole
	morningRole
	noonRole
	eveningRole
	nightRole

	partRoles = morningRole | noonRole | eveningRole | nightRole
)

var clockRoles = map[string]clockRole{
	"past": pastRole, "to": toRole, "into": intoRole, "without": withoutRole, "plus": plusRole, "minus": minusRole, "unit": unitRole, "one": oneRole,
	"morning": morningRole, "noon": noonRole, "evening": eveningRole, "night": nightRole,
}

// clockWords is a language's part of clock.txt, folded.
type clockWords struct {
	senses map[string]clockSense
	parts  map[clockRole][]string // of the day
	ofs    []string
	days   map[string]time.Weekday // by their short names
}

var clockTables = sync.OnceValue(func() map[string]*clockWords {
	all := map[string]*clockWords{}
	var k *clockWords
	for line := range strings.Lines(clockList) {
		line = strings.TrimSpace(line)
		name, entries, _ := strings.Cut(line, ":")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			k = &clockWords{senses: map[string]clockSense{}, parts: map[clockRole][]string{}, days: map[string]time.Weekday{}}
			all[strings.Trim(line, "[]")] = k
		default:
			for i, entry := range strings.Split(entries, ", ") {
				k.read(name, i, strings.TrimSpace(entry))
			}
		}
	}
	return all
})

// read takes the entry of place i in a line.
func (k *clockWords) read(name string, i int, entry string) {
	number := ""
	switch name {
	case "minutes", "lead", "named":
		number, entry, _ = strings.Cut(entry, " ")
	}
	if name == "of" {
		k.ofs = append(k.ofs, fold.String(entry)+" ")
		return
	}
	for word := range strings.SplitSeq(entry, "/") {
		word = fold.String(word)
		s := k.senses[word]
		switch name {
		case "days":
			k.days[word] = time.Weekday(i)
			continue
		case "hours":
			s.hour = i + 1
		case "minutes":
			s.minute = clockNumber(number)
		case "lead":
			s.lead = clockNumber(number)
		case "named":
			hour, minute, _ := strings.Cut(number, ":")
			s.named = 1 + 60*clockNumber(hour) + clockNumber(minute)
		default:
			role := clockRoles[name]
			if role == 0 {
				panic("details: clock.txt has no " + name) // the file is part of the program; tests read it
			}
			s.role |= role
			if role&partRoles != 0 {
				k.parts[role] = append(k.parts[role], word)
			}
		}
		k.senses[word] = s
	}
}

func clockNumber(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		panic("details: clock.txt: " + err.Error())
	}
	return n
}

// clockWordsOf gives the words of a language, English ones where it has none of its own.
func clockWordsOf(language string) *clockWords {
	lang, _, _ := strings.Cut(language, "-")
	if lang == "yue" {
		lang = "zh"
	}
	if k := clockTables()[lang]; k != nil {
		return k
	}
	return clockTables()["en"]
}

// clockWords are those of the text's language.
func (f *finder) clockWords() *clockWords {
	if f.clocks == nil {
		f.clocks = clockWordsOf(f.lang)
	}
	return f.clocks
}

// longestClockWord is of how many words one of clock.txt is at most.
const longestClockWord = 3

// at gives the longest word of the table that begins at i and where it ends. A word that shifts or adds may be written on to what follows it: "полшестого",
// "ونصف".
func (k *clockWords) at(s string, i int) (sense clockSense, end int) {
	for stop, words := i, 0; words < longestClockWord && stop < len(s); words++ {
		if words > 0 {
			stop++
		}
		stop += len(wordOf(s[stop:]))
		if found, ok := k.senses[s[i:stop]]; ok {
			sense, end = found, stop
		}
		if stop < len(s) && s[stop] == '-' && !isDigit(s[stop-1]) { // "twenty-five"
			stop += 1 + len(wordOf(s[stop+1:]))
		}
		if found, ok := k.senses[s[i:stop]]; ok {
			sense, end = found, stop
		}
		if stop == len(s) || s[stop] != ' ' {
			break
		}
	}
	if end > 0 {
		return sense, end
	}
	word := wordOf(s[i:])
	if digit := strings.IndexFunc(word, func(r rune) bool { return r <= '9' && r >= '0' }); digit > 0 { // "و12"
		word = word[:digit]
		return k.senses[word], i + digit
	}
	for size := range word {
		on := k.senses[word[:size]]
		if rest := k.senses[word[size:]]; on.lead != 0 && rest.hour > 0 || on.role&plusRole != 0 && rest.minute > 0 && utf8.RuneCountInString(word[:size]) == 1 {
			return on, i + size
		}
	}
	return clockSense{}, i + len(word)
}

// minutesBehind gives the minutes that follow the hour before i in words, and where they end: "et quart", "إلا ثلثا"; 0 and i where there are none.
func (k *clockWords) minutesBehind(s string, i int) (minute, end int) {
	at := skip(s, i, " ")
	if at == i {
		return 0, i
	}
	joint, stop := k.at(s, at)
	if joint.role&(plusRole|minusRole) == 0 {
		return 0, i
	}
	if word, stop := k.at(s, skip(s, stop, " ")); word.minute > 0 && wordStops(s, stop) {
		return word.minute, stop
	}
	return 0, i
}

// shortDays says whether a word is a weekday's short name.
func (k *clockWords) shortDays(word string) bool {
	_, ok := k.days[word]
	return ok
}

// shortDay gives the weekday whose short name s has.
func (k *clockWords) shortDay(s string) (time.Weekday, bool) {
	for rest := s; rest != ""; {
		word := wordOf(rest)
		if day, ok := k.days[word]; ok {
			return day, true
		}
		if rest = rest[len(word):]; rest != "" {
			_, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
		}
	}
	return 0, false
}
