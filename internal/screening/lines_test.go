package screening

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func run(t testing.TB, lines ...string) ([]Answer, []map[string]any, Tally) {
	t.Helper()
	var out bytes.Buffer
	tally, err := New(Config{}).RunLines(strings.NewReader(strings.Join(lines, "\n")), &out)
	if err != nil {
		t.Fatal(err)
	}
	var answers []Answer
	var raw []map[string]any
	for line := range strings.Lines(out.String()) {
		var a Answer
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		answers, raw = append(answers, a), append(raw, m)
	}
	return answers, raw, tally
}

func line(id, text string) string {
	b, err := json.Marshal(map[string]string{"id": id, "text": text})
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(b)
}

const vanReport = "A white van without plates has been parked by the primary school on Mill Lane since Monday, and two men photograph the children from it every afternoon."

func TestEveryLineIsAnsweredInItsPlace(t *testing.T) {
	answers, raw, tally := run(t, line("a", "gas smell in the hallway"), "not json", `{"id":"c"}`, "", line("d", vanReport), `{"id":"e","text":7}`)
	if len(answers) != 5 || tally.Lines != 5 || tally.Bad != 3 {
		t.Fatalf("%d answers, tally %+v", len(answers), tally)
	}
	for i, id := range []heed.ID{"a", "", "c", "d", "e"} {
		if answers[i].ID != id {
			t.Errorf("answer %d is for %q", i, answers[i].ID)
		}
	}
	for _, i := range []int{1, 2, 4} {
		if raw[i]["error"] == nil || len(raw[i]) != 2 {
			t.Errorf("answer %d: %v", i, raw[i])
		}
	}
	for _, key := range []string{"id", "language", "relevance", "set_aside", "refuse", "category", "category_probability", "urgency", "duplicate_of", "similar", "details", "reasons", "model", "calibrated"} {
		if _, ok := raw[0][key]; !ok {
			t.Errorf("an answer lacks %q", key)
		}
	}
}

func TestAnErrorSaysWhichLineItIsOfAndWhatIsWrongWithItWithoutAWordOfIt(t *testing.T) {
	for in, want := range map[string]string{
		"not json":                            `line 3 is not a report in JSON: {"id","text","channel"?,"lang"?,"received_at"?}`,
		`{"text":"secret"}`:                   "line 3 has no id",
		`{"id":"x"}`:                          "line 3 has no text",
		`{"id":"x","text":["secret"]}`:        "line 3 is not a report: its text is of type array, not string",
		`{"id":7,"text":"secret"}`:            "line 3 is not a report: its id is of type number, not string",
		"{\"id\":\"x\",\"text\":\"caf\xe9\"}": "line 3 is not UTF-8",
		"\xff\xfe{\x00\"\x00":                 "line 3 is UTF-16: write it as UTF-8 first",
		"\x1f\x8b\x08\x00":                    "line 3 is compressed by gzip: unpack it first",
		"PK\x03\x04\x14":                      "line 3 is a ZIP archive or an office document: a report a line is read, in JSON",
		`[{"id":"x","text":"secret"}]`:        "line 3 is a list: a report a line is read, not a list of them",
		strings.Repeat("x", LongestLine+2):    "line 3 is longer than 4 MiB",
	} {
		_, raw, tally := run(t, line("a", "gas smell in the hallway"), "", in, line("d", vanReport))
		if len(raw) != 3 || raw[1]["error"] != want || tally.First != want || tally.Bad != 1 {
			t.Errorf("%.40q: %v, tally %+v; want %q", in, raw[1], tally, want)
		}
	}
}

func TestALineThatIsNotUTF8IsNamedByItsIDOnlyWhereThatIs(t *testing.T) {
	_, raw, _ := run(t, "{\"id\":\"a\",\"text\":\"caf\xe9\"}", "{\"id\":\"caf\xe9\",\"text\":\"smoke\"}")
	if len(raw) != 2 || raw[0]["id"] != "a" || raw[1]["id"] != "" {
		t.Errorf("%v", raw)
	}
}

func TestAByteOrderMarkAndForeignLineEndsAreNoPartOfALine(t *testing.T) {
	answers, _, tally := run(t, "\ufeff"+line("a", vanReport)+"\r", "\r", line("b", vanReport)+"\r")
	if len(answers) != 2 || tally.Bad != 0 || answers[0].ID != "a" || answers[1].ID != "b" {
		t.Errorf("%+v, tally %+v", answers, tally)
	}
}

func TestACopyPointsAtTheOriginalAndNeverAtAnotherCopy(t *testing.T) {
	answers, _, _ := run(t,
		line("first", vanReport),
		line("other", "The lift in Birch House stops between floors, an old man was stuck in it for an hour yesterday."),
		line("second", "Forwarding this from the parents' chat: "+vanReport),
		line("third", strings.Replace(vanReport, "every afternoon", "each day after lessons", 1)+" Please look into it."),
	)
	for _, i := range []int{2, 3} {
		if d := answers[i].DuplicateOf; d == nil || *d != "first" {
			t.Errorf("%s is a duplicate of %v", answers[i].ID, d)
		}
	}
	for _, i := range []int{0, 1} {
		if answers[i].DuplicateOf != nil {
			t.Errorf("%s is called a copy of %v", answers[i].ID, *answers[i].DuplicateOf)
		}
	}
}

