package details

import (
	"strings"
	"unicode/utf8"
)

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
		return "date", f.pastWeekday(after)
	case (unit == '点' || unit == '时' || unit == '시') && n <= 24 && !strings.HasPrefix(f.s[after:], "间") && !strings.HasPrefix(f.s[after:], "간"):
		if unit == '点' && f.listed(j-width, after) {
			return "", 0
		}
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
		return "date", f.pastWeekday(after)
	case (unit == '点' || unit == '时') && n <= 24 && !strings.HasPrefix(f.s[after:], "间") && !f.listed(i, after) &&
		!(n == 1 && unit == '点' && f.aBit(i, after)):
		return "clock", f.minutes(after)
	}
	return "", j
}

// listed says that 三点 before end is the third of some points, or are three of them.
func (f *finder) listed(start, end int) bool {
	return f.runeBefore(start) == '第' || startsWithAny(f.s[end:], "建议", "要求", "意见", "原因", "说明", "情况", "问题", "和第")
}

// aBit says whether 一点 is "a bit" and no hour, by what stands around it.
func (f *finder) aBit(start, end int) bool {
	r := f.runeBefore(start)
	if strings.ContainsRune("有快慢早多少好大小高低近远轻重", r) {
		return true
	}
	if end == len(f.s) || strings.IndexByte(",.!? ", f.s[end]) >= 0 || startsWithAny(f.s[end:], "。") {
		return !strings.ContainsRune("午晨晚夜上里天日周期号半是到从在约近过", r)
	}
	return startsWithAny(f.s[end:], "也", "都", "儿", "办", "用", "点", "事", "没", "不", "钱", "小", "东", "声", "动", "消", "味", "线", "水", "血")
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
