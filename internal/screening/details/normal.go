package details

import (
	"cmp"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/nyaruka/phonenumbers"
)

// Normal is the one form of a detail in which two writings of it are equal, for search and for duplicates:
//
//	phone         E.164 ("+442079460123"); its digits, where no numbering plan of c's countries has it
//	email, url    small letters where they don't count; https://host/path without the scheme's own port and without fragment
//	account       IBAN and card without blanks, the IBAN in capitals; a name on a service without @, in small letters
//	plate         capitals and digits alone
//	money         "1200.50 USD" (ISO 4217), where number and currency are certain
//	coordinates   "48.90200,-20.11550", decimal degrees
//	id-number, ip, crypto   capitals without blanks; the address's canonical form; the address
//	time          ISO 8601: "2026-10-05", "2026-10-05T14:30", "T14:30"; what isn't said in full is taken from at
//	person, organisation, place   folded
//
// It is the folded text, without blanks but in a time, an amount or a name, where there is no better. at is when the report came, in the
// line's time; zero where that is unknown. The form of a form is that form.
func Normal(d heed.Detail, c Context, at time.Time) string {
	folded := fold.String(d.Text)
	tight := strings.ReplaceAll(folded, " ", "")
	switch d.Type {
	case "phone":
		return normalPhone(folded, c)
	case "email":
		return strings.NewReplacer("(at)", "@", "[at]", "@", "(dot)", ".", "[dot]", ".").Replace(tight)
	case "url":
		return normalURL(d.Text)
	case "account":
		tight = strings.TrimLeft(tight, "@")
		if bare := plain(tight); ibanChecks(bare) {
			return strings.ToUpper(bare)
		} else if strings.Trim(bare, "0123456789") == "" {
			return bare
		}
	case "plate", "id-number":
		return wordsIn(strings.ToUpper(folded))
	case "money":
		return cmp.Or(normalMoney(folded), folded)
	case "coordinates":
		return cmp.Or(normalPair(folded), tight)
	case "ip":
		if a, err := netip.ParseAddr(tight); err == nil {
			return a.String()
		}
	case "crypto":
		if startsWithAny(tight, "0x", "bc1", "ltc1", "tb1") {
			return tight
		}
		return d.Text // base 58 tells small letters from capitals
	case "time":
		return cmp.Or(normalTime(folded, c, at), folded)
	case "person", "organisation", "place":
		return folded
	}
	return tight
}

// Certain is Normal for a reader, who takes it at its word: where a phone's country would be a guess, its digits alone. For a comparison the
// guess is of use, since it is the same guess on both sides.
func Certain(d heed.Detail, c Context, at time.Time) string {
	if d.Type == "phone" && len(c.Regions) == 0 {
		written := phoneWritings(fold.String(d.Text), c)
		if form := northAmerican(written[0], c.Language); form != "" {
			return form
		}
		if guessed(written, regionsOf(c.Language)) {
			return written[1]
		}
	}
	return Normal(d, c, at)
}

// Plainer is what a reader learns more from than from a detail's words: the number that was spelled out or lacks its country, the whole
// amount in digits, the decimal degrees, the day that "yesterday" was. It is "" elsewhere, and where the normal form is a guess, as with a weekday;
// and for a web address, which nobody shall be led to follow.
func Plainer(d heed.Detail, c Context, at time.Time) string {
	form := Certain(d, c, at)
	switch folded := fold.String(d.Text); d.Type {
	case "time":
		if _, away := calendarWords().daysAway(folded); away && len(form) >= len(time.DateOnly) && isoForm.MatchString(fold.String(form)) {
			return form[:len(time.DateOnly)]
		}
	case "money":
		if amount, _, ok := strings.Cut(form, " "); ok && form != folded && digitsIn(strings.TrimSuffix(amount, ".00")) != digitsIn(folded) {
			return form
		}
	case "phone", "email", "coordinates":
		if wordsIn(fold.String(form)) != wordsIn(folded) {
			return form
		}
	}
	return ""
}

// digitsIn are the digits of a folded text, wordsIn its letters and digits.
func digitsIn(folded string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, folded)
}

func wordsIn(folded string) string {
	return strings.Map(func(r rune) rune {
		if !fold.Word(r) {
			return -1
		}
		return r
	}, folded)
}

// normalPhone gives E.164 (ITU-T), or the digits.
func normalPhone(folded string, c Context) string {
	regions := c.Regions
	if len(regions) == 0 {
		regions = regionsOf(c.Language)
	}
	writings := phoneWritings(folded, c)
	for _, written := range writings {
		for _, region := range regions {
			if form := e164(written, region); form != "" {
				return form
			}
		}
	}
	return writings[1]
}

// phoneWritings are a number in digits: as it is written, and without what stands between them.
func phoneWritings(folded string, c Context) [2]string {
	digits := folded
	if strings.Trim(strings.TrimPrefix(digits, "+"), "0123456789") != "" && countDigits(folded) < leastSaid-1 {
		digits = saidDigits(folded, c.Language)
	}
	bare := digitsIn(digits)
	if strings.HasPrefix(digits, "+") {
		bare = "+" + bare
	}
	return [2]string{digits, bare}
}

