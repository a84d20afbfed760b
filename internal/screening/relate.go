package screening

import (
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// Features is what two texts are compared by once both may be read. It holds hashes of a text's words and must be
// treated like the text itself: in memory only.
type Features struct {
	shingles []uint64          // sorted
	tokens   []uint64          // sorted: words, character pairs
	anchors  map[string]string // hard details and names, normalised → type
	category string
	kind     string // the class of noise, where the text was found irrelevant
	refused  bool
	length   float64 // of tokens by rarity, as it was when the text came
}

// Features reads a text for Relate. Features made with different Screeners compare.
func (s *Screener) Features(text string) Features {
	_, f := s.Assess(Input{Text: text})
	return f
}

// Assess is Screen and Features in one reading.
func (s *Screener) Assess(in Input) (heed.Screening, Features) {
	out, r := s.screen(in)
	return out, features(sipKey{1, 2}, r, out)
}

func features(key sipKey, r *reading, s heed.Screening) Features {
	f := Features{shingles: shingles(key, r.text.Folded), anchors: map[string]string{}, refused: s.Refuse}
	f.category = s.Category
	for _, w := range tokens(r.text.Folded, 1500) {
		if len(w) >= 4 { // shorter words join sentences, they name nothing
			f.tokens = append(f.tokens, key.hash([]byte(w)))
		}
	}
	slices.Sort(f.tokens)
	times := " "
	for _, d := range s.Details {
		if d.Type == "time" {
			times += fold.String(d.Text) + " "
		}
	}
	for _, n := range proper(r) {
		if !strings.Contains(times, " "+n+" ") {
			f.anchors[n] = "name"
		}
	}
	for _, d := range s.Details {
		if d.Type != "time" && d.Type != "money" {
			f.anchors[compact(fold.String(d.Text))] = d.Type
		}
	}
	for _, reason := range s.Reasons {
		if reason.For == "relevance" && s.Category == "none" && f.kind == "" {
			f.kind = reason.Rule
		}
	}
	return f
}

// Rarity says how telling it is that two texts share a token, 0 (everybody writes it) to 1 (nobody else does).
type Rarity func(token uint64) float64

// Relate says what two texts are to each other: heed.MatchCopy, heed.MatchSameEvent or "" for neither; how sure it is
// (0..1); and by which rules. Without a history of texts to know which words are rare, a happening is recognised by
// shared hard details and names only.
func Relate(a, b Features) (kind string, score float64, reasons []heed.Reason) {
	return relate(a, b, true, nil)
}

// The thresholds, from the measurement in docs/screening.md.
const (
	copyShared    = 0.36 // share of all shingles that two copies have in common
	copyLikely    = 0.23 // the same, where the rare words agree too
	copyWords     = 0.3  // how well they must agree (cosine)
	copyContained = 0.66 // share of the shorter one's shingles, where one was cut or extended
	copyLeast     = 45   // shingles that a contained text must have
	eventScore    = 0.34
)

// relate does the work of Relate; near false spares the comparison of shingles where no band is shared.
func relate(a, b Features, near bool, rarity Rarity) (string, float64, []heed.Reason) {
	if a.kind == "test" || b.kind == "test" || a.kind == "gibberish" || b.kind == "gibberish" {
		return "", 0, nil // test messages look alike and mean nothing
	}
	shared := 0
	if near {
		shared = common(a.shingles, b.shingles)
	}
	shorter := min(len(a.shingles), len(b.shingles))
	if shorter == 0 {
		return "", 0, nil
	}
	jaccard := float64(shared) / float64(len(a.shingles)+len(b.shingles)-shared)
	contained := float64(shared) / float64(shorter)
	anchors, clash := compareAnchors(a, b)
	words := 0.0
	if rarity != nil {
		words = cosine(a.tokens, b.tokens, a.length*b.length, rarity)
	}
	if jaccard >= copyShared || jaccard >= copyLikely && words >= copyWords || contained >= copyContained && shorter >= copyLeast {
		if !clash || jaccard >= 0.7 || a.kind == "advert" {
			score := max(jaccard, 0.9*contained)
			return heed.MatchCopy, round(score), []heed.Reason{{For: "duplicate", Rule: "copy.shingles", Weight: round(score)}}
		}
	}
	evidence := 0.8*anchors + 3*words + 0.8*jaccard
	if a.category == b.category && a.category != "none" && a.category != "other" {
		evidence *= 1.25
	} else {
		evidence *= 0.75
	}
	score := 1 - math.Exp(-evidence)
	if score < eventScore || a.refused || b.refused {
		return "", round(score), nil
	}
	reasons := []heed.Reason{}
	if anchors > 0 {
		reasons = append(reasons, heed.Reason{For: "duplicate", Rule: "same-event.details", Weight: round(anchors)})
	}
	if words > 0 {
		reasons = append(reasons, heed.Reason{For: "duplicate", Rule: "same-event.words", Weight: round(words)})
	}
	return heed.MatchSameEvent, round(score), reasons
}

// anchorWeight is how telling a shared detail of a type is.
var anchorWeight = map[string]float64{
	"phone": 1, "email": 1, "url": 1, "account": 1, "plate": 1, "crypto": 1, "id-number": 0.9, "coordinates": 0.9, "ip": 0.8, "person": 0.5, "organisation": 0.5, "place": 0.4, "name": 0.35,
}

// proper gives the words of a text that look like names: capitalised within a sentence, or in Latin letters inside a text
// of another script. In German, where every noun has a capital, only words with the look of a code count.
func proper(r *reading) []string {
	o := r.text.Original
	main := r.found.Main
	foreign := main == "zh-Hans" || main == "zh-Hant" || main == "ja" || main == "ar" || main == "hi" || main == "ko"
	var out []string
	start, opening := -1, true // opening: the next word begins a sentence
	for i, c := range o + " " {
		if fold.Word(c) && !fold.Dense(c) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 && start < len(o) {
			word := o[start:i]
			first, _ := utf8.DecodeRuneInString(word)
			latin := first < 0x250
			if len(word) >= 4 && len(out) < 40 && (unicode.IsUpper(first) && !opening && main != "de" || foreign && latin && unicode.IsLetter(first)) {
				out = append(out, fold.String(word))
			}
			opening = false
		}
		start = -1
		if strings.ContainsRune(".!?:;\n\"“”«»„", c) {
			opening = true
		}
	}
	return out
}

// compareAnchors adds up shared details and says whether the two texts name different ones of a kind that a copy would
// share: another plate, code or place makes another happening.
func compareAnchors(a, b Features) (float64, bool) {
	sum := 0.0
	agree := map[string]bool{}
	mine, theirs := map[string]bool{}, map[string]bool{}
	for text, kind := range a.anchors {
		mine[kind] = true
		if other, ok := b.anchors[text]; ok {
			sum += max(anchorWeight[kind], anchorWeight[other])
			agree[kind] = true
		}
	}
	for _, kind := range b.anchors {
		theirs[kind] = true
	}
	clash := false
	for _, kind := range [...]string{"place", "plate", "id-number"} {
		clash = clash || mine[kind] && theirs[kind] && !agree[kind]
	}
	return sum, clash && len(agree) == 0
}

// common counts what two sorted lists share.
func common(a, b []uint64) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}

// cosine compares two sorted token lists, each token weighted by its rarity, given the product of their lengths in
// that measure.
func cosine(a, b []uint64, lengths float64, rarity Rarity) float64 {
	dot := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			w := rarity(a[i])
			dot += w * w
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if lengths == 0 {
		return 0
	}
	return dot / lengths
}

// length is the Euclidean length of a token list weighted by rarity.
func length(tokens []uint64, rarity Rarity) float64 {
	sum := 0.0
	for _, t := range tokens {
		w := rarity(t)
		sum += w * w
	}
	return math.Sqrt(sum)
}

// fingerprint makes the bands and signature of a text whose shingles and details are known.
func fingerprint(key sipKey, hashes []uint64, found []heed.Detail) ([]int64, []byte) {
	bands, signature := signatures(key, hashes)
	for _, d := range found {
		if anchorWeight[d.Type] >= 0.8 && len(bands) > 0 && len(bands) < bandCount+anchorBands {
			bands = append(bands, int64(key.hash([]byte("detail "+d.Type+" "+compact(fold.String(d.Text))))))
		}
	}
	slices.Sort(bands[min(len(bands), bandCount):])
	return slices.Compact(bands), signature
}
