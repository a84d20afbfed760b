package names

import (
	"slices"
	"sync"
)

// facts are what the features of a word are made of, put together once a text.
type facts struct {
	id, stem, prefix, suffix2, suffix3, suffix4 hash // of the word, its beginning and its ends
	kinds                                       hash // of those of known.txt
	pair                                        byte // how common the character with the next one is, in scripts without blanks
	form                                        byte
	level                                       byte // how common the word is
	hint                                        Label
	particle                                    bool // it may stand inside a name: "of", "de la"
	may                                         bool // be part of a name: only such words are looked at
	likely                                      bool // written as names are: with a capital, or where that tells nothing, no common word
	elsewhere                                   byte // how else the text has it: smallToo, capitalToo
	first, last                                 int  // of the run of likely words that it is in
}

// How a text has a word elsewhere.
const (
	smallToo = 1 << iota
	capitalToo
)

// reading is a text whose words are looked at. Its memory serves for one text after another.
type reading struct {
	words []Word
	facts []facts
	cased int
	lang  hash
	path  path[int]
}

var readings = sync.Pool{New: func() any { return &reading{} }}

// longestKept is how much memory is kept for the next text, in words.
const longestKept = 1 << 13

// leave keeps what a text took, without the text.
func (r *reading) leave() {
	r.words = nil
	if cap(r.facts) <= longestKept {
		readings.Put(r)
	}
}

func read(words []Word, lang string, hints []Name) *reading {
	r := &reading{}
	r.read(words, lang, hints)
	return r
}

func (r *reading) read(words []Word, lang string, hints []Name) {
	r.words, r.cased, r.lang = words, casing(words), of('g').part(lang)
	r.facts = slices.Grow(r.facts[:0], len(words))[:len(words)]
	clear(r.facts)
	var seen [512]byte // by hash: a word that another is taken for says little and costs nothing
	hinted := labelsOf(words, hints)
	for i := range words {
		w, f := &words[i], &r.facts[i]
		f.id = of('w').part(w.Lower)
		f.form, f.hint = w.shape, hinted[i]
		if w.Opens && w.shape == capital {
			f.form = 'O'
		}
		if dense(w.shape) {
			if i+1 < len(words) && words[i+1].before == touching && dense(words[i+1].shape) {
				f.pair = '0' + common(f.id.part(words[i+1].Lower))
			}
			f.kinds = kindsOf(f.id).hash
			continue
		}
		stem := stemOf(w.Lower)
		f.particle = w.shape == small && len(w.Lower) <= longestParticle && particle[w.Lower]
		f.prefix = of('<').part(prefix(stem, 3))
		if w.Lower[0] >= 0xD8 && w.Lower[0] <= 0xDB {
			f.stem = of('s').part(stem)
		}
		f.level = common(f.id)
		root := f.id
		if stem != w.Lower {
			root = of('w').part(stem)
			f.level = max(f.level, common(root))
		}
		k := kindsOf(root)
		f.kinds = k.hash
		f.likely = r.isLikely(w, f.level, k.letters != "")
		switch {
		case w.shape == small:
			seen[f.id%512] |= smallToo
		case w.Capital() && !w.Opens && r.cased == normal:
			seen[f.id%512] |= capitalToo
		}
	}
	for i := range words {
		if !dense(words[i].shape) {
			r.facts[i].elsewhere = seen[r.facts[i].id%512]
		}
	}
	r.runs()
}

// sift says which words may be part of a name: where capitals tell nothing, all of them pass the rule, and the sieve decides by the
// least log-odds. A word between two that may be is looked at as well.
func (r *reading) sift(s *sieve, least int) {
	for i := range r.facts {
		r.facts[i].may = r.mayBeNamed(i) && s.passes(r, i, least)
	}
	for i := 1; i+1 < len(r.facts); i++ {
		r.facts[i].may = r.facts[i].may || r.facts[i-1].may && r.facts[i+1].may
	}
	r.ends()
}