// e164 reads a number as it is dialled in a country; "" where no numbering plan has it.
func e164(written, region string) string {
	n, err := phonenumbers.Parse(written, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// guessed says whether it is a guess of which of the countries, likeliest first, a number is: it isn't one of the likeliest, or another has it
// too. So "07700 900123", which Britain gives to nobody, isn't called Indian because it could be.
func guessed(writings [2]string, regions []string) bool {
	read := func(region string) string { return cmp.Or(e164(writings[0], region), e164(writings[1], region)) }
	likeliest := read(regions[0])
	return likeliest == "" || slices.ContainsFunc(regions[1:], func(region string) bool {
		form := read(region)
		return form != "" && form != likeliest
	})
}

// northAmerican reads a number whose writing tells that it is of the North American plan (country code 1), in a language of one of its
// countries; "" elsewhere. Area code in brackets, three digits and four is how nobody who speaks one writes a number of another plan; with hyphens
// or dots alone an Indian may write a mobile's, but no land line's, which has its 0.
func northAmerican(written, language string) string {
	base, _, _ := strings.Cut(language, "-")
	country := map[string]string{"en": "US", "fr": "CA"}[base]
	if country == "" || !northAmericanGroups.MatchString(written) {
		return ""
	}
	form := e164(written, country)
	mobile := func(region string) bool { return mobileElsewhere(written, region, form) }
	if !strings.Contains(written, "(") && slices.ContainsFunc(regionsOf(language), mobile) {
		return ""
	}
	return form
}

// northAmericanGroups are "(415) 555-2671" and "415-555-2671", as they are or behind a 1, with whatever extension.
var northAmericanGroups = regexp.MustCompile(`^(?:1[-. ]?)?(?:\([2-9]\d\d\)[-. ]?[2-9]\d\d[-. ]|[2-9]\d\d[-.][2-9]\d\d[-.])\d{4}(?:\D|$)`)

// mobileElsewhere says whether a number may be a mobile telephone's in the country, and so another than the form.
func mobileElsewhere(written, region, form string) bool {
	n, err := phonenumbers.Parse(written, region)
	return err == nil && phonenumbers.IsValidNumber(n) && phonenumbers.GetNumberType(n) != phonenumbers.FIXED_LINE && phonenumbers.Format(n, phonenumbers.E164) != form
}

// saidDigits gives the digits of a number that was said.
func saidDigits(folded, language string) string {
	if r := []rune(folded); len(r) > 0 && strings.ContainsRune(hanSaid, r[0]) {
		return strings.NewReplacer("零", "0", "〇", "0", "洞", "0", "一", "1", "幺", "1", "二", "2", "两", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "拐", "7", "八", "8", "九", "9", "の", "").Replace(folded)
	}
	f := &finder{t: fold.New(folded), room: &room{}}
	f.s = f.t.Folded
	f.lang, _, _ = strings.Cut(language, "-")
	f.readWords()
	var said wordsAt
	for _, w := range f.words {
		if strings.HasPrefix(w.kind, "say.") {
			said.add(w.start, w)
		}
	}
	_, digits, _ := f.saidFrom(0, &said)
	return digits
}

// normalURL keeps what two ways to write an address have in common (RFC 3986, section 6.2).
func normalURL(text string) string {
	address := strings.TrimSpace(text)
	if folded := fold.String(text); strings.Contains(folded, "://") && !strings.Contains(address, "://") {
		address = folded // in characters of full width
	}
	for _, disguised := range [...]string{"hxxp", "HXXP"} {
		if rest, ok := strings.CutPrefix(address, disguised); ok {
			address = "http" + rest
		}
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fold.String(text)
	}
	host := strings.ToLower(u.Hostname())
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return "https://" + host + path
}

// normalPair gives decimal degrees to five places, about a metre.
func normalPair(folded string) string {
	if strings.ContainsAny(folded, "'′") {
		return normalDegrees(folded)
	}
	parts := strings.FieldsFunc(folded, func(r rune) bool { return !(r >= '0' && r <= '9' || r == '.' || r == '-') })
	if len(parts) != 2 {
		return ""
	}
	lat, err1 := strconv.ParseFloat(parts[0], 64)
	lon, err2 := strconv.ParseFloat(parts[1], 64)
	if err1 != nil || err2 != nil {
		return ""
	}
	if strings.Contains(folded, "s") && lat > 0 {
		lat = -lat
	}
	if strings.Contains(folded, "w") && lon > 0 {
		lon = -lon
	}
	return degrees(lat, lon)
}

func degrees(lat, lon float64) string {
	return strconv.FormatFloat(lat, 'f', 5, 64) + "," + strconv.FormatFloat(lon, 'f', 5, 64)
}

// normalDegrees reads degrees, minutes and seconds: 51°30'26"n 0°7'39"w.
func normalDegrees(folded string) string {
	var values [2]float64
	for i := range values {
		end := strings.IndexAny(folded, [...]string{"ns", "ew"}[i])
		if end < 0 {
			return ""
		}
		unit := 1.0
		for _, part := range strings.FieldsFunc(folded[:end], func(r rune) bool { return !(r >= '0' && r <= '9' || r == '.') }) {
			n, err := strconv.ParseFloat(part, 64)
			if err != nil {
				return ""
			}
			values[i] += n * unit
			unit /= 60
		}
		if folded[end] == 's' || folded[end] == 'w' {
			values[i] = -values[i]
		}
		folded = folded[end+1:]
	}
	return degrees(values[0], values[1])
}

// currencies gives ISO 4217 for the signs and words that mean one currency only; "dollar", "peso" or "元" alone mean several.
var currencies = map[string]string{
	"$": "USD", "us$": "USD", "us $": "USD", "usd": "USD", "€": "EUR", "euro": "EUR", "euros": "EUR", "евро": "EUR", "欧元": "EUR", "ユーロ": "EUR", "يورو": "EUR", "यूरो": "EUR",
	"£": "GBP", "英镑": "GBP", "ポンド": "GBP", "rmb": "CNY", "人民币": "CNY", "yuan": "CNY", "块": "CNY", "块钱": "CNY", "元": "CNY", "万元": "CNY", "円": "JPY", "yen": "JPY", "日元": "JPY",
	"₹": "INR", "रुपये": "INR", "रुपए": "INR", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "рублеи": "RUB", "рубля": "RUB", "reais": "BRL", "r$": "BRL", "₩": "KRW", "원": "KRW", "₺": "TRY", "tl": "TRY", "美元": "USD",
	"美金": "USD", "доллар": "USD", "долларов": "USD", "دولار": "USD", "डॉलर": "USD", "달러": "USD", "ドル": "USD", "btc": "BTC", "usdt": "USDT", "eth": "ETH", "usd$": "USD", "港币": "HKD", "港元": "HKD", "卢布": "RUB",
}

// normalMoney reads an amount in digits, with the units of Chinese or a multiplier, in one currency.
func normalMoney(folded string) string {
	start := strings.IndexAny(folded, "0123456789")
	if start < 0 {
		return ""
	}
	f := &finder{t: fold.New(folded)}
	f.s = f.t.Folded
	end := f.digitsEnd(start)
	value, ok := decimalOf(f.s[start:end])
	if !ok {
		return ""
	}
	unit := strings.TrimSpace(f.s[:start])
	rest := strings.TrimSpace(f.s[end:])
	for {
		best := ""
		for word, times := range multipliers {
			if strings.HasPrefix(rest, word) && len(word) > len(best) && (times > 1e3 && word[0] >= 0xE3 || word == "千" || wordStops(rest, len(word))) {
				best = word
			}
		}
		if best == "" {
			break
		}
		value *= multipliers[best]
		rest = strings.TrimSpace(rest[len(best):])
	}
	if unit == "" {
		unit = strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(rest, "de "), "di "))
	}
	code := currencies[unit]
	if code == "" && len(unit) == 3 && strings.Trim(unit, "abcdefghijklmnopqrstuvwxyz") == "" {
		code = strings.ToUpper(unit)
	}
	if code == "" {
		return ""
	}
	if amount := strconv.FormatFloat(value, 'f', 8, 64); !strings.HasSuffix(amount, "000000") {
		return amount + " " + code // of a currency with more than two places
	}
	return strconv.FormatFloat(value, 'f', 2, 64) + " " + code
}

