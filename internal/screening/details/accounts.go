package details

import (
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// accounts finds bank accounts, cards, names on services and wallets: all but the names are runs of letters and digits with a digit inside.
func (f *finder) accounts() {
	f.handles()
	for _, w := range f.words {
		switch w.kind {
		case "handle":
			f.namedHandle(w)
		case "account":
			f.namedAccount(w.end)
		}
	}
	s, end := f.s, 0
	numbers := f.seek(digits)
	for at := numbers.next(0); at < len(s); at = numbers.next(end) {
		start := at
		for start > end && isLetter(s[start-1]) {
			start--
		}
		end = at
		for end < len(s) && (isDigit(s[end]) || isLetter(s[end])) {
			end++
		}
		switch {
		case end-start >= 25:
			f.wallet(start, end)
			f.iban(start)
		case end-start >= 4 && isLetter(s[start]) && isLetter(s[start+1]) && isDigit(s[start+2]) && isDigit(s[start+3]):
			f.iban(start)
		case digitsOf(s, start) == end:
			end = max(end, f.card(start, end))
		}
	}
}

// handles finds "@name".
func (f *finder) handles() {
	s := f.s
	for i := strings.IndexByte(s, '@'); i >= 0; {
		end := i + 1
		for n := 0; end < len(s) && n < 40; n++ {
			r, size := utf8.DecodeRuneInString(s[end:])
			if !fold.Word(r) && r != '_' && r != '.' || fold.Dense(r) && n > 0 && s[end-1] < 0x80 {
				break
			}
			end += size
		}
		end = i + len(strings.TrimRight(s[i:end], "."))
		if before := f.runeBefore(i); end-i > 2 && (before == ' ' || before > 0x7F || strings.ContainsRune("(\":,;/'[", before)) {
			f.add("account", i, end, 74)
		}
		next := strings.IndexByte(s[end:], '@')
		if end <= i || next < 0 {
			return
		}
		i = end + next
	}
}

// handleLeads may stand between a service's name and the name on it.
var handleLeads = [...]string{"号码", "号", "是", "为", "叫", "id", "is", "名", "handle", "user", "username", "@"}

// namedHandle reads the name after a service's ("微信 zhang_88", "telegram: kx_shop"). It must hold a digit or an underscore,
// or any word would do.
func (f *finder) namedHandle(w word) {
	s, i := f.s, w.end
	for range 4 {
		for i < len(s) && strings.IndexByte(" :：(\"'", s[i]) >= 0 {
			i++
		}
		before := i
		for _, lead := range handleLeads {
			if strings.HasPrefix(s[i:], lead) && (lead[0] >= 0x80 || i+len(lead) < len(s) && strings.IndexByte(" :", s[i+len(lead)]) >= 0) {
				i += len(lead)
			}
		}
		if i == before {
			break
		}
	}
	end := i
	for end < len(s) && (isLetter(s[end]) || isDigit(s[end]) || strings.IndexByte("_.-", s[end]) >= 0) && end-i < 32 {
		end++
	}
	end = i + len(strings.TrimRight(s[i:end], ".-"))
	text := s[i:end]
	switch {
	case len(text) < 5 || !strings.ContainsAny(text, "0123456789_") || end < len(s) && s[end] == '@' || !wordStops(s, end):
	case strings.Contains(text, ".") && hostname(text, false), looksDated(text):
	case strings.Trim(text, "0123456789") == "" && !startsWithAny(s[w.start:], "qq", "微信", "wechat", "wx", "vx", "tg", "telegram", "加", "账", "客服", "收款", "id", "аккаунт"):
	default:
		f.add("account", i, end, 79)
	}
}

// accountLeads may stand between "account" and its number.
var accountLeads = [...]string{"number", "no.", "no", "nr.", "nr", "is", "numero", "nummer", "номер", "номером", "番号", "号码", "号", "是", "为", "رقم", "رقمه", "नंबर", "es", "est", "ist", "e", "de", "du", "of", "to", "на", "то"}

// namedAccount reads six digits or more after a word such as "account" that ends at i.
func (f *finder) namedAccount(i int) {
	s := f.s
	for range 5 {
		before := i
		for i < len(s) && strings.IndexByte(" :#.", s[i]) >= 0 {
			i++
		}
		for _, lead := range accountLeads {
			if strings.HasPrefix(s[i:], lead) && (wordStops(s, i+len(lead)) || fold.Dense([]rune(lead)[0])) {
				i += len(lead)
				break
			}
		}
		if i == before {
			break
		}
	}
	end := i
	for end < len(s) && end-i < 26 && (isDigit(s[end]) || (s[end] == ' ' || s[end] == '-') && end > i && end+1 < len(s) && isDigit(s[end+1]) && isDigit(s[end-1])) {
		end++
	}
	if digits := countDigits(s[i:end]); digits >= 6 && digits <= 22 && f.bounded(i, end) && f.runeAt(end) != ',' {
		f.add("account", i, end, 79)
	}
}

func countDigits(s string) int {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n
}

// wallet adds an address on a block chain: by its prefix, or in base 58, where it must mix cases, or any long word would do.
func (f *finder) wallet(start, end int) {
	s := f.s[start:end]
	n := len(s)
	a, b := f.t.Origin(start, end)
	text := f.t.Original[a:b]
	mixed := strings.ToLower(text) != text && strings.ToUpper(text) != text
	switch {
	case (strings.HasPrefix(s, "bc1") || strings.HasPrefix(s, "ltc1") || strings.HasPrefix(s, "tb1")) && n <= 90 && (!mixed || n == 42 || n == 62):
	case strings.HasPrefix(s, "0x") && n == 42 && strings.Trim(s[2:], "0123456789abcdef") == "":
	case mixed && (s[0] == '1' || s[0] == '3') && n <= 35, mixed && (s[0] == 't' || s[0] == 'd' || s[0] == 'l') && n == 34, mixed && (s[0] == '4' || s[0] == '8') && n == 95, mixed && s[0] == 'r' && n <= 35:
	case mixed && n >= 43 && n <= 44 && says(f.before(start, 40), []string{"solana", "sol ", "wallet", "кошел", "钱包"}):
	default:
		return
	}
	f.add("crypto", start, end, 93)
}

// bankWords say that a run of digits is a card's or an account's.
var bankWords = []string{"card", "account", "acct", "iban", "卡", "账户", "账号", "户头", "карт", "счет", "tarjeta", "cuenta", "carte", "compte", "cartao", "conta", "karte", "konto", "حساب", "بطاقه", "口座", "カード", "खाता", "खाते", "कार्ड", "bank"}

// card takes 12 to 22 digits from start on, in one run that ends at end or in groups of four, as a card or account where
// they stand in groups, have the check digit or are named as one. It gives the place after what it looked at.
func (f *finder) card(start, end int) int {
	s := f.s
	grouped := false
	if end-start == 4 {
		for n := 0; n < 4 && end+1 < len(s) && (s[end] == ' ' || s[end] == '-'); n++ {
			next := digitsOf(s, end+1)
			if size := next - end - 1; size == 0 || size > 4 && (n < 2 || size > 7) || n < 2 && size != 4 {
				break
			}
			end, grouped = next, true
		}
	}
	digits := countDigits(s[start:end])
	if digits < 12 || digits > 22 || !f.bounded(start, end) || f.runeBefore(start) == '+' {
		return end
	}
	switch {
	case grouped && digits >= 13, says(f.before(start, 40), bankWords):
		f.add("account", f.countryBefore(start), end, 81)
	case digits >= 15 && digits <= 19 && luhn(s[start:end]):
		f.add("account", start, end, 77)
	}
	return end
}

// countryBefore gives the place where an account begins that has an IBAN's shape and no right check digits: that of its country, "ES12 ",
// before the digits that begin at i.
func (f *finder) countryBefore(i int) int {
	from := i - len("es12 ")
	if from < 0 || f.s[i-1] != ' ' || !isLetter(f.s[from]) || !isLetter(f.s[from+1]) || !isDigit(f.s[from+2]) || !isDigit(f.s[from+3]) || wordRune(f.runeBefore(from)) {
		return i
	}
	return from
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1, annex B); what isn't a digit doesn't count.
func luhn(digits string) bool {
	sum, place := 0, 0
	for i := len(digits) - 1; i >= 0; i-- {
		if !isDigit(digits[i]) {
			continue
		}
		d := int(digits[i] - '0')
		if place%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		place++
	}
	return sum%10 == 0
}

// iban adds the international bank account number that begins at i, by its check digits.
func (f *finder) iban(i int) {
	s := f.s
	if r := f.runeBefore(i); wordRune(r) {
		return
	}
	end := i
	for blanks := 0; end < len(s) && end-i < 44; end++ {
		if s[end] == ' ' || s[end] == '-' {
			if blanks++; blanks > 1 {
				break
			}
			continue
		}
		blanks = 0
		if !isLetter(s[end]) && !isDigit(s[end]) {
			break
		}
	}
	if n := ibanLength(s[i:end]); n > 0 && f.bounded(i, i+n) {
		f.add("account", i, i+n, 92)
	}
}

// ibanLength gives the length of the longest beginning of s that has an IBAN's check digits (ISO 13616), 0 for none.
func ibanLength(s string) int {
	for end := len(s); end >= 15; end-- {
		if s[end-1] == ' ' || s[end-1] == '-' {
			continue
		}
		if ibanChecks(plain(s[:end])) {
			return end
		}
	}
	return 0
}

// plain is s without blanks and dashes.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, s)
}

// ibanChecks says whether letters and digits in small letters are an IBAN by its check digits (ISO 7064, mod 97-10).
func ibanChecks(s string) bool {
	if len(s) < 15 || len(s) > 34 || !isLetter(s[0]) || !isLetter(s[1]) || !isDigit(s[2]) || !isDigit(s[3]) {
		return false
	}
	rest := 0
	for _, c := range []byte(s[4:] + s[:4]) {
		if isLetter(c) {
			rest = (rest*100 + int(c-'a') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}
