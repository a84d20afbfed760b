package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/learn"
)

// Message is one public message during a crisis, with whether it is about it (CrisisLexT6: on topic; T26: related and
// informative).
type Message struct {
	Event string
	Text  string
	Yes   bool
}

// ReadMessages reads a gzipped file of CrisisLexT6 or CrisisLexT26 as the description of the evaluation data has them.
func ReadMessages(path string) ([]Message, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the messages: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack the messages: %w", err)
	}
	var out []Message
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct {
			Event, Text     string
			OnTopic         bool `json:"on_topic"`
			Informativeness string
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("read a message: %w", err)
		}
		out = append(out, Message{m.Event, m.Text, m.OnTopic || m.Informativeness == "Related and informative"})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	return out, nil
}

// EventScore is the macro-F1 of relevance on the messages of one event by weights that saw the other events alone: the
// learner's, and that of the floor, TF-IDF with logistic regression, on the same fold.
type EventScore struct {
	Event          string
	Learner, Floor float64
}

// LeaveOneEventOut measures relevance on each event in turn.
func LeaveOneEventOut(s *screening.Screener, messages []Message) ([]EventScore, error) {
	var events []string
	for _, m := range messages {
		if !slices.Contains(events, m.Event) {
			events = append(events, m.Event)
		}
	}
	slices.Sort(events)
	learner, floor := make([][]learn.Feature, len(messages)), make([][]learn.Feature, len(messages))
	for i, m := range messages {
		learner[i] = s.Learnable(m.Text)
		floor[i] = learn.Features(fold.New(m.Text), nil)
	}
	var out []EventScore
	for _, event := range events {
		score := EventScore{Event: event}
		var err error
		if score.Learner, err = macroF1(messages, learner, event); err != nil {
			return nil, err
		}
		if score.Floor, err = macroF1(messages, weighted(messages, floor, event), event); err != nil {
			return nil, err
		}
		out = append(out, score)
	}
	return out, nil
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

// macroF1 trains on the messages of the other events and scores those of one.
func macroF1(messages []Message, features [][]learn.Feature, event string) (float64, error) {
	var samples []learn.Sample
	var yes []bool
	for i, m := range messages {
		if m.Event != event {
			samples = append(samples, learn.Sample{Features: features[i], Group: m.Event, Weight: 1})
			yes = append(yes, m.Yes)
		}
	}
	training := learn.Usual()
	training.Folds = 0
	file, err := training.Train(samples, []learn.Question{{Name: "yes", Yes: func(i int) bool { return yes[i] }}}).Encode("", nil)
	if err != nil {
		return 0, err
	}
	model, err := learn.Open(string(file))
	if err != nil {
		return 0, err
	}
	var right, found, labelled [2]float64
	for i, m := range messages {
		if m.Event != event {
			continue
		}
		got, want := 0, 0
		if model.Answer(features[i]).LogOdds("yes") >= 0 {
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
	return (2*right[0]/max(found[0]+labelled[0], 1) + 2*right[1]/max(found[1]+labelled[1], 1)) / 2, nil
}
