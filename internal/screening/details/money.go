package details

import (
	"strings"
	"unicode/utf8"
)

// purse is the vocabulary of amounts by where its words start or end.
type purse struct {
	signEnds, sign, currency, multiplier, adjective, of, number map[int]word
}

// money finds amounts: a number in digits or words with a currency before or after it.
func (f *finder) money() {
	p := purse{
		signEnds: f.ending("sign"), sign: f.starting("sign"), currency: f.starting("currency"), multiplier: f.starting("multiplier"),
		adjective: f.starting("adjective"), of: f.starting("of"), number: f.starting("number"),
	}
	s := f.s
	for i := 0; i < len(s); {
		start := i
		end := i
		switch {
		case isDigit(s[i]) && (i == 0 || !isDigit(s[i-1])):
			end = digitsEnd(s, i)
		case p.number[i].end > i:
			end = numberWordsEnd(s, i, p.number)
		default:
			if n := hanNumberEnd(s, i); n > i {
				end = n
			}
		}
		if end == start {
			i++
			continue
		}
		if stop := f.amount(start, end, p); stop > 0 {
			i = stop
			continue
		}
		i = end
	}
}

// amount looks for a currency around the number s[start:end], adds the amount and gives its end.
func (f *finder) amount(start, end int, p purse) int {
	from, signed := start, false
	at := start
	if at > 0 && f.s[at-1] == ' ' {
		at--
	}
	if w, ok := p.signEnds[at]; ok {
		from, signed = w.start, true
	}
	stop := end
	for range 2 { // "48 billones", "1万亿"
		at := skip(f.s, stop, " -")
		if w, ok := p.multiplier[at]; ok && (at == stop || w.end-w.start > 1) {
			stop = w.end
		}
	}
	after := f.currencyAfter(stop, p)
	if after == 0 && stop != end {
		if after = f.currencyAfter(end, p); after > 0 {
			stop = end
		}
	}
	switch {
	case after > 0:
		stop = f.cents(after, p)
	case signed:
	case f.large(start, stop) && f.paid(start, stop):
	default:
		return 0
	}
	if !isDigit(f.s[start]) || !signed {
		if r := f.runeBefore(from); r == '.' || r == '-' && isDigit(f.s[start]) && !signed {
			return 0
		}
	}
	f.add("money", from, stop, 83)
	return stop
}

// currencyAfter gives the end of a currency at i, after a blank, "of" or an adjective; 0 where there is none.
func (f *finder) currencyAfter(i int, p purse) int {
	at := skip(f.s, i, " -")
	if w, ok := p.of[at]; ok {
		at = skip(f.s, w.end, " ")
	}
	if w, ok := p.adjective[at]; ok {
		if next := skip(f.s, w.end, " "); p.currency[next].end > 0 {
			at = next
		}
	}
	end := 0
	if w, ok := p.currency[at]; ok {
		end = w.end
	} else if w, ok := p.sign[at]; ok {
		end = w.end
	} else {
		return 0
	}
	if w, ok := p.adjective[skip(f.s, end, " ")]; ok {
		end = w.end
	} else if w, ok := p.of[skip(f.s, end, " ")]; ok {
		if a, ok := p.adjective[skip(f.s, w.end, " ")]; ok {
			end = a.end
		}
	}
	return end
}

// cents joins what follows a currency of the same amount: "15 dollars and 20 cents", "5元3角".
func (f *finder) cents(end int, p purse) int {
	at := skip(f.s, end, " ")
	for _, and := range [...]string{"and ", "y ", "et ", "und ", "en ", "e ", "又", "和", "и ", "و ", "ve "} {
		if strings.HasPrefix(f.s[at:], and) {
			at += len(and)
			break
		}
	}
	stop := at
	switch {
	case at < len(f.s) && isDigit(f.s[at]):
		stop = digitsEnd(f.s, at)
	case p.number[at].end > at:
		stop = numberWordsEnd(f.s, at, p.number)
	default:
		stop = hanNumberEnd(f.s, at)
	}
	if stop <= at {
		return end
	}
	next := skip(f.s, stop, " ")
	if w, ok := p.currency[next]; ok {
		for _, small := range [...]string{"cent", "sent", "角", "分", "毛", "pence", "kop", "коп", "セント", "센트", "銭", "सेंट", "kuru"} {
			if strings.HasPrefix(f.s[w.start:w.end], small) {
				return w.end
			}
		}
	}
	return end
}

// large says whether a number is of a size that people give without a currency.
func (f *finder) large(start, end int) bool {
	text := f.s[start:end]
	for _, unit := range [...]string{"万", "亿", "万多", "тысяч", "миллион", "thousand", "grand", "lakh", "crore", "लाख", "हज़ार", "हजार", "ألف", "الف", "آلاف", "mil ", " k", "mille"} {
		if strings.Contains(text, unit) {
			return true
		}
	}
	return strings.ContainsAny(text, ",") && len(text) >= 5
}

var paying = []string{
	"paid", "pay", "lost", "gone", "sent", "transfer", "owe", "tax of", "fee of", "wants", "want a tax", "savings", "invest", "bribe", "asked for", "demand", "投", "转", "汇", "骗", "损失", "送", "欠", "卖", "付", "交", "赔", "借", "贷", "收", "给", "花", "加到", "本金",
	"отправил", "перевел", "отдал", "потерял", "снял", "взял", "требу", "pagu", "pagó", "perdí", "transfer", "envi", "robaron", "payé", "versé", "perdu", "viré", "paguei", "perdi", "mandei", "bezahlt", "überw", "uberw", "verloren", "دفع", "حول", "خسر", "माँग", "मांग", "लिए थे", "दिए", "ठग",
}

// paid says whether the words around a number speak of paying.
func (f *finder) paid(start, end int) bool {
	after := f.s[end:min(len(f.s), end+24)]
	r, _ := utf8.DecodeRuneInString(f.s[end:])
	if strings.ContainsRune("人条次字个名粉张斤吨头户辆件公米里年月天日", r) {
		return false
	}
	return says(f.before(start, 40), paying) || says(after, paying)
}

// digitsEnd reads a number in digits with its separators; a blank separates thousands only.
func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	for i+1 < len(s) && (s[i] == ',' || s[i] == '.' || s[i] == ' ' || s[i] == '\'') && isDigit(s[i+1]) {
		j := i + 1
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if (s[i] == ' ' || s[i] == '\'') && j-i != 4 {
			break
		}
		i = j
	}
	return i
}

// numberWordsEnd reads number words in a row, with "and" between them.
func numberWordsEnd(s string, i int, number map[int]word) int {
	end := number[i].end
	for {
		at := skip(s, end, " -")
		for _, and := range [...]string{"and ", "y ", "et ", "und ", "e ", "و"} {
			if strings.HasPrefix(s[at:], and) {
				at = skip(s, at+len(and), " ")
				break
			}
		}
		w, ok := number[at]
		if !ok || at == end && s[end-1] < 0x80 {
			return end
		}
		end = w.end
	}
}

// hanNumberEnd reads a number in Chinese characters, or gives i.
func hanNumberEnd(s string, i int) int {
	end := i
	for end < len(s) && s[end] >= 0xE0 {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune("一二三四五六七八九十百千万亿两零〇壹贰叁肆伍陆柒捌玖拾佰仟半几兆億", r) {
			break
		}
		end += size
	}
	return end
}

// skip gives the place after at most one of the bytes of set at i.
func skip(s string, i int, set string) int {
	if i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
		return i + 1
	}
	return i
}
