package own

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/fold"
)

const (
	window   = 240  // bytes of folded text in which a phrase and what it announces stand
	behind   = 60   // bytes before a phrase such as "is my number"
	tries    = 2000 // words of one text that are looked at as the beginning of a phrase
	atMost   = 10   // pieces that one text gives
	mostName = 3    // words of a name
)

// Piece is one place where a text seems to say who its writer is. All offsets are of bytes of the text.
type Piece struct {
	Kind       string // name, phone, email, account, id-number, plate, crypto, address, number
	Start, End int    // what is the writer's own
	From, To   int    // the same with the words that say so
}

// Words gives the pieces of a text in which its writer seems to name themself or a number, address, place or account of
// their own, as they stand there and in order; nil where there are none. language is the writer's, a BCP 47 tag; phrases
// of all languages are read, whichever it is. Time is linear in the text.
func Words(text, language string) []string {
	var out []string
	for _, p := range Find(text, language) {
		out = append(out, strings.TrimSpace(text[p.From:p.To]))
	}
	return out
}

// Find gives the same pieces with their places.
func Find(text, language string) []Piece {
	r := &reader{t: fold.New(text), language: language}
	r.s = r.t.Folded
	for i := 0; i < len(r.s) && r.tried < tries && len(r.found) < atMost; {
		word := r.wordAt(i)
		if word == "" {
			_, size := utf8.DecodeRuneInString(r.s[i:])
			i += size
			continue
		}
		end := 0
		if starts[word] && r.goesOn(word, i+len(word)) {
			r.tried++
			before := len(r.found)
			if end = r.phraseAt(i); end > 0 && r.others(i) { // which is dear, and seldom asked once a phrase stands there
				r.found, end = r.found[:before], 0
			}
		}
		i = max(i+len(word), end)
	}
	return r.found
}

// reader is one text while it is read.
type reader struct {
	t        *fold.Text
	s        string // t.Folded
	language string
	tried    int
	found    []Piece
}

// others says whether the words at i are somebody else's, told by the writer ("he said: call me at …"), or denied ("that is
// not my number").
func (r *reader) others(i int) bool {
	before := r.s[max(0, i-behind):i]
	if cut := strings.LastIndexAny(before, ".!?。！？"); cut >= 0 && cut < len(before)-4 {
		before = before[cut:]
	}
	if r.quoted(i) || denied.MatchString(before) || strings.HasSuffix(before, "の") {
		return true
	}
	return toldBy.MatchString(before) && !iTold.MatchString(before)
}

// quoted says whether a quotation mark before i, in the same part of the text, is still open.
func (r *reader) quoted(i int) bool {
	before := r.s[max(0, i-window):i]
	if strings.Count(before, "\"")%2 == 1 {
		return true
	}
	for _, pair := range [...][2]string{{"«", "»"}, {"„", "\""}, {"「", "」"}, {"『", "』"}, {"《", "》"}} {
		if open := strings.LastIndex(before, pair[0]); open >= 0 && !strings.Contains(before[open:], pair[1]) {
			return true
		}
	}
	return false
}

// wordAt is the word that begins at i, a single character in Chinese, "" where none begins. A word that began before i is
// none: what leads on from one word to the next has passed it.
func (r *reader) wordAt(i int) string {
	first, size := utf8.DecodeRuneInString(r.s[i:])
	switch {
	case !fold.Word(first):
		return ""
	case fold.Dense(first):
		return r.s[i : i+size]
	}
	end := i
	for end < len(r.s) {
		c, size := utf8.DecodeRuneInString(r.s[end:])
		if (!fold.Word(c) || fold.Dense(c)) && c != '\'' {
			break
		}
		end += size
	}
	return r.s[i:end]
}

// goesOn says whether a phrase may go on at i behind its first word.
func (r *reader) goesOn(word string, i int) bool {
	after, often := followed[word]
	return !often || slices.ContainsFunc(after, func(next string) bool { return strings.HasPrefix(r.s[i:], next) })
}

// phraseAt tries every phrase at i, keeps what it announces and gives its end; 0 where there is none.
func (r *reader) phraseAt(i int) int {
	part := strings.ToValidUTF8(r.s[i:min(len(r.s), i+window)], "")
	for _, n := range names {
		if m := n.phrase.FindString(part); m != "" {
			if end := r.name(i+len(m), n.least); end > 0 && !n.misled(r.original(i, i+len(m))) {
				return r.keep("name", i, i+len(m), end, end)
			}
		}
	}
	if start, end := r.chinese(i, part); end > 0 {
		return r.keep("name", i, start, end, end)
	}
	if m := contact.FindString(part); m != "" {
		if kind, end := r.announced(i+len(m), part[len(m):]); end > 0 && r.asked(m, end) {
			return r.keep(kind, i, i+len(m), end, end)
		}
		if at := said.FindStringSubmatchIndex(r.s[max(0, i-behind):i]); at != nil {
			offset := max(0, i-behind)
			kind := "phone"
			if strings.Contains(r.s[offset+at[2]:offset+at[3]], "@") {
				kind = "email"
			}
			return r.keep(kind, offset+at[0], offset+at[2], offset+at[3], i+len(strings.TrimRight(m, " .:=#-")))
		}
	}
	if m := home.FindString(part); m != "" {
		if end := r.place(i+len(m), part[len(m):]); end > 0 {
			return r.keep("address", i, i+len(m), end, end)
		}
	}
	return 0
}

