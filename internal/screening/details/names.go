package details

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/names"
)

// The rules of this package propose names by the words that stand with them: a title before a person, a kind of street or place, a legal
// form after a firm. The model of package names decides, and finds those without such words.

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[fold.String(w)] = true
	}
	return m
}

var (
	titles = wordSet("mr mrs ms miss dr prof sgt councillor cllr captain mme mlle monsieur madame herr frau señor señora senhor senhora dona doña майор капитан полковник следователь инспектор господин госпожа")
	calls  = wordSet("called named foreman heißt namens llamado llamada llama s'appelle nommé nommée chamado chamada chama зовут имени")
	ways   = wordSet("rue avenue boulevard place quai impasse allée calle avenida plaza paseo barrio colonia carretera rua travessa praça largo bairro rodovia улица улице ул проспект проспекте переулок площадь шоссе шоссе ")
	joined = wordSet("de du des la le les los las del da do dos das d l sur sous von der")
	places = wordSet("street st road rd lane avenue ave drive close court park square bridge station hill row rise terrace gardens crescent county hospital airport harbour beach mall estate market way walk mews quay wharf place boulevard highway plaza tower river lake brook creek valley nagar marg chowk")
	flats  = wordSet("flat apartment apt unit room block")
	firms  = wordSet("ltd limited inc llc plc gmbh ag kg sarl ltda corp corporation company bank catering buses consulting holdings group foods logistics pharmacy infirmary clinic university council ministry foundation church temple mosque hotel restaurant airlines insurance construction energy lodge enforcement telecom broadband larder electronics chemicals motors shipping services solutions")

	beside = func() rareWords[role] {
		m := map[string]role{}
		for r, words := range map[role]map[string]bool{title: titles, call: calls, way: ways, place: places, firm: firms} {
			for w := range words {
				m[w] |= r
			}
		}
		return newRareWords(m)
	}()
)

// role is what words do beside names; beside has those of each word.
type role uint8

const (
	title role = 1 << iota
	call
	way
	place
	firm
)

// names finds places, persons and organisations by the model of package names, to which the rules of this package say what they take for one.
func (f *finder) names() {
	words := f.namedWords()
	hints := f.hints(words)
	if f.lang == "ar" || f.lang == "hi" {
		for _, n := range hints { // these rules are right more often than the model, which has seen few texts of the two
			f.addOriginal(n.Kind, n.Start, n.End, 42)
		}
	}
	for _, n := range f.model().Find(words, f.lang, hints) {
		f.tagged(n)
	}
}

// Hints gives what the rules of this package, which go by the words beside a name, take for names: training goes by them as well.
func Hints(t *fold.Text, lang string) []names.Name {
	f := &finder{t: t, s: t.Folded, room: &room{}}
	f.lang, _, _ = strings.Cut(lang, "-")
	return f.hints(f.namedWords())
}

// namedWords are the words of as much of the text as is read for names.
func (f *finder) namedWords() []names.Word {
	if o := f.readForNames(); len(o) < len(f.t.Original) {
		return names.Split(o)
	}
	f.room.named = names.AppendWords(f.room.named[:0], f.t)
	return f.room.named
}

// readForNames is as much of the text as is read for names, with every byte in its place.
func (f *finder) readForNames() string {
	o := f.t.Original
	if len(o) <= longestNamed {
		return o
	}
	end := longestNamed
	for end > 0 && !utf8.RuneStart(o[end]) {
		end--
	}
	return o[:end]
}

// hints takes the words' neighbours for names, in order, none over another.
func (f *finder) hints(words []names.Word) []names.Name {
	before := len(f.spans)
	if f.lang == "zh" || f.lang == "yue" || f.lang == "ja" {
		f.han(f.readForNames())
	}
	for i := range words {
		f.besideWord(words, i)
	}
	spans := f.spans[before:]
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.rank, a.rank), cmp.Compare(b.end-b.start, a.end-a.start))
	})
	var out []names.Name
	for _, sp := range spans {
		start, end := f.t.Origin(sp.start, sp.end)
		if n := len(out); n > 0 && start < out[n-1].End {
			continue
		}
		out = append(out, names.Name{Kind: sp.kind, Start: start, End: end})
	}
	f.spans = f.spans[:before]
	return out
}

// model is by which names are found.
func (f *finder) model() *names.Model {
	if f.context.Names != nil {
		return f.context.Names
	}
	return names.Default()
}

