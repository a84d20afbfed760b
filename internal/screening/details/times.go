package details

import (
	"regexp"
	"sort"
	"strings"
)

// piece is a part of an expression of time.
type piece struct {
	kind       string // date, clock, month, weekday, relative, part, day
	start, end int
}

var (
	dateShape  = regexp.MustCompile(`\b[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\b|\b[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}\b|\b[0-3]?[0-9]\.[01]?[0-9]\.|[0-9]{4} ?年(?: ?[0-9]{1,2} ?月)?(?: ?[0-9]{1,2} ?[日号])?|[0-9]{1,2} ?月(?: ?[0-9]{1,2} ?[日号]|[上中下]旬|初|底|末)?|[0-9]{1,2}[日号]|[0-9]{4} ?년(?: ?[0-9]{1,2} ?월)?(?: ?[0-9]{1,2} ?일)?|[0-9]{1,2} ?월 ?[0-9]{1,2} ?일`)
	hanDate    = regexp.MustCompile(`(?:今年|去年)?[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}[日号]|[上中下]旬|初|底|末)?|[一二三四五六七八九十]{1,3}[日号]`)
	clockShape = regexp.MustCompile(`\b[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?: ?[ap]\.?m\b\.?)?|\b1?[0-9](?:[.:][0-5][0-9])? ?[ap]\.?m\b\.?|\b[0-2]?[0-9] ?h(?:[0-5][0-9])?\b|\b[0-2]?[0-9](?:[.:][0-5][0-9])? uhr(?: [0-5]?[0-9])?|[0-2]?[0-9][点點時](?:半|[一三]刻|钟|[0-5]?[0-9]分|整|多|左右|过后)?|\b(?:[1-9]|1[0-2]) o'clock|\b(?:half|quarter|ten|five|twenty) (?:past|to) (?:[1-9]|1[0-2])\b|\ba las [0-9]{1,2}(?:[:.][0-5][0-9])?(?: y (?:media|cuarto))?|[0-2]?[0-9] час(?:ов|а)?(?: (?:утра|вечера|дня|ночи))?|[0-2]?[0-9] (?:утра|вечера|дня|ночи)|الساعه ?[0-9]{1,2}(?::[0-5][0-9])?|[0-9]{1,2}(?::[0-5][0-9])? ?बजे|[0-9]{1,2} ?시(?: ?[0-9]{1,2}분)?`)
	// clockWords are clock times without a digit; clockSigns say whether a text may hold one.
	clockWords = regexp.MustCompile(`[一二三四五六七八九十两]{1,4}[点點時](?:半|[一三]刻|钟|[一二三四五六七八九十]{1,3}分|整|多|左右|过后)?|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o'clock|\b(?:half|quarter|ten|five|twenty) (?:past|to) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|\ba las (?:una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce)(?: y (?:media|cuarto))?|(?:الساعه )?(?:الواحده|الثانيه|الثالثه|الرابعه|الخامسه|السادسه|السابعه|الثامنه|التاسعه|العاشره)|(?:एक|दो|तीन|चार|पाँच|पांच|छह|सात|आठ|नौ|दस|ग्यारह|बारह) बजे`)
	weekShape  = regexp.MustCompile(`(?:上个?|下个?|这个?|本|每个?)?(?:周|星期|礼拜)[一二三四五六日天末]|(?:先週|今週|来週)?の?[月火水木金土日]曜日?`)
	dayShape   = regexp.MustCompile(`\b(?:[0-3]?[0-9])(?:st|nd|rd|th|\.|er|º|ª)?`)
)

// joints may stand between the parts of one expression.
var joints = regexp.MustCompile(`^(?:[ ,]{0,2}|[ ,]*(?:on|of|the|around|about|um|am|gegen|den|de|del|a las|a la|à|às|as|as|um|le|vers|la|em|of|около|в|من|الساعه|を|の|को|in|into|and|to|et|y|und|e|-|–)[ ,]*)$`)

// times finds dates, clock times, weekdays and words such as "yesterday", and joins parts that make one expression.
func (f *finder) times() {
	pieces := f.pieces()
	sort.SliceStable(pieces, func(i, j int) bool {
		if pieces[i].start != pieces[j].start {
			return pieces[i].start < pieces[j].start
		}
		return pieces[i].end > pieces[j].end
	})
	for i := 0; i < len(pieces); {
		start, end, alone := pieces[i].start, pieces[i].end, pieces[i].kind
		j := i + 1
		for ; j < len(pieces); j++ {
			p := pieces[j]
			if p.end <= end {
				continue
			}
			if p.start > end && (p.start-end > 12 || !joints.MatchString(f.s[end:p.start])) || end-start > 80 {
				break
			}
			if p.start > end && p.kind == alone && (alone == "clock" || alone == "relative" || alone == "date") {
				break
			}
			end = p.end
			if p.kind != "part" || alone == "part" {
				alone = p.kind
			}
			if p.kind != "part" && alone == "part" {
				alone = "joined"
			}
		}
		if joined := j > i+1; joined || alone != "part" && alone != "month?" {
			f.add("time", start, end, 50)
		}
		i = j
	}
}

