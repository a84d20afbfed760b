package screening

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// Relate says what two texts are to each other, of which b came later: heed.MatchCopy, heed.MatchSameEvent or "" for
// neither; how sure it is (0..1); and by what, as reasons that point into b's text.
func Relate(a, b Features) (kind string, score float64, reasons []heed.Reason) {
	if meaningless(a) || meaningless(b) || len(a.words) == 0 || len(b.words) == 0 {
		return "", 0, nil // test messages look alike and mean nothing
	}
	if alike := alikeness(a, b); alike > 0 {
		return heed.MatchCopy, alike, []heed.Reason{{For: "duplicate", Rule: "copy.shingles", Weight: alike}}
	}
	if a.refused || b.refused {
		return "", 0, nil
	}
	return sameEvent(a, b)
}

func meaningless(f Features) bool { return f.kind == "test" || f.kind == "gibberish" }

// The thresholds, from the measurement in docs/screening.md.
const (
	copyAlike     = 0.41 // shared words by rarity and shared pairs of words, each as a share of all that either has
	copyContained = 0.6  // share of the shorter one's pairs, where one was cut or extended
	copyLeast     = 45   // pairs that a contained text must have
	copySurely    = 1.05 // alike enough that another number is a correction
)

// alikeness is the share of the text that two copies have in common, 0 where they are none.
func alikeness(a, b Features) float64 {
	shared := common(a.pairs, b.pairs)
	if shared == 0 && a.whole != b.whole {
		return 0
	}
	shorter := max(min(len(a.pairs), len(b.pairs)), 1)
	pairs := float64(shared) / float64(max(len(a.pairs)+len(b.pairs)-shared, 1))
	words := sharedWords(a, b)
	contained := float64(shared) / float64(shorter)
	switch {
	case a.whole == b.whole:
		return 1
	case words+pairs < copyAlike && (contained < copyContained || shorter < copyLeast):
		return 0
	case words+pairs < copySurely && b.kind != "advert" && differ(a.signs, b.signs):
		return 0
	}
	return round(min(1, max(words, pairs, 0.9*contained)))
}

// sharedWords is the rarity of the words that both have as a share of that of all words of either.
func sharedWords(a, b Features) float64 {
	var shared, twice, all float64
	for i, j := 0, 0; i < len(a.words) && j < len(b.words); {
		x, y := a.words[i], b.words[j]
		if x == y {
			shared += float64(b.weights[j])
			twice += float64(a.weights[i])
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
	for _, weight := range a.weights {
		all += float64(weight)
	}
	for _, weight := range b.weights {
		all += float64(weight)
	}
	if all -= twice; all == 0 {
		return 0
	}
	return shared / all
}

// differ says that two texts name different things where a copy would name the same: other numbers, or another place, plate
// or number of a thing. A form's sentence with other details in it tells of something else.
func differ(a, b []sign) bool {
	var mine, theirs, both [signKinds]int
	for _, s := range a {
		mine[s.kind]++
	}
	for _, s := range b {
		theirs[s.kind]++
	}
	eachShared(a, b, func(_, s sign) { both[s.kind]++ })
	for _, kind := range [...]signKind{signNumber, signDetail, signName} {
		if both[kind] > 0 {
			return false
		}
	}
	return mine[signNumber] >= 2 && theirs[signNumber] >= 2 || mine[signName] > 0 && theirs[signName] > 0
}

// eachShared calls f with each two signs of one hash.
func eachShared(a, b []sign, f func(a, b sign)) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x, y := a[i].hash, b[j].hash
		if x == y {
			f(a[i], b[j])
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
}

// common counts what two sorted lists share. Neither step is a branch, for which comes next can't be foreseen.
func common(a, b []uint32) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x, y := a[i], b[j]
		if x == y {
			n++
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
	return n
}

// signWeight is how telling a shared sign of a kind is beside others as rare.
var signWeight = [signKinds]float64{signWord: 0.55, signSound: 0.9, signNumber: 0.8, signConcept: 0.5, signDetail: 1.6, signName: 0.6}

const (
	eventScore   = 0.28
	eventReasons = 3 // signs that are named
	// eventFades is the time between two reports after which the same signs say half as much.
	eventFades = 30 * 24 * time.Hour
)

// sameEvent weighs the signs that two accounts share.
func sameEvent(a, b Features) (string, float64, []heed.Reason) {
	score, shared := eventEvidence(a, b)
	if score < eventScore {
		return "", round(score), nil
	}
	slices.SortStableFunc(shared, func(x, y sharedSign) int { return cmp.Compare(y.weight, x.weight) })
	var reasons []heed.Reason
	for _, s := range shared[:min(len(shared), eventReasons)] {
		reasons = append(reasons, heed.Reason{
			For: "duplicate", Rule: signRules[s.kind], Phrase: b.text[s.start:s.end], Start: int(s.start), End: int(s.end), Weight: round(s.weight),
		})
	}
	return heed.MatchSameEvent, round(score), reasons
}

type sharedSign struct {
	sign
	weight float64
}

// eventEvidence is how likely two accounts are to be of one happening (0..1), and the signs that say so.
func eventEvidence(a, b Features) (float64, []sharedSign) {
	var shared []sharedSign
	sum := 0.0
	eachShared(a.signs, b.signs, func(x, y sign) {
		if y.kind == signSound && a.script == b.script {
			return
		}
		rarity := float64(min(x.rarity, y.rarity))
		w := signWeight[y.kind] * rarity * rarity * rarity
		sum += w
		shared = append(shared, sharedSign{y, w})
	})
	if sum == 0 {
		return 0, nil
	}
	evidence := sum / math.Pow(float64(len(a.signs)*len(b.signs)), 0.1)
	if a.category == b.category && a.category != "none" && a.category != "other" {
		evidence *= 1.25
	}
	if !a.at.IsZero() && !b.at.IsZero() {
		evidence *= math.Exp2(-math.Abs(float64(b.at.Sub(a.at))) / float64(eventFades))
	}
	return 1 - math.Exp(-evidence), shared
}