// multipliers are the words for powers of ten that mean the same in every language that has them.
var multipliers = map[string]float64{
	"k": 1e3, "千": 1e3, "万": 1e4, "亿": 1e8, "million": 1e6, "millions": 1e6, "millones": 1e6, "milhoes": 1e6, "millionen": 1e6, "млн": 1e6, "миллионов": 1e6, "mil": 1e3, "тысяч": 1e3, "тыс": 1e3, "thousand": 1e3,
	"lakh": 1e5, "लाख": 1e5, "crore": 1e7, "करोड़": 1e7, "हजार": 1e3, "الف": 1e3, "مليون": 1e6, "만": 1e4, "억": 1e8, "billion": 1e9, "milliards": 1e9,
}

// decimalOf reads digits with separators: the last of "." and "," is the decimal sign unless three digits follow it.
func decimalOf(s string) (float64, bool) {
	s = strings.NewReplacer(" ", "", "'", "").Replace(s)
	last := strings.LastIndexAny(s, ".,")
	whole, fraction := s, ""
	if last >= 0 && (len(s)-last != 4 || strings.Count(s, ".")+strings.Count(s, ",") == 1 && s[0] == '0') {
		whole, fraction = s[:last], s[last+1:]
	}
	whole = strings.NewReplacer(",", "", ".", "").Replace(whole)
	v, err := strconv.ParseFloat(whole+"."+fraction+"0", 64)
	return v, err == nil
}
