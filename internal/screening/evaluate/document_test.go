package evaluate

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// Who ships another model or other rules measures again: the figures of docs/screening.md are the shipped version's. Those of the written
// texts and of unseen events are of models trained for it, take minutes, and may name an older one.
func TestTheFiguresOfTheDocumentAreTheShippedVersions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "screening.md"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`rules-\d+\+learned-[0-9a-f-]+`)
	for _, part := range []string{"language", "copies", "details", "boundary", "corpus", "fresh", "speed", "written", "t6", "t26"} {
		begin, end := Markers(part)
		_, rest, ok := strings.Cut(string(text), begin)
		figures, _, ended := strings.Cut(rest, end)
		if !ok || !ended {
			t.Errorf("the document has no place for %s", part)
			continue
		}
		of := version.FindString(figures)
		if of == "" {
			t.Errorf("%s names no version", part)
		}
		long := part == "written" || part == "t6" || part == "t26"
		if of != screening.ShippedVersion() && !long {
			t.Errorf("%s is of %s, and %s is shipped: make screening-report DATA=DIR PART=%s INTO=docs/screening.md", part, of, screening.ShippedVersion(), part)
		}
	}
}
