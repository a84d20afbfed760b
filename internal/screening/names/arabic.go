package names

import (
	"strings"

	"github.com/heed-line/heed/internal/screening/fold"
)

// stemOf is an Arabic word without the conjunction, preposition and article that are written on to it; another is its own.
func stemOf(w string) string {
	if w == "" || w[0] < 0xD8 || w[0] > 0xDB {
		return w
	}
	for _, on := range [...]string{"و", "ف"} {
		if rest, ok := strings.CutPrefix(w, on); ok && len(rest) >= 6 {
			w = rest
			break
		}
	}
	for _, on := range [...]string{"بال", "لل", "ال", "ب", "ل", "ك", "ع"} {
		if rest, ok := strings.CutPrefix(w, on); ok && len(rest) >= 6 {
			return rest
		}
	}
	return w
}

// Clitic gives how many bytes of an Arabic name are a conjunction or preposition that is written on to it: where the word without it is
// commoner than with it, or a line of the pen parts them.
func Clitic(name string) int {
	for _, on := range [...]string{"ب", "و", "ل", "ف", "ع"} {
		rest, ok := strings.CutPrefix(name, on)
		if !ok {
			continue
		}
		if strings.HasPrefix(rest, "ـ") {
			return len(on) + len("ـ")
		}
		first, _, _ := strings.Cut(rest, " ")
		whole, part := fold.String(on+first), fold.String(first)
		if len(part) >= 6 && common(of('w').part(part)) > common(of('w').part(whole)) {
			return len(on)
		}
	}
	return 0
}
