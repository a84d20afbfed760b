package details

import (
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
		-2: "the_day_before_yesterday anteayer antier avant-hier anteontem vorgestern позавчера 前天 一昨日 おととい",
		-1: "yesterday last_night ayer anoche hier ontem gestern вчера امس البارحه مبارح 昨天 昨晚 昨夜 昨日 きのう",
		0:  "today tonight this_morning this_afternoon this_evening hoy esta_manana esta_tarde aujourd'hui ce_matin ce_soir hoje heute сегодня اليوم الليله आज aaj 今天 今晚 今早 今日 今朝 今夜",
		1:  "tomorrow manana demain amanha morgen завтра غدا بكره 明天 明晚 明早 明日",
		2:  "the_day_after_tomorrow pasado_manana apres-demain depois_de_amanha ubermorgen послезавтра 后天 明後日",
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

// month gives the month that s names; 0 where it names none. "martes" is no March.
func (k calendar) month(s string) time.Month {
	best, month := "", time.Month(0)
	for w, m := range k.months {
		i := strings.Index(s, w)
		if i < 0 || i > 0 && wordRune(lastRune(s[:i])) || len(w) <= len(best) || startsWithAny(s[i:], "martes", "mardi", "segunda", "settimana", "semana", "marke") {
			continue
		}
		best, month = w, m
	}
	return month
}

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
		d, y := 0, 0
		for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
			if n := number(part); len(part) == 4 {
				y = n
			} else if len(part) <= 2 && d == 0 {
				d = n
			}
		}
		if d > 0 {
			return isoDay(y, month, d, at)
		}
	}
	if at.IsZero() {
		return "", false
	}
	if days, said := k.daysAway(s); said {
		return at.AddDate(0, 0, days).Format(time.DateOnly), true
	}
	for w, weekday := range k.days {
		if strings.Contains(s, w) {
			back := (int(at.Weekday()) - int(weekday) + 7) % 7
			if back == 0 {
				back = 7
			}
			return at.AddDate(0, 0, -back).Format(time.DateOnly), true
		}
	}
	return "", false
}

// daysAway says how many days s is from the day on which it was written, where it tells the day so: "yesterday".
func (k calendar) daysAway(s string) (days int, said bool) {
	best := ""
	for w, n := range k.away {
		if strings.Contains(s, w) && len(w) > len(best) {
			best, days = w, n
		}
	}
	return days, best != ""
}

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

// threeNumbers reads day, month and year between the same two signs.
func threeNumbers(s string, c Context) (y int, m time.Month, d int) {
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

// isoDay writes a day; without a year the last such day before at, and without either the form for any year (ISO 8601-1).
func isoDay(y int, m time.Month, d int, at time.Time) (string, bool) {
	if d == 0 {
		return "", false
	}
	if y == 0 {
		if at.IsZero() {
			return fmt.Sprintf("--%02d-%02d", int(m), d), true
		}
		y = at.Year()
		if time.Date(y, m, d, 0, 0, 0, 0, at.Location()).After(at.AddDate(0, 2, 0)) {
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
		switch {
		case strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "h") && end-i <= 2 && isDigit(s[i]):
			if m, after := upTo(s, end+1, 2); after > end+1 {
				minute = m
			}
			found = true
		case startsWithAny(strings.TrimPrefix(rest, " "), "点", "时", "시", "uhr", "am", "pm", "a.m", "p.m", "час", "утра", "вечера", "дня", "ночи", "बजे", "baje", "h "):
			found = true
			if strings.Contains(rest, "半") {
				minute = 30
			} else {
				minute = f.minutesBehind(end)
			}
		}
		if found && n <= 24 && minute < 60 {
			if n < 12 && says(s, afternoons[:]) && (n >= 5 || !says(s, nights[:]) || says(s, noons[:])) {
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