// pieces collects the parts from the vocabulary and the shapes.
func (f *finder) pieces() []piece {
	var out []piece
	for _, w := range f.words {
		switch w.kind {
		case "weekday", "relative":
			out = append(out, piece{w.kind, w.start, w.end})
		case "part":
			out = append(out, piece{"part", w.start, w.end})
		case "month":
			out = append(out, f.aroundMonth(w))
		}
	}
	shapes := map[string][]*regexp.Regexp{"date": {dateShape}, "clock": {clockShape}}
	if says(f.s, clockSigns) {
		shapes["clock"] = append(shapes["clock"], clockWords)
	}
	if f.lang == "zh" || f.lang == "yue" || f.lang == "ja" {
		shapes["date"] = append(shapes["date"], hanDate)
		shapes["weekday"] = append(shapes["weekday"], weekShape)
	}
	for _, kind := range [...]string{"date", "clock", "weekday"} {
		for _, re := range shapes[kind] {
			take := func(a, b, _, _ int) {
				end := a + len(strings.TrimRight(f.s[a:b], " "))
				if kind == "date" && strings.HasSuffix(f.s[a:end], ".") && end < len(f.s) && isDigit(f.s[end]) {
					return
				}
				if kind == "date" && houseNumber(f.s[a:end], f.s[end:]) {
					return
				}
				out = append(out, piece{kind, a, end})
			}
			if re == dateShape {
				f.each(f.tight, afterDigit("-", "/", ".", "年", "月", "日", "号", "년", "월"), re, take)
				continue
			}
			if re == clockShape {
				f.each(f.tight, clockish, re, take)
				continue
			}
			for _, m := range re.FindAllStringIndex(f.s, atMost) {
				take(m[0], m[1], 0, 0)
			}
		}
	}
	return out
}

// clockish is a guard for digits that may be a time of day.
func clockish(part string) bool {
	return clockAfter(part) || says(part, []string{"past", " to ", "las ", "الساعه"})
}

var clockAfter = afterDigit(":", ".", "am", "a.m", "pm", "p.m", "h", "uhr", "点", "點", "時", "o'", "час", "утра", "вечера", "дня", "ночи", "बजे", "시")

// clockSigns: see clockWords.
var clockSigns = []string{"o'clock", " past ", " to ", "a las ", "点", "點", "時", "الواحده", "الثاني", "الثالثه", "الرابعه", "الخامسه", "السادسه", "السابعه", "الثامنه", "التاسعه", "العاشره", "बजे"}

// houseNumber says whether "9号" is a building's, by what follows.
func houseNumber(text, after string) bool {
	return strings.HasSuffix(text, "号") && !strings.Contains(text, "月") && (len(after) == 0 || says(after[:min(len(after), 6)], []string{"楼", "院", "厂", "门", "线", "店", "桌", "房", "。", "，", ","}))
}

// aroundMonth joins a month with its days and year: "2, 9 and 12 October 2026", "October 2nd".
func (f *finder) aroundMonth(w word) piece {
	p := piece{"month", w.start, w.end}
	s := f.s
	at := w.start
	for range 6 {
		k := len(strings.TrimRight(s[max(0, at-6):at], " ,"))
		k += max(0, at-6)
		for _, joint := range [...]string{" de", " of", " and", " et", " y", " und", " e", " the", ".", " i", " и"} {
			if strings.HasSuffix(s[:k], joint) {
				k -= len(joint)
				break
			}
		}
		for _, suffix := range [...]string{"st", "nd", "rd", "th", "er", "."} {
			if strings.HasSuffix(s[:k], suffix) && k > len(suffix) && isDigit(s[k-len(suffix)-1]) {
				k -= len(suffix)
				break
			}
		}
		d := k
		for d > 0 && isDigit(s[d-1]) && k-d < 3 {
			d--
		}
		if k-d < 1 || k-d > 2 {
			break
		}
		p.start, at = d, d
	}
	end := skip(s, w.end, " .")
	if m := dayShape.FindStringIndex(s[end:min(len(s), end+8)]); m != nil && m[0] == 0 && end > w.end && p.start == w.start {
		if next := end + m[1]; next >= len(s) || !isDigit(s[next]) {
			p.end = next
		}
	}
	rest := s[p.end:min(len(s), p.end+10)]
	if m := yearAfter.FindStringIndex(rest); m != nil {
		p.end += m[1]
	}
	if p.start == w.start && p.end == w.end && len(s[w.start:w.end]) <= 4 {
		p.kind = "month?" // "may", "mar", "dec" alone are mostly other words
	}
	return p
}

var yearAfter = regexp.MustCompile(`^,? (?:del? |of )?(?:19|20)[0-9]{2}\b`)
