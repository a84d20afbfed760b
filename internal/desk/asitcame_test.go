package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// A kind of which this version knows nothing is the only one for which nothing else would be there to show.
func TestNoPageHasAFileAsItWasSentOfWhateverKind(t *testing.T) {
	l := newLine(t)
	staged, err := l.intake.Stage(t.Context(), "run.txt", strings.NewReader("the words of a stranger"))
	l.must(err)
	staged.Type = "application/x-other"
	id := l.arriveWith(intake.Submission{Content: heed.Content{Text: gas}, Files: []intake.StagedFile{staged}})
	var files []*heed.Attachment
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		files, err = tx.Attachments(t.Context(), id)
		return err
	}))
	b, at := l.signIn("amira", heed.Specialist, heed.RoleLead), "/reports/"+string(id)+"/files/"+string(files[0].ID)
	if p := b.get("/reports/" + string(id)); p.status != http.StatusOK || !strings.Contains(p.text(), "run.txt") || strings.Contains(p.body, at+`"`) || strings.Contains(p.body, at+"?") {
		t.Errorf("the report's page answers %d: %s", p.status, p.text())
	}
	for _, path := range []string{at, at + "/copy", at + "/pages/0", at + "/pages/0/picture", at + "/stills/0", at + "/redacted"} {
		if p := b.get(path); p.status != http.StatusNotFound || strings.Contains(p.body, "stranger") {
			t.Errorf("GET %s answers %d: %s", path, p.status, p.text())
		}
	}
	if p := b.post(at); p.status != http.StatusNotFound || strings.Contains(p.body, "stranger") {
		t.Errorf("POST %s answers %d: %s", at, p.status, p.text())
	}
}
