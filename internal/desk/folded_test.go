package desk

import (
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/web"
	files "github.com/heed-line/heed/web"
)

// Counting stops at MaxCount; what it stopped at is no count.
func TestWhereCountingStopsTheDeskSaysMoreThan(t *testing.T) {
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.LoadLocales(sub, "en")
	if err != nil {
		t.Fatal(err)
	}
	s := speaker{Voice: l.Voice("en", time.Time{}, time.UTC)}
	for _, key := range []string{"desk.folded", "desk.folded-words"} {
		if said := s.folded(key, 0); said != "" {
			t.Errorf("%s says %q of none", key, said)
		}
		if said := s.folded(key, review.MaxCount-1); !strings.HasPrefix(said, "999 more ") {
			t.Errorf("%s says %q of 999", key, said)
		}
		if said := s.folded(key, review.MaxCount); !strings.HasPrefix(strings.ToLower(said), "more than 999 ") {
			t.Errorf("%s says %q where counting stops", key, said)
		}
	}
}
