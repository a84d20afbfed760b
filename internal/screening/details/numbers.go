package details

import (
	"strings"
	"unicode/utf8"
)

// numberEnd gives the end of the number that begins at i, in digits, words or Chinese or Korean characters; i where none does.
func (f *finder) numberEnd(i int, p *purse) int {
	s := f.s
	switch c := s[i]; {
	case isDigit(c):
		if i > 0 && isDigit(s[i-1]) {
			return i
		}
		return unitsEnd(s, f.digitsEnd(i))
	case c >= 0xEA && c <= 0xED:
		return hangulNumber(s, i)
	case c >= 0xE3 && c <= 0xE9:
		return hanNumberEnd(s, i)
	}
	if p.number.end(i) > i {
		return numberWordsEnd(s, i, &p.number)
	}
	return i
}

// digitsEnd reads a number in digits with its separators; a blank separates thousands only, and the comma of Chinese text
// separates numbers.
func (f *finder) digitsEnd(i int) int {
	s := f.s
	i = digitsOf(s, i)
	for i+1 < len(s) && (s[i] == ',' || s[i] == '.' || s[i] == ' ' || s[i] == '\'') && isDigit(s[i+1]) {
		j := digitsOf(s, i+1)
		if (s[i] == ' ' || s[i] == '\'') && j-i != 4 {
			break
		}
		if a, b := f.t.Origin(i, i+1); s[i] == ',' && b-a > 1 {
			break
		}
		i = j
	}
	return i
}

const (
	hanDigits    = "一二三四五六七八九十百千万亿两零〇壹贰叁肆伍陆柒捌玖拾佰仟半几兆"
	hanUnits     = "十百千万亿兆拾佰仟"
	hangulUnits  = "십백천만억조"
	hangulDigits = "일이삼사오육칠팔구영공" + hangulUnits
)

// unitsEnd goes on with the units that Chinese, Japanese and Korean write between digits: "3万5千", "4천 820만", "30만9천381".
func unitsEnd(s string, i int) int {
	for i < len(s) {
		if next := skip(s, i, " "); next < len(s) && s[next] < 0xE3 { // most numbers end here
			return i
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		at := i
		if r == ' ' && i+1 < len(s) { // "4천 820만", "2.5 억"
			r, size = utf8.DecodeRuneInString(s[i+1:])
			at = i + 1
		}
		hangul := strings.ContainsRune(hangulUnits, r)
		if !hangul && (at > i || !strings.ContainsRune(hanUnits, r)) {
			return i
		}
		i = at + size
		if next := skip(s, i, " "); hangul && next < len(s) && isDigit(s[next]) {
			i = digitsOf(s, next)
		} else if i < len(s) && isDigit(s[i]) {
			i = digitsOf(s, i)
		}
	}
	return i
}

// hangulNumber reads a number in Korean characters that begins a word at i, or gives i: "천 4백만", "오백만".
func hangulNumber(s string, i int) int {
	if r, _ := utf8.DecodeLastRuneInString(s[:i]); i > 0 && (wordRune(r) || isDigit(s[i-1])) {
		return i
	}
	end := i
	for end < len(s) {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune(hangulDigits, r) {
			break
		}
		end += size
	}
	if next := skip(s, end, " "); end > i && next > end && next < len(s) && isDigit(s[next]) {
		return unitsEnd(s, digitsOf(s, next))
	}
	return end
}

// numberWordsEnd reads number words in a row, with "and" between them.
func numberWordsEnd(s string, i int, number *wordsAt) int {
	end := number.end(i)
	for {
		at := skip(s, end, " -")
		for _, and := range [...]string{"and ", "y ", "et ", "und ", "e ", "و"} {
			if strings.HasPrefix(s[at:], and) {
				at = skip(s, at+len(and), " ")
				break
			}
		}
		w, ok := number.at(at)
		if !ok || at == end && s[end-1] < 0x80 {
			return end
		}
		end = w.end
	}
}

// hanNumberEnd reads a number in Chinese characters, or gives i.
func hanNumberEnd(s string, i int) int {
	end := i
	for end < len(s) && s[end] >= 0xE0 {
		r, size := utf8.DecodeRuneInString(s[end:])
		if !strings.ContainsRune(hanDigits, r) {
			break
		}
		end += size
	}
	return end
}

// skip gives the place after at most one of the bytes of set at i.
func skip(s string, i int, set string) int {
	if i < len(s) && strings.IndexByte(set, s[i]) >= 0 {
		return i + 1
	}
	return i
}
