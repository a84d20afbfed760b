package evaluate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// TestSpans prints the figures of details over the folder that HEED_DATA_DIR names, and fails under the floors.
func TestSpans(t *testing.T) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		t.Skip("HEED_DATA_DIR names no folder with details/recognizers.jsonl.gz")
	}
	s := screening.New(screening.Config{})
	all, err := DetailFigures(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		t.Logf("| %s: %s %s | %s |", d.Set, d.Type, d.Language, d.F1)
		if f, ok := d.Floor(); ok && f.Lost(d.F1.Value()) {
			t.Errorf("%s %s: %s, and the floor is %s", d.Type, d.Language, d.F1, f)
		}
	}
	if os.Getenv("HEED_SCREENING_MISSES") != "" {
		samples, err := ReadSamples(filepath.Join(dir, "details", "recognizers.jsonl.gz"))
		if err != nil {
			t.Fatal(err)
		}
		_, misses := Spans(s, samples, 4000)
		t.Log("\n" + strings.Join(misses, "\n"))
	}
}
