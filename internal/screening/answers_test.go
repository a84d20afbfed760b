package screening

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/training"
)

var writeAnswers = flag.Bool("answers", false, "write testdata/answers.jsonl.gz anew")

const answersFile = "testdata/answers.jsonl.gz"

// What a run answers to a thousand lines stands in testdata, by the version of the rules and the model. Who makes the screening
// quicker must not change a byte of it; who changes the model, the lists or the rules writes it anew:
//
//	go test -run TestAThousandLinesAreAnsweredAsBefore ./internal/screening -args -answers
func TestAThousandLinesAreAnsweredAsBefore(t *testing.T) {
	lines := everyKindOfLine(t)
	var in, out bytes.Buffer
	for _, l := range lines {
		if err := json.NewEncoder(&in).Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	s := New(Config{})
	fmt.Fprintf(&out, "%s\n", s.Version())
	if tally, err := s.RunLines(&in, &out); err != nil || tally.Bad > 0 || tally.Lines < len(lines) {
		t.Fatal(tally, err)
	}
	if *writeAnswers {
		pack(t, out.Bytes())
		return
	}
	was, is := bufio.NewScanner(bytes.NewReader(unpack(t))), bufio.NewScanner(&out)
	was.Buffer(nil, LongestLine)
	is.Buffer(nil, LongestLine)
	if was.Scan(); !is.Scan() || is.Text() != was.Text() {
		t.Fatalf("the answers are %s's, this is %s: write them anew", was.Text(), is.Text())
	}
	changed := 0
	for i := range lines {
		if was.Scan(); !is.Scan() || was.Text() == is.Text() {
			continue
		}
		if changed++; changed <= 5 {
			t.Errorf("%q\nwas answered  %s\nis answered   %s", lines[i].Text[:min(len(lines[i].Text), 600)], was.Text(), is.Text())
		}
	}
	if changed > 5 {
		t.Errorf("%d of %d lines are answered otherwise", changed, len(lines))
	}
}

// everyKindOfLine are reports of a hundred words and edited copies of them, short ones, some in two languages, in capitals or cut
// into pieces, the cases at the boundary of a refusal, and texts made to cost time.
func everyKindOfLine(t *testing.T) []Line {
	lines := hundredWords(t, 300)
	add := func(name, text string) {
		lines = append(lines, Line{ID: heed.ID(fmt.Sprintf("%s-%d", name, len(lines))), Text: text})
	}
	reports, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(reports); i += 23 {
		text, other := reports[i].Text, reports[(i*31+7)%len(reports)].Text
		add("short", text)
		switch i % 4 {
		case 0:
			add("two", text+" "+other)
		case 1:
			add("capitals", strings.ToUpper(text))
		case 2:
			add("pieces", other[:len(other)/3]+"\xff\u200b "+strings.Join(strings.Split(text, " "), ".. \n"))
		}
	}
	cases, err := os.ReadFile("testdata/boundary.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for c := range bytes.Lines(cases) {
		var of Line
		if err := json.Unmarshal(c, &of); err != nil {
			t.Fatal(err)
		}
		add("boundary", of.Text)
	}
	odd := hostile()
	for _, name := range slices.Sorted(maps.Keys(odd)) {
		add("odd", strings.ToValidUTF8(odd[name][:min(len(odd[name]), 20_000)], "?"))
	}
	return lines
}

func pack(t *testing.T, answers []byte) {
	t.Helper()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(answers); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(answersFile, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func unpack(t *testing.T) []byte {
	t.Helper()
	f, err := os.Open(answersFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return answers
}
