package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

func TestTwoReportsFilesAreSeenBesideEachOtherByWhoMayReadBoth(t *testing.T) {
	l := newLine(t)
	first, firstFile, atFirst := l.pictured(t)
	second, secondFile, atSecond := l.pictured(t)
	b := l.signIn("ann", heed.Specialist)
	path := "/reports/" + string(first) + "/beside/" + string(second)
	page := b.get(path)
	if page.status != http.StatusOK {
		t.Fatal(page.status, page.text())
	}
	for _, want := range []string{`<img src="` + atFirst + `/copy"`, `<img src="` + atSecond + `/copy"`, `formmethod="post" id="picture-see"`, `<div class="beside">`} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, at := range []string{atFirst, atSecond} {
		if a := b.get(at + "/copy"); a.status != http.StatusOK {
			t.Errorf("%s: %d", at, a.status)
		}
	}
	for _, id := range []heed.ID{first, second} {
		acts := strings.Join(l.allActs(id), " ")
		if strings.Count(acts, audit.ReportRead) != 1 || strings.Count(acts, audit.CopyOpened) != 1 {
			t.Errorf("leaves of %s: %s", id.Short(), acts)
		}
	}
	if a := b.get(path + "?seen=on"); strings.Contains(a.body, `uncovered">`) {
		t.Error("an address uncovers")
	}
	seen := b.post(path, "left", string(firstFile), "right", string(secondFile))
	for _, id := range []heed.ID{first, second} {
		if n := strings.Count(strings.Join(l.allActs(id), " "), audit.ReportRead); n != 3 { // one for each of the pages that were opened
			t.Errorf("%s was read %d times", id.Short(), n)
		}
	}
	if !strings.Contains(seen.body, `<div class="beside uncovered">`) || !strings.Contains(seen.body, `<img src="`+atSecond+`/copy"`) {
		t.Error("what was asked for stays covered")
	}
	if text := b.get("/reports/" + string(first)).text(); !strings.Contains(text, "2 pictures and documents") {
		t.Error("what is uncovered beside each other isn't counted")
	}
	if a := b.get("/reports/" + string(first) + "/beside/" + string(heed.NewID(l.clock()))); a.status != http.StatusNotFound {
		t.Errorf("beside a report that isn't there: %d", a.status)
	}
	c := l.signIn("cem", heed.Specialist)
	limited := l.account("cem")
	limited.Categories = []string{"fraud-scam"}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), limited) }))
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), first)
		if err != nil {
			return err
		}
		r.Category = "fraud-scam"
		return tx.UpdateReport(t.Context(), r)
	}))
	if a := c.get("/reports/" + string(first)); a.status != http.StatusOK {
		t.Fatalf("their own: %d", a.status)
	}
	if a := c.get(path); a.status != http.StatusNotFound {
		t.Errorf("beside a report of another category: %d", a.status)
	}
}

// allActs are the acts in the report's leaves.
func (l *line) allActs(id heed.ID) (out []string) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(l.t.Context(), 0, id, 100)
		for _, leaf := range leaves {
			out = append(out, leaf.Act)
		}
		return err
	}))
	return out
}
