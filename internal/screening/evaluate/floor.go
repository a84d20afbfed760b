package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// floor is TF-IDF with logistic regression as a plain library has them (scikit-learn's TfidfVectorizer and its liblinear): words and pairs of
// words, and 3 to 5 characters within blanks with the marks beside them; each family sublinear, those of two messages at least, of length
// 1 by itself. Nothing of Heed is in it, and no n-gram is hashed.
type floor struct {
	messages []Message
	grams    [2][][]counted // by family and message
	all      [2]int         // n-grams of a family
}

// counted is an n-gram of a message and how often it stands there.
type counted struct {
	gram int32
	n    float64
}

// libraryFloor reads the messages.
func libraryFloor(messages []Message) *floor {
	f := &floor{messages: messages}
	for family, grams := range [...]func(string) []string{wordGrams, charGrams} {
		number := map[string]int32{}
		for _, m := range messages {
			count := map[int32]float64{}
			for _, g := range grams(strings.ToLower(m.Text)) {
				id, ok := number[g]
				if !ok {
					id = int32(len(number))
					number[g] = id
				}
				count[id]++
			}
			row := make([]counted, 0, len(count))
			for id, n := range count {
				row = append(row, counted{id, n})
			}
			slices.SortFunc(row, func(a, b counted) int { return int(a.gram - b.gram) })
			f.grams[family] = append(f.grams[family], row)
		}
		f.all[family] = len(number)
	}
	return f
}

// wordGrams are the words of two characters or more, and each two that follow each other.
func wordGrams(s string) []string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	words = slices.DeleteFunc(words, func(w string) bool { return len([]rune(w)) < 2 })
	out := slices.Clone(words)
	for i := 1; i < len(words); i++ {
		out = append(out, words[i-1]+" "+words[i])
	}
	return out
}

// charGrams are the runs of 3 to 5 characters of what stands between blanks, a blank on either side.
func charGrams(s string) (out []string) {
	for _, w := range strings.Fields(s) {
		r := []rune(" " + w + " ")
		for n := 3; n <= 5; n++ {
			out = append(out, string(r[:min(n, len(r))]))
			for from := 1; from+n <= len(r); from++ {
				out = append(out, string(r[from:from+n]))
			}
			if n >= len(r) {
				break // a short one counts once
			}
		}
	}
	return out
}

// vector is a message: its n-grams by number, and their values.
type vector struct {
	at    []int32
	value []float64
}

// vectors weighs all messages by what those to learn from have, and gives how many numbers there are; the last is that of the constant.
func (f *floor) vectors(learnt []int) (out []vector, all int) {
	out = make([]vector, len(f.grams[0]))
	for family, rows := range f.grams {
		seen := make([]int, f.all[family])
		for _, i := range learnt {
			for _, g := range rows[i] {
				seen[g.gram]++
			}
		}
		for i, row := range rows {
			from, length := len(out[i].value), 0.0
			for _, g := range row {
				if seen[g.gram] < 2 {
					continue
				}
				v := (1 + math.Log(g.n)) * (math.Log(float64(1+len(learnt))/float64(1+seen[g.gram])) + 1)
				length += v * v
				out[i].at, out[i].value = append(out[i].at, int32(all)+g.gram), append(out[i].value, v)
			}
			for k := range out[i].value[from:] {
				out[i].value[from+k] /= math.Sqrt(length)
			}
		}
		all += f.all[family]
	}
	for i := range out {
		out[i].at, out[i].value = append(out[i].at, int32(all)), append(out[i].value, 1)
	}
	return out, all + 1
}

func (v *vector) score(weights []float64) (sum float64) {
	for k, at := range v.at {
		sum += weights[at] * v.value[k]
	}
	return sum
}

// regress is logistic regression with an L2 penalty, c the weight of a message against it, by coordinate descent in the dual (Yu, Huang, Lin,
// "Dual coordinate descent methods for logistic regression and maximum entropy models", 2011).
func regress(of []vector, all int, learnt []int, yes func(int) bool, c float64) []float64 {
	const most, enough = 25, 3e-3 // passes; the largest step of a pass at which it ends, as a share of c
	weights, share, square := make([]float64, all), make([]float64, len(of)), make([]float64, len(of))
	sign := func(i int) float64 {
		if yes(i) {
			return 1
		}
		return -1
	}
	for _, i := range learnt {
		share[i] = c * 1e-3
		for k, at := range of[i].at {
			square[i] += of[i].value[k] * of[i].value[k]
			weights[at] += share[i] * sign(i) * of[i].value[k]
		}
	}
	order, random := slices.Clone(learnt), rand.New(rand.NewPCG(1, 2))
	for range most {
		random.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		largest := 0.0
		for _, i := range order {
			step := dualStep(square[i], sign(i)*of[i].score(weights), share[i], c)
			share[i] += step
			largest = max(largest, math.Abs(step))
			for k, at := range of[i].at {
				weights[at] += step * sign(i) * of[i].value[k]
			}
		}
		if largest < enough*c {
			break
		}
	}
	return weights
}

// dualStep is how far one message's share moves from where it is, 0 < from < c: to where square·(z-from) + margin + ln(z/(c-z)) is 0. That
// rises with z, so that halving finds it where Newton's step leaves the bounds.
func dualStep(square, margin, from, c float64) float64 {
	low, high, z := 0.0, c, from
	for range 50 {
		slope := square*(z-from) + margin + math.Log(z/(c-z))
		if math.Abs(slope) < 1e-8 {
			break
		}
		if slope > 0 {
			high = z
		} else {
			low = z
		}
		z -= slope / (square + c/(z*(c-z)))
		if z <= low || z >= high {
			z = (low + high) / 2
		}
		if z <= 0 || z >= c { // as near as numbers come
			return 0
		}
	}
	return z - from
}

// strengths are the c to choose from.
var strengths = [...]float64{1, 4, 16}

func (f *floor) ways() int { return len(strengths) }

func (f *floor) without(events []string, ways ...int) (said []func(i int) bool, err error) {
	var learnt []int
	for i, m := range f.messages {
		if !slices.Contains(events, m.Event) {
			learnt = append(learnt, i)
		}
	}
	of, all := f.vectors(learnt)
	for _, way := range ways {
		weights := regress(of, all, learnt, func(i int) bool { return f.messages[i].Yes }, strengths[way])
		said = append(said, func(i int) bool { return of[i].score(weights) >= 0 })
	}
	return said, nil
}
