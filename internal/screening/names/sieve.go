package names

import (
	"math"
	"math/rand/v2"
)

// sieve says at a first look which words can be part of a name, so that most cost no look into the large table of the model. It adds up
// the weights of a few features (logistic regression) in a table that the processor's nearest memory holds.
type sieve [1 << sieveBits]int8

const (
	sieveBits  = 15
	sieveGrain = 12 // steps of a weight's byte to one in log-odds
	// sieveLeast is the log-odds that a word must have, and sieveTaught what it must have in training: a model that saw no more than it will be
	// asked finds fewer places.
	sieveLeast  = -5
	sieveTaught = -6
	sieveRounds = 4
	sieveRate   = 0.3
	sieveDecay  = 1e-5
	looksCount  = 10
)

// slot is where the sieve has the weight of the feature.
func (h hash) slot() uint32 { return uint32((h^h>>15)*2654435761) >> (32 - sieveBits) }

// looks are the hashed features of a first look at the word at i.
func (r *reading) looks(out []uint32, i int) []uint32 {
	f, b, a := r.at(i), r.at(i-1), r.at(i+1)
	add := func(h hash) { out = append(out, h.slot()) }
	forms := hash(0).signs(b.form, f.form, a.form)
	add(of('w').with(f.id))
	add(of('p').with(b.id).sign(f.form))
	add(of('n').with(a.id).sign(f.form))
	add(of('h').signs('0'+byte(b.hint), '0'+byte(f.hint), '0'+byte(a.hint)))
	add(of('k').with(b.kinds).with(f.kinds).with(a.kinds))
	add(of('q').with(b.id).with(f.id))
	add(of('i').with(f.id).with(a.id))
	if dense(f.form) {
		add(of('o').signs(b.pair, f.pair, a.pair).with(forms))
		return out
	}
	add(of('f').with(forms).signs(r.words[i].before, '0'+byte(r.cased), '0'+f.elsewhere).with(r.lang))
	add(of('l').with(forms).signs('0'+b.level, '0'+f.level, '0'+a.level))
	add(of('<').with(f.prefix))
	return out
}

// passes says whether the word at i can be part of a name: whether its log-odds are the least or more.
func (s *sieve) passes(r *reading, i, least int) bool {
	var room [looksCount]uint32
	sum := 0
	for _, slot := range r.looks(room[:0], i) {
		sum += int(s[slot])
	}
	return sum >= least*sieveGrain
}

// sifted is a word of an example.
type sifted struct {
	slots []uint32
	named bool
}

// trainSieve makes one by AdaGrad (Duchi, Hazan, Singer 2011), a share of the features left out each time as for the model itself.
func trainSieve(examples []Example) *sieve {
	var all []sifted
	var room [looksCount]uint32
	for _, e := range examples {
		words := Split(e.Text)
		r := read(words, e.Lang, e.Hints)
		for i, l := range labelsOf(words, e.Names) {
			all = append(all, sifted{append([]uint32(nil), r.looks(room[:0], i)...), l != None})
		}
	}
	random := rand.New(rand.NewPCG(7, 8))
	weights, squares := make([]float64, 1<<sieveBits), make([]float64, 1<<sieveBits)
	for range sieveRounds {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, w := range all {
			slots, odds := room[:0], 0.0
			for _, slot := range w.slots {
				if random.Float64() >= dropped {
					slots, odds = append(slots, slot), odds+weights[slot]
				}
			}
			wrong := -1 / (1 + math.Exp(-odds))
			if w.named {
				wrong++
			}
			for _, slot := range slots {
				slope := wrong - sieveDecay*weights[slot]
				squares[slot] += slope * slope
				weights[slot] += sieveRate * slope / math.Sqrt(squares[slot]+1)
			}
		}
	}
	var s sieve
	for i, w := range weights {
		s[i] = int8(math.Round(max(-127, min(127, w*sieveGrain))))
	}
	return &s
}
