package details

import (
	"cmp"
	"slices"
	"strings"
)

// bareHour gives the end of the hour at [start,end), or of the two with "to" between, that have no word for hours beside them: one to twelve, in
// digits or words, after "at" or the like, where what follows can't be counted. It is 0 where there is none.
func (f *finder) bareHour(start, end int) int {
	if !hourNames[f.s[start:end]] || start > 0 && f.s[start-1] != ' ' {
		return 0
	}
	g := f.grammar()
	announced, between := f.hourComes(start)
	if !announced && !isDigit(f.s[start]) {
		return 0
	}
	if from, to := f.otherHour(g, end, between); to > 0 {
		if isDigit(f.s[from]) {
			if tail := clockEnd(f.s, to, number(f.s[from:to])); tail > 0 {
				return tail
			}
		}
		if announced && f.countsNothing(to) {
			return to
		}
	}
	if announced && (f.countsNothing(end) || f.goesOnTo(g, end) || f.hourIsSure(start) && !f.plural(end)) {
		return end
	}
	return 0
}

// hourComes says whether the words before i announce an hour, or two of them.
func (f *finder) hourComes(i int) (announced, between bool) {
	if f.coming.at != i { // one number is asked about several times
		f.coming.at, f.coming.place = i, 0
		g := f.grammar()
		for range 3 {
			place, at := g.before(f.s, i, hourly|betweens|blurs)
			if place&blurs == 0 || place&(hourly|betweens) != 0 {
				f.coming.place = place
				break
			}
			i = at
		}
	}
	return f.coming.place&(hourly|betweens) != 0, f.coming.place&betweens != 0
}

// hourIsSure says whether what stands before i leaves no doubt that an hour follows: "a las", or "at" behind a day.
func (f *finder) hourIsSure(i int) bool {
	place, at := f.grammar().before(f.s, i, hourly|sure)
	if place&sure != 0 || place == 0 {
		return place != 0
	}
	return f.endsBefore("relative", at) || f.endsBefore("weekday", at) || f.endsBefore("part", at)
}

// endsBefore says whether a word of a kind ends before the blank before place i.
func (f *finder) endsBefore(kind string, i int) bool {
	k, _ := slices.BinarySearchFunc(f.words, i-1, func(w word, i int) int { return cmp.Compare(w.start, i) })
	for back := range min(k, 4) {
		if w := f.words[k-1-back]; w.end == i-1 && w.kind == kind && f.s[i-1] == ' ' {
			return true
		}
	}
	return false
}

// plural says whether a word in the plural of Spanish or Portuguese follows: what there are so many of.
func (f *finder) plural(i int) bool {
	return i < len(f.s) && f.s[i] == ' ' && strings.HasSuffix(wordOf(f.s[i+1:]), "s") && !f.countsNothing(i)
}

// goesOnTo says whether "to" and a clock time in words follow at i.
func (f *finder) goesOnTo(g *grammar, i int) bool {
	next := f.s[i:min(len(f.s), i+longestJoint)]
	for k := range next {
		if k > 0 && next[k-1] == ' ' && g.is(ranges, strings.TrimSpace(next[:k])) && f.timeAt(i+k) {
			return true
		}
	}
	return false
}

// otherHour finds the second of two hours, the first of which ends at end: "2 to 3", "between 2 and 3".
func (f *finder) otherHour(g *grammar, end int, between bool) (from, to int) {
	next := f.s[end:min(len(f.s), end+longestJoint)]
	for i, r := range next {
		if isDigit(byte(min(r, 0x7F))) || i > 0 && next[i-1] == ' ' {
			joint := strings.TrimSpace(next[:i])
			to := end + i + len(wordOf(f.s[end+i:]))
			if (g.is(ranges, joint) || between && g.is(pairing, joint)) && hourNames[f.s[end+i:to]] {
				return end + i, to
			}
		}
	}
	return 0, 0
}

