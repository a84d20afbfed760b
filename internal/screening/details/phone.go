package details

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// callWords say that the number after them is a telephone's, in the ten languages and a few more.
var callWords = []string{
	"phone", "tel", "call", "rang", "ring", "mobile", "cell", "whatsapp", "sms", "text me", "number is", "number it came", "shows as", "fax", "hotline", "dial", "ruckruf", "erreichbar",
	"电话", "手机", "号码", "致电", "拨打", "来电", "联系", "telefono", "llama", "movil", "celular", "escribe al", "numero", "appel", "portable", "joindre",
	"هاتف", "تلفون", "جوال", "موبايل", "رقم", "اتصل", "واتس", "телефон", "звон", "номер", "тел.", "ligue", "ligar", "fone", "contato", "telefon", "anruf", "rufnummer", "handy", "nummer",
	"电话", "携帯", "番号", "फोन", "फ़ोन", "मोबाइल", "नंबर", "number", "telefoon", "전화", "numara",
}

// notCallWords say that it is another kind of number.
var notCallWords = []string{"card", "card number", "iban", "account", "account number", "omb no", "batch", "tender", "serial", "卡号", "账户", "批号", "карт", "счет", "cuenta", "compte", "conta", "konto", "حساب", "order", "invoice", "postfach"}

// regionsOf gives the countries whose national numbers a writer of the language likely means.
func regionsOf(language string) []string {
	base, _, _ := strings.Cut(language, "-")
	switch base {
	case "zh", "yue":
		return []string{"CN", "TW", "HK"}
	case "es":
		return []string{"ES", "MX", "AR", "CO", "PE"}
	case "fr":
		return []string{"FR", "BE", "CA"}
	case "pt":
		return []string{"BR", "PT"}
	case "de":
		return []string{"DE", "AT", "CH"}
	case "ru":
		return []string{"RU"}
	case "ja":
		return []string{"JP"}
	case "hi":
		return []string{"IN"}
	case "ar":
		return []string{"SA", "EG", "AE", "MA"}
	case "tr":
		return []string{"TR"}
	}
	return []string{"US", "GB", "IN", "AU"}
}

func phoneByte(b byte) bool { return isDigit(b) || strings.IndexByte(" -().+/", b) >= 0 }

// phones finds telephone numbers: runs of digits and separators that read as one, by prefix, by shape or by the words
// before them.
func (f *finder) phones() {
	s := f.s
	starts := f.seek(digits | pluses | opens)
	for i := starts.next(0); i < len(s); i = starts.next(i) {
		end, apart := i, 0
		for end < len(s) && phoneByte(s[end]) && end-i < 40 {
			if isDigit(s[end]) {
				apart = 0
			} else if apart++; apart > 3 {
				break
			}
			end++
		}
		stop := i + len(strings.TrimRight(s[i:end], " -(.+/"))
		if from, to := brackets(s, i, stop); f.phone(from, to, false) {
			i = to
			continue
		}
		if cut := f.firstOf(i, stop); cut > 0 {
			i = cut
			continue
		}
		i = f.nextRun(i, end)
	}
	f.spoken()
}

// brackets leaves out a bracket of s[start:end] that has no fellow, at its beginning, or after a few digits and before a blank.
func brackets(s string, start, end int) (int, int) {
	text := s[start:end]
	opened, closed := strings.IndexByte(text, '('), strings.IndexByte(text, ')')
	switch {
	case opened == 0 && closed < 0:
		return start + 1, end
	case opened < 0 && closed > 0 && closed < 4 && closed+1 < len(text) && text[closed+1] == ' ':
		return start + closed + 2, end
	}
	return start, end
}

// firstOf finds a number that is followed by another after a blank, and gives its end; 0 where there is none.
func (f *finder) firstOf(start, end int) int {
	for cut := start + 7; cut < end; cut++ {
		if f.s[cut] == ' ' && isDigit(f.s[cut-1]) && f.phone(start, cut, true) {
			return cut
		}
	}
	return 0
}

// extension reads "ext. 12" or "x12" after a number that ends at i.
func (f *finder) extension(i int) int {
	at := skip(f.s, i, " ")
	for _, word := range [...]string{"ext.", "ext", "x", "#", "доб.", "转"} {
		if strings.HasPrefix(f.s[at:], word) {
			from := skip(f.s, at+len(word), " ")
			end := from
			for end < len(f.s) && isDigit(f.s[end]) && end-from < 6 {
				end++
			}
			if end > from && (end == len(f.s) || !isLetter(f.s[end])) {
				return end
			}
		}
	}
	return i
}

// nextRun is where to look on after the run s[i:end] was refused: at the next sign or bracket in it, so that "12 (541)
// 754-3010" is still found, else behind it.
func (f *finder) nextRun(i, end int) int {
	for j := i + 1; j < end; j++ {
		if f.s[j] == '+' || f.s[j] == '(' {
			return j
		}
	}
	return max(end, i+1)
}

