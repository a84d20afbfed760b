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
	for words, form := range map[string]string{"Yesterday": day, "312-555-0143": "+13125550143", "3 million euros": "3,000,000 EUR"} {
		if !strings.Contains(html.UnescapeString(p.body), words+`</bdi> <bdi class="plain">`+form+`</bdi>`) {
			t.Errorf("%q has no %q beside it", words, form)
		}
	}
	if n := strings.Count(p.body, `<bdi class="plain">`); n != 3 {
		t.Errorf("%d forms are shown", n)
	}
}

func TestAnAmountIsWrittenAsTheReadersLanguageWritesIt(t *testing.T) {
	l := newLine(t)
	id := l.arrive("They took 12 million euros of the budget, and 1.2345 thousand euros besides.")
	b := l.signIn("amira", heed.Specialist)
	for language, forms := range map[string][]string{
		"en": {"12,000,000 EUR", "1,234.50 EUR"},
		"es": {"12.000.000 EUR", "1.234,50 EUR"},
		"fr": {"12\u00a0000\u00a0000 EUR", "1\u00a0234,50 EUR"},
		"ar": {"12,000,000 EUR"},
	} {
		body := html.UnescapeString(b.get("/reports/" + string(id) + "?lang=" + language).body)
		for _, form := range forms {
			if !strings.Contains(body, `<bdi class="plain">`+form+`</bdi>`) {
				_, details, _ := strings.Cut(body, `<dl class="details">`)
				t.Errorf("in %s no %q: %s", language, form, details[:min(len(details), 400)])
			}
		}
	}
}
