package details

import (
	"cmp"
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/screening/fold"
)

func wordRune(r rune) bool { return fold.Word(r) && !fold.Dense(r) }

// piece is a part of an expression of time.
//
//	date, clock, month, weekday, relative   say when by themselves: "3 October", "6 pm", "May", "Tuesday", "yesterday"
//	noon                                    does, and is an hour that has a name: "midnight"
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
	case "date", "clock", "noon", "month", "weekday", "relative":
		return true
	}
	return false
}

// hour says whether a piece is an hour.
func (p piece) hour() bool { return p.kind == "clock" || p.kind == "noon" }

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
			if pieces[i].kind == "part" {
				start = f.pastJoint(start, pieces[i].end)
			}
			f.add("time", start, end, 50)
		}
		i = j
	}
}

// pastJoint is where a part of the day at [start,end) begins without the preposition that is said with it: "am Abend des 5. Mai".
func (f *finder) pastJoint(start, end int) int {
	from := start
	for i := start; i < end; i++ {
		if f.s[i] == ' ' && f.grammar().is(joints|dayHours, f.s[start:i]) {
			from = i + 1
		}
	}
	return from
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
	if last.hour() && p.hour() && between != "" && g.is(pairing, between) {
		place, _ := g.before(f.s, last.start, betweens)
		return place != 0
	}
	if last.kind == "noon" && p.kind == "relative" || last.kind == "relative" && p.kind == "noon" {
		return between == "" // "tomorrow noon"
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
		case "weekday":
			out = append(out, piece{w.kind, w.start, f.pastDayStop(w)})
		case "relative":
			kind := "relative"
			if f.clockWords().senses[f.s[w.start:w.end]].named > 0 {
				kind = "noon"
			}
			out = append(out, piece{kind, w.start, w.end})
		case "clock", "span", "before", "behind", "not":
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
		case "shortmonth":
			if p := f.aroundMonth(w); p.start < w.start {
				p.kind, p.end = "month", f.pastStop(p.end, w.end)
				out = append(out, p)
			}
		case "shortday":
			if end := skip(f.s, w.end, "."); f.dateAt(end) {
				out = append(out, piece{"weekday", w.start, end})
			}
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
		if p.kind == "clock" {
			out[i].start, out[i].end = f.wholeClock(p)
		}
	}
	f.room.pieces = out
	return out
}

// wholeClock gives the span of an hour with what belongs to it on either side: "o'clock" in Arabic, minutes in words, and in Chinese what is missing.
func (f *finder) wholeClock(p piece) (start, end int) {
	words := f.clockWords()
	start, end = p.start, p.end
	if minute, stop := words.minutesBehind(f.s, p.end); minute%15 == 0 || f.countsNothing(stop) {
		end = stop
	}
	if hour := f.s[start:end]; end < len(f.s) && f.s[end] == ' ' && (strings.HasSuffix(hour, " heures") || strings.HasSuffix(hour, " heure")) {
		if minute, stop := words.at(f.s, end+1); minute.minute > 0 && f.countsNothing(stop) {
			end = stop
		}
	}
	if rest, ok := strings.CutSuffix(f.s[:start], arabicHour); ok {
		start = len(rest)
	}
	if before := f.s[max(0, start-longestMissing):start]; strings.HasSuffix(before, "分") || strings.HasSuffix(before, "一刻") {
		at := strings.LastIndex(before, missingSign)
		if at >= 0 && (&clockReader{s: before[at:]}).missing(len(before)-at) > 0 {
			start -= len(before) - at
		}
	}
	return start, end
}

// longestMissing is how many bytes 差二十五分 takes at most.
const longestMissing = 15

// dateAt says whether a date in digits begins behind the comma or the blank at i.
func (f *finder) dateAt(i int) bool {
	at := skip(f.s, skip(f.s, i, ","), " ")
	if at == i || at == len(f.s) || !isDigit(f.s[at]) {
		return false
	}
	j := digitsOf(f.s, at)
	if j-at > 2 {
		return false
	}
	if f.writtenDate(at, j) > 0 || startsWithAny(f.s[j:], "/", ".") {
		return true
	}
	rest := f.s[skip(f.s, skip(f.s, j, "."), " "):]
	return calendarWords().monthAt(strings.TrimPrefix(rest, "de "))
}

// pastDayStop is where a weekday that is cut short ends with its full stop, where a time follows: "Tues. night".
func (f *finder) pastDayStop(w word) int {
	if next := w.end + len(". "); w.end-w.start <= len("thurs") && f.clockWords().shortDays(f.s[w.start:w.end]) && strings.HasPrefix(f.s[w.end:], ". ") && next < len(f.s) && (f.timeAt(next) || isDigit(f.s[next])) {
		return w.end + 1
	}
	return w.end
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
