package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/language"
)

// wrappers are what people put before a text that they pass on.
var wrappers = [...]string{"", "Fwd: ", "Please read this: ", "转发：", "From my neighbour: "}

// edit changes a share of the words of a text (characters, where it has few blanks) for words of others, and wraps it.
func edit(r *rand.Rand, text string, share float64, words []string) string {
	parts := strings.Fields(text)
	joint := " "
	if len(parts)*12 < len(text) {
		parts = strings.Split(text, "")
		joint = ""
	}
	for i := range parts {
		if r.Float64() < share {
			parts[i] = words[r.IntN(len(words))]
		}
	}
	return wrappers[r.IntN(len(wrappers))] + strings.Join(parts, joint)
}

// Edited measures how copies are found among messages: the first half of texts comes first, then for a third of them an
// edited copy, mixed with the second half, which has none. A copy that points at another message than its origin is
// wrong, and so is a new message called a copy.
func Edited(s *screening.Screener, texts []string, share float64, seed uint64) (F1, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	var words []string
	for _, t := range texts {
		if f := strings.Fields(t); len(f) > 4 {
			words = append(words, f...)
		} else {
			for _, c := range t {
				if unicode.IsLetter(c) {
					words = append(words, string(c))
				}
			}
		}
	}
	half := len(texts) / 2
	var reports []Report
	for i, t := range texts[:half] {
		reports = append(reports, Report{ID: heed.ID(fmt.Sprint("o", i)), Text: t})
	}
	for i, t := range texts[half:] {
		reports = append(reports, Report{ID: heed.ID(fmt.Sprint("n", i)), Text: t})
		if i%3 == 0 && i < half {
			reports = append(reports, Report{ID: heed.ID(fmt.Sprint("e", i)), Text: edit(r, texts[i], share, words), CopyOf: heed.ID(fmt.Sprint("o", i))})
		}
	}
	all, err := Run(s, reports)
	if err != nil {
		return F1{}, err
	}
	var f F1
	for _, a := range all {
		if a.CopyOf != "" {
			f.Labelled++
		}
		if d := a.Answer.DuplicateOf; d != nil {
			f.Found++
			if *d == a.CopyOf {
				f.Exact++
			}
			if a.CopyOf != "" {
				f.Overlap++
			}
		}
	}
	return f, nil
}

// EditedSet is how copies are found in one set of texts with a share of the words changed, 0 for all shares together.
type EditedSet struct {
	Name  string // EnglishCopies, ChineseCopies
	Texts int
	Share float64
	F1    F1
}

// EditedSets measures the English messages of relevance/crisislext26.jsonl.gz and the Chinese sentences of language/sentences.jsonl.gz in the
// folder data, 5, 15 and 30% edited.
func EditedSets(s *screening.Screener, data string) (out []EditedSet, err error) {
	messages, err := readTexts(filepath.Join(data, "relevance", "crisislext26.jsonl.gz"), func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	sentences, err := readTexts(filepath.Join(data, "language", "sentences.jsonl.gz"), func(lang string) bool { return lang == "zh" })
	if err != nil {
		return nil, err
	}
	messages = slices.DeleteFunc(messages, func(m string) bool { return language.Default().Detect(m).Main != "en" })
	for _, set := range []struct {
		name  string
		texts []string
	}{{EnglishCopies, Distinct(messages, 3000)}, {ChineseCopies, Distinct(sentences, 3000)}} {
		all := EditedSet{Name: set.name, Texts: len(set.texts)}
		for _, share := range []float64{0.05, 0.15, 0.3} {
			f, err := Edited(s, set.texts, share, 7)
			if err != nil {
				return nil, err
			}
			out = append(out, EditedSet{set.name, len(set.texts), share, f})
			all.F1.Add(f)
		}
		out = append(out, all)
	}
	return out, nil
}

// readTexts reads the texts of a gzipped file of {"text","lang"} lines.
func readTexts(path string, wanted func(lang string) bool) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the texts: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack the texts: %w", err)
	}
	var out []string
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct{ Text, Lang string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("read a text: %w", err)
		}
		if wanted(m.Lang) {
			out = append(out, m.Text)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the texts: %w", err)
	}
	return out, nil
}

// Distinct drops texts that share much with one before, so that natural copies don't count as errors: three tenths of all
// their character shingles, nine twentieths of the shorter one's, or two fifths of their words. It knows nothing of how the
// screening finds copies.
func Distinct(texts []string, most int) []string {
	d := distinct{shingles: map[string][]int32{}, words: map[string][]int32{}}
	for _, t := range texts {
		if d.add(t); len(d.kept) == most {
			break
		}
	}
	return d.kept
}

// Apart leaves out of others what shares much with one of texts, by the same measures.
func Apart(texts, others []string) []string {
	d := distinct{shingles: map[string][]int32{}, words: map[string][]int32{}}
	for _, t := range texts {
		d.add(t)
	}
	var out []string
	for _, t := range others {
		if words := screening.SearchTokens(t); len(words) >= 6 && !d.near(words, shinglesOf(t)) {
			out = append(out, t)
		}
	}
	return out
}

type distinct struct {
	kept            []string
	sizes           []int
	shingles, words map[string][]int32
}

func (d *distinct) add(text string) {
	words, parts := screening.SearchTokens(text), shinglesOf(text)
	if len(words) < 6 || d.near(words, parts) {
		return
	}
	i := int32(len(d.kept))
	for _, w := range words {
		if len(d.words[w]) < 200 {
			d.words[w] = append(d.words[w], i)
		}
	}
	for _, s := range parts {
		d.shingles[s] = append(d.shingles[s], i)
	}
	d.kept, d.sizes = append(d.kept, text), append(d.sizes, len(parts))
}

func (d *distinct) near(words, parts []string) bool {
	for _, n := range sharing(d.words, words) {
		if 5*n >= 2*len(words) {
			return true
		}
	}
	for i, n := range sharing(d.shingles, parts) {
		if 10*n >= 3*(len(parts)+d.sizes[i]-n) || 20*n >= 9*min(len(parts), d.sizes[i]) {
			return true
		}
	}
	return false
}

func sharing(index map[string][]int32, parts []string) map[int32]int {
	n := map[int32]int{}
	for _, p := range parts {
		for _, i := range index[p] {
			n[i]++
		}
	}
	return n
}

// shinglesOf gives the runs of five characters of a text, of two in scripts without blanks, each once.
func shinglesOf(text string) []string {
	var runes []rune
	for _, w := range strings.FieldsFunc(fold.String(text), func(r rune) bool { return !fold.Word(r) }) {
		runes = append(append(runes, []rune(w)...), ' ')
	}
	seen := map[string]bool{}
	var out []string
	for i, r := range runes {
		n := 5
		if fold.Dense(r) {
			n = 2
		}
		if i+n > len(runes) {
			continue
		}
		if s := string(runes[i : i+n]); !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
