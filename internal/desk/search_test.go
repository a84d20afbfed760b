package desk_test

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func TestWhatASearchFoundHasATitleAndIsNotRenewedAsAList(t *testing.T) {
	l := newLine(t)
	l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	p := b.post("/search", "words", "harbour", "purpose", "a second smell of gas")
	if !strings.Contains(p.body, "<title>Found") {
		t.Errorf("the title isn't that of a search: %.300s", p.text())
	}
	for _, wrong := range []string{"desk.list-", "data-refresh=", `"/queue/"`, `"/queue//`} {
		if strings.Contains(p.body, wrong) {
			t.Errorf("the page holds %s", wrong)
		}
	}
	if list := b.get("/queue/review"); !strings.Contains(list.body, `data-refresh="/queue/review"`) {
		t.Error("a list isn't renewed any more")
	}
}