func (r *reader) original(start, end int) string {
	a, b := r.t.Origin(start, end)
	return r.t.Original[a:b]
}

// keep adds what is the writer's own at [start,end) of the folded text, in the phrase [from,to), and gives the phrase's end.
func (r *reader) keep(kind string, from, start, end, to int) int {
	for start < end && r.s[start] == ' ' {
		start++
	}
	for end > start && (r.s[end-1] == ' ' || r.s[end-1] == ',') {
		end--
	}
	p := Piece{Kind: kind}
	if start < end {
		p.Start, p.End = r.t.Origin(start, end)
		p.From, p.To = r.t.Origin(from, to)
		r.found = append(r.found, p)
	}
	return to
}

// name reads the words of a name at i and gives their end, 0 where fewer than least of them begin with a capital. Arabic
// has no capitals: there a name is a word that isn't one of those that go on with a sentence.
func (r *reader) name(i, least int) int {
	end, count := 0, 0
	for n := 0; n < mostName+1 && i < len(r.s); n++ {
		word := r.wordAt(i)
		if word == "" || fold.Dense([]rune(word)[0]) {
			break
		}
		first, _ := utf8.DecodeRuneInString(r.original(i, i+len(word)))
		switch {
		case particles[word] && count > 0 || particles[word] && n == 0 && least > 1:
		case unicode.IsUpper(first), unicode.In(first, unicode.Arabic, unicode.Devanagari) && !goesOn[word] && count < 2:
			count++
			end = i + len(word)
		default:
			n = mostName
		}
		i += len(word)
		if i >= len(r.s) || r.s[i] != ' ' && r.s[i] != '-' {
			break
		}
		i++
	}
	if count < least {
		return 0
	}
	return end
}

// chinese reads a family name and one or two characters more after "my name is", or a Japanese name.
func (r *reader) chinese(i int, part string) (start, end int) {
	m := chineseName.FindStringSubmatchIndex(part)
	if m == nil || chineseTitle.MatchString(part[m[2]:]) {
		if m = japaneseName.FindStringSubmatchIndex(part); m == nil {
			return 0, 0
		}
	}
	return i + m[2], i + m[3]
}

// announced gives the kind and the end of a number, e-mail address or account that begins right at i, 0 where there is none.
func (r *reader) announced(i int, rest string) (kind string, end int) {
	if rest == "" {
		return "", 0
	}
	a, b := r.t.Origin(i, i+len(rest))
	for _, d := range details.Find(fold.New(r.t.Original[a:b]), details.Context{Language: r.language}) {
		switch d.Type {
		case "phone", "email", "account", "id-number", "plate", "crypto":
			if d.Start <= 2 {
				_, end := r.t.FoldedSpan(a+d.Start, a+d.End)
				return d.Type, end
			}
		}
	}
	if m := anyNumber.FindString(rest); m != "" { // written as no country that we know writes it
		return "number", i + len(m)
	}
	return "", 0
}

// asked says that a Hindi phrase for "me", which a number follows, goes on as "call me on" does, not as "called me from".
func (r *reader) asked(phrase string, end int) bool {
	if !strings.HasPrefix(phrase, "मुझ") && !strings.HasPrefix(phrase, "mujh") {
		return true
	}
	return asksOn.MatchString(r.s[end:])
}

// place gives the end of the clause at i where it names a place as exactly as an address does, 0 where it doesn't.
func (r *reader) place(i int, rest string) int {
	if end := strings.IndexAny(rest, ".!?;。\n"); end >= 0 {
		rest = rest[:end]
	}
	if rest = clause.FindString(rest); rest == "" || chineseNear.MatchString(rest) {
		return 0
	}
	if chinesePlace.MatchString(rest) {
		return i + len(rest)
	}
	a, b := r.t.Origin(i, i+len(rest))
	exact := r.t.Original[a:b]
	named := false
	for _, d := range details.Find(fold.New(exact), details.Context{Language: r.language}) {
		switch d.Type {
		case "place":
			named = true
		case "time", "money", "phone", "email":
			rest = strings.Replace(rest, fold.String(d.Text), "", 1) // its digits are no house's
		}
	}
	if !named && !houseNumber.MatchString(rest) {
		return 0
	}
	_, end := r.t.FoldedSpan(a, b)
	return end
}

// misled says whether the original's accents give a phrase another meaning than its folded form has.
func (n *nameRule) misled(original string) bool {
	return n.unless != nil && n.unless.MatchString(strings.ToLower(original))
}

// nameRule is a phrase that a name follows.
type nameRule struct {
	phrase *regexp.Regexp // on folded text, from its beginning
	least  int            // words of the name that must begin with a capital
	unless *regexp.Regexp // on the original in lower case; nil: nothing
}