// besideWord finds the name that a word such as "Mr", "rue" or "Ltd" stands with.
func (f *finder) besideWord(words []names.Word, i int) {
	w := &words[i]
	does := beside.of(w.Lower)
	switch {
	case does&title != 0:
		f.follow("person", words, i, i, 3, 45)
	case does&call != 0:
		f.follow("person", words, i, i+1, 3, 44)
	case does&way != 0 && (w.Lower != "place" || f.lang == "fr"):
		f.follow("place", words, i, f.houseBefore(words, i), 4, 40)
	case does&firm != 0 && w.Capital():
		f.precede("organisation", words, i, 4, 42)
	case does&place != 0 && w.Capital():
		f.precede("place", words, i, 3, 41)
	case w.Lower[0] >= 0xD8 && w.Lower[0] <= 0xDB:
		f.arabic(words, i)
	case w.Lower[0] == 0xE0 && w.Lower[1] >= 0xA4 && w.Lower[1] <= 0xA5:
		f.hindi(words, i)
	case w.Capital() && hyphenated(w.Lower):
		f.addOriginal("place", w.Start, w.End, 41)
	case f.lang == "de" && w.Capital() && w.End-w.Start > 7:
		for _, e := range streetEndings {
			if strings.HasSuffix(w.Lower, e) && len(w.Lower) > len(e)+2 {
				f.addOriginal("place", w.Start, f.numbered(w.End), 40)
			}
		}
	}
}

// hyphenated says whether a word is built like the name of a town: "Port-Louis", "Lorme-sur-Aigre".
func hyphenated(lower string) bool {
	if !strings.Contains(lower, "-") {
		return false
	}
	return startsWithAny(lower, "port-", "saint-", "sainte-", "bad-", "villa-") || says(lower, []string{"-sur-", "-les-", "-sous-", "-aux-", "-am-", "-an-der-", "-on-", "-upon-"})
}

// numbered goes on over a house number after a street that ends at i in the original.
func (f *finder) numbered(i int) int {
	o := f.t.Original
	j := digitsOf(o, skip(o, i, " "))
	if j > i+1 && j-i <= 5 && wordStops(o, j) {
		return j
	}
	return i
}

var streetEndings = [...]string{"strasse", "gasse", "allee", "brucke", "platz", "bahnhof", "steig", "ufer", "damm", "weg", "hof", "markt", "siedlung"}

// longestNamed bounds how much of a text is read for names.
const longestNamed = 60_000

// tagged adds a name that the model found, unless it is a word of time.
func (f *finder) tagged(n names.Name) {
	a, b := f.t.FoldedSpan(n.Start, n.End)
	if a >= b || startsWithAny(f.s[a:b], "i'") {
		return
	}
	for _, w := range f.words {
		if w.start <= a && w.end >= b && (w.kind == "month" || w.kind == "weekday" || w.kind == "relative") {
			return
		}
	}
	if r, size := utf8.DecodeRuneInString(f.s[a:b]); n.Kind == "person" && size == b-a && fold.Dense(r) {
		return // nobody is named by one character alone, neither in Chinese nor in Japanese
	}
	start := n.Start + names.Clitic(f.t.Original[n.Start:n.End])
	end := closed(f.t.Original, start, n.End)
	switch {
	case n.Kind == "organisation":
		end = legalEnd(f.t.Original, start, end)
	case n.Kind == "person" && f.lang == "en":
		if folded, ok := strings.CutSuffix(f.s[a:b], "'s"); ok && folded != "" {
			_, end = f.t.Origin(a, a+len(folded)) // of "Hamdi's brother"
		}
	}
	f.addOriginal(n.Kind, start, end, 41)
}

// legalForms are what firms' names end in, longer ones before what they begin with.
var legalForms = [...]string{
	" GmbH & Co. KG", " gGmbH", " GmbH", " e.V.", " Ltd.", " Ltd", " Limited", " LLP", " LLC", " Inc.", " Inc", " plc", " PLC", " SARL", " S.A.R.L.", " Ltda.", " Ltda", " S.L.",
	"有限责任公司", "股份有限公司", "有限公司",
}

// legalEnd is where the name of an organisation ends that a legal form ends: the model may stop before it or amid it, or go on behind it.
func legalEnd(o string, start, end int) int {
	for _, form := range legalForms {
		i := strings.Index(o[start:min(end+len(form), len(o))], form)
		if at := start + i + len(form); i > 0 && (wordStops(o, at) || form[0] != ' ') {
			return at
		}
	}
	return end
}

