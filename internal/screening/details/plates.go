package details

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed plates.txt
var plateList string

// plateShape is one row of plates.txt.
type plateShape struct {
	country string
	sure    bool // the shape is nothing else's: it needs no word around it
}

// plateShapes is plates.txt by shape, read once.
var plateShapes = sync.OnceValue(func() map[string]plateShape {
	m := map[string]plateShape{}
	for line := range strings.Lines(plateList) {
		line, _, _ = strings.Cut(line, "#")
		country, shapes, found := strings.Cut(strings.TrimSpace(line), " ")
		if !found {
			continue
		}
		for shape := range strings.SplitSeq(shapes, "|") {
			shape, sure := strings.CutSuffix(strings.TrimSpace(shape), "!")
			for _, s := range spread(shape) {
				if have, ok := m[s]; !ok || sure && !have.sure {
					m[s] = plateShape{country, sure}
				}
			}
		}
	}
	return m
})

// spread writes out a shape's optional parts: "L(L)-9" stands for "L-9" and "LL-9", and "_" for a blank, a dash or nothing.
func spread(shape string) []string {
	if a, rest, ok := strings.Cut(shape, "("); ok {
		inside, b, _ := strings.Cut(rest, ")")
		return append(spread(a+b), spread(a+inside+b)...)
	}
	if a, b, ok := strings.Cut(shape, "_"); ok {
		var out []string
		for _, joint := range [...]string{" ", "-", ""} {
			out = append(out, spread(a+joint+b)...)
		}
		return out
	}
	return []string{shape}
}

// provinces begin Chinese number plates (GA 36-2018).
const provinces = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领临"

// cyrillicPlate are the letters of Russian plates, which look like Latin ones (GOST R 50577).
const cyrillicPlate = "авекмнорстух"

// shapeOf gives the shape of the folded text [start,end) as plates.txt writes it; a small letter is "a".
func (f *finder) shapeOf(start, end int) string {
	b := make([]byte, 0, longestPlate)
	for i := start; i < end; {
		r, size := utf8.DecodeRuneInString(f.s[i:])
		switch {
		case r >= '0' && r <= '9':
			b = append(b, '9')
		case strings.ContainsRune(cyrillicPlate, r):
			b = append(b, 'R')
		case fold.Dense(r):
			b = append(b, 'H')
		case unicode.IsLetter(r) && f.capital(i):
			b = append(b, 'A')
		case unicode.IsLetter(r):
			b = append(b, 'a')
		default:
			b = utf8.AppendRune(b, r)
		}
		i += size
	}
	if len(b) > 6 && b[0] == 'H' && b[1] == 'A' {
		for i := 2; i < len(b); i++ {
			if b[i] == 'A' || b[i] == '9' {
				b[i] = 'X'
			}
		}
	}
	return string(b)
}

// capital says whether the letter at i is written as a capital.
func (f *finder) capital(i int) bool {
	from := f.t.At(i)
	if b := f.t.Original[from]; b < utf8.RuneSelf {
		return b >= 'A' && b <= 'Z'
	}
	r, _ := utf8.DecodeRuneInString(f.t.Original[from:])
	return unicode.IsUpper(r)
}

// longestPlate is how long a plate may be in bytes of folded text.
const longestPlate = 20

// plate looks for a number plate that begins with tokens[k] and may go on over the next ones. It gives how many tokens
// it takes, 0 where there is none.
func (f *finder) plate(tokens []token, k int) int {
	best, rank, start := 0, 0, tokens[k].start
	if r := f.runeBefore(start); strings.ContainsRune(provinces, r) {
		start -= utf8.RuneLen(r)
	}
	for n := 1; n <= 4 && k+n <= len(tokens); n++ {
		last := tokens[k+n-1]
		if last.end-start > longestPlate || n > 1 && f.s[tokens[k+n-2].end:last.start] != " " {
			break
		}
		shape := f.shapeOf(start, last.end)
		known, ok := plateShapes()[shape]
		switch {
		case !ok:
		case known.sure:
			best, rank = n, 76
		case f.speaksOfPlate(start, last.end, shape):
			best, rank = n, 64
		}
	}
	if best > 0 {
		f.add("plate", start, tokens[k+best-1].end, rank)
	}
	return best
}

