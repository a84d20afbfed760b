package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
)

func TestJoiningFindsTheWeightsByWhichTheAnswersWereMade(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	made := make([]float64, len(screening.JoinNames()))
	for i := range made {
		made[i] = 4*random.Float64() - 2
	}
	of, yes, share := make([]screening.Joins, 60_000), make([]bool, 60_000), make([]float64, 60_000)
	for i := range of {
		for k := range of[i] {
			of[i][k] = 18*random.Float64() - 9
		}
		terms := of[i].Terms()
		yes[i], share[i] = random.Float64() < learn.Probability(product(made, terms[:])), 1
	}
	for i, w := range join(of, yes, share) {
		if math.Abs(w-made[i]) > 0.15 {
			t.Errorf("weight %d is %.2f, made with %.2f", i, w, made[i])
		}
	}
}
