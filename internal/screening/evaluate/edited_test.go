package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/language"
)

// TestEdited prints F1 of edited copies among real messages and Chinese sentences from the folder HEED_DATA_DIR names.
func TestEdited(t *testing.T) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		t.Skip("HEED_DATA_DIR names no folder with relevance/crisislext26.jsonl.gz and language/sentences.jsonl.gz")
	}
	messages := texts(t, filepath.Join(dir, "relevance", "crisislext26.jsonl.gz"), func(string) bool { return true })
	english := Distinct(slices.DeleteFunc(messages, func(m string) bool { return language.Default().Detect(m).Main != "en" }), 3000)
	chinese := Distinct(texts(t, filepath.Join(dir, "language", "sentences.jsonl.gz"), func(lang string) bool { return lang == "zh" }), 3000)
	s := screening.New(screening.Config{})
	for name, of := range map[string][]string{"English messages": english, "Chinese sentences": chinese} {
		var all F1
		for _, share := range []float64{0.05, 0.15, 0.3} {
			f, err := Edited(s, of, share, 7)
			if err != nil {
				t.Fatal(err)
			}
			all.Add(f)
			t.Logf("| %s, %.0f%% edited | %d texts | %s |", name, 100*share, len(of), f)
		}
		t.Logf("| %s, all | %d texts | %s |", name, len(of), all)
	}
}

func texts(t testing.TB, path string, wanted func(lang string) bool) []string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct{ Text, Lang string }
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			t.Fatal(err)
		}
		if wanted(m.Lang) {
			out = append(out, m.Text)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
