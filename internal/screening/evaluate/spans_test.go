package evaluate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// TestSpans prints the table of details over the folder that HEED_DATA_DIR names.
func TestSpans(t *testing.T) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		t.Skip("HEED_DATA_DIR names no folder with details/recognizers.jsonl.gz")
	}
	s := screening.New(screening.Config{})
	table, err := DetailsTable(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table)
	if os.Getenv("HEED_SCREENING_MISSES") != "" {
		samples, err := ReadSamples(filepath.Join(dir, "details", "recognizers.jsonl.gz"))
		if err != nil {
			t.Fatal(err)
		}
		_, misses := Spans(s, samples, 4000)
		t.Log("\n" + strings.Join(misses, "\n"))
	}
}
