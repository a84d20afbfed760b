package screening

// joins are the questions whose answers about a whole text are joined to say whether a life is in danger at this moment. Each was learned
// by itself; what each says is worth more or less by what the others say: a danger that is not even high is seldom one now.
var joins = [...]string{AsksImmediate, AsksHigh, AsksNormal, AsksRelevant}

// Joins are the log-odds of the joined questions, in the order of joins, the word lists' word in them.
type Joins [len(joins)]float64

// The places of the joined answers.
const (
	joinsImmediate = iota
	joinsHigh
	joinsNormal
	joinsRelevant
)

// JoinsOf gathers the answers that are joined.
func JoinsOf(odds func(question string) float64) (j Joins) {
	for i, question := range joins {
		j[i] = odds(question)
	}
	return j
}

// A log-odds beyond joinsAtMost says no more than that, and counts one.
const joinsAtMost = 9

const joinTerms = (len(joins) + 1) * (len(joins) + 2) / 2

// Terms are what the weights of a model's joint answer stand beside: 1, the answers, and the product of each two of them.
func (j Joins) Terms() (terms [joinTerms]float64) {
	of := [len(joins) + 1]float64{1}
	for i, odds := range j {
		of[i+1] = max(-1, min(odds/joinsAtMost, 1))
	}
	n := 0
	for a := range of {
		for _, b := range of[a:] {
			terms[n] = float64(of[a] * b)
			n++
		}
	}
	return terms
}

// AsksJoined names the joint answer's threshold in a model.
const AsksJoined = "joined"

// JoinNames name the terms' weights in a model, in their order.
func JoinNames() (names [joinTerms]string) {
	of := append([]string{"1"}, joins[:]...)
	n := 0
	for a := range of {
		for b := a; b < len(of); b++ {
			names[n] = AsksJoined + " " + of[a] + "·" + of[b]
			n++
		}
	}
	return names
}
