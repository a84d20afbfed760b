package evaluate

import (
	"os"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// TestEdited prints F1 of edited copies among real messages and Chinese sentences from the folder HEED_DATA_DIR names, and fails under the
// floors.
func TestEdited(t *testing.T) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		t.Skip("HEED_DATA_DIR names no folder with relevance/crisislext26.jsonl.gz and language/sentences.jsonl.gz")
	}
	all, err := EditedSets(screening.New(screening.Config{}), dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		t.Logf("| %s, %.0f%% edited (0: all) | %d texts | %s |", e.Name, 100*e.Share, e.Texts, e.F1)
		if f, ok := FloorOf(e.Name); ok && e.Share == 0 && f.Lost(e.F1.Value()) {
			t.Errorf("%s: %s, and the floor is %s", e.Name, e.F1, f)
		}
	}
}

func texts(t testing.TB, path string, wanted func(lang string) bool) []string {
	t.Helper()
	all, err := readTexts(path, wanted)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
