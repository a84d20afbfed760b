package screening

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"testing/quick"

	"github.com/heed-line/heed"
)

// writtenByJSON is the line that encoding/json writes.
func writtenByJSON(t testing.TB, v any) string {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnAnswerIsWrittenAsJSONWritesIt(t *testing.T) {
	var out bytes.Buffer
	w := lineWriter{w: &out}
	same := func(a Answer) bool {
		out.Reset()
		if err := w.write(a.ID, &a.Screening); err != nil {
			t.Fatal(err)
		}
		want := writtenByJSON(t, a)
		if out.String() != want {
			t.Errorf("%swant\n%s", out.String(), want)
		}
		return out.String() == want
	}
	random := rand.New(rand.NewSource(11)) // every field of every kind, so that one which is added is missed
	if err := quick.Check(same, &quick.Config{Rand: random, MaxCount: 300}); err != nil {
		t.Error(err)
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 0.3, 1e-6, 9.99e-7, 1e-9, 1e20, 1e21, 5e-324, math.MaxFloat64, 123456.789} {
		same(Answer{"x", heed.Screening{Relevance: x, Reasons: []heed.Reason{{Weight: x}}}})
	}
	same(Answer{"x", heed.Screening{Similar: []heed.Match{}, Details: []heed.Detail{}, Reasons: []heed.Reason{}, Languages: []string{}}})
	out.Reset()
	if err := w.refuse(refusedLine{"<é\x01\xff", "no & \"report\""}); err != nil || out.String() != writtenByJSON(t, refusedLine{"<é\x01\xff", "no & \"report\""}) {
		t.Errorf("%v %s", err, out.String())
	}
	if err := w.write("x", &heed.Screening{Relevance: math.NaN()}); err == nil {
		t.Error("what is no number is written")
	}
	same(Answer{ID: "after it"})
}

func FuzzAStringIsWrittenAndReadAsJSONDoes(f *testing.F) {
	for _, s := range []string{
		"", "plain", "\"\\/\b\f\n\r\t", "<a href='x'>&", "\x00\x1f\x7f\x80", "é\u2028\u2029\u00e2", "\xe2\x80", "😀 \U0010FFFF", "\xed\xa0\x80", "a\xffb",
		`\u0041\ud83d\ude00`, `\u00`, `\x`, `\`, `"`, "\uFFFD",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var out bytes.Buffer
		w := lineWriter{w: &out}
		if err := w.write(heed.ID(s), &heed.Screening{Model: s}); err != nil {
			t.Fatal(err)
		}
		if want := writtenByJSON(t, Answer{heed.ID(s), heed.Screening{Model: s}}); out.String() != want {
			t.Errorf("%q is written %s, want %s", s, out.String(), want)
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{
			`{"id":"x","text":` + string(quoted) + `}`, // as it must be
			`{"id":"x","text":"` + s + `"}`, `{"id":"x","text":"y"}` + s, s + `{"id":"x"}`, `{"id":"x","` + s + `":"y"}`, s,
		} {
			readAsJSONDoes(t, line)
		}
	})
}

// readAsJSONDoes holds what is read plainly to what encoding/json reads.
func readAsJSONDoes(t *testing.T, line string) (plainly bool) {
	t.Helper()
	var got, want Line
	if !got.readPlain([]byte(line)) {
		return false
	}
	if err := json.Unmarshal([]byte(line), &want); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s is read as %+v, want %+v, %v", line, got, want, err)
	}
	return true
}

func TestALineIsReadAsJSONReadsIt(t *testing.T) {
	for _, line := range []string{
		`{"id":"a","text":"b","channel":"web","lang":"en","received_at":"2026-11-01T00:00:00Z"}`,
		" { \"text\" : \"first\" ,\n\t\"text\":\"second\",\"id\":\"\"}\r\n",
		`{"id":"a","text":"\"\\\/\b\f\n\r\t\u00e9\u4e2d\u003c<é中"}`,
	} {
		if !readAsJSONDoes(t, line) {
			t.Errorf("%s isn't read plainly", line)
		}
	}
	for _, line := range []string{
		``, `{`, `{}`, `[]`, `{"id"}`, `{"id":}`, `{"id":1}`, `{"id":null}`, `{"ID":"a"}`, `{"id":"a","more":"b"}`, `{"id":"a"`, `{"id":"a",}`, `{"id":"a"}x`, `{"id":"a}`,
		`{"id":"a\`, `{"id":"a\"}`, `{"id":"\ud83d\ude00"}`, `{"id":"\u12"}`, `{"id":"\u+123"}`, `{"id":"\q"}`, "{\"id\":\"\x01\"}", "{\"id\":\"\\n\x01\"}", "{\"id\":\"\xff\"}",
		"{\"id\":\"\\n\xff\"}", `{"id":"a" "text":"b"}`, `{"id":{"id":"a"}}`,
	} {
		if readAsJSONDoes(t, line) {
			t.Errorf("%q is read plainly", line)
		}
	}
}

func TestALineOfManyEscapedStringsIsReadInLinearTime(t *testing.T) {
	line := "{" + strings.Repeat(`"id":"\n",`, 1000) + `"text":"\"a\"","lang":"\/"}`
	if !readAsJSONDoes(t, line) {
		t.Error("isn't read plainly")
	}
	pieces := testing.AllocsPerRun(3, func() {
		var l Line
		l.readPlain([]byte(line))
	})
	if pieces > 10 {
		t.Errorf("%g pieces of memory, of which each may be as long as the line", pieces)
	}
}
