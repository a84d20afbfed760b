package screening

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/language"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// Config is what a line sets. The zero value serves.
type Config struct {
	// Categories are the ids of the profile's categories; nil keeps all. What is not among them is proposed as "other",
	// or "none" where that is not among them either.
	Categories []string
	// Regions are the countries (ISO 3166-1, "CN") whose national telephone numbers are meant, first the likeliest; none takes them from
	// the text's language.
	Regions []string
	// Model gives the model to decide by, anew for each report; nil is the shipped one.
	Model func() *learn.Model
}

// Screener screens reports. It is safe for concurrent use.
type Screener struct {
	categories map[string]bool
	regions    []string
	languages  func() *language.Model
	model      func() *learn.Model
	lexicons   map[string]*lexicon.Lexicon
	asked      *atomic.Pointer[questions]
	readings   *sync.Pool // of *learn.Reading: their tables serve for one text after another
	aside      func() Aside
}

// New makes a Screener. The language model and each lexicon are read when the first text needs them: 10 MB that a line which
// waits, or hears from speakers of two languages, does without, for a tenth of a second at its first report.
func New(c Config) *Screener {
	s := &Screener{regions: c.Regions, languages: language.Default, model: c.Model, lexicons: lexicon.Shipped()}
	if s.model == nil {
		s.model = Shipped
	}
	s.asked = &atomic.Pointer[questions]{}
	s.readings = &sync.Pool{New: func() any { return &learn.Reading{} }}
	s.aside = func() Aside { return s.questions().aside }
	if c.Categories != nil {
		s.categories = map[string]bool{}
		for _, id := range c.Categories {
			s.categories[id] = true
		}
	}
	return s
}

// Input is one report as it is screened.
type Input struct {
	ID         heed.ID
	Text       string
	Channel    heed.Channel
	Lang       string // BCP 47, as the form declared it; "" where unknown. Only a tie-break: the text decides.
	ReceivedAt time.Time
}

// Screen assesses one report by itself. It fills all of a Screening but DuplicateOf and Similar, for which the earlier
// reports are needed (see MarksOf and Place). Time is linear in the text.
func (s *Screener) Screen(in Input) heed.Screening {
	return s.take(in, toScreen).out
}

// reading is what the parts of a screening share.
type reading struct {
	text    *fold.Text
	found   language.Result
	tag     string // the main language
	hits    []lexicon.Hit
	classes []class  // of the hits
	negated []bool   // which of the hits are denied
	room    *hitRoom // where the hits are
	undrawn bool     // what is drawn out was shortened
	cries   cry

	of *learn.Reading // of the text that this one is a part of, if that was read whole before
	at place          // in it
}

// hitRoom is memory for the hits of one text after another. They are places in it, and none of its words.
type hitRoom struct {
	hits    []lexicon.Hit
	classes []class
	negated []bool
	ends    []int
	words   []criedWord // that were looked at for cries
}

var hitRooms = sync.Pool{New: func() any { return &hitRoom{} }}

// leave gives the memory of the hits back, which are then gone. That of a text with very many is not kept.
func (r *reading) leave() {
	if cap(r.room.hits) <= hitsKept {
		hitRooms.Put(r.room)
	}
	r.hits, r.classes, r.negated, r.room = nil, nil, nil, nil
}

const hitsKept = 1 << 12

// prepare reads a text for all that follows.
func (s *Screener) prepare(text, form string) *reading {
	r := s.open(text, form)
	s.match(r)
	return r
}

// open folds a text and finds its language.
func (s *Screener) open(text, form string) *reading {
	r := &reading{text: fold.New(text)}
	s.detect(r, text, form)
	return r
}

// detect finds the reading's language by its text, a tie by the form's.
func (s *Screener) detect(r *reading, text, form string) {
	r.found = s.languages().Detect(text)
	s.prefer(&r.found, text)
	r.tag = declared(r.found, form)
}

// prepareAll prepares what is opened, and gives, behind the text as it is, what else it may say: where letters are drawn out, each of them
// once, and twice; and where it begins or ends with a cry for help, what stands beside that.
func (s *Screener) prepareAll(first *reading, form string) []*reading {
	s.match(first)
	all := []*reading{first}
	add := func(r *reading) {
		s.match(r)
		all = append(all, r)
	}
	for _, most := range [...]int{1, 2} {
		text, short := first.text.Undrawn(most)
		if text == nil {
			break
		}
		r := &reading{text: text, undrawn: true}
		s.detect(r, short, form)
		add(r)
	}
	for _, r := range all[:len(all):len(all)] {
		r.cries = r.cry()
		if text := r.besideCry(); text != nil {
			add(&reading{text: text, found: r.found, tag: r.tag})
		}
	}
	return all
}

// match finds what the lists have of the text.
func (s *Screener) match(r *reading) {
	r.room = hitRooms.Get().(*hitRoom)
	r.hits = r.room.hits[:0]
	for _, lang := range s.lexiconsFor(r, r.tag) {
		r.hits = s.lexicons[lang].AppendHits(r.hits, r.text)
	}
	r.room.hits = r.hits
	r.inOrder()
	r.deny()
}