// closed goes on over the sign that closes a quotation which a name opens: "ДК «Горняк»".
func closed(o string, start, end int) int {
	for _, pair := range [...][2]string{{"«", "»"}, {"„", "“"}, {"「", "」"}, {"(", ")"}} {
		if strings.Contains(o[start:end], pair[0]) && !strings.Contains(o[start:end], pair[1]) && strings.HasPrefix(o[end:], pair[1]) {
			return end + len(pair[1])
		}
	}
	if strings.Count(o[start:end], `"`) == 1 && strings.HasPrefix(o[end:], `"`) {
		return end + 1
	}
	return end
}

// adjacent says whether nothing but blanks (and, after a title, a full stop) stands between two words.
func (f *finder) adjacent(a, b *names.Word) bool {
	between := f.t.Original[a.End:b.Start]
	return strings.Trim(between, " .") == "" && len(between) <= 2
}

// follow takes the capitalised words after words[i] with everything from words[from] on.
func (f *finder) follow(kind string, words []names.Word, i, from, most, rank int) {
	last := i
	for j := i + 1; j < len(words) && j <= i+most+2 && f.adjacent(&words[j-1], &words[j]); j++ {
		if kind == "place" && words[j].Opens {
			break // "… en la calle. Llévenselo"
		}
		if joined[words[j].Lower] && !words[j].Capital() {
			continue
		}
		if !words[j].Capital() {
			break
		}
		last = j
		if strings.HasPrefix(f.t.Original[words[j].End:], ".") {
			break
		}
	}
	if last <= i || from > last {
		return
	}
	end := words[last].End
	if kind == "place" {
		end = f.houseAfter(end)
	}
	f.addOriginal(kind, words[from].Start, end, rank)
}

// houseBefore gives the word that a street's name begins with: the number of a house before words[i], "12, rue", or that word itself.
func (f *finder) houseBefore(words []names.Word, i int) int {
	if i == 0 || strings.Trim(words[i-1].Lower, "0123456789") != "" || len(words[i-1].Lower) > 4 {
		return i
	}
	if between := f.t.Original[words[i-1].End:words[i].Start]; between == " " || between == ", " {
		return i - 1
	}
	return i
}

// flatBefore gives the word that an address begins with: "Flat" in "Flat 6, 19 Corder Street" and in "Flat 6, Corder Court", or words[i]
// itself.
func (f *finder) flatBefore(words []names.Word, i int) int {
	if i > 0 && flats[words[i-1].Lower] && isDigit(words[i].Lower[0]) && f.t.Original[words[i-1].End:words[i].Start] == " " {
		return i - 1
	}
	if i < 2 || !flats[words[i-2].Lower] || f.t.Original[words[i-2].End:words[i-1].Start] != " " || f.t.Original[words[i-1].End:words[i].Start] != ", " {
		return i
	}
	return i - 2
}

// houseAfter goes on over the number of a house behind a street's name that ends at i in the original, where nothing is counted by
// it: "calle Tejedores 5.", "на Полевой улице, 8".
func (f *finder) houseAfter(i int) int {
	o := f.t.Original
	start := skip(o, skip(o, i, ","), " ")
	end := digitsOf(o, start)
	if end == start || end-start > 4 || start == i || end < len(o) && strings.IndexByte(".,;)\n", o[end]) < 0 || end+1 < len(o) && isDigit(o[end+1]) {
		return i
	}
	return end
}

// precede takes the capitalised words before words[i] and itself.
func (f *finder) precede(kind string, words []names.Word, i, most, rank int) {
	first := i
	for j := i - 1; j >= 0 && j >= i-most && words[j].Capital() && f.t.Original[words[j].End:words[j+1].Start] == " "; j-- {
		first = j
	}
	for first < i && opening[words[first].Lower] {
		first++
	}
	if first == i {
		return
	}
	if kind == "place" {
		first = f.flatBefore(words, f.houseBefore(words, first))
	}
	f.addOriginal(kind, words[first].Start, words[i].End, rank)
}

// opening are words that begin a sentence with a capital and are no part of a name.
var opening = wordSet("the a an at in on my our his her their this that from to and but is it i we he she they near by with for of all when where there")
