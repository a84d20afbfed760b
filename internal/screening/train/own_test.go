package train

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// few are written texts enough to learn from in a second or two: a third of those of one language.
func few(t *testing.T) []training.Report {
	t.Helper()
	all, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	var out []training.Report
	english := 0
	for _, r := range all {
		if r.Language == "en" {
			if english++; english%3 == 0 {
				out = append(out, r)
			}
		}
	}
	if len(out) < 300 {
		t.Fatalf("%d texts", len(out))
	}
	return out
}

// honest are the words of three accounts about reports in words of their own.
func honest(n int) []Word {
	var words []Word
	for i := range n {
		by, campaign := fmt.Sprintf("account-%d", i%3), fmt.Sprintf("honest-%d", i)
		text := fmt.Sprintf("A zorbling stands open at pier %d, somebody could fall in.", i)
		relevant := i%2 == 0
		if !relevant {
			text = fmt.Sprintf("Number %d: my plumbing bill was too high and nobody answers the telephone.", i)
		}
		words = append(words, Word{Text: text, Language: "en", About: Relevance, Relevant: relevant, By: by, Campaign: campaign})
	}
	return words
}

func trained(t *testing.T, texts []training.Report, words []Word) *Own {
	t.Helper()
	own, err := Train(texts, words)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func screener(t *testing.T, file []byte) *screening.Screener {
	t.Helper()
	m, err := learn.Open(string(file))
	if err != nil {
		t.Fatal(err)
	}
	return screening.New(screening.Config{Model: func() *learn.Model { return m }})
}

func TestALinesModelLearnsWhatItsPeopleSayAndIsTheSameEachTime(t *testing.T) {
	texts, words := few(t), honest(120)
	own := trained(t, texts, words)
	if again := trained(t, texts, words); !bytes.Equal(own.File, again.File) || !strings.HasPrefix(own.Version, "line-") {
		t.Error("the same words gave another model")
	}
	shipped, err := Model(texts)
	if err != nil {
		t.Fatal(err)
	}
	const unseen = "By the new pier a zorbling stands open."
	before, after := screener(t, shipped).Decide(screening.Input{Text: unseen}), screener(t, own.File).Decide(screening.Input{Text: unseen})
	if after.Relevance <= before.Relevance || !strings.HasSuffix(after.Model, own.Version) {
		t.Errorf("relevance %.3f, before %.3f, by %s", after.Relevance, before.Relevance, after.Model)
	}
}

func TestNeitherOneAccountNorOneCampaignBringsAWordIn(t *testing.T) {
	strange := func(n int, by, campaign func(i int) string) []learn.Sample {
		s := screening.New(screening.Config{})
		var out []learn.Sample
		for i := range n {
			out = append(out, learn.Sample{Features: s.Learnable("qyzzix"), Group: campaign(i), Weight: 1, By: by(i)})
		}
		return append(out, learn.Sample{Features: s.Learnable("a fire"), Group: "w", Weight: 1}, learn.Sample{Features: s.Learnable("a fire"), Group: "v", Weight: 1})
	}
	each := func(i int) string { return fmt.Sprint(i) }
	one := func(int) string { return "one" }
	some := func(i int) string { return fmt.Sprint(i % 3) }
	for name, c := range map[string]struct {
		samples []learn.Sample
		known   bool
	}{
		"one account, a thousand reports": {strange(1000, one, each), false},
		"two accounts":                    {strange(1000, func(i int) string { return fmt.Sprint(i % 2) }, each), false},
		"one campaign, many accounts":     {strange(1000, each, one), false},
		"nineteen reports":                {strange(19, some, each), false},
		"three accounts, many reports":    {strange(60, some, each), true},
	} {
		yes := func(i int) bool { return i%2 == 0 }
		plain := learn.Usual()
		plain.Folds = 0
		file, err := plain.Train(c.samples, []learn.Question{{Name: "q", Yes: yes}}).Encode("v", nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := learn.Open(string(file))
		if err != nil {
			t.Fatal(err)
		}
		s := screening.New(screening.Config{})
		var only []learn.Feature // of the strange word, and of no written text
		shared := map[uint32]bool{}
		for _, f := range s.Learnable("a fire") {
			shared[f.Bucket] = true
		}
		for _, f := range s.Learnable("qyzzix") {
			if !shared[f.Bucket] {
				only = append(only, f)
			}
		}
		if known := m.Answer(only).LogOdds("q") != m.Answer(nil).LogOdds("q"); known != c.known {
			t.Errorf("%s: the word is known: %v", name, known)
		}
	}
}

// moved is the share of the written texts of which the two models propose another urgency, relevance or refusal, each out of fold.
func moved(texts []training.Report, was, is []*learn.Model) (share float64, rows []Row) {
	cases := OutOfFold(texts, was, is)
	n := 0
	for _, c := range cases {
		a, b := c.Current, c.Candidate
		if (a.Urgency == heed.Immediate) != (b.Urgency == heed.Immediate) || (a.Relevance >= 0.5) != (b.Relevance >= 0.5) || a.Refuse != b.Refuse {
			n++
		}
	}
	return float64(n) / float64(len(cases)), Compare(cases)
}

func TestAnAttackingAccountOrCampaignMovesTheModelByNoMoreThanIsStated(t *testing.T) {
	texts := few(t)
	base := trained(t, texts, honest(120))
	// Who attacks knows the written texts, and says of every danger in them that it is nothing.
	var dangers []training.Report
	for _, r := range texts {
		if r.Urgency == heed.Immediate {
			dangers = append(dangers, r)
		}
	}
	attack := func(n int, by, campaign func(i int) string, text func(i int) string) []Word {
		words := honest(120)
		for i := range n {
			for _, about := range []About{Relevance, Urgency} {
				words = append(words, Word{Text: text(i), Language: "en", About: about, Urgency: heed.Low, By: by(i), Campaign: campaign(i)})
			}
		}
		return words
	}
	every := func(i int) string { return dangers[i%len(dangers)].Text + fmt.Sprint(" ", i) }
	for name, words := range map[string][]Word{
		"one account": attack(2000, func(int) string { return "eve" }, func(i int) string { return fmt.Sprint("c", i) }, every),
		"one campaign, decided by many": attack(2000, func(i int) string { return fmt.Sprint("account-", i%3) }, func(int) string { return "campaign" },
			func(i int) string { return dangers[0].Text + fmt.Sprint(" ", i%7) }),
	} {
		t.Run(name, func(t *testing.T) {
			attacked := trained(t, texts, words)
			share, rows := moved(texts, base.Folds, attacked.Folds)
			if share > 0.10 {
				t.Errorf("%.3f of the texts moved", share)
			}
			lost := 0.0
			for _, r := range rows {
				if r.Question == Immediate && r.Language == "" && r.Category == "" {
					lost = float64(r.Lost-r.Gained) / float64(r.Of)
				}
			}
			if lost > 0.06 {
				t.Errorf("recall of what is immediate fell by %.3f", lost)
			}
			if spoilt := Spoilt(rows, nil); lost > lostImmediate && !slices.Contains(spoilt, Immediate) {
				t.Errorf("it fell by %.3f and may be offered: %v", lost, spoilt)
			}
			for _, q := range []string{screening.AsksImmediate, screening.AsksHigh, screening.AsksRefuse} {
				if by := attacked.Folds[0].Threshold(q) - base.Folds[0].Threshold(q); math.Abs(by) > 0.5 {
					t.Errorf("the threshold of %s moved by %.3f", q, by)
				}
			}
			for _, a := range attacked.Accounts {
				if a.Weight > accountMost+1e-9 {
					t.Errorf("%+v weighs too much", a)
				}
			}
			t.Logf("%.3f of the texts moved, recall of immediate %+.3f", share, -lost)
		})
	}
}
