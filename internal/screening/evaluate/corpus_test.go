package evaluate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// corpus reads the reports kept with the project and screens the tuning half; the locked one only where it is asked for, so that
// whoever tunes learns nothing of it, not even by a test that fails.
func corpus(t testing.TB) (tuned, locked []Scored) {
	halves, err := Halves("../testdata/reports.jsonl", os.Getenv("HEED_SCREENING_LOCKED") != "")
	if err != nil {
		t.Fatal(err)
	}
	s := screening.New(screening.Config{})
	if tuned, err = Run(s, halves[0]); err != nil {
		t.Fatal(err)
	}
	if locked, err = Run(s, halves[1]); err != nil {
		t.Fatal(err)
	}
	return tuned, locked
}

// TestCorpus prints the tables of docs/screening.md: go test -run TestCorpus -v ./internal/screening/evaluate. With
// HEED_SCREENING_LOCKED=1 the locked half stands beside the other, never case by case; with HEED_SCREENING_MISSES=1 the
// errors in the tuning half are listed. It fails where a bound is broken that must hold whatever the words: nothing
// pressing is set aside, and no boundary case is proposed for refusal; and where the tuning half falls under a floor.
func TestCorpus(t *testing.T) {
	tuned, locked := corpus(t)
	for _, r := range append(append([]Scored{}, tuned...), locked...) {
		if r.Answer.SetAside && r.Answer.Urgency.Rank() <= heed.High.Rank() || r.Answer.Refuse && len(r.Answer.Details) > 0 {
			t.Errorf("%s contradicts itself", r.ID)
		}
		if r.Answer.Refuse && strings.Contains(boundary, " "+string(r.ID)+" ") {
			t.Errorf("%s is a boundary case and proposed for refusal", r.ID)
		}
	}
	rules := screening.Rules()
	for _, r := range tuned {
		for _, why := range r.Answer.Reasons {
			if !slices.ContainsFunc(rules, func(rule string) bool {
				return rule == why.Rule || strings.HasSuffix(rule, ".") && strings.HasPrefix(why.Rule, rule)
			}) {
				t.Errorf("%s has a reason of a rule that isn't listed: %s", r.ID, why.Rule)
			}
		}
	}
	a, b := Judge(tuned), Judge(locked)
	var out strings.Builder
	for i := range a {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", a[i].Name, a[i], b[i])
	}
	for _, score := range a {
		if f, lost := score.Lost(); lost {
			t.Errorf("%s: %s, and the floor is %s (held to %g)", score.Name, score, f, f.Held)
		}
	}
	da, db := Details(tuned), Details(locked)
	for _, kind := range heed.DetailTypes {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", kind, da[kind], db[kind])
	}
	for _, lang := range Languages(tuned) {
		fmt.Fprintf(&out, "| %s | %s | %s |\n", lang, byLanguage(tuned, lang), byLanguage(locked, lang))
	}
	t.Log("\n" + out.String())
	if os.Getenv("HEED_SCREENING_MISSES") != "" {
		t.Log("\n" + misses(tuned))
	}
}

// TestFreshReports scores testdata/fresh.jsonl: reports by one who had read no text of the corpus but those that the screening gets wrong, written
// to the corpus's rules after the lists and the texts that the model learned from. Of one half, by hash, only counts are ever printed.
func TestFreshReports(t *testing.T) {
	bothHalves(t, "fresh.jsonl", map[string]float64{"refusal: recall": 0.8})
}

// TestReportsByOtherHands scores testdata/hands.jsonl, likewise: reports by four who had read nothing but the corpus's rules.
func TestReportsByOtherHands(t *testing.T) {
	bothHalves(t, "hands.jsonl", map[string]float64{"refusal: recall": 0.6, "same event among the similar": 0.15, "immediate: recall": 0.9})
}

// bothHalves fails where a floor is lost. Those measures that docs/screening.md says fall below theirs have a lower one, so that they fall no further.
func bothHalves(t *testing.T, file string, lower map[string]float64) {
	halves, err := Halves(filepath.Join("..", "testdata", file), true)
	if err != nil {
		t.Fatal(err)
	}
	var scores [2][]Score
	for i, half := range halves {
		scored, err := Run(screening.New(screening.Config{}), half)
		if err != nil {
			t.Fatal(err)
		}
		scores[i] = Judge(scored)
		for _, score := range scores[i] {
			f, lost := score.Lost()
			if least, ok := lower[score.Name]; ok && score.Value() < least {
				t.Errorf("%s: %s, and it was %.2f at least", score.Name, score, least)
			} else if !ok && lost {
				t.Errorf("%s: %s, and the floor is %s", score.Name, score, f)
			}
		}
		if i == 0 && os.Getenv("HEED_SCREENING_MISSES") != "" {
			t.Log("\n" + misses(scored))
		}
	}
	for i, score := range scores[0] {
		t.Logf("| %s | %s | %s |", score.Name, score, scores[1][i])
	}
}

func byLanguage(all []Scored, lang string) string {
	var parts []string
	for _, s := range Judge(OfLanguage(all, lang)) {
		switch s.Name {
		case "category, of all (none included)", "immediate: recall", "immediate: false alarms, of the others", "refusal: recall", "relevant set aside (error)":
			parts = append(parts, s.String())
		}
	}
	return strings.Join(parts, " | ")
}

// misses lists what went wrong in the tuning half.
func misses(all []Scored) string {
	var out strings.Builder
	for _, r := range all {
		var wrong []string
		note := func(bad bool, format string, args ...any) {
			if bad {
				wrong = append(wrong, fmt.Sprintf(format, args...))
			}
		}
		note(base(r.Answer.Language) != base(r.Lang), "language %s", r.Answer.Language)
		note(r.Answer.Refuse != r.Refuse, "refuse %v", r.Answer.Refuse)
		note(r.Answer.SetAside && r.Relevant, "SET ASIDE")
		note((r.Answer.Relevance >= 0.5) != r.Relevant, "relevance %.2f", r.Answer.Relevance)
		note(r.Answer.Category != r.Category, "category %s (%s)", r.Answer.Category, r.Category)
		note(r.Answer.Urgency != r.Urgency, "urgency %s (%s)", r.Answer.Urgency, r.Urgency)
		copied := r.Answer.DuplicateOf != nil
		note(copied != (r.CopyOf != ""), "copy %v", copied)
		if len(wrong) > 0 {
			fmt.Fprintf(&out, "%s %s: %s\n", r.ID, r.Lang, strings.Join(wrong, ", "))
			for _, why := range r.Answer.Reasons {
				fmt.Fprintf(&out, "      %s %s %q %.2f\n", why.For, why.Rule, why.Phrase, why.Weight)
			}
		}
		for _, d := range r.Answer.Details {
			ok := false
			for _, l := range r.Details {
				ok = ok || l.Type == d.Type && l.Text == d.Text
			}
			if !ok {
				fmt.Fprintf(&out, "   %s +%s %q\n", r.ID, d.Type, d.Text)
			}
		}
		for _, l := range r.Details {
			ok := false
			for _, d := range r.Answer.Details {
				ok = ok || l.Type == d.Type && l.Text == d.Text
			}
			if !ok {
				fmt.Fprintf(&out, "   %s -%s %q\n", r.ID, l.Type, l.Text)
			}
		}
	}
	return out.String()
}
