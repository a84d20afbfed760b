package details

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Digits as people say them, for transcripts of calls: "oh seven seven double oh nine", "一三八幺幺", "zéro six douze". The
// words are the classes say.N of words.txt, N being the value of a number below a hundred, or x2 and x3 for "double" and
// "triple".

// leastSaid is how many digits must be said in a row to be a number to call; fewer are something counted.
const leastSaid, mostSaid = 7, 15

// spoken finds telephone numbers said digit by digit or two by two.
func (f *finder) spoken() {
	f.spokenHan()
	var said wordsAt
	for _, w := range f.words {
		if strings.HasPrefix(w.kind, "say.") {
			said.add(w.start, w)
		}
	}
	if said.count() < 4 {
		return
	}
	for i := said.next(0); i < len(f.s); i = said.next(i + 1) {
		if i > 0 && wordRune(f.runeBefore(i)) {
			continue
		}
		end, digits, words := f.saidFrom(i, &said)
		if n := len(digits); n >= leastSaid && n <= mostSaid && words >= 4 {
			f.add("phone", i, end, 84)
		}
		i = max(i, end-1)
	}
}

// saidFrom reads the digits said from i on, and gives where they end and how many words they are.
func (f *finder) saidFrom(i int, said *wordsAt) (end int, digits string, words int) {
	var t tally
	end = i
	for at := i; ; {
		w, ok := said.at(at)
		stop := w.end
		if ok {
			t.say(strings.TrimPrefix(w.kind, "say."))
		} else { // transcripts mix: "oh 7 7 double 0"
			if stop = digitsOf(f.s, at); stop == at || stop-at > 5 || words == 0 {
				break
			}
			t.digits += f.s[at:stop]
			t.last = 0
		}
		words++
		end = stop
		for at = end; at < len(f.s) && strings.IndexByte(" ,-.", f.s[at]) >= 0 && at-end < 3; {
			at++
		}
		if t.last >= 20 {
			for _, and := range [...]string{"y ", "et ", "e ", "und "} {
				if strings.HasPrefix(f.s[at:], and) {
					at += len(and)
				}
			}
		}
		if at == end || len(t.digits) > mostSaid {
			break
		}
	}
	return end, t.digits, words
}

// tally writes down digits as they are said.
type tally struct {
	digits string
	last   int // the number said last, where another may belong to it ("forty" "five"); else 0
	repeat int // the next digit counts so often; 0 for once
}

// say takes one word's value: a number, or x2 or x3.
func (t *tally) say(value string) {
	if times, ok := strings.CutPrefix(value, "x"); ok {
		t.repeat = int(times[0] - '0')
		return
	}
	n := number(value)
	switch last := t.last; {
	case t.repeat > 0:
		value = strings.Repeat(value, t.repeat)
	case n > 0 && (last >= 100 && last%100 == 0 && n < 100 || last >= 20 && last%10 == 0 && n < 10 || (last == 60 || last == 80) && n < 20):
		sum := strconv.Itoa(last + n)
		t.digits = t.digits[:len(t.digits)-len(sum)]
		value, n = sum, last+n
	}
	t.digits += value
	t.repeat, t.last = 0, n
}

// hanSaid are the digits as they are said in Chinese; 幺 is one, 洞 zero, 拐 seven.
const hanSaid = "零〇一幺二两三四五六七八九洞拐"

func saidInHan(r rune) bool {
	switch r {
	case '零', '〇', '一', '幺', '二', '两', '三', '四', '五', '六', '七', '八', '九', '洞', '拐':
		return true
	}
	return false
}

// spokenHan finds a number said in Chinese or Japanese: seven characters or more that are digits, pauses between them.
func (f *finder) spokenHan() {
	s := f.s
	starts := f.seek(numeral)
	for i := starts.next(0); i < len(s); i = starts.next(i) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !saidInHan(r) {
			i += size
			continue
		}
		end, n := i, 0
		for at := i; at < len(s); {
			r, size := utf8.DecodeRuneInString(s[at:])
			if saidInHan(r) || r == 'の' && n > 1 {
				n++
				at += size
				if r != 'の' {
					end = at
				}
				continue
			}
			if r != ' ' && r != ',' && r != '、' && r != '-' && r != 'ー' || at-end > 3 {
				break
			}
			at += size
		}
		next, _ := utf8.DecodeRuneInString(s[end:])
		if n >= leastSaid && n <= mostSaid && !strings.ContainsRune("十百千万亿", next) {
			f.add("phone", i, end, 84)
		}
		i = max(end, i+size)
	}
}
