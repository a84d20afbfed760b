package train

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// About says which questions a Word answers.
type About byte

// What somebody can say of a report.
const (
	Relevance About = iota + 1
	Category
	Urgency
)

// Word is what one account said about one of a line's own reports. Others than that account may have said something else about it.
type Word struct {
	Text, Language string
	About          About
	Relevant       bool         // Relevance
	Category       string       // Category
	Urgency        heed.Urgency // Urgency
	By             string       // the account; never ""
	Campaign       string       // the same for copies of one text
}

// The weights of a line's own reports among the texts that were written to learn from, so that neither one account nor one
// campaign moves a model far: docs/screening.md, "Who could spoil it".
const (
	// campaignMost is how much all words about the copies of one text weigh together, in each of the three matters, against one
	// about a text that has no copies.
	campaignMost = 1.0
	// accountMost is how much all words of one account weigh together, of what the written texts do.
	accountMost = 0.02
	// ownMost is how much the words of all do.
	ownMost = 1.0
)

// Own is a model that learned from a line's own reports too, not adopted yet.
type Own struct {
	File     []byte
	Version  string
	Accounts []Account // by weight, the heaviest first
	// Folds are its models that never saw a fifth of the written texts each, in the order of learn.Fold; Shipped are those of the shipped
	// model, on which they stand.
	Folds, Shipped []*learn.Model
}

// Account is how much an account's words weighed.
type Account struct {
	By     string  `json:"by"`
	Words  int     `json:"words"`
	Weight float64 `json:"weight"` // of what the written texts weigh together
}

// Train trains a model that stands on the shipped one, from the written texts and a line's words. Its thresholds are those that the written
// texts alone ask for: no word moves one but by way of the weights. texts are those from which the shipped model was trained.
//
// heed.ErrInvalid: there is no word.
func Train(texts []training.Report, words []Word) (*Own, error) {
	if len(words) == 0 {
		return nil, fmt.Errorf("learn from no report: %w", heed.ErrInvalid)
	}
	s := screening.New(screening.Config{})
	samples, reports := written(s, texts), slices.Clone(texts)
	weights, accounts := weigh(texts, words)
	features := map[string][]learn.Feature{} // several words are about one text
	for i, w := range words {
		f, ok := features[w.Text]
		if !ok {
			f = s.Learnable(w.Text)
			features[w.Text] = f
		}
		samples = append(samples, learn.Sample{Features: f, Group: "own/" + w.Campaign, Weight: weights[i], By: w.By})
		reports = append(reports, w.report())
	}
	asked := questions(reports)
	for i := range asked {
		asked[i].Known = func(k int) bool { return k < len(texts) || words[k-len(texts)].answers(asked[i].Name) }
		if share := asked[i].Share; share != nil {
			asked[i].Share = func(k int) float64 {
				if k < len(texts) {
					return share(k)
				}
				return 1 // weigh bounds what a word has
			}
		}
	}
	name, out := ownVersion(texts, words), &Own{Accounts: accounts}
	var err error
	if out.Shipped, err = ShippedFolds(texts); err != nil {
		return nil, err
	}
	training := learn.Standing(&learn.Base{Model: screening.Shipped(), Folds: out.Shipped})
	trained := training.Train(samples, asked)
	at := thresholds(texts, trained)
	if out.Folds, err = folds(trained, name, at); err != nil {
		return nil, err
	}
	if out.File, err = trained.Encode(name, at); err == nil {
		out.File, out.Version, err = learn.Digested(out.File, name)
	}
	return out, err
}

// ShippedFolds trains the shipped model anew, for the folds that tell what it says of texts that it never saw.
func ShippedFolds(texts []training.Report) ([]*learn.Model, error) {
	trained := Heads(texts)
	return folds(trained, version(texts), thresholds(texts, trained))
}

// folds are the models that never saw a fifth of the texts each, in the order of learn.Fold.
func folds(trained *learn.Trainees, version string, at map[string]float64) ([]*learn.Model, error) {
	out := make([]*learn.Model, learn.Usual().Folds)
	for i := range out {
		file, err := trained.EncodeFold(i, version, at)
		if err == nil {
			out[i], err = learn.Open(string(file))
		}
		if err != nil {
			return nil, fmt.Errorf("write the model of a fold: %w", err)
		}
	}
	return out, nil
}

// report is the word as a text with a label; what it doesn't say, nobody asks of it.
func (w *Word) report() training.Report {
	r := training.Report{Language: w.Language, Text: w.Text, Category: w.Category, Urgency: w.Urgency, Happening: "own/" + w.Campaign}
	if w.About == Relevance {
		r.Category = "none"
		if w.Relevant {
			r.Category = "other"
		}
	}
	return r
}

// answers says whether the word is an answer to the question. To call a report relevant is to say that it isn't to be refused; to close
// it says neither.
func (w *Word) answers(question string) bool {
	switch question {
	case screening.AsksRelevant:
		return w.About == Relevance
	case screening.AsksRefuse:
		return w.About == Relevance && w.Relevant
	case screening.AsksImmediate, screening.AsksHigh, screening.AsksNormal:
		return w.About == Urgency
	}
	return w.About == Category && (w.Category == "none" || slices.Contains(training.Categories(), w.Category))
}

// weigh gives each word its weight: as a written text's, bounded by campaign, by account and in all.
func weigh(texts []training.Report, words []Word) ([]float64, []Account) {
	total := 0.0
	for _, r := range texts {
		total += weight(r)
	}
	type matter struct {
		campaign string
		about    About
	}
	said, of := map[matter]int{}, map[string]float64{}
	for _, w := range words {
		said[matter{w.Campaign, w.About}]++
	}
	out := make([]float64, len(words))
	counts := map[string]int{}
	for i, w := range words {
		out[i] = campaignMost / float64(said[matter{w.Campaign, w.About}])
		of[w.By] += out[i]
		counts[w.By]++
	}
	all := 0.0
	scale := map[string]float64{}
	for _, by := range slices.Sorted(maps.Keys(of)) { // sums in one order give one model
		scale[by] = min(1, accountMost*total/of[by])
		all += scale[by] * of[by]
	}
	bound := min(1, ownMost*total/all)
	var accounts []Account
	for _, by := range slices.Sorted(maps.Keys(of)) {
		accounts = append(accounts, Account{by, counts[by], bound * scale[by] * of[by] / total})
	}
	for i, w := range words {
		out[i] *= bound * scale[w.By]
	}
	slices.SortStableFunc(accounts, func(a, b Account) int {
		if a.Weight != b.Weight {
			if a.Weight > b.Weight {
				return -1
			}
			return 1
		}
		return strings.Compare(a.By, b.By)
	})
	return out, accounts
}

// ownVersion names the texts and words that a model learned from.
func ownVersion(texts []training.Report, words []Word) string {
	h := sha256.New()
	fmt.Fprintln(h, version(texts))
	for _, w := range words {
		fmt.Fprintf(h, "%s|%d|%t|%s|%s|%s|%s|%s\n", w.Language, w.About, w.Relevant, w.Category, w.Urgency, w.By, w.Campaign, w.Text)
	}
	return fmt.Sprintf("line-%x", h.Sum(nil)[:4])
}
