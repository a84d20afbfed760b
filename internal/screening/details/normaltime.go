package details

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/screening/fold"
)

// calendar is the words of days and months by what they mean.
type calendar struct {
	away   map[string]int          // how many days before or after the report's day
	months map[string]time.Month   // by the words' beginnings
	days   map[string]time.Weekday // the same
}

var calendarWords = sync.OnceValue(func() calendar {
	k := calendar{map[string]int{}, map[string]time.Month{}, map[string]time.Weekday{}}
	for days, words := range map[int]string{
		-3: "大前天",
		-2: "day_before_yesterday anteayer antier antes_de_ayer anteanoche antenoche avant-hier avant_hier anteontem antes_de_ontem vorgestern позавчера اول_امس اول_امبارح اول_مبارح 前天 前晚 一昨日 おととい",
		-1: "yesterday yday last_night ayer anoche hier ontem gestern вчера امس امبارح البارحه البارح مبارح embare7 embareh mbare7 昨天 昨晚 昨夜 昨晩 昨早 昨日 きのう ゆうべ",
		0:  "today tonight tonite this_morning this_afternoon this_evening hoy esta_manana esta_tarde aujourd'hui ce_matin ce_soir cet_apres-midi hoje heute heut сегодня اليوم النهارده الليله el_naharda ennharda आज aaj 今天 今晚 今早 今日 今朝 今夜 今晩 今晨 きょう けさ",
		1:  "tomorrow tmrw manana demain amanha morgen завтра غدا الغد بكره بكرا bukra bokra 明天 明晚 明早 明日 明朝 明晩 あした",
		2:  "day_after_tomorrow pasado_manana apres-demain apres_demain depois_de_amanha ubermorgen послезавтра بعد_غد بعد_بكره بعد_بكرا 后天 明後日 あさって",
		3:  "大后天 しあさって",
	} {
		for w := range strings.FieldsSeq(words) {
			k.away[fold.String(strings.ReplaceAll(w, "_", " "))] = days
		}
	}
	for i, words := range [...]string{
		"jan ene gen янв يناير जन", "feb fev fevr фев فبراير फर", "mar marz mär märz мар مارس मार्च", "apr abr avr апр ابريل अप्रैल", "may mai mayo maio мая мае май مايو मई", "jun juin июн يونيو जून",
		"jul juil июл يوليو जुलाई", "aug ago aout авг اغسطس अगस्त", "sep set сен سبتمبر सित", "oct out okt окт اكتوبر अक्टू", "nov ноя نوفمبر नव", "dec dic dez дек ديسمبر दिस",
	} {
		for w := range strings.FieldsSeq(words) {
			k.months[fold.String(w)] = time.Month(i + 1)
		}
	}
	for i, words := range [...]string{
		"sunday domingo dimanche sonntag воскрес الاحد रविवार 周日 星期日 星期天 日曜", "monday lunes lundi segunda montag понедел الاثنين सोमवार 周一 星期一 月曜", "tuesday martes mardi terca dienstag вторник الثلاثاء मंगलवार 周二 星期二 火曜",
		"wednesday miercoles mercredi quarta mittwoch сред الاربعاء बुधवार 周三 星期三 水曜", "thursday jueves jeudi quinta donnerstag четверг الخميس गुरुवार 周四 星期四 木曜", "friday viernes vendredi sexta freitag пятниц الجمعه शुक्रवार 周五 星期五 金曜",
		"saturday sabado samedi samstag суббот السبت शनिवार 周六 星期六 土曜",
	} {
		for w := range strings.FieldsSeq(words) {
			k.days[fold.String(w)] = time.Weekday(i)
		}
	}
	return k
})

// month gives the month that s names first; 0 where it names none.
func (k calendar) month(s string) time.Month {
	first, longest, month := len(s), 0, time.Month(0)
	for w, m := range k.months {
		i := strings.Index(s, w)
		if i < 0 || i > 0 && wordRune(lastRune(s[:i])) || i > first || i == first && len(w) <= longest || otherThanMonth(s, i) {
			continue
		}
		first, longest, month = i, len(w), m
	}
	return month
}

// otherThanMonth says that a word that begins as a month does is another. "15 ago" and "15 dez" are days, "3 days ago" and "às dez" none.
func otherThanMonth(s string, i int) bool {
	switch word := wordOf(s[i:]); word {
	case "ago", "dez":
		before := strings.TrimRight(strings.TrimSuffix(strings.TrimRight(s[:i], " ."), " de"), " .")
		return before != "" && !isDigit(before[len(before)-1])
	case "sept":
		return startsWithAny(s[i:], "sept h")
	case "sete", "apres":
		return true
	}
	return startsWithAny(s[i:], "martes", "mardi", "segunda", "settimana", "semana", "marke")
}

