package details

import (
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// The sections of words.txt that are no words of time but stand around them: they are looked for only there. Each is of its language, as the
// others.
const (
	joints    stands = 1 << iota // between the pieces of one expression: "on the"
	ranges                       // between two times that make one: "to"
	dayHours                     // between a day and an hour alone: "Thursday at six", and no "at noon"
	ofs                          // between a part of the day and its day: "ночь на"
	hourly                       // before a number that is an hour: "at"
	sure                         // the same, whatever follows: "a las"
	blurs                        // between "at" and the hour: "about"
	betweens                     // before two hours: "between"
	pairing                      // between those two: "and"
	follows                      // after a number that counts nothing: "he"
	days                         // before the number of a day alone: "le"
	dayNames                     // the same, where the word belongs to it: "dia"
	years                        // before a year: "since"
	yearNames                    // the same, where the word belongs to it: "عام"
	sinces                       // before a part of the day that says when by that: "since dawn"
	durings                      // before how long something was: "desde" hace un año
)

// stands is where a phrase may stand, of those places.
type stands uint16

// grammatical begins the kinds of these sections.
const grammatical = "time."

var standing = map[string]stands{
	"joint": joints, "range": ranges, "at": dayHours, "of": ofs, "hour": hourly, "sure": sure, "blur": blurs, "between": betweens, "and": pairing, "then": follows,
	"day": days, "dayname": dayNames, "year": years, "yearname": yearNames, "since": sinces, "during": durings,
}

// grammar is where each phrase, folded, may stand, and where those that end with a word may: most words end none.
type grammar struct{ phrases, ends map[string]stands }

func (g *grammar) is(place stands, phrase string) bool { return g.phrases[phrase]&place != 0 }

func (g *grammar) add(phrase string, place stands) {
	g.phrases[phrase] |= place
	g.ends[phrase[strings.LastIndexByte(phrase, ' ')+1:]] |= place
}

var grammars = sync.OnceValue(func() map[string]*grammar {
	sections := sections(lexicon.Unpack(wordList))
	all := map[string]*grammar{}
	for _, s := range append(sections, section{}) {
		all[s.lang] = &grammar{map[string]stands{}, map[string]stands{}}
	}
	for lang, g := range all {
		for _, s := range sections {
			place, ok := strings.CutPrefix(s.kind, grammatical)
			if !ok || !s.counts(lang) {
				continue
			}
			for line := range strings.Lines(s.entries) {
				if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) == "" {
					continue
				}
				for phrase := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line), "[]"), "|") {
					g.add(fold.String(phrase), standing[place])
				}
			}
		}
	}
	return all
})

// grammar is that of the text's language.
func (f *finder) grammar() *grammar {
	if f.joined == nil {
		all := grammars()
		f.joined = all[f.lang]
		if f.joined == nil {
			f.joined = all[""]
		}
	}
	return f.joined
}

// longestPhrase is how many words a phrase of a grammar has at most.
const longestPhrase = 4

// before gives where the longest phrase that ends before place i and may stand in one of the places does, and where it begins; 0 and i where there
// is none.
func (g *grammar) before(s string, i int, places stands) (stands, int) {
	end := i
	if i > 0 && s[i-1] == ' ' {
		end--
	}
	at, found, begins := end, stands(0), i
	for words := range longestPhrase {
		if at == 0 || end-at > longestBefore {
			break
		}
		at = strings.LastIndexByte(s[max(0, at-longestBefore):at], ' ') + 1 + max(0, at-longestBefore)
		if words == 0 && g.ends[s[at:end]]&places == 0 {
			break
		}
		if here := g.phrases[s[at:end]] & places; here != 0 {
			found, begins = here, at
		}
		at = max(0, at-1)
	}
	return found, begins
}

// longestBefore is how many bytes a word of such a phrase has at most.
const longestBefore = 40
