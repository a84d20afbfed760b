package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/learn"
)

// EventScore is how well relevance is told on the messages of one event, by weights and settings that never saw it.
type EventScore struct {
	Event string
	// Learner learns as a line does, standing on the shipped model; Alone does without; Grams is TF-IDF of the learner's n-grams, hashed, and of
	// words of two events at least, with its logistic regression. Each has the setting that did best on the other events, each third of which
	// was left out for that.
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

// innerFolds is how many parts the other events make to choose a setting by.
const innerFolds = 3

// settings are those to choose from, for the learner and the floor alike. The list itself was drawn up after trials on these events, so
// what is reached by it flatters both; which of them serves an event, that event doesn't choose.
var settings = [...]Setting{{5e-4, 8}, {2e-3, 8}, {1e-2, 4}, {1e-1, 4}}

// gentle is AdaGrad's first step in each of them: what suits a few thousand reports is too much for tens of thousands of messages.
const gentle = 0.05

// usual trains as a line's own model is trained, with words of two events.
func usual() learn.Training {
	t := learn.Standing(nil)
	t.Rare = 2
	return t
}

// LeaveOneEventOut measures relevance on each event in turn, and says of each that it is done: it takes a quarter of an hour for all.
func LeaveOneEventOut(s *screening.Screener, messages []Message, done func(event string)) ([]EventScore, error) {
	plain, own := make([][]learn.Feature, len(messages)), make([][]learn.Feature, len(messages))
	for i, m := range messages {
		own[i] = s.Learnable(m.Text)
		plain[i] = learn.Features(fold.New(m.Text), nil)
	}
	shipped := &learn.Base{Model: screening.Shipped()} // it learned from no message of these
	library := libraryFloor(messages)
	var out []EventScore
	for _, event := range eventsOf(messages) {
		score := EventScore{Event: event}
		score.Floor, score.Strength = library.best(messages, event)
		for _, of := range []struct {
			trial    *Trial
			features [][]learn.Feature
			base     *learn.Base
		}{{&score.Learner, own, shipped}, {&score.Alone, own, nil}, {&score.Grams, weighted(messages, plain, event), nil}} {
			h := hold(messages, of.features, of.base, event)
			var err error
			if *of.trial, err = h.best(); err != nil {
				return nil, fmt.Errorf("measure relevance without %s: %w", event, err)
			}
		}
		out = append(out, score)
		done(event)
	}
	return out, nil
}

func eventsOf(messages []Message) (events []string) {
	for _, m := range messages {
		if !slices.Contains(events, m.Event) {
			events = append(events, m.Event)
		}
	}
	slices.Sort(events)
	return events
}

// weighted gives n-grams their inverse document frequency over the messages of the other events, and every message the length 1.
func weighted(messages []Message, features [][]learn.Feature, event string) [][]learn.Feature {
	seen, all := map[uint32]int{}, 0
	for i, m := range messages {
		if m.Event == event {
			continue
		}
		all++
		for _, f := range features[i] {
			seen[f.Bucket]++
		}
	}
	out := make([][]learn.Feature, len(features))
	for i, fs := range features {
		length := 0.0
		for _, f := range fs {
			f.Value = float32(math.Log(float64(1+all)/float64(1+seen[f.Bucket])) + 1)
			length += float64(f.Value) * float64(f.Value)
			out[i] = append(out[i], f)
		}
		for k := range out[i] {
			out[i][k].Value /= float32(math.Sqrt(length))
		}
	}
	return out
}

// held is one event that is left out, with the messages of the others ready to be learned from.
type held struct {
	messages []Message
	features [][]learn.Feature // of all
	event    string

	base  *learn.Base
	of    []Message // of the other events
	ready *learn.Prepared
}

// hold leaves out an event.
func hold(messages []Message, features [][]learn.Feature, base *learn.Base, event string) held {
	h := held{messages: messages, features: features, base: base, event: event}
	var samples []learn.Sample
	for i, m := range messages {
		if m.Event != event {
			samples = append(samples, learn.Sample{Features: features[i], Group: m.Event, Weight: 1})
			h.of = append(h.of, m)
		}
	}
	h.ready = h.on(usual()).Prepare(samples)
	return h
}

// on is a training with nothing calibrated, standing on the base.
func (h *held) on(training learn.Training) learn.Training {
	training.Folds, training.Base = 0, h.base
	return training
}

// best trains with each setting on the other events, chooses by what weights that never saw a third of them say of that third, and scores
// the event that was left out with what was chosen.
func (h *held) best() (best Trial, err error) {
	others := slices.DeleteFunc(eventsOf(h.messages), func(e string) bool { return e == h.event })
	inner := map[string]int{}
	for i, e := range others {
		inner[e] = i % innerFolds
	}
	chosen := -1.0
	for _, setting := range settings {
		training := usual()
		training.Step, training.Decay, training.Epochs = gentle, setting.Decay, setting.Epochs
		model, err := h.train(training, inner)
		if err != nil {
			return best, err
		}
		mean := 0.0
		for _, e := range others {
			mean += h.macroF1(model, strconv.Itoa(inner[e]), e) / float64(len(others))
		}
		if mean > chosen {
			chosen, best = mean, Trial{h.macroF1(model, whole, h.event), setting}
		}
	}
	return best, nil
}

// whole names the question that all other events answer; each other is named by the part of them that it doesn't see.
const whole = "whole"

// train trains on the other events: once on all, and once without each part.
func (h *held) train(training learn.Training, parts map[string]int) (*learn.Model, error) {
	yes := func(i int) bool { return h.of[i].Yes }
	questions := []learn.Question{{Name: whole, Yes: yes}}
	for part := range innerFolds {
		if parts != nil {
			questions = append(questions, learn.Question{
				Name: strconv.Itoa(part), Yes: yes, Known: func(i int) bool { return parts[h.of[i].Event] != part },
			})
		}
	}
	file, err := h.on(training).TrainOn(h.ready, questions).Encode("", nil)
	if err != nil {
		return nil, err
	}
	return learn.Open(string(file))
}

// macroF1 scores a question at even odds on the messages of an event.
func (h *held) macroF1(model *learn.Model, question, event string) float64 {
	return macroF1(h.messages, event, func(i int) bool { return model.Answer(h.features[i]).LogOdds(question) >= 0 })
}

// macroF1 scores what is said of the messages of an event.
func macroF1(messages []Message, event string, said func(i int) bool) float64 {
	var right, found, labelled [2]float64
	for i, m := range messages {
		if m.Event != event {
			continue
		}
		got, want := 0, 0
		if said(i) {
			got = 1
		}
		if m.Yes {
			want = 1
		}
		found[got]++
		labelled[want]++
		if got == want {
			right[got]++
		}
	}
	return (2*right[0]/max(found[0]+labelled[0], 1) + 2*right[1]/max(found[1]+labelled[1], 1)) / 2
}
