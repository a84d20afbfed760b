package details

import (
	_ "embed"
	"hash/fnv"
	"regexp"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed testdata/times.txt
var markedTimes string

// leastF1 is the exact F1 (0..1) that the sentences of a language have to reach together, those that were looked at and those that were not.
const leastF1 = 0.88

// sentence is one of testdata/times.txt: its text, and the expressions of time that are marked in it.
type sentence struct {
	lang, text string
	marked     []string
}

var timeMark = regexp.MustCompile(`\[\[(.*?)\]\]`)

func sentencesOfTime() (all []sentence) {
	lang := ""
	for line := range strings.Lines(markedTimes) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[' && line[1] != '[':
			lang = strings.Trim(line, "[]")
		default:
			s := sentence{lang: lang, text: timeMark.ReplaceAllString(line, "$1")}
			for _, mark := range timeMark.FindAllStringSubmatch(line, -1) {
				s.marked = append(s.marked, mark[1])
			}
			all = append(all, s)
		}
	}
	return all
}

// counted says whether a sentence is of the half of which nobody looked at what is found: that half tells how well the rules do on others.
func (s sentence) counted() bool {
	h := fnv.New32a()
	h.Write([]byte(s.text))
	return h.Sum32()&1 == 0
}

func TestExpressionsOfTimeAreFoundWhole(t *testing.T) {
	type score struct{ marked, found, exact int }
	scores := map[string]*score{}
	of := func(key string) *score {
		if scores[key] == nil {
			scores[key] = &score{}
		}
		return scores[key]
	}
	var keys []string
	for _, s := range sentencesOfTime() {
		var found []string
		for _, d := range Find(fold.New(s.text), Context{Language: s.lang}) {
			if d.Type == "time" {
				found = append(found, d.Text)
			}
		}
		half := map[bool]string{true: "counted", false: "looked at"}[s.counted()]
		for _, key := range []string{s.lang, half, s.lang + " " + half} {
			n := of(key)
			n.marked, n.found, n.exact = n.marked+len(s.marked), n.found+len(found), n.exact+inBoth(s.marked, found)
		}
		if !s.counted() && strings.Join(found, "|") != strings.Join(s.marked, "|") {
			t.Logf("%s %q: found %q", s.lang, s.text, found)
		}
		if len(keys) == 0 || keys[len(keys)-1] != s.lang {
			keys = append(keys, s.lang)
		}
	}
	for _, key := range append(keys, "counted", "looked at") {
		n := of(key)
		f1 := 2 * float64(n.exact) / float64(n.marked+n.found)
		t.Logf("%s: exact F1 %.3f of %d marked and %d found", key, f1, n.marked, n.found)
		if f1 < leastF1 {
			t.Errorf("%s: exact F1 %.3f, below %.2f", key, f1, leastF1)
		}
	}
}

// inBoth counts the strings of a that b has too, each as often as both have it.
func inBoth(a, b []string) (n int) {
	left := map[string]int{}
	for _, s := range b {
		left[s]++
	}
	for _, s := range a {
		if left[s] > 0 {
			left[s]--
			n++
		}
	}
	return n
}

func TestWhatLooksLikeATimeBesideAnotherWordIsNone(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"zh", "他在幸福路12号打老婆，12号停水", "12号"},
		{"zh", "这一点也不假，一点儿都没错", ""},
		{"zh", "他一点到的", "一点"},
		{"en", "They got another, 8.30 in the morning.", "8.30 in the morning"},
		{"en", "It cost 8.30 in the shop.", ""},
		{"en", "They owe us for 1200 hours of work.", ""},
		{"en", "He was there by 1430 hrs, she at 1200 hours.", "1430 hrs|1200 hours"},
		{"fr", "J'ai appelé le 17 et composé le 18. Je les ai contactés le 19.", "19"},
		{"es", "El 5 por ciento no cobra y el 20 por 100 tampoco. Vino el 17 a cobrar.", "17"},
	} {
		var found []string
		for _, d := range Find(fold.New(c.text), Context{Language: c.lang}) {
			if d.Type == "time" {
				found = append(found, d.Text)
			}
		}
		if got := strings.Join(found, "|"); got != c.want {
			t.Errorf("%q: found %q, not %q", c.text, got, c.want)
		}
	}
}
