package desk_test

import (
	"html"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestAPlainerFormStandsBesideADetailsWords(t *testing.T) {
	l := newLine(t)
	id := l.arrive("Yesterday a man at 312-555-0143 asked for 3 million euros at +12025550177, and he comes back on Monday.")
	p := l.signIn("amira", heed.Specialist).get("/reports/" + string(id))
	day := l.report(id).ReceivedAt.In(l.profile.Zone()).AddDate(0, 0, -1).Format(time.DateOnly)
	for words, form := range map[string]string{"Yesterday": day, "312-555-0143": "+13125550143", "3 million euros": "3000000.00 EUR"} {
		if !strings.Contains(html.UnescapeString(p.body), words+`</bdi> <bdi class="plain">`+form+`</bdi>`) {
			t.Errorf("%q has no %q beside it", words, form)
		}
	}
	if n := strings.Count(p.body, `<bdi class="plain">`); n != 3 {
		t.Errorf("%d forms are shown", n)
	}
}