// phone judges the run s[start:end], adds it where it is a number, and says so. A strict look goes by the number alone.
func (f *finder) phone(start, end int, strict bool) bool {
	text := f.s[start:end]
	digits := 0
	for i := range len(text) {
		if isDigit(text[i]) {
			digits++
		}
	}
	if digits < 6 || digits > 16 || strings.LastIndexByte(text, '+') > 1 || text[0] != '(' && wordRune(f.runeBefore(start)) || !wordStops(f.s, f.extension(end)) || !f.separate(start, text) {
		return false
	}
	if after := f.runeAt(end); after == '%' || after == '$' || after == '€' || after == '£' {
		return false
	}
	if a, b := f.t.Origin(start, end); strings.Contains(f.t.Original[a:b], "\n") {
		return false // two lines are two things
	}
	call, not := f.named(start)
	called := call > not && !strict
	rank := 0
	switch {
	case looksDated(text) || not >= 0 && not >= call:
	case (text[0] == '+' || strings.HasPrefix(text, "(+")) && digits >= 8:
		rank = 78
	case called && (digits >= 7 || text[0] == '0'):
		rank = 72
	case shaped(text, digits):
		rank = 62
	case digits >= 9 && !strict && !f.covered(start, end) && f.valid(text):
		rank = 60
	}
	if rank == 0 {
		return false
	}
	f.add("phone", start, f.extension(end), rank)
	return true
}

// separate says whether what stands before text lets a number begin there.
func (f *finder) separate(start int, text string) bool {
	switch b := f.runeBefore(start); b {
	case '$', '€', '£', '¥', '₹', ')', '+':
		return false
	case '-', '/', '.':
		before := f.runeBefore(start - 1)
		return !wordRune(before) || strings.Contains(text, "(") && !isDigit(byte(before))
	}
	return true
}

// named gives where, in what stands before start, a word last says that the number there is a telephone's, and that it is
// something else; -1 for never.
func (f *finder) named(start int) (call, not int) {
	if f.lead.at != start || f.lead.call == 0 {
		lead := f.before(start, 40)
		f.lead.at, f.lead.call, f.lead.not = start, lastOf(lead, callWords)+2, lastOf(lead, notCallWords)+2
	}
	return f.lead.call - 2, f.lead.not - 2
}

// lastOf gives the place of the last of words in s, -1 where there is none: the nearest word names the number.
func lastOf(s string, words []string) int {
	last := -1
	for _, w := range words {
		last = max(last, strings.LastIndex(s, w))
	}
	return last
}

// looksDated says whether text is a date, a range of years, a decimal number or another kind of number by its groups.
func looksDated(text string) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if len(parts) >= 3 && len(parts[0]) == 4 && len(parts[1]) == 2 && len(parts[2]) == 2 && (parts[0][:2] == "19" || parts[0][:2] == "20") && strings.Count(text, "-") == 2 {
		return true // "2026-10-12 11", of which the minutes were cut off
	}
	if len(parts) == 3 && len(parts[0]) == 3 && len(parts[1]) == 2 && len(parts[2]) == 4 && strings.Count(text, "-") == 2 {
		return true // no date, but a social security number of the United States
	}
	if len(parts) == 3 {
		a, c := len(parts[0]), len(parts[2])
		if len(parts[1]) <= 2 && (a == 4 && c <= 2 || a <= 2 && c == 4) && strings.Count(text, "(") == 0 {
			return true
		}
	}
	if len(parts) == 2 && strings.Contains(text, ".") && !strings.Contains(text, " ") {
		return true
	}
	return len(parts) == 2 && len(parts[0]) == 4 && len(parts[1]) == 4 && parts[0][:2] == parts[1][:2] && (parts[0][:2] == "20" || parts[0][:2] == "19")
}

// shaped knows the shapes that people write telephone numbers in.
func shaped(text string, digits int) bool {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	first := parts[0]
	switch {
	case len(parts) == 1:
		return digits == 11 && text[0] == '1' && text[1] >= '3' || digits >= 10 && digits <= 13 && text[0] == '0'
	case text[0] == '(' && digits >= 8 && digits <= 12:
		return true
	case first[0] == '0' && digits >= 8 && digits <= 14 && strings.Count(text, "(") == strings.Count(text, ")"):
		return true
	case len(parts) == 2 && len(first) == 3 && len(parts[1]) == 4 && strings.Contains(text, "-"):
		return true
	case len(parts) == 3 && len(first) == 3 && len(parts[1]) == 3 && len(parts[2]) == 4:
		return true
	case len(parts) == 4 && len(first) == 1 && len(parts[1]) == 3 && len(parts[2]) == 3 && len(parts[3]) == 4:
		return true
	case len(parts) == 5 && first[0] == '0' && digits == 10:
		return true
	case len(parts) == 3 && digits == 11 && first[0] == '1' && len(first) == 3 && len(parts[1]) == 4:
		return true
	}
	return false
}

// covered says whether something surer than a telephone number was found there before; the first few hundred are asked.
func (f *finder) covered(start, end int) bool {
	for _, sp := range f.spans[:min(len(f.spans), atMost)] {
		if sp.rank > 78 && sp.start < end && sp.end > start {
			return true
		}
	}
	return false
}

// valid asks the numbering plans of the likeliest countries.
func (f *finder) valid(text string) bool {
	regions := f.context.regions()
	for _, region := range regions[:min(2, len(regions))] {
		n, err := phonenumbers.Parse(text, region)
		if err == nil && phonenumbers.IsValidNumberForRegion(n, region) {
			return true
		}
	}
	return false
}
