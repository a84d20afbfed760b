package screening

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// Relate says what two texts are to each other, of which b came later: heed.MatchCopy, heed.MatchSameEvent or "" for
// neither; how sure it is (0..1); and by what, as reasons that point into b's text.
func Relate(a, b Features) (kind string, score float64, reasons []heed.Reason) {
	var c comparer
	c.take(&b, nil)
	kind, score = c.relate(&a)
	return kind, score, c.reasons(&a, kind, score)
}

// comparer holds one report against earlier ones. It serves for one report after another.
type comparer struct {
	of                  *Features
	text                *fold.Text // of's; nil where none is at hand
	pairs, words, signs lookup     // pairs once a report may be a copy
	paired              bool
	likely              []int32 // room for what is likely shared
	shared              []sharedSign
}

// take makes f the report that is compared. text is its own, folded, where it is at hand.
func (c *comparer) take(f *Features, text *fold.Text) {
	c.of, c.text, c.paired = f, text, false
	c.words.fill(len(f.words), func(i int) uint32 { return f.words[i] })
	c.signs.fill(len(f.signs), func(i int) uint32 { return f.signed[i] })
}

// relate is Relate with an earlier report, the reasons left out, which only the nearest is asked for.
func (c *comparer) relate(a *Features) (kind string, score float64) {
	b := c.of
	if meaningless(a) || meaningless(b) || len(a.words) == 0 || len(b.words) == 0 {
		return "", 0 // test messages look alike and mean nothing
	}
	if alike := c.alikeness(a); alike > 0 {
		return heed.MatchCopy, alike
	}
	if a.refused || b.refused {
		return "", 0
	}
	if score = c.eventEvidence(a); score < eventScore {
		return "", round(score)
	}
	return heed.MatchSameEvent, round(score)
}

// reasons are those for what relate said.
func (c *comparer) reasons(a *Features, kind string, score float64) []heed.Reason {
	switch kind {
	case heed.MatchCopy:
		return c.copyReasons(a, score)
	case heed.MatchSameEvent:
		return c.eventReasons(a)
	}
	return nil
}

func meaningless(f *Features) bool { return f.kind == "test" || f.kind == "gibberish" }

// The thresholds, from the measurement in docs/screening.md.
const (
	copyAlike     = 0.41 // shared words by rarity and shared pairs of words, each as a share of all that either has
	copyContained = 0.6  // share of the shorter one's pairs, where one was cut or extended
	copyLeast     = 45   // pairs that a contained text must have
	copySurely    = 1.05 // alike enough that another number is a correction
)

// alikeness is the share of the text that two copies have in common, 0 where they are none.
func (c *comparer) alikeness(a *Features) float64 {
	b := c.of
	if a.whole == b.whole {
		return 1
	}
	words, shorter := c.sharedWords(a), min(len(a.pairs), len(b.pairs))
	tooFew := func(shared int) bool {
		return words+pairsAlike(a, b, shared) < copyAlike && (shorter < copyLeast || float64(shared)/float64(shorter) < copyContained)
	}
	if tooFew(min(mostShared(a, b), shorter)) { // most reports are told apart so
		return 0
	}
	shared := c.sharedPairs(a)
	if shared == 0 {
		return 0
	}
	pairs := pairsAlike(a, b, shared)
	contained := float64(shared) / float64(shorter)
	switch {
	case tooFew(shared):
		return 0
	case words+pairs < copySurely && b.kind != "advert" && c.differ(a):
		return 0
	}
	return round(min(1, max(words, pairs, 0.9*contained)))
}

// pairsAlike is the share that so many pairs, which both have, are of all that either has.
func pairsAlike(a, b *Features, shared int) float64 {
	return float64(shared) / float64(max(len(a.pairs)+len(b.pairs)-shared, 1))
}

// sharedPairs counts the pairs that both have.
func (c *comparer) sharedPairs(a *Features) int {
	if !c.paired {
		c.pairs.fill(len(c.of.pairs), func(i int) uint32 { return c.of.pairs[i] })
		c.paired = true
	}
	shared := 0
	c.likely = c.pairs.among(c.likely[:0], a.pairs)
	for _, i := range c.likely {
		if c.pairs.place(a.pairs[i]) >= 0 {
			shared++
		}
	}
	return shared
}

// sharedWords is the rarity of the words that both have as a share of that of all words of either.
func (c *comparer) sharedWords(a *Features) float64 {
	var shared, twice float64
	c.likely = c.words.among(c.likely[:0], a.words)
	for _, i := range c.likely {
		if j := c.words.place(a.words[i]); j >= 0 {
			shared += float64(c.of.weights[j])
			twice += float64(a.weights[i])
		}
	}
	all := a.weight + c.of.weight - twice
	if all == 0 {
		return 0
	}
	return shared / all
}

// differ says that two texts name different things where a copy would name the same: other numbers, or another place, plate
// or number of a thing. A form's sentence with other details in it tells of something else.
func (c *comparer) differ(a *Features) bool {
	var mine, theirs, both [signKinds]int
	for i := range a.signs {
		mine[a.signs[i].kind]++
		if j := c.signs.place(a.signed[i]); j >= 0 {
			both[c.of.signs[j].kind]++
		}
	}
	for i := range c.of.signs {
		theirs[c.of.signs[i].kind]++
	}
	for _, kind := range [...]signKind{signNumber, signDetail, signName} {
		if both[kind] > 0 {
			return false
		}
	}
	return mine[signNumber] >= 2 && theirs[signNumber] >= 2 ||
		mine[signName] > 0 && theirs[signName] > 0 && !namesStandIn(a, c.of.text) && !namesStandIn(c.of, a.text)
}

