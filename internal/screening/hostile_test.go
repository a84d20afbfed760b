package screening

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/own"
)

// ways are what is done with a report's text beside its assessment; each is given a hostile text, in halves.
var ways = map[string]func(s *Screener, text string){
	"search words": func(_ *Screener, text string) { SearchTokens(text) },
	"a search":     func(s *Screener, text string) { s.Query(text, time.Time{}) },
	"what is the writer's own": func(_ *Screener, text string) {
		own.Words(text, "en")
		own.Contacts(text, "en")
	},
	"marks, sketch and what is alike": func(s *Screener, text string) {
		a, b := s.Features(text[:len(text)/2]), s.Features(text[len(text)/2:])
		marks := MarksOf(plainHash{}, a)
		marks.Kept(func(int64) int { return 0 })
		NewProspect(plainHash{}, b, MarksOf(plainHash{}, b)).Promises(marks.Sketch(a), time.Hour)
		Relate(a, b)
		Relate(b, a)
	},
	"a report among others": func(s *Screener, text string) {
		var in, out bytes.Buffer
		for i, half := range []string{text[:len(text)/2], text[len(text)/2:]} {
			if err := json.NewEncoder(&in).Encode(Line{ID: heed.ID("r" + strconv.Itoa(i)), Text: half}); err != nil {
				panic(err)
			}
		}
		if tally, err := s.RunLines(&in, &out); err != nil || tally.Bad > 0 {
			panic(fmt.Sprint(tally, err))
		}
	},
}

// As TestHostileTextsAreReadInLinearTime, of what is done beside the assessment.
func TestWhatIsDoneWithHostileTextsIsLinear(t *testing.T) {
	s := New(Config{})
	texts := hostile()
	texts["my number"] = strings.Repeat("my number is 020 7946 0000 ", 8000)
	for way, do := range ways {
		for name, text := range texts {
			quarter := text[:len(text)/4]
			short, long := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for try := 0; try < 6 && (try < 1 || long > 8*short+2*time.Millisecond); try++ {
				began := processorTime(t)
				do(s, quarter)
				short = min(short, processorTime(t)-began)
				began = processorTime(t)
				do(s, text)
				long = min(long, processorTime(t)-began)
			}
			if long > 8*short+2*time.Millisecond {
				t.Errorf("%s of %s took %v, of a quarter of it %v", way, name, long, short)
			}
		}
	}
}
