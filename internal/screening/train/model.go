package train

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// Shipped trains the model that screening ships with, from the texts of package training, and gives its file. It takes some
// twenty seconds on two cores.
func Shipped() ([]byte, error) {
	texts, err := training.Reports()
	if err != nil {
		return nil, err
	}
	return Model(texts)
}

// Model trains a model from labelled texts.
func Model(texts []training.Report) ([]byte, error) { return File(texts, Heads(texts)) }

// File writes trained heads as a model's file.
func File(texts []training.Report, t *learn.Trainees) ([]byte, error) {
	file, err := t.Encode(version(texts), thresholds(texts, t))
	if err == nil {
		file, _, err = learn.Digested(file, version(texts))
	}
	return file, err
}

// Heads trains the heads.
func Heads(texts []training.Report) *learn.Trainees {
	return learn.Usual().Train(written(screening.New(screening.Config{}), texts), questions(texts))
}

// written are the texts as samples.
func written(s *screening.Screener, texts []training.Report) []learn.Sample {
	samples := make([]learn.Sample, len(texts))
	for i, r := range texts {
		samples[i] = learn.Sample{Features: s.Learnable(r.Text), Group: r.Happening, Weight: weight(r)}
	}
	return samples
}

// version names the texts that a model learned from. What became of them, the digest behind it says.
func version(texts []training.Report) string {
	h := sha256.New()
	for _, r := range texts {
		fmt.Fprintf(h, "%s|%s|%s|%s|%s\n", r.Language, r.Category, r.Urgency, r.Kind, r.Text)
	}
	return fmt.Sprintf("learned-%x", h.Sum(nil)[:4])
}

// weight brings the texts' mix nearer to a line's: hard cases of high urgency were written far more often than they arrive,
// what is irrelevant far less.
func weight(r training.Report) float64 {
	switch r.Urgency {
	case heed.Immediate:
		return 1
	case heed.High:
		return 0.4
	case heed.Normal:
		return 0.5
	}
	return 1.5
}

// urgencyAlone are the folders whose texts teach urgency and no relevance.
var urgencyAlone = []string{"paired"}

// teachesRelevance says whether a text is one of which relevance is learned, and fitted.
func teachesRelevance(r training.Report) bool {
	return !slices.Contains(urgencyAlone, path.Dir(r.Happening))
}

// questions are what the model answers: at least how urgent, relevant, to be refused, and each category.
func questions(texts []training.Report) []learn.Question {
	ask := func(name string, yes func(r training.Report) bool) learn.Question {
		return learn.Question{Name: name, Yes: func(i int) bool { return yes(texts[i]) }}
	}
	// What is high is what is hardest to tell from a life in danger now: of that question it may not be the least part.
	immediate := ask(screening.AsksImmediate, func(r training.Report) bool { return r.Urgency == heed.Immediate })
	immediate.Share = func(i int) float64 { return 1 / weight(texts[i]) }
	// What presses beside what only sounds so was written for the questions of urgency: it would teach that a plain danger is nobody's matter.
	relevant := ask(screening.AsksRelevant, training.Report.Relevant)
	relevant.Known = func(i int) bool { return teachesRelevance(texts[i]) }
	all := []learn.Question{
		immediate,
		ask(screening.AsksHigh, func(r training.Report) bool { return r.Urgency.Rank() <= heed.High.Rank() }),
		ask(screening.AsksNormal, func(r training.Report) bool { return r.Urgency.Rank() <= heed.Normal.Rank() }),
		relevant,
		ask(screening.AsksRefuse, func(r training.Report) bool { return r.Refuse }),
	}
	for _, id := range training.Categories() {
		all = append(all, ask(screening.AsksCategory+id, func(r training.Report) bool { return r.Category == id }))
	}
	return all
}
