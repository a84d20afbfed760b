package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/web"
	files "github.com/heed-line/heed/web"
)

// A reason that shows a code tells a specialist nothing.
func TestEveryRuleOfTheScreeningHasANameInEveryLanguageOfTheDesk(t *testing.T) {
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	tags := []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"}
	l, err := web.LoadLocales(sub, tags...)
	if err != nil {
		t.Fatal(err)
	}
	rules := screening.Rules()
	if len(rules) < 100 {
		t.Fatalf("%d rules", len(rules))
	}
	for _, tag := range tags {
		voice := l.Voice(tag, time.Time{}, time.UTC)
		for _, rule := range rules {
			if family, ok := strings.CutSuffix(rule, "."); ok {
				rule = family // what follows is named in words of its own
			}
			if !strings.HasPrefix(rule, "category.") && !voice.Has("rule."+rule) { // the profile names the categories
				t.Errorf("%s has no words for %s", tag, rule)
			}
		}
	}
}