func TestReportsOfOneSchemeAreSimilarAcrossLanguages(t *testing.T) {
	answers, _, _ := run(t,
		line("en", "My electric blanket from Nordglow, batch 0716-K, caught fire in the night. I bought it at the market in Penwick."),
		line("x", "The bus driver on route 9 was drunk this morning."),
		line("de", "Die Heizdecke von Nordglow, Charge 0716-K, ist gestern geschmolzen, meine Frau hat Brandblasen."),
	)
	if s := answers[2].Similar; len(s) != 1 || s[0].ID != "en" || s[0].Kind != heed.MatchSameEvent || answers[2].DuplicateOf != nil {
		t.Errorf("similar %+v, duplicate of %v", s, answers[2].DuplicateOf)
	}
}

func TestTwoRunsOverTheSameLinesAnswerTheSame(t *testing.T) {
	var lines []string
	for i := range 300 {
		lines = append(lines, line(fmt.Sprint("r", i), fmt.Sprintf("%s House number %d, seen by %d people.", vanReport[:60+i%80], i*7919%1000, i)))
	}
	a, _, _ := run(t, lines...)
	b, _, _ := run(t, lines...)
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Error("the answers differ")
	}
}

func TestALineThatIsTooLongIsAnsweredAndTheNextIsRead(t *testing.T) {
	answers, raw, tally := run(t, `{"id":"long","text":"`+strings.Repeat("x", LongestLine)+`"}`, line("next", vanReport))
	if len(answers) != 2 || raw[0]["error"] == nil || answers[1].ID != "next" || tally.Bad != 1 {
		t.Errorf("%v, %+v", raw, tally)
	}
}

func TestMarksNeedTheKeyAndFindAnEditedText(t *testing.T) {
	s := New(Config{})
	marksOf := func(key Hasher, text string) []int64 { return MarksOf(key, s.Features(text)).Asked() }
	edited := strings.Replace(vanReport, "two men photograph", "two guys keep filming", 1)
	whole := marksOf(plainHash{}, vanReport)
	if n := sharedMarks(whole, marksOf(plainHash{}, edited)); n < len(whole)/3 {
		t.Errorf("an edited text shares %d of %d marks", n, len(whole))
	}
	if n := sharedMarks(whole, marksOf(plainHash{}, "Thick smoke comes out of the warehouse behind the station, the workers are still inside.")); n > 2 {
		t.Errorf("another text shares %d marks", n)
	}
	if n := sharedMarks(whole, marksOf(otherHash{}, vanReport)); n != 0 {
		t.Errorf("under another key %d marks are the same", n)
	}
	if len(marksOf(plainHash{}, "?!")) != 0 {
		t.Error("a text without words has marks")
	}
}

func sharedMarks(a, b []int64) int {
	n := 0
	for _, m := range a {
		if slices.Contains(b, m) {
			n++
		}
	}
	return n
}

type otherHash struct{}

func (otherHash) Hash64(b []byte) uint64 { return sipKey{7, 8}.hash(b) }

func TestSearchTokensAreWordsAndCharacterPairs(t *testing.T) {
	got := strings.Join(SearchTokens("Fire! Gas-leak, 煤气味 at Café 煤"), " ")
	if got != "fire gas leak 煤气 气味 at cafe 煤" {
		t.Errorf("%q", got)
	}
}

func FuzzRunLines(f *testing.F) {
	f.Add(line("a", vanReport) + "\n" + line("b", vanReport))
	f.Add("{\n}\n\"x\"")
	s := New(Config{})
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		tally, err := s.RunLines(strings.NewReader(in), &out)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(out.String(), "\n"); n != tally.Lines {
			t.Fatalf("%d lines for a tally of %d", n, tally.Lines)
		}
	})
}

func BenchmarkRunLines(b *testing.B) {
	var in bytes.Buffer
	for i := range 2000 {
		fmt.Fprintln(&in, line(fmt.Sprint("r", i), fmt.Sprintf("%s Seen near house %d by number %d. %s", vanReport, i*7919%1000, i*31%977, strings.Repeat(fmt.Sprintf("word%d ", i), 40))))
	}
	s := New(Config{})
	for b.Loop() {
		if _, err := s.RunLines(bytes.NewReader(in.Bytes()), &bytes.Buffer{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(2000*b.N)/b.Elapsed().Seconds(), "lines/s")
}

func TestALineIsAnsweredThoughTheNextHasBegun(t *testing.T) {
	lines, told := io.Pipe()
	answered, answers := io.Pipe()
	defer answered.Close()
	go func() {
		_, err := New(Config{}).RunLines(lines, answers)
		answers.CloseWithError(err)
	}()
	waited := time.AfterFunc(time.Minute, func() { answered.CloseWithError(errors.New("it waits for the rest")) })
	defer waited.Stop()
	out := bufio.NewReader(answered)
	for _, part := range []struct{ told, answer string }{
		{`{"id":"a","text":"Smoke in the tunnel."}` + "\n" + `{"id":"b","te`, "a"}, {`xt":"Water in the cellar."}` + "\n", "b"},
	} {
		if _, err := io.WriteString(told, part.told); err != nil {
			t.Fatal(err)
		}
		if line, err := out.ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"id":"`+part.answer+`"`) {
			t.Errorf("%q, %v", line, err)
		}
	}
	told.Close()
}
