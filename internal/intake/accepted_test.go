package intake_test

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// What the documents say rests on it: nobody but a Custodian, or by a lead's decision, sees a file as it was sent.
func TestEveryFileThatIsTakenIsSeenByACopy(t *testing.T) {
	for _, kind := range intake.AcceptedTypes {
		if strings.HasSuffix(kind, "/") || strings.HasSuffix(kind, ".") {
			kind += "of-its-family"
		}
		if a := (heed.Attachment{Type: kind}); !a.Sound() && !a.Picture() && !a.Film() && !a.Document() {
			t.Errorf("a file of %s has no copy", kind)
		}
	}
}
