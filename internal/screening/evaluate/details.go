package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// fewest is how many labelled details a language must have for a row of its own to say something.
const fewest = 10

// DetailsTable gives, in Markdown, F1 by type and language over details/recognizers.jsonl.gz and by type over
// details/presidio.jsonl.gz in the folder data, as `heed screen` answers. Names are not among them: the tagger is trained on
// presidio (see the command trainnames for its own measure).
func DetailsTable(s *screening.Screener, data string) (string, error) {
	samples, err := ReadSamples(filepath.Join(data, "details", "recognizers.jsonl.gz"))
	if err != nil {
		return "", err
	}
	byKey, _ := Spans(s, samples, 0)
	personal, err := presidio(s, filepath.Join(data, "details", "presidio.jsonl.gz"))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	out.WriteString("| detail, language | F1 exact / overlap |\n|---|---|\n")
	for _, key := range sorted(byKey) {
		if byKey[key].Labelled >= fewest || !strings.HasPrefix(key, "time") {
			fmt.Fprintf(&out, "| recognizers: %s | %s |\n", key, byKey[key])
		}
	}
	for _, key := range sorted(personal) {
		fmt.Fprintf(&out, "| presidio: %s | %s |\n", key, personal[key])
	}
	return out.String(), nil
}

func sorted(m map[string]F1) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
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