// dayAndYear gives the numbers that stand with a month, those of an hour left out; 0 for what isn't said.
func dayAndYear(s string) (d, y int) {
	for i := 0; i < len(s); i++ {
		end := digitsOf(s, i)
		switch n := number(s[i:end]); {
		case end == i:
			continue
		case end-i == 4:
			if hourInFour(s, i, end) < 0 {
				y = n
			}
		case d == 0 && end-i <= 2 && !startsWithAny(strings.TrimPrefix(s[end:], " "), hourWords[:]...) && !partOfHour(s, i, end):
			d = n
		}
		i = end
	}
	return d, y
}

// hourInFour gives the hour and minute of four digits without a sign between, "1430 hrs" or "0740", as one number; -1 where they are a year.
func hourInFour(s string, i, end int) int {
	n := number(s[i:end])
	if end-i != 4 || n/100 > 23 || n%100 > 59 || s[i] != '0' && !startsWithAny(strings.TrimPrefix(s[end:], " "), "hrs", "hours") {
		return -1
	}
	return n
}

// partOfHour says whether a number is the hour or the minute of 14:30 or 14h30.
func partOfHour(s string, i, end int) bool {
	return end < len(s) && (s[end] == ':' || s[end] == 'h') || i > 1 && (s[i-1] == ':' || s[i-1] == 'h') && isDigit(s[i-2])
}

// hourWords follow an hour.
var hourWords = [...]string{"点", "时", "시", "uhr", "am", "pm", "a.m", "p.m", "час", "утра", "вечера", "дня", "ночи", "बजे", "baje", "h "}

// normalTime gives ISO 8601 for a folded expression of time; "" where it can't be told. Where a weekday or a day without a
// year is said, the last one before at is meant.
func normalTime(folded string, c Context, at time.Time) string {
	if isoForm.MatchString(folded) {
		return strings.ToUpper(folded)
	}
	day, ok := dayOf(folded, c, at)
	clock := clockOf(folded)
	switch {
	case ok && clock != "":
		return day + clock
	case ok:
		return day
	}
	return clock
}

// isoForm is what normalTime gives, folded.
var isoForm = regexp.MustCompile(`^(?:\d{4}-\d\d-\d\d|--\d\d-\d\d)?(?:t\d\d:\d\d)?$`)

// dayOf reads which day is meant.
func dayOf(s string, c Context, at time.Time) (string, bool) {
	if y, m, d := numericDay(s, c); m > 0 {
		return isoDay(y, m, d, at)
	}
	k := calendarWords()
	if month := k.month(s); month > 0 {
		if d, y := dayAndYear(s); d > 0 {
			return isoDay(y, month, d, at)
		}
	}
	if at.IsZero() {
		return "", false
	}
	if days, said := k.daysAway(s); said {
		return at.AddDate(0, 0, days).Format(time.DateOnly), true
	}
	if days, said := daysAgo(s, c, at); said {
		return at.AddDate(0, 0, -days).Format(time.DateOnly), true
	}
	return k.weekday(s, at)
}

// daysAway says how many days s is from the day on which it was written, where it tells the day so: "yesterday". What is said first counts:
// "hier soir", "ayer por la mañana".
func (k calendar) daysAway(s string) (days int, said bool) {
	first, longest := len(s), 0
	for w, n := range k.away {
		for from := 0; ; {
			i := strings.Index(s[from:], w)
			if i < 0 {
				break
			}
			i += from
			from = i + len(w)
			if i > first || i == first && len(w) <= longest || !apart(s, i, from) || morning(s, i, w) {
				continue
			}
			first, longest, days, said = i, len(w), n, true
		}
	}
	return days, said
}

// apart says whether s[from:to] is no part of a longer word; one written without blanks never is.
func apart(s string, from, to int) bool {
	if s[from] >= 0xE3 {
		return true
	}
	return wordStops(s, to) && (from == 0 || !wordRune(lastRune(s[:from])))
}

// morning says whether the word for tomorrow at i means the morning: "por la mañana", "Montag Morgen".
func morning(s string, i int, word string) bool {
	return word == "manana" && strings.HasSuffix(s[:i], "la ") || word == "morgen" && i > 0
}

// agoWords say that so long ago is meant, agoUnits how many days a unit has, by how its word begins.
var (
	agoWords = [...]string{" ago", "hace ", "il y a ", "ha ", "faz ", " atras", "vor ", " назад", "قبل ", " पहले", " pehle", "前"}
	agoUnits = map[string]int{
		"day": 1, "night": 1, "dia": 1, "noche": 1, "jour": 1, "nuit": 1, "tag": 1, "ден": 1, "дня": 1, "дней": 1, "يوم": 1, "ايام": 1, "दिन": 1, "din": 1, "天": 1, "日": 1,
		"week": 7, "semana": 7, "semaine": 7, "woche": 7, "недел": 7, "اسبوع": 7, "اسابيع": 7, "हफ": 7, "haft": 7, "周": 7, "个星期": 7, "週间": 7, "fortnight": 14,
	}
)

