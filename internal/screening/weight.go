package screening

import (
	"strings"

	"github.com/heed-line/heed"
)

// Measure is what the weight of a reason is measured in.
type Measure uint8

const (
	// LogOdds is by how much the phrase moves the odds of what was decided: the model's, or those of an entry of the word lists, which people
	// weighed by rule of thumb. From 0 on.
	LogOdds Measure = iota
	// Evidence is how much a sign that two reports share says for one happening, from 0 on.
	Evidence
	// Alike is how much of two texts is the same, 0..1.
	Alike
	// Share is that of the text's words or letters which the phrase is; of what is unsure, how likely it is right. 0..1.
	Share
	// Reports is how many there are.
	Reports
)

// MeasureOf is what the weight of a reason of that rule is measured in.
func MeasureOf(rule string) Measure {
	switch {
	case rule == copyRule:
		return Alike
	case rule == runRule, rule == orderRule, strings.HasPrefix(rule, languageRules), strings.HasPrefix(rule, heed.RuleUnsure):
		return Share
	case rule == CampaignRule:
		return Reports
	case strings.HasPrefix(rule, eventRules):
		return Evidence
	}
	return LogOdds
}

// Strength is a weight as a tired person reads it.
type Strength uint8

// The strengths.
const (
	Weak Strength = 1 + iota
	Clear
	Strong
)

// Where a weight is clear and where it is strong. In log-odds it is clear from where an entry of the word lists tells much alone (the odds are
// two and a half times as high), strong from where one alone makes a report immediate (seven times). A sign of 0.6 is by itself about what
// eventScore asks for of two reports of a hundred words.
const (
	clearOdds, strongOdds         = firmWeight, raising
	clearEvidence, strongEvidence = 0.3, 0.6
)

// StrengthOf says how much a reason says, where that is no share or number that speaks for itself; else it is 0.
func StrengthOf(r heed.Reason) Strength {
	clear, strong := clearOdds, float64(strongOdds)
	switch MeasureOf(r.Rule) {
	case LogOdds:
	case Evidence:
		clear, strong = clearEvidence, strongEvidence
	default:
		return 0
	}
	switch {
	case r.Weight >= strong:
		return Strong
	case r.Weight >= clear:
		return Clear
	}
	return Weak
}
