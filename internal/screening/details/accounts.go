package details

import (
	"regexp"
	"strings"
)

var (
	ibanShape   = regexp.MustCompile(`\b[a-z]{2}[0-9]{2} ?(?:[a-z0-9]{4} ?){2,7}[a-z0-9]{0,4}`)
	groupsShape = regexp.MustCompile(`[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{1,7}(?:[ -][0-9]{1,4})?|[0-9]{12,22}`)
	handleShape = regexp.MustCompile(`@[\p{L}\p{N}_][\p{L}\p{N}_.]{1,39}`)
	namedShape  = regexp.MustCompile(`(?:加v|加微|加薇|微信号?|wechat|weixin|wx|vx|qq|telegram|tg|line id|skype|snapchat|insta(?:gram)?|客服号码|客服|账号|账户|收款账户|kakao|viber|signal)(?:[ :：是为叫号id]|号码){0,4}[ :：]?([a-z0-9][a-z0-9_.-]{4,30})`)
	bareShape   = regexp.MustCompile(`(?:account|acct|a/c|cuenta|compte|conta|konto|счет|счёт|карт[ауе]|حساب|खाता|口座|卡号|账户|账号)(?:[ :：#是]| no\.?| number| is|номер|nummer|番号){0,4}([0-9][0-9 -]{5,24}[0-9])`)
	chainShape  = regexp.MustCompile(`\b(?:bc1[a-z0-9]{20,80}|ltc1[a-z0-9]{20,80}|0x[0-9a-f]{40}|[13][a-z0-9]{25,34}|t[a-z0-9]{33}|4[a-z0-9]{94}|d[a-z0-9]{33})\b`)
)

// accounts finds bank accounts, cards, handles and wallets.
func (f *finder) accounts() {
	s := f.s
	if strings.Contains(s, "@") {
		for _, m := range handleShape.FindAllStringIndex(s, atMost) {
			end := m[0] + len(strings.TrimRight(s[m[0]:m[1]], "."))
			if before := f.runeBefore(m[0]); end-m[0] > 2 && (before == ' ' || before > 0x7F || strings.ContainsRune("(\":,;/'[", before)) {
				f.add("account", m[0], end, 74)
			}
		}
	}
	f.each(f.near, holds("加", "微", "wechat", "weixin", "wx", "vx", "qq", "telegram", "tg", "line id", "skype", "snapchat", "insta", "客服", "账", "kakao", "viber", "signal"), namedShape, func(_, _, a, b int) {
		if strings.ContainsAny(s[a:b], "0123456789_") {
			f.add("account", a, a+len(strings.TrimRight(s[a:b], ".-")), 79)
		}
	})
	f.each(f.tight, digitsAtLeast(12), groupsShape, func(a, b, _, _ int) { f.card(a, b) })
	f.each(f.near, holds("acc", "a/c", "cuenta", "compte", "conta", "konto", "счет", "карт", "حساب", "खाता", "口座", "卡号", "账"), bareShape, func(_, _, a, b int) { f.add("account", a, b, 79) })
	f.each(f.tight, digitsAtLeast(10), ibanShape, func(a, b, _, _ int) {
		if n := ibanLength(strings.TrimRight(s[a:b], " ")); n > 0 {
			f.add("account", a, a+n, 92)
		}
	})
	f.each(f.tight, run(25), chainShape, f.wallet)
}

// wallet adds an address on a block chain; those in base 58 must mix cases, or any long word would do.
func (f *finder) wallet(start, end, _, _ int) {
	a, b := f.t.Origin(start, end)
	for _, prefix := range [...]string{"bc1", "ltc1", "0x"} {
		if strings.HasPrefix(f.s[start:], prefix) {
			f.add("crypto", start, end, 93)
			return
		}
	}
	text := f.t.Original[a:b]
	if strings.ToLower(text) != text && strings.ToUpper(text) != text && strings.ContainsAny(text, "0123456789") {
		f.add("crypto", start, end, 93)
	}
}

// card takes a run of 12 to 22 digits as a card or account where it stands in groups of four, has the check digit, or
// is named as one.
func (f *finder) card(start, end int) {
	text := f.s[start:end]
	grouped := strings.ContainsAny(text, " -")
	digits := strings.NewReplacer(" ", "", "-", "").Replace(text)
	named := says(f.before(start, 40), []string{"card", "account", "acct", "iban", "卡", "账户", "账号", "户头", "карт", "счет", "tarjeta", "cuenta", "carte", "compte", "cartao", "conta", "karte", "konto", "حساب", "بطاقة", "口座", "カード", "खाता", "कार्ड", "bank"})
	if !f.bounded(start, end) || f.runeBefore(start) == '+' {
		return
	}
	switch {
	case grouped && len(digits) >= 13 && len(digits) <= 22:
		f.add("account", start, end, 81)
	case named && len(digits) >= 12:
		f.add("account", start, end, 81)
	case len(digits) >= 15 && len(digits) <= 19 && luhn(digits):
		f.add("account", start, end, 77)
	}
}

// luhn checks the last digit of a card number (ISO/IEC 7812-1, annex B).
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// ibanLength gives the length of the longest beginning of s that has an IBAN's check digits (ISO 13616), 0 for none.
func ibanLength(s string) int {
	for end := len(s); end >= 15; end-- {
		if s[end-1] == ' ' {
			continue
		}
		plain := strings.ReplaceAll(s[:end], " ", "")
		if len(plain) < 15 || len(plain) > 34 {
			continue
		}
		rest := 0
		for _, c := range plain[4:] + plain[:4] {
			if c >= 'a' {
				rest = (rest*100 + int(c-'a') + 10) % 97
			} else {
				rest = (rest*10 + int(c-'0')) % 97
			}
		}
		if rest == 1 {
			return end
		}
	}
	return 0
}
