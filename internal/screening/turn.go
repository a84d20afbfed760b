package screening

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

//go:embed turns.txt
var turnText string

// turnWords reads turns.txt, at the first text that may be proposed for refusal.
var turnWords = sync.OnceValue(func() *lexicon.Lexicon {
	l, err := lexicon.Parse(turnText)
	if err != nil {
		panic("turns: " + err.Error()) // the file is part of the program, and a test reads it
	}
	return l
})

// turn is to what a text turns from who somebody is.
type turn struct {
	deed  bool    // something was done
	asked []place // the questions for the way, the hours, the price or the papers, in their order
}

// turnsOf says to what a text in a language turns. To something done: a deed is named; or, in one sentence, something befell the writer since or
// because; or but of late something happened. Time is linear in the text.
func turnsOf(t *fold.Text, language string) (to turn) {
	hits := slices.DeleteFunc(turnWords().Match(t), func(h lexicon.Hit) bool { return !strings.HasPrefix(h.Class, language+".") })
	for start, end := range sentences(t.Folded) {
		since, me, asks, but := false, false, false, -1 // but is where the last one ends
		for len(hits) > 0 && hits[0].Start < end {
			h := hits[0]
			hits = hits[1:]
			if h.Start < start || h.End > end {
				continue
			}
			switch h.Class[len(language)+1:] {
			case "deed":
				to.deed = true
			case "asks":
				asks = true
			case "since":
				since = true
			case "me":
				me = true
			case "but":
				but = h.End
			case "lately":
				if but >= 0 && h.Start >= but && h.End <= but+soonAfter {
					to.deed = true
				}
			}
		}
		if since && me {
			to.deed = true
		}
		if asks && isQuestion(t.Folded[start:end]) {
			to.asked = append(to.asked, place{start, end})
		}
	}
	return to
}

// isQuestion says whether a folded sentence, its mark included, is a question: by its mark, in Japanese by its last word too.
func isQuestion(sentence string) bool {
	words := strings.TrimRight(sentence, sentenceEnds)
	return strings.ContainsAny(sentence[len(words):], "?؟") || strings.HasSuffix(words, "か")
}

// soonAfter is how many bytes after a "but" the day ends, if it is what the "but" leads to.
const soonAfter = 32
