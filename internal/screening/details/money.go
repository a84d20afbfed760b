package details

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// purse is the vocabulary of amounts by where its words start or end.
type purse struct {
	signEnds, sign, prefixedEnds, prefixed, currency, multiplier, adjective, of, number wordsAt
}

// empty keeps the memory only.
func (p *purse) empty() {
	for _, words := range [...]*wordsAt{&p.signEnds, &p.sign, &p.prefixedEnds, &p.prefixed, &p.currency, &p.multiplier, &p.adjective, &p.of, &p.number} {
		words.list = words.list[:0]
	}
}

// readPurse sorts the words of amounts.
func (f *finder) readPurse() *purse {
	p := &f.room.purse
	p.empty()
	for _, w := range f.words {
		switch w.kind {
		case "sign":
			p.sign.add(w.start, w)
			p.signEnds.add(w.end, w)
		case "iso":
			if f.capital(w.start) {
				p.currency.add(w.start, w)
				p.prefixed.add(w.start, w)
				p.prefixedEnds.add(w.end, w)
			}
		case "prefixed":
			p.prefixed.add(w.start, w)
			p.prefixedEnds.add(w.end, w)
		case "currency":
			p.currency.add(w.start, w)
		case "won":
			w.end = w.start + stem(f.s[w.start:w.end])
			p.currency.add(w.start, w)
		case "multiplier":
			p.multiplier.add(w.start, w)
		case "adjective":
			p.adjective.add(w.start, w)
		case "of":
			p.of.add(w.start, w)
		case "number":
			p.number.add(w.start, w)
		}
	}
	return p
}

// stem gives the length of a Korean currency without the particles written on to it.
func stem(s string) int {
	best := len("원")
	for _, name := range [...]string{"달러", "유로", "센트", "위안", "파운드", "페소", "페세타", "프랑", "펜스", "페니", "루블", "루피", "바트", "마르크", "크로나", "리라", "헤알", "링깃", "디르함", "리얄", "디나르", "마오", "비트코인"} {
		if strings.HasPrefix(s, name) {
			best = max(best, len(name))
		}
	}
	return best
}

// money finds amounts: a number in digits or words with a currency before or after it.
func (f *finder) money() {
	p := f.readPurse()
	s := f.s
	numbers := f.seek(digits | numeral)
	for i := 0; ; {
		if i = min(numbers.next(i), p.number.next(i)); i >= len(s) { // written or said
			break
		}
		end := f.numberEnd(i, p)
		if end == i {
			i++
			for i < len(s) && s[i]&0xC0 == 0x80 {
				i++
			}
			continue
		}
		if stop := f.amount(i, end, p); stop > 0 {
			i = stop
			continue
		}
		i = end
	}
}

