package details

import (
	"strings"
	"unicode/utf8"
)

// digitTime reads a date or a clock time at the digits s[i], the first of their run, and gives its kind and end; "" where
// there is none. It reads what is written in digits: 12/10/2026, 2026-10-12, 12.10., 10月5日, 14:30, 2am, 18 Uhr, 6h20.
func (f *finder) digitTime(i int) (kind string, start, end int) {
	s := f.s
	j := digitsOf(s, i)
	unit := j < len(s) && s[j] >= 0xE3 // behind a Chinese comma a number begins anew
	if i > 1 && strings.IndexByte(".,:/-", s[i-1]) >= 0 && isDigit(s[i-2]) && !(unit && s[i-1] == ',') || i > 0 && (s[i-1] == '.' || s[i-1] == '/') {
		return "", i, i
	}
	n, width := number(s[i:j]), j-i
	if width > 4 {
		return "", i, i
	}
	if width == 4 {
		if end := f.fourDigitHour(i, j, n); end > 0 {
			return "clock", i, end
		}
	}
	if end := f.dottedHour(i, j, n); end > 0 {
		return "clock", i, end
	}
	if end := writtenDate(s, i, j); end > 0 && !(f.lang == "en" && end-i <= len("10.10.") && s[end-1] == '.') { // "the 8.05." is no date in English
		return "date", i, end
	}
	if kind, end := f.unitTime(n, width, j); end > 0 {
		return kind, i, end
	}
	if end := f.ordinal(i, j, n); end > 0 {
		return "date", i, end
	}
	if start, end := f.year(i, j, n); end > 0 {
		return "date", start, end
	}
	if width > 2 {
		return "", i, i
	}
	if start, end := f.dayAlone(i, j, n); end > 0 {
		return "date", start, end
	}
	if n > 24 {
		return "", i, i
	}
	if end := f.hoursWord(i, j); end > 0 {
		return "clock", i, end
	}
	if end := clockEnd(s, j, n); end > 0 {
		return "clock", i, end
	}
	if end := f.bareHour(i, j); end > 0 {
		return "clock", i, end
	}
	return "", i, i
}

