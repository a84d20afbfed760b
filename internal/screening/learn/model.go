package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"unsafe"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/pages"
)

// Head is one question that a model answers, and how its sum of weights becomes log-odds: Slope·sum + Offset (Platt,
// "Probabilistic outputs for support vector machines", 1999).
type Head struct {
	Name   string  `json:"name"`
	Step   float64 `json:"step"` // what 1 in a stored weight is worth
	Slope  float64 `json:"slope"`
	Offset float64 `json:"offset"`
}

// Model answers the questions of its heads. It is read-only and safe for concurrent use.
type Model struct {
	head
	known   known
	weights string // one signed byte a head, the heads of a bucket side by side: one look serves them all; the rows in the order of known
	index   map[string]int
}

// head is what stands before the weights in a file.
type head struct {
	Version string `json:"version"` // of the data and the code that the model was made with
	// Base is the version of the model that it stands on, whose answers it has taken in; "" where it stands on none.
	Base  string `json:"base,omitempty"`
	Bits  int    `json:"bits"` // of a bucket's number
	Heads []Head `json:"heads"`
	// Thresholds are the log-odds from which (for "aside": under which) a decision is taken, and the weights by which some answers are joined.
	Thresholds map[string]float64 `json:"thresholds"`
}

// magic begins a model's file, anyMagic one of whatever features. A line of JSON follows, then which buckets are known, then their weights.
const (
	magic    = anyMagic + "3\n"
	anyMagic = "heed model "
)

// ErrModel is that what should be a model isn't one, or one for other features than this program's.
var ErrModel = errors.New("not a model that this program can use")

// ErrOtherFeatures is the ErrModel of what was made for other features than this program's, as by another release.
var ErrOtherFeatures = fmt.Errorf("made for other features: %w", ErrModel)

// Open reads a model in the form that Encode writes. The weights stay where they are: nothing is copied.
func Open(file string) (*Model, error) {
	rest, ok := strings.CutPrefix(file, magic)
	line, rest, found := strings.Cut(rest, "\n")
	if !ok && strings.HasPrefix(file, anyMagic) {
		return nil, ErrOtherFeatures
	}
	if !ok || !found || len(rest) < knownBytes {
		return nil, fmt.Errorf("its beginning: %w", ErrModel)
	}
	m := &Model{known: newKnown(rest[:knownBytes]), weights: rest[knownBytes:], index: map[string]int{}}
	if err := json.Unmarshal([]byte(line), &m.head); err != nil {
		return nil, fmt.Errorf("its first line: %w", errors.Join(ErrModel, err))
	}
	if m.Bits != bucketBits || len(m.weights) != m.known.all*len(m.Heads) {
		return nil, fmt.Errorf("%d bytes of weights for %d questions: %w", len(m.weights), len(m.Heads), ErrModel)
	}
	for i, h := range m.Heads {
		m.index[h.Name] = i
	}
	pages.Join(m.known.blocks[:])
	pages.Join(unsafe.Slice(unsafe.StringData(m.weights), len(m.weights)))
	return m, nil
}

// Names lists the questions in their order.
func (m *Model) Names() []string {
	names := make([]string, len(m.Heads))
	for i, h := range m.Heads {
		names[i] = h.Name
	}
	return names
}

// Threshold gives the log-odds from which a decision is taken; +Inf, never, where the model has none of that name.
func (m *Model) Threshold(name string) float64 {
	if t, ok := m.Thresholds[name]; ok {
		return t
	}
	return math.Inf(1)
}

// Answers are the log-odds of the questions that were asked about one text: 0 is even odds.
type Answers struct {
	model *Model
	first int // the head of which odds has the answer first
	odds  []float64
}

