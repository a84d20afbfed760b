package learn

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// many is a model of so many heads with weights at random, the largest among them.
func many(heads int) *Model {
	random := rand.New(rand.NewPCG(1, 1))
	var some []uint32 // one bucket in five is known
	for b := uint32(0); b < buckets; b += 5 {
		some = append(some, b)
	}
	weights := make([]byte, len(some)*heads)
	for i := range weights {
		weights[i] = byte(random.Uint32())
	}
	m := &Model{known: newKnown(string(encodeKnown(some))), weights: string(weights), index: map[string]int{}}
	for i := range heads {
		m.index[strings.Repeat("h", i+1)] = i
		m.Heads = append(m.Heads, Head{Name: strings.Repeat("h", i+1), Step: 0.01 + float64(i)/7, Slope: 1.1, Offset: 0.3})
	}
	return m
}

func TestAddingUpInWholeNumbersRoundsNothing(t *testing.T) {
	for _, heads := range []int{1, 7, 8, 9, 16, 20, 31} {
		m := many(heads)
		for _, text := range []string{"", "fire", strings.Repeat("a fire in the house, 着火了 and ", 7), strings.Repeat("ab cd ef gh ij kl ", 50) + longText()} {
			folded := fold.New(text)
			of := Features(folded, lexicon.Shipped()["en"].Match(folded))
			sums := make([]float64, heads)
			for _, f := range of {
				if f.Bucket%5 != 0 {
					continue
				}
				for i := range sums {
					sums[i] += float64(float64(int8(m.weights[int(f.Bucket)/5*heads+i])) * float64(f.Value))
				}
			}
			if got, want := m.Answer(of).odds, m.odds(sums, 0).odds; !slices.Equal(got, want) {
				t.Errorf("%d heads: %v, one by one %v", heads, got, want)
			}
		}
	}
}

// longText is of more words than are read.
func longText() string {
	random := rand.New(rand.NewPCG(2, 2))
	var b strings.Builder
	for b.Len() < 2*readAtMost {
		for range 1 + random.IntN(9) {
			b.WriteByte('a' + byte(random.IntN(26)))
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func TestAPartIsAnsweredAsIfItStoodAlone(t *testing.T) {
	m := many(20)
	english := lexicon.Shipped()["en"]
	var r Reading
	for _, text := range []string{"A fire. The house burns, there are people in the house. 着火了 fire fire. Fire. ", longText() + ". The end of the house. " + longText()} {
		folded := fold.New(text)
		s := folded.Folded
		r.Read(folded)
		all := english.Match(folded)
		if got, want := m.AnswerText(&r, Numbered(all), m.All()), m.Answer(Features(folded, all)); !slices.Equal(got.odds, want.odds) {
			t.Errorf("%v of the text, %v of its features", got.odds, want.odds)
		}
		start, from := 0, 0
		for sentence := range strings.SplitAfterSeq(s, ". ") {
			end := start + len(sentence)
			alone := fold.New(sentence)
			to := from
			for to < len(all) && all[to].Start < end {
				to++
			}
			want := m.Answer(Features(alone, all[from:to]))
			if got := m.AnswerPart(&r, start, end, from, to, m.All()); !slices.Equal(got.odds, want.odds) {
				t.Errorf("%q: %v, alone %v", sentence, got.odds, want.odds)
			}
			got := m.AnswerPart(&r, start, end, from, to, m.Asking(m.Heads[9].Name, m.Heads[2].Name))
			if got.LogOdds(m.Heads[2].Name) != want.odds[2] || got.LogOdds(m.Heads[9].Name) != want.odds[9] {
				t.Errorf("%q, two questions: %v, alone %v", sentence, got.odds, want.odds)
			}
			from = to
			start = end
		}
	}
}

// What is read of a part of a text that was read is what would be read of it alone: its answers, and where their grounds stand.
func TestAPartIsReadAsIfItStoodAlone(t *testing.T) {
	m := many(20)
	english := lexicon.Shipped()["en"]
	for _, text := range []string{
		"Thanks. A fire in the house 4x4 of fire. 着火了 fire 火了着火. Fire fire", ". . 火. a. Bcd efg. ", longText() + ". The end of the house. " + longText(),
	} {
		var whole, part, alone Reading
		folded := fold.New(text)
		whole.Read(folded)
		m.AnswerText(&whole, Numbered(english.Match(folded)), m.All())
		for from, sentence := range strings.SplitAfter(text, ". ") {
			start := len(strings.Join(strings.SplitAfter(text, ". ")[:from], ""))
			for _, end := range []int{start + len(sentence), len(folded.Folded)} {
				of := folded.Part(start, min(end, len(folded.Folded)))
				part.ReadPart(&whole, start, start+len(of.Folded))
				alone.Read(of)
				hits := Numbered(english.Match(of))
				if got, want := m.AnswerText(&part, hits, m.All()), m.AnswerText(&alone, hits, m.All()); !slices.Equal(got.odds, want.odds) {
					t.Errorf("%.99q answers %v, alone %v", of.Folded, got.odds, want.odds)
				}
				if !slices.Equal(part.runs, alone.runs) || !slices.Equal(part.chars, alone.chars) || !slices.Equal(part.words, alone.words) {
					t.Errorf("%.99q is not read as if it stood alone", of.Folded)
				}
				for _, sign := range []float64{1, -1} {
					got := slices.Clone(m.Grounds(m.Heads[3].Name, sign, &part, 3))
					if want := m.Grounds(m.Heads[3].Name, sign, &alone, 3); !slices.Equal(got, want) {
						t.Errorf("%.99q has grounds %v, alone %v", of.Folded, got, want)
					}
				}
			}
		}
	}
}
