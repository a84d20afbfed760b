package details

import (
	"cmp"
	"math"
	"slices"
)

// wordsAt holds words by place, the longest at each: most texts have none or a few of a kind, for which a map is too much.
type wordsAt struct {
	list   []placed
	sorted bool
}

type placed struct {
	at int
	word
}

// add puts in a word at a place. All are put in before the first is asked for.
func (p *wordsAt) add(at int, w word) { p.list, p.sorted = append(p.list, placed{at, w}), false }

// at gives the longest word at a place; of two as long the first that was put in.
func (p *wordsAt) at(at int) (w word, ok bool) {
	if len(p.list) == 0 {
		return word{}, false
	}
	if i := p.search(at); i < len(p.list) && p.list[i].at == at {
		return p.list[i].word, true
	}
	return word{}, false
}

// next gives the first place from one on where a word stands, beyond every text where there is none.
func (p *wordsAt) next(at int) int {
	if i := p.search(at); i < len(p.list) {
		return p.list[i].at
	}
	return math.MaxInt
}

// search gives which word is the first from a place on.
func (p *wordsAt) search(at int) int {
	if !p.sorted {
		p.sort()
	}
	low, high := 0, len(p.list)
	for low < high {
		if middle := (low + high) / 2; p.list[middle].at < at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// end is where the word at a place ends; 0 where there is none.
func (p *wordsAt) end(at int) int {
	w, _ := p.at(at)
	return w.end
}

func (p *wordsAt) sort() {
	slices.SortStableFunc(p.list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.word.end-b.word.start, a.word.end-a.word.start))
	})
	p.list = slices.CompactFunc(p.list, func(a, b placed) bool { return a.at == b.at })
	p.sorted = true
}

// count is at how many places a word stands.
func (p *wordsAt) count() int {
	if !p.sorted {
		p.sort()
	}
	return len(p.list)
}