// Answer asks all questions at once.
func (m *Model) Answer(features []Feature) Answers {
	sums := make([]float64, len(m.Heads))
	var alike []gram // of one value, as n-grams of one family have
	for len(features) > 0 {
		read := 0
		for alike = alike[:0]; read < len(features) && features[read].Value == features[0].Value; read++ {
			if row := m.known.row(features[read].Bucket); row != unknown {
				alike = append(alike, gram{row: row})
			}
		}
		m.add(sums, 0, alike, features[0].Value)
		features = features[read:]
	}
	return m.odds(sums, 0)
}

// Heads are some of a model's heads, side by side.
type Heads struct{ first, last int }

// All are all of a model's heads.
func (m *Model) All() Heads { return Heads{0, len(m.Heads)} }

// Asking are the heads from the first to the last that answer some questions, none where none does.
func (m *Model) Asking(questions ...string) Heads {
	h := Heads{first: len(m.Heads)}
	for _, q := range questions {
		if i, ok := m.index[q]; ok {
			h.first, h.last = min(h.first, i), max(h.last, i+1)
		}
	}
	h.first = min(h.first, h.last)
	return h
}

// AnswerText is Answer by some heads about the text that was read, with the hits in it. After it AnswerMore, AnswerPart and Grounds may be
// asked about that text. The answers are good until another is read.
func (m *Model) AnswerText(r *Reading, hits Hits, by Heads) Answers {
	r.look(m)
	r.hits = hits
	r.tell(&r.told, m, r.chars, r.words, 0, 0, len(hits.List))
	r.odds = zeros(r.odds, len(m.Heads))
	return m.AnswerMore(r, by)
}

// AnswerMore is AnswerText about the same text again, by heads that were not asked about it.
func (m *Model) AnswerMore(r *Reading, by Heads) Answers {
	return m.answer(&r.told, r.odds[by.first:by.last], by)
}

// AnswerPart is Answer by some heads about a part of the text that AnswerText was asked about, with those of its hits from one index to
// another, as if it were a text of its own. It must begin and end where no word goes on. The answers are good until the next part is asked about.
func (m *Model) AnswerPart(r *Reading, start, end, from, to int, by Heads) Answers {
	if end > len(r.text) || end-start > readAtMost {
		if r.rest == nil {
			r.rest = &Reading{}
		}
		r.rest.Read(&fold.Text{Folded: r.folded[start:end]})
		return m.AnswerText(r.rest, r.hits.between(from, to), by)
	}
	chars, words := r.within(start, end)
	r.tell(&r.part, m, chars, words, start, from, to) // two words of which the first stands before the part are not in it
	r.sums = zeros(r.sums, by.last-by.first)
	return m.answer(&r.part, r.sums, by)
}

// answer puts the answers by some heads to what was told in place of zeros.
func (m *Model) answer(t *told, sums []float64, by Heads) Answers {
	m.addTold(sums, by.first, t)
	return m.odds(sums, by.first)
}

// addTold adds what a text or a part of it has weights for to the sums of the heads from the first on.
func (m *Model) addTold(sums []float64, first int, t *told) {
	m.add(sums, first, t.chars, t.charsValue)
	m.add(sums, first, t.words, t.wordsValue)
	for _, c := range t.classes {
		m.addRow(sums, first, c.row, float64(c.value))
	}
}

// odds puts sums of weights, those of the heads from the first on, on the scale of log-odds.
func (m *Model) odds(sums []float64, first int) Answers {
	for i := range sums {
		h := &m.Heads[first+i]
		sums[i] = float64(float64(h.Slope*h.Step)*sums[i]) + h.Offset
	}
	return Answers{m, first, sums}
}

// LogOdds is the answer to one question; -Inf where it wasn't asked, or the model doesn't ask it.
func (a Answers) LogOdds(name string) float64 {
	if i, ok := a.model.index[name]; ok {
		return a.At(i)
	}
	return math.Inf(-1)
}

// At is the answer of one head, by its place among the model's; -Inf where it wasn't asked, or is none of them.
func (a Answers) At(head int) float64 {
	if i := head - a.first; i >= 0 && i < len(a.odds) {
		return a.odds[i]
	}
	return math.Inf(-1)
}
