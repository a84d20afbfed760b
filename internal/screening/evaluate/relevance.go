package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/learn"
)

// EventScore is how well relevance is told on the messages of one event, by weights and settings that never saw it.
type EventScore struct {
	Event string
	// Learner learns as a line does, standing on the shipped model; Alone does without; Grams is TF-IDF of the learner's n-grams, hashed, and of
	// words of two events at least, with its logistic regression. Each has the setting that did best on the other events.
	Learner, Alone, Grams Trial
	// Floor is the macro-F1 of TF-IDF with logistic regression as a plain library has them, Strength the weight of a message against the
	// penalty, chosen in the same way.
	Floor, Strength float64
}

// Trial is the macro-F1 (0..1) on the event that was left out, and the setting that the others chose.
type Trial struct {
	F1 float64
	Setting
}

// Setting is what may be chosen: how strongly weights are held back, and how often the messages are gone through.
type Setting struct {
	Decay  float64
	Epochs int
}

// settings are those to choose from, for the learner and TF-IDF of its n-grams alike. The list itself was drawn up after trials on these
// events, so what is reached by it flatters both; which of them serves an event, that event doesn't choose.
var settings = [...]Setting{{2e-4, 8}, {5e-4, 8}, {2e-3, 8}, {1e-2, 4}, {1e-1, 4}, {3e-1, 4}}

// gentle is AdaGrad's first step in each of them: what suits a few thousand reports is too much for tens of thousands of messages.
const gentle = 0.05

// LeaveOneEventOut measures relevance on each event in turn, and says how far it is. Four events at least are needed. It takes some
// three minutes of processor time for twenty thousand messages of nineteen events, on all cores.
func LeaveOneEventOut(s *screening.Screener, messages []Message, progress func(format string, args ...any)) ([]EventScore, error) {
	own, plain := make([][]learn.Feature, len(messages)), make([][]learn.Feature, len(messages))
	for i, m := range messages {
		own[i] = s.Learnable(m.Text)
		plain[i] = learn.Features(fold.New(m.Text), nil)
	}
	shipped := &learn.Base{Model: screening.Shipped()} // it learned from no message of these
	out := make([]EventScore, len(eventsOf(messages)))
	trial := func(o outcome) Trial { return Trial{o.f1, settings[o.way]} }
	for _, of := range []struct {
		name string
		subject
		keep func(*EventScore, outcome)
	}{
		{"TF-IDF", libraryFloor(messages), func(e *EventScore, o outcome) { e.Floor, e.Strength = o.f1, strengths[o.way] }},
		{"TF-IDF of the learner's n-grams", &learner{messages, plain, true, nil}, func(e *EventScore, o outcome) { e.Grams = trial(o) }},
		{"the learner alone", &learner{messages, own, false, nil}, func(e *EventScore, o outcome) { e.Alone = trial(o) }},
		{"the learner", &learner{messages, own, false, shipped}, func(e *EventScore, o outcome) { e.Learner = trial(o) }},
	} {
		outcomes, err := leaveOut(messages, of.subject)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", of.name, err)
		}
		for i, o := range outcomes {
			out[i].Event = o.event
			of.keep(&out[i], o)
		}
		progress("%s is measured", of.name)
	}
	return out, nil
}

// learner is Heed's learner, as a subject.
type learner struct {
	messages []Message
	features [][]learn.Feature
	weighted bool // by how few of the messages that are learned from have an n-gram
	base     *learn.Base
}

func (l *learner) ways() int { return len(settings) }

func (l *learner) without(events []string, ways ...int) (said []func(i int) bool, err error) {
	left := func(i int) bool { return slices.Contains(events, l.messages[i].Event) }
	features := l.features
	if l.weighted {
		features = weighted(features, left)
	}
	var samples []learn.Sample
	var yes []bool
	for i, m := range l.messages {
		if !left(i) {
			samples = append(samples, learn.Sample{Features: features[i], Group: m.Event, Weight: 1})
			yes = append(yes, m.Yes)
		}
	}
	const question = "relevant"
	training := learn.Standing(l.base) // as a line's own model is trained, with words of two events
	training.Rare, training.Folds, training.Step = 2, 0, gentle
	ready := training.Prepare(samples)
	for _, way := range ways {
		training.Decay, training.Epochs = settings[way].Decay, settings[way].Epochs
		file, err := training.TrainOn(ready, []learn.Question{{Name: question, Yes: func(i int) bool { return yes[i] }}}).Encode("", nil)
		if err != nil {
			return nil, err
		}
		model, err := learn.Open(string(file))
		if err != nil {
			return nil, err
		}
		said = append(said, func(i int) bool { return model.Answer(features[i]).LogOdds(question) >= 0 })
	}
	return said, nil
}

// weighted gives n-grams their inverse document frequency over the messages that aren't left out, and every message the length 1.
func weighted(features [][]learn.Feature, left func(i int) bool) [][]learn.Feature {
	highest := uint32(0)
	for _, fs := range features {
		for _, f := range fs {
			highest = max(highest, f.Bucket)
		}
	}
	seen, all := make([]int32, highest+1), 0
	for i, fs := range features {
		if left(i) {
			continue
		}
		all++
		for _, f := range fs {
			seen[f.Bucket]++
		}
	}
	out := make([][]learn.Feature, len(features))
	for i, fs := range features {
		length := 0.0
		out[i] = slices.Clone(fs)
		for k := range out[i] {
			f := &out[i][k]
			f.Value = float32(math.Log(float64(1+all)/float64(1+seen[f.Bucket])) + 1)
			length += float64(f.Value) * float64(f.Value)
		}
		for k := range out[i] {
			out[i][k].Value /= float32(math.Sqrt(length))
		}
	}
	return out
}