// daysAgo reads "three days ago": how many days, where the number is told and the unit is of days.
func daysAgo(s string, c Context, at time.Time) (days int, said bool) {
	if !says(strings.ReplaceAll(s, "午前", ""), agoWords[:]) { // "前" is "ago" in Chinese and Japanese, and part of the word for the forenoon
		return 0, false
	}
	f := &finder{t: fold.New(s), room: &room{}}
	f.s = f.t.Folded
	f.lang, _, _ = strings.Cut(c.Language, "-")
	f.readWords()
	n := 0
	for _, w := range f.words {
		if value, ok := strings.CutPrefix(w.kind, "say."); ok && n == 0 {
			n = number(value)
		}
	}
	for i := 0; i < len(s) && n == 0; i++ {
		if m, end := f.smallOrYear(i); end > i {
			n = m
		}
	}
	first := len(s)
	for word, unit := range agoUnits {
		i := strings.Index(s, word)
		if i < 0 || i >= first || !apart(s, i, len(s)) { // what is said first counts
			continue
		}
		switch {
		case word == "يوم" && strings.HasPrefix(s[i:], "يومين"), word == "اسبوع" && strings.HasPrefix(s[i:], "اسبوعين"):
			first, days, said = i, 2*unit, true
		case n > 0 && n < 100:
			first, days, said = i, n*unit, true
		}
	}
	return days, said
}

// Words that say which of the weekdays of one name is meant; the next where one of nextDays is said, that of this week or the neighbouring ones where
// one of weeks is; else the last one.
var (
	nextDays = [...]string{"next ", "coming", "proxim", "que viene", "que vem", "prochain", "nachst", "kommend", "следующ", "ближайш", "القادم", "المقبل", "الجاي", "अगले", "agle "}
	weeks    = map[string]int{"上": -7, "先週": -7, "下": 7, "来週": 7, "这": 0, "本": 0, "今週": 0, "this ": 0, "este ": 0, "diesen ": 0, "эту ": 0, "इस ": 0}
)

// weekday reads the day that a weekday names; none where there are two, or several of one ("Fridays").
func (k calendar) weekday(s string, at time.Time) (string, bool) {
	day, end := time.Weekday(-1), 0
	for w, weekday := range k.days {
		i := strings.Index(s, w)
		if i < 0 {
			continue
		}
		if day >= 0 && day != weekday {
			return "", false
		}
		day, end = weekday, max(end, i+len(w))
	}
	if day < 0 || strings.HasPrefix(s[end:], "s") && !startsWithAny(s[:end], "lune", "marte", "miercole", "jueve", "vierne") || says(s, every[:]) {
		return "", false
	}
	back := (int(at.Weekday()) - int(day) + 7) % 7
	for word, days := range weeks {
		if strings.HasPrefix(s, word) {
			monday := at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
			return monday.AddDate(0, 0, (int(day)+6)%7+days).Format(time.DateOnly), true
		}
	}
	switch {
	case says(s, nextDays[:]):
		back -= 7
	case back == 0:
		back = 7
	}
	return at.AddDate(0, 0, -back).Format(time.DateOnly), true
}

// every says that there are several of a weekday.
var every = [...]string{"每", "毎週", "ايام", "пятницам", "средам", "средах", "субботам", "воскресеньям", "понедельникам", "вторникам", "четвергам", "sabados", "domingos", "feiras"}

func lastRune(s string) rune {
	r := []rune(s)
	return r[len(r)-1]
}

// numericDay reads a day in digits or Chinese characters: 2026-10-05, 5.10.2026, 10/5 in the United States' order where the
// language is English and the day says so, 10月5日. m is 0 where there is none.
func numericDay(s string, c Context) (y int, m time.Month, d int) {
	f := &finder{s: s}
	for i := 0; i < len(s); i++ {
		n, end := f.smallOrYear(i)
		if end == i {
			continue
		}
		rest := s[skip(s, end, " "):]
		switch {
		case startsWithAny(rest, "年", "년"):
			y = n
		case startsWithAny(rest, "月", "월") && n >= 1 && n <= 12:
			m = time.Month(n)
		case startsWithAny(rest, "日", "号", "일") && m > 0:
			return y, m, n
		case m == 0 && end < len(s) && strings.IndexByte("-/.", s[end]) >= 0:
			if year, month, day := threeNumbers(s[i:], c); month > 0 {
				return year, month, day
			}
		}
		i = end - 1
	}
	return y, m, d
}

