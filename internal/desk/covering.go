package desk

import (
	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// Covering is how far the redacted copy of a file with marks is, where it isn't made: waiting or failed.
func (f fileView) Covering() string {
	if f.Redaction.None() || f.Redaction.Copy.State == heed.CopyMade {
		return ""
	}
	return string(f.Redaction.Copy.State)
}

// handing is what who hands the report on is to know of its files first: a redacted copy that isn't there, or a file that goes whole though somebody
// had covered a part of it.
func (s speaker) handing(v *review.View) (out []banner) {
	seen := map[string]bool{}
	for _, f := range v.Files {
		key := fileView{File: f}.Covering()
		if f.Redaction != nil && f.Redaction.None() {
			key = "back"
		}
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, banner{"warn", s.T("redact.handing-" + key), s.T("redact.handing-" + key + "-words")})
	}
	return out
}
