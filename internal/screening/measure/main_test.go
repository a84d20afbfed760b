package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/evaluate"
)

func TestAPartTakesThePlaceBetweenItsMarkersAndNoMore(t *testing.T) {
	document := filepath.Join(t.TempDir(), "screening.md")
	begin, end := evaluate.Markers("copies")
	text := "Before.\n\n" + begin + "\nold\n" + end + "\n\nAfter.\n"
	if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{"new", "newer\n"} {
		if err := place(document, "copies", now); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(text, "old", "newer", 1); string(got) != want {
		t.Errorf("%q, not %q", got, want)
	}
	if err := place(document, "details", "new"); err == nil {
		t.Error("a part without markers was placed")
	}
}

// The parts that take no other data than the project's, on the corpus kept with it; the half that is locked stays so.
func TestATableNamesItsDataItsSplitAndItsFloors(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "reports"), 0o755); err != nil {
		t.Fatal(err)
	}
	corpus, err := os.ReadFile(filepath.Join("internal", "screening", "testdata", "reports.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "reports", "reports.jsonl"), corpus, 0o644); err != nil {
		t.Fatal(err)
	}
	r := &run{data: data, screener: screening.New(screening.Config{})}
	for _, print := range []func() error{r.corpus, r.fresh, r.boundary} {
		r.out.Reset()
		if err := print(); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"**Data**: ", "**Licence**: ", "**Split**: ", "| floor |", ": reached |"} {
			if !strings.Contains(r.out.String(), part) {
				t.Errorf("%q is missing in\n%s", part, r.out.String())
			}
		}
	}
	if err := r.report("nothing", ""); err == nil {
		t.Error("a part that isn't there was printed")
	}
}
