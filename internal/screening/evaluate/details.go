package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// fewest is how many labelled details of a type a language must have for its floor to hold.
const fewest = 30

// DetailFigure is F1 of one type of detail in a set, of one language where the set tells it.
type DetailFigure struct {
	Set, Type, Language string
	F1                  F1
}

// Floor gives what the figure has to reach, if anything: where there are labels enough.
func (d DetailFigure) Floor() (Floor, bool) {
	if d.Language == "" || d.F1.Labelled < fewest {
		return Floor{}, false
	}
	return FloorOf("detail: " + d.Type)
}

// DetailFigures measures details by type and language over details/recognizers.jsonl.gz and by type over details/presidio.jsonl.gz in the
// folder data, as `heed screen` answers. Names are not among them: the tagger is trained on presidio (see the command trainnames for its own
// measure).
func DetailFigures(s *screening.Screener, data string) (out []DetailFigure, err error) {
	samples, err := ReadSamples(filepath.Join(data, "details", "recognizers.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	byKey, _ := Spans(s, samples, 0)
	personal, err := presidio(s, filepath.Join(data, "details", "presidio.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		kind, lang, _ := strings.Cut(key, " ")
		out = append(out, DetailFigure{"recognizers", kind, lang, byKey[key]})
	}
	for _, kind := range slices.Sorted(maps.Keys(personal)) {
		out = append(out, DetailFigure{"presidio", kind, "", personal[kind]})
	}
	return out, nil
}

// presidioTypes are the labels of presidio's sentences that have a type of ours.
var presidioTypes = map[string]string{
	"PHONE_NUMBER": "phone", "EMAIL_ADDRESS": "email", "CREDIT_CARD": "account", "IBAN_CODE": "account", "IP_ADDRESS": "ip", "DOMAIN_NAME": "url",
}

// presidio measures the types of presidioTypes over a gzipped file of {"text","spans"} lines.
func presidio(s *screening.Screener, path string) (map[string]F1, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the sentences: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack the sentences: %w", err)
	}
	out := map[string]F1{}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l struct {
			Text  string
			Spans [][4]any // label, text, start, end
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("read a sentence: %w", err)
		}
		var r Report
		r.Text = l.Text
		for _, span := range l.Spans {
			label, _ := span[0].(string)
			text, _ := span[1].(string)
			if kind := presidioTypes[label]; kind != "" {
				r.Details = append(r.Details, struct {
					Type string `json:"type"`
					Text string `json:"text"`
				}{kind, text})
			}
		}
		answer := screening.Answer{Screening: s.Screen(screening.Input{ID: heed.ID("s"), Text: l.Text})}
		for kind, f := range Details([]Scored{{r, answer}}) {
			sum := out[kind]
			out[kind] = F1{sum.Exact + f.Exact, sum.Overlap + f.Overlap, sum.Found + f.Found, sum.Labelled + f.Labelled}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the sentences: %w", err)
	}
	for kind, f := range out {
		if f.Labelled == 0 {
			delete(out, kind)
		}
	}
	return out, nil
}