// Decide is Screen without the key details.
func (s *Screener) Decide(in Input) heed.Screening {
	return s.take(in, toDecide).out
}

// prefer moves a language that the line serves before one as strange as a few words allow: in a text of under 60 bytes
// the served languages count eight times. One of several languages is no strange one.
func (s *Screener) prefer(found *language.Result, text string) {
	if len(text) >= 60 || found.All != nil || len(found.Ranked) < 2 {
		return
	}
	total := 0.0
	for i := range found.Ranked {
		if s.lexicons[found.Ranked[i].Tag] != nil {
			found.Ranked[i].Share *= 8
		}
		total += found.Ranked[i].Share
	}
	for i := range found.Ranked {
		found.Ranked[i].Share /= total
	}
	slices.SortStableFunc(found.Ranked, func(a, b language.Guess) int { return cmp.Compare(b.Share, a.Share) })
	found.Main = found.Ranked[0].Tag
}

// declared lets the form's language decide where the text does not.
func declared(found language.Result, form string) string {
	if form == "" || len(found.Ranked) > 0 && found.Ranked[0].Share > 0.7 {
		return found.Main
	}
	if found.Main == language.Undecided {
		return form
	}
	base, _, _ := strings.Cut(form, "-")
	for _, g := range found.Ranked[:min(3, len(found.Ranked))] {
		if b, _, _ := strings.Cut(g.Tag, "-"); b == base && g.Share > 0.1 {
			return g.Tag
		}
	}
	return found.Main
}

// lexiconsFor names the lexicons to read a text with: that of its language, those of languages nearly as likely, those
// of the others in a mixed text, and the English one beside a language of another script, for the words that all use.
func (s *Screener) lexiconsFor(r *reading, tag string) []string {
	var out []string
	add := func(tag string) {
		tag = lexiconOf(tag)
		if s.lexicons[tag] == nil {
			return
		}
		for _, have := range out {
			if have == tag {
				return
			}
		}
		out = append(out, tag)
	}
	add(tag)
	for _, g := range r.found.Ranked {
		if g.Share > 0.1 {
			add(g.Tag)
		}
	}
	for _, l := range r.found.All {
		add(l)
	}
	if len(out) == 0 && (r.undrawn || len(r.text.Folded) < fewWords) {
		add(nearest(r.text.Folded))
	}
	if letters(r.text.Folded) >= 6 && tag != "en" && (tag == "hi" || tag == "ar" || len(r.found.All) > 0) {
		add("en")
	}
	return out
}

// fewWords is up to how many bytes a text is taken for a neighbour's of its language too.
const fewWords = 100

// nearest names the language with a lexicon that is written in a folded text's script: a cry of a few words may be taken for a neighbour of it.
func nearest(folded string) string {
	for _, c := range folded {
		switch {
		case c >= 0x400 && c < 0x530:
			return "ru"
		case c >= 0x600 && c < 0x700:
			return "ar"
		case c >= 0x900 && c < 0x980:
			return "hi"
		}
	}
	return ""
}

// lexiconOf names the lexicon that a language is read with, if there is one.
func lexiconOf(tag string) string {
	if strings.HasPrefix(tag, "zh") || tag == "yue" {
		return "zh-Hans"
	}
	return tag
}

// letters counts the Latin letters of s, up to 10.
func letters(s string) int {
	n := 0
	for i := 0; i < len(s) && n < 10; i++ {
		if s[i] >= 'a' && s[i] <= 'z' {
			n++
		}
	}
	return n
}

// inOrder sorts the hits by place and drops those inside a longer one of the same class, so that no phrase counts twice. It puts their
// classes beside them.
func (r *reading) inOrder() {
	sortHits(r.hits)
	table, room := classes(), r.room
	room.ends = slices.Grow(room.ends[:0], table.len())[:table.len()]
	ends := room.ends // of the hits so far
	clear(ends)
	out, of := r.hits[:0], room.classes[:0]
	for i := range r.hits {
		if h := &r.hits[i]; h.End > ends[table.class(h)] {
			c := table.class(h)
			ends[c] = h.End
			out, of = append(out, *h), append(of, c)
		}
	}
	r.hits, r.classes, room.classes = out, of, of
}

// sortHits sorts by place, the longer before the shorter. They come nearly so, and each goes a few places at most; of those that would have to go
// far in all, the sort in less than quadratic time is asked.
func sortHits(hits []lexicon.Hit) {
	steps := 16 * len(hits)
	for i := 1; i < len(hits); i++ {
		h, to := hits[i], i
		for to > 0 && inPlace(&h, &hits[to-1]) < 0 {
			to--
		}
		if to == i {
			continue
		}
		if steps -= i - to; steps < 0 {
			slices.SortStableFunc(hits, func(a, b lexicon.Hit) int { return inPlace(&a, &b) })
			return
		}
		copy(hits[to+1:i+1], hits[to:i])
		hits[to] = h
	}
}

func inPlace(a, b *lexicon.Hit) int {
	if a.Start != b.Start {
		return a.Start - b.Start
	}
	return b.End - a.End
}