// hourNames are the numbers that an hour may have by itself.
var hourNames = wordSet("1 2 3 4 5 6 7 8 9 10 11 12 one two three four five six seven eight nine ten eleven twelve " +
	"una dos tres cuatro cinco seis siete ocho nueve diez once doce uma duas quatro sete oito nove dez onze doze " +
	"eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать " +
	"двух трех четырех пяти шести семи восьми девяти десяти одиннадцати двенадцати ek do teen char paanch chhe saat aath nau das gyarah barah")

// countsNothing says whether nothing follows at i of which there could be so many.
func (f *finder) countsNothing(i int) bool {
	rest := f.s[i:]
	if rest == "" {
		return true
	}
	if rest[0] != ' ' {
		return strings.IndexByte(".,;:!?)\"'", rest[0]) >= 0 && (len(rest) == 1 || !isDigit(rest[1]) && (rest[0] != ',' || !isDigit(f.s[i-1]) || f.countsNothing(i+1)))
	}
	word := wordOf(rest[1:])
	if word == "" {
		return len(rest) == 1 || strings.IndexByte("\"'(-/", rest[1]) >= 0
	}
	return f.grammar().is(follows, word) || f.timeAt(i+1) || f.lang == "ar" && strings.HasPrefix(word, "و") // "and" is written on
}

// timeAt says whether a word of time stands at i.
func (f *finder) timeAt(i int) bool {
	k, _ := slices.BinarySearchFunc(f.words, i, func(w word, i int) int { return cmp.Compare(w.start, i) })
	for ; k < len(f.words) && f.words[k].start == i; k++ {
		switch f.words[k].kind {
		case "part", "weekday", "relative", "before", "clock":
			return true
		}
	}
	return false
}

// wordOf is the word or number with which s begins.
func wordOf(s string) string {
	for k, r := range s {
		if !wordRune(r) && r != '\'' {
			return s[:k]
		}
	}
	return s
}

// hoursWord gives the end of a word for hours that follows at j a number that is announced as an hour; 0 where there is none. Without that it is
// how long something took.
func (f *finder) hoursWord(i, j int) int {
	if announced, _ := f.hourComes(i); !announced {
		return 0
	}
	for _, word := range [...]string{" часов", " часам", " часа", " час", " heures", " heure", " horas", " hours", " hrs", "hrs", " hs"} {
		if strings.HasPrefix(f.s[j:], word) && wordStops(f.s, j+len(word)) {
			return j + len(word)
		}
	}
	return 0
}

// dottedHour gives the end of an hour and its minutes with a full stop between, which a date or an amount may have too: "at 7.40".
func (f *finder) dottedHour(i, j, n int) int {
	if n > 24 || j == len(f.s) || f.s[j] != '.' {
		return 0
	}
	minute, end := upTo(f.s, j+1, 2)
	if minute < 0 || minute > 59 || end-j != 3 || !f.countsNothing(end) {
		return 0
	}
	announced, _ := f.hourComes(i)
	announced = announced || f.lang == "en" && startsWithAny(f.s[end:], " in the morning", " in the afternoon", " in the evening", " at night")
	before := f.s[:i]
	for _, words := range [...]string{" it is ", " it's ", " the "} {
		announced = announced || f.lang == "en" && strings.HasSuffix(before, words)
	}
	if !announced {
		return 0
	}
	return end
}

// fourDigitHour gives the end of an hour written without a sign: "at 0740", "1430 hrs".
func (f *finder) fourDigitHour(i, j, n int) int {
	if n/100 > 23 || n%100 > 59 {
		return 0
	}
	announced, _ := f.hourComes(i)
	for _, word := range [...]string{" hrs", "hrs", " hours"} {
		if end := j + len(word); strings.HasPrefix(f.s[j:], word) && wordStops(f.s, end) && (announced || f.s[i] == '0' || n%100 != 0) && !startsWithAny(f.s[end:], " of ") {
			return end // "1200 hours" by itself may be how long something took
		}
	}
	if f.s[i] != '0' || !announced || !f.countsNothing(j) {
		return 0
	}
	return j
}
