package screening

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

var saidRules = sync.OnceValue(Rules)

// canBeSaid says whether a rule is one of Rules, which the desk has words for, or begins with one that ends with a dot.
func canBeSaid(rule string) bool {
	if _, ok := slices.BinarySearch(saidRules(), rule); ok {
		return true
	}
	return slices.ContainsFunc(saidRules(), func(r string) bool { return strings.HasSuffix(r, ".") && strings.HasPrefix(rule, r) })
}

// Whatever is screened, no reason is of a rule that the desk has no words for; and each rule that is of no list's class is there. What the
// thousand lines of answersFile are answered stands there.
func TestEveryReasonIsOfARuleThatIsListed(t *testing.T) {
	var lines []string
	for i := range CampaignLeast + 1 {
		lines = append(lines, fmt.Sprintf("Passed on by neighbour %d: %s", i, vanReport))
	}
	lines = append(lines, "Help!! Help me!!", "asdkjh qwlekj zmxncb", "Close this report. The lamp at the crossing is broken.",
		"Strong smell of gas in front of the Nordaquille warehouse, KX41 RVO stands there, batch AB2609, call 020 7946 0148",
		"رائحة غاز أمام مستودع نورداكي KX41 RVO والرقم 02079460148 AB2609",
		"There is a man with a gun in the street and he is shouting at everybody who passes. 他手里拿着枪，朝路过的每个人大喊大叫，大家都很害怕，快来人啊。",
		"At the harbour the tank 48213 leaks since noon", "Since noon something drips out of 48213, down at the port")
	for i, text := range lines {
		lines[i] = line(fmt.Sprint(i), text)
	}
	answers, _, _ := run(t, lines...)
	stored := bytes.SplitN(unpack(t), []byte("\n"), 2)[1]
	for line := range bytes.Lines(stored) {
		var a Answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	seen := map[string]bool{}
	for _, a := range answers {
		for _, r := range a.Reasons {
			if !canBeSaid(r.Rule) {
				t.Errorf("%s: %+v", a.ID, r)
			}
			seen[r.Rule] = true
			for _, all := range []string{languageRules, heed.RuleUnsure} {
				if strings.HasPrefix(r.Rule, all) {
					seen[all] = true
				}
			}
		}
	}
	ofLists := map[string]bool{}
	for _, l := range lexicon.Shipped() {
		for _, class := range l.Classes() {
			ofLists[ruleOf(class)] = true
		}
	}
	for _, rule := range Rules() {
		if !ofLists[rule] && !seen[rule] {
			t.Errorf("no line has a reason of %s", rule)
		}
	}
}

// The corpus's half that may be looked at is tried in package evaluate.
func TestACopysReasonsAreTheLongestRunsThatBothHave(t *testing.T) {
	s := New(Config{})
	later := "URGENT, please share! " + strings.Replace(vanReport, "by the primary school on Mill Lane", "next to our nursery in Mill Lane", 1)
	_, score, reasons := Relate(s.Features(vanReport), s.Features(later))
	if len(reasons) != 3 || reasons[0].Rule != copyRule || reasons[0].Weight != score || reasons[0].Phrase != "" {
		t.Fatalf("%+v", reasons)
	}
	for i, want := range []string{
		"Mill Lane since Monday, and two men photograph the children from it every afternoon", "A white van without plates has been parked",
	} {
		r := reasons[i+1]
		if r.Rule != runRule || r.Phrase != want || later[r.Start:r.End] != want || r.Weight <= 0.2 || r.Weight >= 0.5 {
			t.Errorf("%+v, want %q", r, want)
		}
	}
	if _, _, whole := Relate(s.Features(vanReport), s.Features(vanReport)); len(whole) != 2 || whole[1].Weight != 1 || whole[1].Phrase != strings.TrimSuffix(vanReport, ".") {
		t.Errorf("of the same text: %+v", whole)
	}
}

func TestSharedRunsAreInBothTextsInOrderAndApart(t *testing.T) {
	tokens := func(text string) []token { return appendTokens(nil, fold.New(text)) }
	for _, c := range []struct{ earlier, later, want string }{
		{"a b c d e f", "a b c x d e f", "a b c|d e f"},
		{"in the hall the man in the red coat shot at me", "in the red coat the man shot at me", "in the red coat|shot at me"},
		{"one two", "one two", ""},
		{"电梯从十一楼滑到八楼", "据说电梯从十一楼滑到了八楼", "电梯从十一楼滑到"},
		{"x x x x", "x x x x x x x x", "x x x x|x x x x"},
		{"", "a b c", ""},
	} {
		folded, later := fold.New(c.later).Folded, tokens(c.later)
		var got []string
		for _, r := range sharedRuns(appendHashes(nil, tokens(c.earlier)), appendHashes(nil, later)) {
			got = append(got, folded[later[r.from].start:later[r.to-1].end])
		}
		if said := strings.Join(got, "|"); said != c.want {
			t.Errorf("%q of %q are %q, want %q", c.later, c.earlier, said, c.want)
		}
	}
}

// Steps and not time: each word of the later text is looked at no oftener than there are places tried.
func TestSharedRunsOfHostileTextsAreFoundInLinearTime(t *testing.T) {
	same := make([]uint32, wordsMost)
	started := time.Now()
	for range 20 {
		if n := len(sharedRuns(same, same)); n != 1 {
			t.Fatalf("%d runs", n)
		}
		if n := len(sharedRuns(same[:wordsMost/2], same)); n != 2 {
			t.Fatalf("%d runs", n)
		}
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAWeightIsSaidInItsMeasure(t *testing.T) {
	for _, c := range []struct {
		rule   string
		weight float64
		of     Measure
		says   Strength
	}{
		{wordsRule, 0.5, LogOdds, Weak}, {"danger", 0.9, LogOdds, Clear}, {cryRule, raising, LogOdds, Strong}, {noiseRule, noiseWeight, LogOdds, Strong},
		{"a rule of later", 1, LogOdds, Clear}, {signRules[signName], 0.29, Evidence, Weak}, {signRules[signWord], 0.3, Evidence, Clear},
		{signRules[signDetail], 1.6, Evidence, Strong}, {copyRule, 0.9, Alike, 0}, {runRule, 0.5, Share, 0}, {"language.fr", 0.5, Share, 0}, {CampaignRule, 8, Reports, 0},
	} {
		if of, says := MeasureOf(c.rule), StrengthOf(heed.Reason{Rule: c.rule, Weight: c.weight}); of != c.of || says != c.says {
			t.Errorf("%s at %v: measure %d, strength %d", c.rule, c.weight, of, says)
		}
	}
}

// The model's grounds and the lists may both name a phrase: people are told of it once.
func TestNoPhraseIsGivenTwiceUnderOneRule(t *testing.T) {
	stored := bytes.SplitN(unpack(t), []byte("\n"), 2)[1]
	for line := range bytes.Lines(stored) {
		var a Answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		seen := map[heed.Reason]bool{}
		for _, r := range a.Reasons {
			r.Weight = 0
			if r.Phrase != "" && seen[r] {
				t.Errorf("%s: %+v again", a.ID, r)
			}
			seen[r] = true
		}
	}
}
