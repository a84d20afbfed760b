package evaluate

import (
	"errors"
	"runtime"
	"slices"
	"sync"
)

// subject is what learns to tell relevance and is measured.
type subject interface {
	// ways is in how many ways it may learn; which of them serves an event the others choose.
	ways() int
	// without learns from all events but some, in each of the chosen ways, and gives what is said of message i then. It may be called at
	// once from more than one goroutine.
	without(events []string, ways ...int) (said []func(i int) bool, err error)
}

// outcome is how well an event was told by what never saw it, in the way that the others chose.
type outcome struct {
	event string
	f1    float64 // macro-F1, 0..1
	way   int
}

// partsAtMost is into how many parts events are parted to choose a way by: what is learned from for that then is three fifths of them, not
// far from all but one.
const partsAtMost = 5

var errFewEvents = errors.New("fewer than four events can't choose for one another")

// leaveOut measures a subject on each event in turn.
//
// The way for the events of a part is the one that does best on all other parts' events, in the mean, each told by what learned from
// neither its own part nor theirs: nothing is chosen by who is measured. What learned without two parts serves both of them, so that five
// parts take ten trainings a way, and each event one more, on all others.
func leaveOut(messages []Message, of subject) ([]outcome, error) {
	events := eventsOf(messages)
	if len(events) < 4 {
		return nil, errFewEvents
	}
	parts := make([][]string, min(partsAtMost, len(events)))
	for i, e := range events {
		parts[i%len(parts)] = append(parts[i%len(parts)], e)
	}
	var pairs [][2]int
	for a := range parts {
		for b := range a {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	all := make([]int, of.ways())
	for way := range all {
		all[way] = way
	}
	tried := make([][][2]float64, len(pairs)) // by pair and way: the sum over the events of the one part, and of the other
	err := each(len(pairs), func(n int) error {
		a, b := parts[pairs[n][0]], parts[pairs[n][1]]
		said, err := of.without(slices.Concat(a, b), all...)
		for _, s := range said {
			tried[n] = append(tried[n], [2]float64{sumF1(messages, a, s), sumF1(messages, b, s)})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	sums := make([][]float64, len(parts)) // by the part that is to be measured, and way
	for part := range sums {
		sums[part] = make([]float64, of.ways())
		for n, pair := range pairs {
			for way, f1 := range tried[n] {
				switch part {
				case pair[0]:
					sums[part][way] += f1[1]
				case pair[1]:
					sums[part][way] += f1[0]
				}
			}
		}
	}
	out := make([]outcome, len(events))
	return out, each(len(events), func(i int) error {
		ways := sums[i%len(parts)]
		way := slices.Index(ways, slices.Max(ways))
		said, err := of.without(events[i:i+1], way)
		if err != nil {
			return err
		}
		out[i] = outcome{events[i], macroF1(messages, events[i], said[0]), way}
		return nil
	})
}

// each does so many jobs, on all cores, and gives their errors.
func each(jobs int, do func(job int) error) error {
	errs := make([]error, jobs)
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for job := range jobs {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			errs[job] = do(job)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
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

func sumF1(messages []Message, events []string, said func(i int) bool) (sum float64) {
	for _, e := range events {
		sum += macroF1(messages, e, said)
	}
	return sum
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