func digitsOf(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// number reads up to four digits.
func number(digits string) int {
	n := 0
	for i := range min(len(digits), 4) {
		n = 10*n + int(digits[i]-'0')
	}
	return n
}

// upTo reads one to so many digits at i and gives the number and its end; -1 where there is none or more.
func upTo(s string, i, most int) (n, end int) {
	end = digitsOf(s, i)
	if end == i || end-i > most {
		return -1, i
	}
	return number(s[i:end]), end
}

// unitTime reads the signs for year, month, day, hour after the number n, which ends at j.
func (f *finder) unitTime(n, width, j int) (kind string, end int) {
	at := skip(f.s, j, " ")
	if at >= len(f.s) || f.s[at] < 0xE3 {
		return "", 0
	}
	unit, size := utf8.DecodeRuneInString(f.s[at:])
	after := at + size
	if end := ago(f.s[at:]); end > 0 && !strings.HasSuffix(f.s[:j-width], "月") {
		return "relative", at + end
	}
	switch {
	case (unit == '年' || unit == '년') && width == 4:
		return "date", f.dateGoesOn(after)
	case (unit == '月' || unit == '월') && n >= 1 && n <= 12:
		return "date", f.monthGoesOn(after)
	case (unit == '日' || unit == '号' || unit == '일') && n >= 1 && n <= 31 && !f.otherNumber(unit, j-width, after):
		return "date", after
	case (unit == '点' || unit == '时' || unit == '시') && n <= 24 && !strings.HasPrefix(f.s[after:], "间") && !strings.HasPrefix(f.s[after:], "간"):
		return "clock", f.minutes(after)
	}
	return "", 0
}

// dateGoesOn reads a month after a year.
func (f *finder) dateGoesOn(i int) int {
	at := skip(f.s, i, " ")
	n, end := f.smallNumber(at)
	if next := skip(f.s, end, " "); n >= 1 && n <= 12 && (strings.HasPrefix(f.s[next:], "月") || strings.HasPrefix(f.s[next:], "월")) {
		return f.monthGoesOn(next + len("月"))
	}
	return i
}

// monthGoesOn reads a day, or which part of the month is meant.
func (f *finder) monthGoesOn(i int) int {
	at := skip(f.s, i, " ")
	if n, end := f.smallNumber(at); n >= 1 && n <= 31 {
		next := skip(f.s, end, " ")
		for _, day := range [...]string{"日", "号", "일"} {
			if strings.HasPrefix(f.s[next:], day) {
				return f.pastWeekday(next + len(day))
			}
		}
	}
	for _, part := range [...]string{"上旬", "中旬", "下旬", "初", "底", "末", "中"} {
		if strings.HasPrefix(f.s[i:], part) {
			return i + len(part)
		}
	}
	return i
}

// pastWeekday is where a date ends that goes on with its weekday in brackets: "11月8日(日)".
func (f *finder) pastWeekday(i int) int {
	inside, _, closed := strings.Cut(f.s[i:min(len(f.s), i+len("(星期日)"))], ")")
	if day := strings.TrimPrefix(inside, "("); closed && day != inside && strings.Contains("月火水木金土日", strings.TrimSuffix(day, "曜")) && day != "" || closed && startsWithAny(day, "周", "星期") {
		return i + len(inside) + len(")")
	}
	return i
}

// minutes reads what follows the hour in Chinese, Japanese and Korean.
func (f *finder) minutes(i int) int {
	at := skip(f.s, i, " ")
	if n, end := f.smallNumber(at); n >= 0 && n < 60 {
		next := skip(f.s, end, " ")
		for _, unit := range [...]string{"分", "刻", "분"} {
			if strings.HasPrefix(f.s[next:], unit) {
				return next + len(unit)
			}
		}
		if n >= 10 && !startsWithAny(f.s[end:], "万", "千", "百", "元", "块", "多", "个", "人", "名", "岁", "米", "公", "円", "台", "回") {
			return end // "七点五十"
		}
	}
	for _, part := range [...]string{"半", "钟", "整", "多", "반"} {
		if strings.HasPrefix(f.s[i:], part) {
			return i + len(part)
		}
	}
	return i
}

// longestAgo is how many bytes such words take at most.
const longestAgo = 24

// ago gives how much of s, behind a number, says that it was so long ago; 0 where nothing does: "小时前", "日前".
func ago(s string) int {
	if !strings.Contains(s[:min(len(s), longestAgo)], "前") {
		return 0
	}
	for _, unit := range [...]string{"个半小时", "个多小时", "个小时", "小时", "分钟", "天", "个星期", "周", "个礼拜", "个月", "个多月", "年", "时间半", "时间", "分", "日", "週间", "か月", "ヶ月", "カ月"} {
		if rest, ok := strings.CutPrefix(s, unit); ok && startsWithAny(rest, "前", "以前", "之前") && !startsWithAny(rest, "前後", "前后") {
			return len(unit) + strings.Index(rest, "前") + len("前")
		}
	}
	return 0
}

// smallNumber reads a number of up to two digits, or of Chinese characters, -1 where there is none.
func (f *finder) smallNumber(i int) (n, end int) {
	if i < len(f.s) && isDigit(f.s[i]) {
		return upTo(f.s, i, 2)
	}
	return hanNumber(f.s, i)
}

// otherNumber says that "9号" is a building's or "10日" the beginning of another word, by what stands before start and follows after.
func (f *finder) otherNumber(unit rune, start, after int) bool {
	rest := f.s[after:]
	switch unit {
	case '号':
		if rest == "" || strings.ContainsRune("路街巷弄", f.runeBefore(start)) || strings.HasSuffix(f.s[:start], "大道") {
			return true
		}
		for _, next := range [...]string{"楼", "院", "厂", "门", "线", "店", "桌", "房", "。", ",", ".", "仓", "库", "车", "室", "机", "栋", "地", "井", "码", "测", "炉", "泵", "矿", "坝", "塔", "柜", "箱", "窗", "船", "队", "摊", "孔", "洞", "坑", "罐", "池", "电"} {
			if strings.HasPrefix(rest, next) {
				return true
			}
		}
	case '日':
		for _, next := range [...]string{"元", "円", "圆", "间", "内", "本", "币"} {
			if strings.HasPrefix(rest, next) {
				return true
			}
		}
	}
	return false
}

// halfDays follow an hour and say which half of the day is meant.
var halfDays = [...]string{"a.m.", "p.m.", "a.m", "p.m", "am", "pm"}

// hours follow an hour in languages that have a word for it; the longest first.
var hours = [...]string{
	"часов", "часа", "час", "утра", "вечера", "дня", "ночи", "o'clock", "uhr", "बजे", "baje", "horas", "heures", "hs",
}

// clockEnd reads a time of day whose hour n ends at j; 0 where there is none.
func clockEnd(s string, j, n int) int {
	at := j
	if j < len(s) && (s[j] == ':' || s[j] == '.' || s[j] == 'h') {
		minute, k := upTo(s, j+1, 2)
		switch {
		case minute >= 0 && k-j == 3 && minute < 60:
			if s[j] == ':' && k+2 < len(s) && s[k] == ':' {
				if second, l := upTo(s, k+1, 2); second >= 0 && second < 60 {
					k = l
				}
			}
			if end := hourWord(s, k, n); end > 0 {
				return end
			}
			if s[j] == '.' || k < len(s) && isLetter(s[k]) {
				return 0
			}
			return k
		case s[j] == 'h' && (j+1 == len(s) || !isLetter(s[j+1]) && !isDigit(s[j+1])):
			return j + 1
		}
	} else if at = skip(s, j, " "); at > j && at < len(s) && s[at] == 'h' {
		minute, k := upTo(s, skip(s, at+1, " "), 2)
		if minute >= 0 && minute < 60 && (k == len(s) || !isLetter(s[k])) {
			return k
		}
		if at+1 == len(s) || !isLetter(s[at+1]) && s[at+1] != '\'' && s[at+1] < 0x80 {
			return at + 1
		}
	}
	return hourWord(s, j, n)
}

// hourWord reads "am", "Uhr 30" or the like after a time of day that ends at j.
func hourWord(s string, j, n int) int {
	at := skip(s, j, " ")
	if at >= len(s) {
		return 0
	}
	for _, word := range halfDays {
		if n <= 12 && strings.HasPrefix(s[at:], word) && wordStops(s, at+len(word)) {
			return at + len(word)
		}
	}
	for _, word := range hours {
		if !strings.HasPrefix(s[at:], word) || !wordStops(s, at+len(word)) {
			continue
		}
		end := at + len(word)
		if word == "horas" || word == "heures" || word == "hs" || word == "часа" || word == "часов" || word == "час" {
			return f24(s, j, end)
		}
		if minute, k := upTo(s, skip(s, end, " "), 2); word == "uhr" && minute >= 0 && minute < 60 && wordStops(s, k) {
			return k
		}
		return end
	}
	return 0
}

// f24 takes "5 часов" and "3 horas" for a time only where minutes stand before or a part of the day follows: else they
// are how long something took.
func f24(s string, j, end int) int {
	if j >= 3 && s[j-3] == ':' {
		return end
	}
	rest := s[skip(s, end, " "):]
	for _, part := range [...]string{"утра", "вечера", "дня", "ночи", "de la", "da manha", "da tarde", "da noite", "du matin", "du soir"} {
		if strings.HasPrefix(rest, part) {
			return skip(s, end, " ") + len(part)
		}
	}
	return 0
}

// wordStops says whether no word goes on at i.
func wordStops(s string, i int) bool {
	if i >= len(s) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return !wordRune(r)
}

// hanTime reads a date or time in Chinese numerals at i: 十月五日, 下午三点半, 六点.
func (f *finder) hanTime(i int) (kind string, end int) {
	n, j := hanNumber(f.s, i)
	if n < 0 || j >= len(f.s) {
		return "", j
	}
	if end := ago(f.s[j:]); end > 0 {
		return "relative", j + end
	}
	unit, size := utf8.DecodeRuneInString(f.s[j:])
	after := j + size
	switch {
	case unit == '月' && n >= 1 && n <= 12:
		return "date", f.monthGoesOn(after)
	case (unit == '日' || unit == '号') && n >= 1 && n <= 31 && !f.otherNumber(unit, i, after):
		return "date", after
	case (unit == '点' || unit == '时') && n <= 24 && !startsWithAny(f.s[after:], "间", "建议", "要求", "意见", "原因", "说明", "情况", "问题") &&
		!(n == 1 && startsWithAny(f.s[after:], "也", "都", "儿")): // 一点 is "a bit" there
		return "clock", f.minutes(after)
	}
	return "", j
}

func startsWithAny(s string, words ...string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// hanDigit is what one of the nine Chinese digits stands for, 0 for other characters.
func hanDigit(r rune) int {
	switch r {
	case '一':
		return 1
	case '二':
		return 2
	case '三':
		return 3
	case '四':
		return 4
	case '五':
		return 5
	case '六':
		return 6
	case '七':
		return 7
	case '八':
		return 8
	case '九':
		return 9
	}
	return 0
}

// hanNumber reads a number below a hundred in Chinese numerals at i and gives its end; -1 and i where there is none. Two
// numbers in a row ("四五点") are about that many.
func hanNumber(s string, i int) (n, end int) {
	n, end = -1, i
	for end < len(s) && s[end] >= 0xE3 {
		r, size := utf8.DecodeRuneInString(s[end:])
		digit := hanDigit(r)
		switch {
		case r == '十':
			n = 10 * max(n, 1)
		case r == '零':
			n = max(n, 0) * 10
		case r == '两':
			n = 2
		case r == '〇' || digit > 0:
			if n >= 10 && n%10 == 0 {
				n += digit
			} else {
				n = digit
			}
		default:
			return n, end
		}
		if end += size; end-i > 15 {
			return -1, i
		}
	}
	return n, end
}