func (f *finder) smallOrYear(i int) (n, end int) {
	if isDigit(f.s[i]) {
		return upTo(f.s, i, 4)
	}
	if f.s[i] < 0xE3 {
		return -1, i
	}
	return hanNumber(f.s, i)
}

// threeNumbers reads day, month and year with a sign and nothing else between: "3. März um 8 Uhr" has no such.
func threeNumbers(s string, c Context) (y int, m time.Month, d int) {
	if end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune("-/.", r) }); end >= 0 {
		s = s[:end]
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	if len(parts) < 2 {
		return 0, 0, 0
	}
	a, b, third := number(parts[0]), number(parts[1]), 0
	if len(parts) > 2 {
		third = number(parts[2])
	}
	switch {
	case len(parts[0]) == 4:
		y, m, d = a, time.Month(b), third
	case a > 12 || b <= 12 && !american(c):
		y, m, d = third, time.Month(b), a
	default:
		y, m, d = third, time.Month(a), b
	}
	if len(parts) > 2 && len(parts[2]) == 2 && len(parts[0]) != 4 {
		y += 2000
	}
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return 0, 0, 0
	}
	return y, m, d
}

// american says whether the month stands first where both orders are possible: only where the line says that its numbers
// are of the United States.
func american(c Context) bool { return len(c.Regions) > 0 && c.Regions[0] == "US" }

// isoDay writes a day; without a year the last such day before at, and without either the form for any year (ISO 8601-1). It is none where the month has
// no such day.
func isoDay(y int, m time.Month, d int, at time.Time) (string, bool) {
	const leap = 2000 // where no year is said, 29 February is a day
	if said := cmp.Or(y, leap); d == 0 || time.Date(said, m, d, 0, 0, 0, 0, time.UTC).Day() != d {
		return "", false
	}
	if y == 0 {
		if at.IsZero() {
			return fmt.Sprintf("--%02d-%02d", int(m), d), true
		}
		y = at.Year()
		for time.Date(y, m, d, 0, 0, 0, 0, at.Location()).After(at.AddDate(0, 2, 0)) || time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Day() != d {
			y--
		}
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, int(m), d), true
}

// afternoons say that an hour below twelve is one of the second half of the day.
var afternoons = [...]string{"pm", "p.m", "afternoon", "evening", "tonight", "night", "下午", "晚上", "傍晚", "午后", "夜", "晚", "de la tarde", "de la noche", "du soir", "de l'apres-midi", "da tarde", "da noite", "abend", "nachmittag", "вечера", " дня", "مساء", "العصر", "शाम", "रात", "shaam", "raat"}

// noons say it whatever else is said: "4 pm last night".
var noons = [...]string{"pm", "p.m", "下午", "午后"}

// nights say that an hour below five is one of the morning after.
var nights = [...]string{"night", "夜", "晚", "de la noche", "da noite", "रात", "raat"}

// clockOf reads the time of day, "T14:30"; "" where there is none.
func clockOf(s string) string {
	f := &finder{s: s}
	for i := 0; i < len(s); i++ {
		n, end := f.smallOrYear(i)
		if end == i || n < 0 {
			continue
		}
		minute, found := 0, false
		rest := s[end:]
		if four := hourInFour(s, i, end); four >= 0 {
			return fmt.Sprintf("T%02d:%02d", four/100, four%100)
		}
		switch {
		case strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "h") && end-i <= 2 && isDigit(s[i]):
			if m, after := upTo(s, end+1, 2); after > end+1 {
				minute = m
			}
			found = true
		case startsWithAny(strings.TrimPrefix(rest, " "), hourWords[:]...):
			found = true
			if strings.Contains(rest, "半") {
				minute = 30
			} else {
				minute = f.minutesBehind(end)
			}
		}
		if found && n <= 24 && minute < 60 {
			if n == 12 && startsWithAny(strings.TrimPrefix(s[end:], " "), "am", "a.m") {
				n = 0
			}
			if n > 0 && n < 12 && says(s, afternoons[:]) && (n >= 5 || !says(s, nights[:]) || says(s, noons[:])) {
				n += 12
			}
			return fmt.Sprintf("T%02d:%02d", n%24, minute)
		}
		i = end - 1
	}
	return ""
}

// minutesBehind reads those that stand behind the word for the hour at i: 14时30分, 14 Uhr 30. It is 0 where there are none.
func (f *finder) minutesBehind(i int) int {
	i = skip(f.s, i, " ")
	for _, hour := range [...]string{"点", "时", "시", "uhr"} {
		if !strings.HasPrefix(f.s[i:], hour) {
			continue
		}
		from := skip(f.s, i+len(hour), " ")
		if from == len(f.s) {
			return 0
		}
		n, end := f.smallOrYear(from)
		if end > from && n > 0 && (hour == "uhr" || startsWithAny(f.s[end:], "分", "분")) {
			return n
		}
	}
	return 0
}