// ends puts together the facts of the words' ends, which only words that may be part of a name and those beside them need.
func (r *reading) ends() {
	for i := range r.words {
		w, f := &r.words[i], &r.facts[i]
		if dense(w.shape) || !f.may && !r.at(i-1).may && !r.at(i+1).may {
			continue
		}
		f.suffix2, f.suffix3, f.suffix4 = of('2').part(suffix(w.Lower, 2)), of('3').part(suffix(w.Lower, 3)), of('4').part(suffix(w.Lower, 4))
	}
}

// isLikely says whether a word is written as names are.
func (r *reading) isLikely(w *Word, level byte, listed bool) bool {
	switch {
	case w.shape == numeral:
		return false
	case w.shape == other || r.cased != normal:
		return level == 0 || listed && level < 3
	}
	return w.Capital() && !(w.Opens && level >= 2 || w.Lower == "i")
}

// runs finds the runs of likely words, with numbers and particles between.
func (r *reading) runs() {
	for i := 0; i < len(r.words); {
		if !r.facts[i].likely {
			r.facts[i].first, r.facts[i].last = i, i
			i++
			continue
		}
		last := i
		for j := i + 1; j < len(r.words) && j <= last+2 && adjacent(&r.words[j]); j++ {
			if r.facts[j].likely {
				last = j
			} else if !r.facts[j].particle {
				break
			}
		}
		for j := i; j <= last; j++ {
			r.facts[j].first, r.facts[j].last = i, last
		}
		i = last + 1
	}
}

const longestParticle = len("upon")

// mayBeNamed says whether the word at i may be part of a name at all.
func (r *reading) mayBeNamed(i int) bool {
	w, f := &r.words[i], &r.facts[i]
	if f.likely || f.hint != None || dense(w.shape) || w.shape == other || w.Capital() || r.cased != normal {
		return true
	}
	return r.near(i)
}

// near says whether a likely word stands beside the one at i, or behind a particle beside it.
func (r *reading) near(i int) bool {
	if i > 0 && adjacent(&r.words[i]) && (r.facts[i-1].likely || r.facts[i-1].hint != None) {
		return true
	}
	for j := i + 1; j < len(r.words) && j <= i+2 && adjacent(&r.words[j]); j++ {
		if r.facts[j].likely || r.facts[j].hint != None {
			return true
		}
		if !r.facts[j].particle {
			return false
		}
	}
	return false
}

var outside = facts{id: of('|'), form: '|', kinds: of('k')}

func (r *reading) at(i int) *facts {
	if i < 0 || i >= len(r.facts) {
		return &outside
	}
	return &r.facts[i]
}

// How a text uses capitals.
const (
	normal = iota
	without
	shouted
)

func casing(words []Word) int {
	capitals, shouts := 0, 0
	for i := range words {
		w := &words[i]
		if w.Capital() && w.Lower != "i" {
			capitals++
		}
		if w.shape == shout {
			shouts++
		}
	}
	switch {
	case 2*shouts > len(words):
		return shouted
	case capitals == 0 || len(words) >= 15 && capitals*40 < len(words):
		return without
	}
	return normal
}

// The sorts of scripts, each with moves of its own from label to label.
const (
	withCapitals = iota
	withoutBlanks
	plainly // without capitals, or a text that makes nothing of them
	scripts
)

func (r *reading) script(i int) int {
	switch {
	case dense(r.words[i].shape):
		return withoutBlanks
	case r.words[i].shape == other || r.cased != normal:
		return plainly
	}
	return withCapitals
}

// labelsOf gives the words' labels.
func labelsOf(words []Word, names []Name) []Label {
	out := make([]Label, len(words))
	i := 0
	for _, n := range names {
		l, first := beginningOf(n.Kind), true
		for i = max(0, i-1); i < len(words) && words[i].Start < n.End; i++ {
			if words[i].End > n.Start {
				if out[i] = l; !first {
					out[i] = l + 1
				}
				first = false
			}
		}
	}
	return out
}