// speaksOfPlate says whether the words around say that this is a vehicle's plate. Digits alone need the word itself, and
// letters before digits, which many things are called by, a vehicle close before.
func (f *finder) speaksOfPlate(start, end int, shape string) bool {
	if f.driven == nil {
		f.driven = &[2]bool{says(f.s, plateItself), says(f.s, vehicles)}
	}
	if !f.driven[0] && !f.driven[1] {
		return false
	}
	lead := f.before(start, 40)
	if strings.Trim(shape, "9") == "" {
		return says(lead[max(0, len(lead)-16):], plateItself) // "Kennzeichen 23125", not what comes after another plate
	}
	if says(lead, plateItself) || says(f.s[end:min(len(f.s), end+24)], plateItself) {
		return true
	}
	rest := strings.TrimLeft(shape, "AR")
	if rest != shape && strings.Trim(rest, "9 -") == "" {
		lead = lead[max(0, len(lead)-16):]
	}
	return says(lead, vehicles)
}

// eastern reads a Japanese or Korean plate whose first digits are tokens[k]: 品川 500 さ 12-34, 12가 3456.
func (f *finder) eastern(tokens []token, k int) bool {
	t := tokens[k]
	if t.end-t.start < 2 || t.end-t.start > 3 {
		return false
	}
	at := skip(f.s, t.end, " ")
	r, size := utf8.DecodeRuneInString(f.s[at:])
	kana, hangul := r >= 'ぁ' && r <= 'ん', r >= '가' && r <= '힣'
	if !kana && !hangul {
		return false
	}
	at = skip(f.s, at+size, " ")
	first := digitsOf(f.s, at)
	end := first
	if kana && first > at && first-at <= 2 && first < len(f.s) && f.s[first] == '-' {
		end = digitsOf(f.s, first+1)
	}
	if hangul && first-at != 4 || kana && end-first != 3 {
		return false
	}
	start := t.start
	if kana {
		start = skipBack(f.s, start, ' ')
		from := start
		for n := 0; n < 4 && fold.Dense(f.runeBefore(from)) && !strings.ContainsRune("はがのをにで", f.runeBefore(from)); n++ {
			from -= utf8.RuneLen(f.runeBefore(from))
		}
		if from == start {
			return false
		}
		start = from
	}
	f.add("plate", start, end, 76)
	return true
}

// skipBack gives the place before a byte b that ends at i.
func skipBack(s string, i int, b byte) int {
	if i > 0 && s[i-1] == b {
		return i - 1
	}
	return i
}

var plateItself = []string{
	"plate", " reg ", "registration", "reg.", "车牌", "牌照", "номер маш", "госномер", "гос. номер", "номер авто", "номерн", "plaque", "immatricul", "matricul", "placa", "chapa", "patente",
	"kennzeichen", "nummernschild", "ナンバー", "لوحه", "رقم السياره", "नंबर प्लेट", "गाड़ी नंबर", "गाड़ी का नंबर", "gaadi number", "plaka", "targa", "kenteken",
}

var vehicles = []string{
	"van", " car", "lorry", "truck", "bus", "taxi", "driver", "motorbike", "moped", "scooter", "vehicle", "kombi", "车", "машин", "фургон", "грузовик", "автобус", "такси", "fourgon", "voiture",
	"camion", "moto", "coche", "camioneta", "furgon", "autobus", "auto", "wagen", "transporter", "lkw", "pkw", "carro", "caminhao", "onibus", "バス", "トラック", "سياره", "شاحنه", "باص", "حافله", "دراجه", "गाड़ी", "गाडी", "ट्रक", "बस ", "कार ", "gaadi", "gadi",
}