// amount looks for a currency around the number s[start:end], adds the amount and gives its end.
func (f *finder) amount(start, end int, p *purse) int {
	from, signed := f.currencyBefore(start, p)
	stop := end
	for range 2 { // "48 billones", "1万亿"
		at := skip(f.s, stop, " -")
		if w, ok := p.multiplier.at(at); ok && (at == stop || w.end-w.start > 1) {
			stop = w.end
		}
	}
	after := f.currencyAfter(stop, p)
	if after == 0 && stop != end {
		if after = f.currencyAfter(end, p); after > 0 {
			stop = end
		}
	}
	if next := skip(f.s, after, " "); signed && after > 0 && p.prefixed.end(skip(f.s, stop, " ")) == after && next < len(f.s) && isDigit(f.s[next]) {
		after = 0 // "rmb 10 usd 20"
	}
	if f.countsThings(start, end, after) {
		return 0
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
	f.paidTo = stop
	return stop
}

// countsThings says that "三块" before a noun counts pieces of it, and is no money.
func (f *finder) countsThings(start, end, after int) bool {
	if after == 0 || f.s[end:after] != "块" || end-start != len("三") {
		return false
	}
	next, _ := utf8.DecodeRuneInString(f.s[after:])
	return unicode.Is(unicode.Han, next) && !strings.ContainsRune("钱多一每几的就", next)
}

// currencyBefore gives where an amount begins whose number begins at start: at a currency that stands before it.
func (f *finder) currencyBefore(start int, p *purse) (from int, found bool) {
	at := skipBack(f.s, start, ' ')
	if w, ok := p.signEnds.at(at); ok {
		return w.start, true
	}
	if w, ok := p.prefixedEnds.at(at); ok && isDigit(f.s[start]) && (w.start == 0 || f.paidTo == skipBack(f.s, w.start, ' ') || !isDigit(f.s[skipBack(f.s, w.start, ' ')-1])) {
		return w.start, true
	}
	if f.s[max(0, at-1)] == '\\' && at == start {
		return start - 1, true // the yen sign of old Japanese character sets
	}
	return start, false
}

// countedInSent are the languages whose money has a "sent"; in others that is a verb ("route 12 sent back").
var countedInSent = wordSet("tr et ms id fi")

// currencyAfter gives the end of a currency at i, after a blank, "of" or an adjective; 0 where there is none.
func (f *finder) currencyAfter(i int, p *purse) int {
	at := skip(f.s, i, " -")
	if w, ok := p.of.at(at); ok {
		at = skip(f.s, w.end, " ")
	}
	if w, ok := p.adjective.at(at); ok {
		if next := skip(f.s, w.end, " "); p.currency.end(next) > 0 || p.sign.end(next) > 0 {
			at = next
		}
	}
	end := max(p.currency.end(at), p.sign.end(at))
	if end == 0 || f.s[at:end] == "sent" && !countedInSent[f.lang] {
		return 0
	}
	next := skip(f.s, end, " ")
	if w, ok := p.adjective.at(next); ok {
		return w.end
	}
	if w, ok := p.of.at(next); ok {
		if a, ok := p.adjective.at(skip(f.s, w.end, " ")); ok {
			return a.end
		}
	}
	if f.s[at] == '$' || p.prefixed.end(at) == end { // "$ usd", "$ c", "75 USD milhões"
		if w, ok := p.multiplier.at(next); ok && next > end && w.end-w.start > 2 {
			return w.end
		}
		for _, country := range [...]string{"usd", "cad", "aud", "us", "ca", "c"} {
			if f.s[at] == '$' && next > end && strings.HasPrefix(f.s[next:], country) && wordStops(f.s, next+len(country)) {
				return next + len(country)
			}
		}
	}
	return end
}

// small are the beginnings of the words for the hundredth or tenth of a currency.
var small = [...]string{"cent", "sent", "centimo", "centavo", "角", "分", "毛", "美分", "pence", "peni", "kop", "коп", "セント", "센트", "銭", "日本銭", "सेंट", "पैसे", "paise", "kuru", "mao", "jiao", "fen", "ore", "قرش", "فلس", "مليم"}

// ands may stand between an amount and the small change of it.
var ands = [...]string{"and ", "y ", "et ", "und ", "en ", "e ", "com ", "och ", "又", "和", "и ", "و ", "و", "ve ", "और ", "aur "}

// cents joins what follows a currency of the same amount: "15 dollars and 20 cents", "5元3角", "13 dollars 45".
func (f *finder) cents(end int, p *purse) int {
	for range 2 {
		at := skip(f.s, end, " ")
		for _, and := range ands {
			if strings.HasPrefix(f.s[at:], and) {
				at += len(and)
				break
			}
		}
		if at >= len(f.s) {
			return end
		}
		stop := f.numberEnd(at, p)
		if stop <= at {
			return end
		}
		next := skip(f.s, stop, " -")
		w, ok := p.currency.at(next)
		if !ok || !startsWithAny(f.s[w.start:w.end], small[:]...) {
			if at > end && f.change(at, stop) {
				return stop
			}
			return end
		}
		end = w.end
	}
	return end
}

// change says whether a number after a currency is its small change though no word says so: two digits or a word for
// them, after which the clause ends.
func (f *finder) change(start, end int) bool {
	if isDigit(f.s[start]) && end-start != 2 || end-start > 40 {
		return false
	}
	rest := f.s[end:]
	if !isDigit(f.s[start]) && (strings.Contains(f.s[start:end], "hundred") || strings.Contains(f.s[start:end], "thousand")) {
		return false
	}
	if rest == "" || strings.IndexByte(".,;!?)", rest[0]) >= 0 && (len(rest) == 1 || !isDigit(rest[1])) {
		return true
	}
	return startsWithAny(rest, " है", " की ", " था", " थी", " for ", " each")
}

// large says whether a number is of a size that people give without a currency.
func (f *finder) large(start, end int) bool {
	text := f.s[start:end]
	if lettered := strings.IndexFunc(text, func(r rune) bool { return r >= 'a' }) >= 0; !lettered {
		return strings.IndexByte(text, ',') >= 0 && len(text) >= 5
	}
	for _, unit := range [...]string{"万", "亿", "万多", "тысяч", "миллион", "thousand", "grand", "lakh", "crore", "लाख", "हज़ार", "हजार", "الف", "الاف", "mil ", " k", "mille"} {
		if strings.Contains(text, unit) {
			return true
		}
	}
	return strings.ContainsAny(text, ",") && len(text) >= 5
}

var paying = []string{
	"paid", "pay", "lost", "gone", "sent", "transfer", "owe", "tax of", "fee of", "wants", "want a tax", "savings", "invest", "bribe", "asked for", "demand", "投", "转", "汇", "骗", "损失", "送", "欠", "卖", "付", "交", "赔", "借", "贷", "收", "给", "花", "加到", "本金",
	"отправил", "перевел", "отдал", "потерял", "снял", "взял", "требу", "pagu", "pago", "perdi", "transfer", "envi", "robaron", "paye", " verse", "perdu", " vire", "paguei", "perdi", "mandei", "bezahlt", "uberw", "verloren", "دفع", "حول", "خسر", "माँग", "मांग", "लिए थे", "दिए", "ठग",
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
