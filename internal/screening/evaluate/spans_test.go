package evaluate

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// TestSpans prints F1 by type and language over details/recognizers.jsonl.gz in the folder that HEED_DATA_DIR names.
func TestSpans(t *testing.T) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		t.Skip("HEED_DATA_DIR names no folder with details/recognizers.jsonl.gz")
	}
	samples, err := ReadSamples(filepath.Join(dir, "details", "recognizers.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	a, misses := Spans(screening.New(screening.Config{}), samples, 4000)
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var out strings.Builder
	for _, k := range keys {
		fmt.Fprintf(&out, "| %s | %s |\n", k, a[k])
	}
	t.Log("\n" + out.String())
	if os.Getenv("HEED_SCREENING_MISSES") != "" {
		t.Log("\n" + strings.Join(misses, "\n"))
	}
}
