package screening

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

//go:embed model.bin.gz
var packedModel string

// Shipped is the embedded model, unpacked at its first use: a process that screens nothing has no weight of it in memory.
func Shipped() *learn.Model { return shipped() }

var shipped = sync.OnceValue(func() *learn.Model {
	file, err := learn.Unpack(packedModel)
	if err == nil {
		var m *learn.Model
		if m, err = learn.Open(file); err == nil {
			return m
		}
	}
	panic("screening: " + err.Error()) // the file is part of the program, and a test makes it again
})

// rules is the version of the rules beside the model. It changes whenever an answer can change that no model changed.
const rules = "rules-15"

// Version names the rules and the model, as every Screening does.
func (s *Screener) Version() string { return named(s.model()) }

func named(m *learn.Model) string { return rules + "+" + m.Version }

// ShippedVersion is what Version names where a Screener uses the model that comes with the program. A line's own model is good beside the
// rules and the shipped model alone with which it was trained: with others its weights mean something else.
func ShippedVersion() string { return named(Shipped()) }

// What a model is asked: at least how urgent a report is, whether somebody could act on it, whether it is solely about who
// somebody is, and, with a category's id behind, whether it is of that.
const (
	AsksImmediate = "immediate"
	AsksHigh      = "high"
	AsksNormal    = "normal"
	AsksRelevant  = "relevant"
	AsksRefuse    = "refuse"
	AsksCategory  = "category."
)

// Rules lists all rules that a reason of a Screening may name, so that they can be put into words. One that ends with a dot stands for all that
// begin so: those of languages, which go on with a BCP 47 tag, and of what is unsure, with what else it may be.
func Rules() []string {
	out := []string{wordsRule, noiseRule, cryRule, orderRule, copyRule, runRule, CampaignRule, languageRules, heed.RuleUnsure}
	out = append(out, signRules[:]...)
	for _, l := range lexicon.Shipped() {
		for _, class := range l.Classes() {
			out = append(out, ruleOf(class))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The rules of no list's class.
const (
	wordsRule     = "words"         // the words themselves say it
	noiseRule     = "gibberish"     // there are no words
	cryRule       = "cry"           // a cry for help
	orderRule     = "order"         // an order to a machine, which the report was judged without
	copyRule      = "copy.shingles" // a copy of another report
	runRule       = "copy.words"    // words that a copy has of what it copies, one after the other
	CampaignRule  = "campaign"      // one of many copies within CampaignWindow
	languageRules = "language."     // and the tag of a passage's language
	eventRules    = "same-event."   // and the kind of a sign that two reports of one happening share: see signRules

	noiseWeight = 3
)

// Learnable is what the learner sees of a text.
func (s *Screener) Learnable(text string) []learn.Feature {
	r := s.prepare(text, "")
	return learn.Features(r.text, r.hits)
}

// categoryOf gives the category that a question asks for.
func categoryOf(question string) (string, bool) { return strings.CutPrefix(question, AsksCategory) }