// namesStandIn says whether a name of a text stands in another, in which it may not have been taken for one.
func namesStandIn(f *Features, text string) bool {
	return slices.ContainsFunc(f.signs, func(s sign) bool {
		return s.kind == signName && standsIn(f.text[s.start:s.end], text)
	})
}

// standsIn says whether a name stands in a text, where it is of four characters of a dense script or more also without its first or its last:
// edited there it is the same place or firm still. Of people's names, which are shorter, each character tells.
func standsIn(name, text string) bool {
	if strings.Contains(text, name) {
		return true
	}
	r, first := utf8.DecodeRuneInString(name)
	_, last := utf8.DecodeLastRuneInString(name)
	return fold.Dense(r) && utf8.RuneCountInString(name) >= 4 && (strings.Contains(text, name[first:]) || strings.Contains(text, name[:len(name)-last]))
}

// signWeight is how telling a shared sign of a kind is beside others as rare.
var signWeight = [signKinds]float64{signWord: 0.5, signSound: 0.85, signNumber: 0.8, signConcept: 0.95, signDetail: saysMost, signName: 0.6}

// saysMost is what no sign says more than: a key detail.
const saysMost = 1.6

// says is how much it says for one happening that two reports share a sign. Of what is named the rare counts by far the most; of what is
// spoken of nothing is very rare, and it is by several such things together that a place's happenings are told apart.
func says(kind signKind, rarity float32) float64 {
	r := float64(rarity)
	if kind == signConcept {
		return signWeight[kind] * r * r
	}
	return signWeight[kind] * r * r * r
}

const (
	eventScore   = 0.28
	eventReasons = 3 // signs that are named
	// eventFades is the time between two reports after which the same signs say half as much.
	eventFades = 30 * 24 * time.Hour
)

type sharedSign struct {
	place  int // among the later report's signs
	weight float64
}

// gather puts the signs that both have into c.shared, and gives the sum of what they say.
func (c *comparer) gather(a *Features) (sum float64) {
	signs, sound := c.of.signs, a.script != c.of.script
	c.shared = c.shared[:0]
	c.likely = c.signs.among(c.likely[:0], a.signed)
	for _, i := range c.likely {
		j := c.signs.place(a.signed[i])
		if j < 0 || signs[j].kind == signSound && !sound {
			continue
		}
		weight := says(signs[j].kind, min(a.signs[i].rarity, signs[j].rarity))
		c.shared = append(c.shared, sharedSign{j, weight})
		sum += weight
	}
	return sum
}

// apart leaves in c.shared of those signs that overlap in the later text, or hang together by overlaps, the one that says most, and gives the sum
// anew: a street is one thing that both name, though they share its name, the words of it and what kind of place it is. The first and the last
// of a chain needn't meet: in a script without blanks a name is found by the pairs of its characters, each of which overlaps the next.
func (c *comparer) apart() (sum float64) {
	signs := c.of.signs
	slices.SortFunc(c.shared, func(x, y sharedSign) int {
		return cmp.Or(cmp.Compare(signs[x.place].start, signs[y.place].start), cmp.Compare(x.place, y.place))
	})
	kept, end := c.shared[:0], int32(-1)
	for _, s := range c.shared {
		switch last := len(kept) - 1; {
		case signs[s.place].start >= end:
			kept = append(kept, s)
		case s.weight > kept[last].weight:
			kept[last] = s
		}
		end = max(end, signs[s.place].end)
	}
	c.shared = kept
	for _, s := range kept {
		sum += s.weight
	}
	return sum
}

// eventEvidence is how likely two accounts are to be of one happening (0..1), at least where that is eventScore and more.
func (c *comparer) eventEvidence(a *Features) float64 {
	b := c.of
	scale := 1 / math.Pow(float64(max(1, len(a.signs)*len(b.signs))), 0.1)
	if a.category == b.category && a.category != "none" && a.category != "other" {
		scale *= 1.25
	}
	if !a.at.IsZero() && !b.at.IsZero() {
		scale *= math.Exp2(-math.Abs(float64(b.at.Sub(a.at))) / float64(eventFades))
	}
	score := func(sum float64) float64 { return 1 - math.Exp(-sum*scale) }
	if most := score(c.gather(a)); most < eventScore { // most reports are told apart so
		return most
	}
	return score(c.apart())
}

// eventReasons are the shared signs that say most.
func (c *comparer) eventReasons(a *Features) []heed.Reason {
	c.gather(a)
	c.apart()
	slices.SortStableFunc(c.shared, func(x, y sharedSign) int { return cmp.Compare(y.weight, x.weight) })
	var reasons []heed.Reason
	for _, of := range c.shared[:min(len(c.shared), eventReasons)] {
		s := c.of.signs[of.place]
		reasons = append(reasons, heed.Reason{
			For: "duplicate", Rule: signRules[s.kind], Phrase: c.of.text[s.start:s.end], Start: int(s.start), End: int(s.end), Weight: round(of.weight),
		})
	}
	return reasons
}
