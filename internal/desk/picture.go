package desk

import (
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// Pictures reports whether the report has one that can be looked at, a film, or a document's pages.
func (r *reportView) Pictures() bool {
	return slices.ContainsFunc(r.Files, func(f fileView) bool { return (f.Picture() || f.Watched() || f.Document()) && f.CopyCode == "" })
}

// lies reports whether a program could make nothing of one of the files, or too much.
func lies(files []review.File) bool {
	return slices.ContainsFunc(files, func(f review.File) bool {
		return heed.Unsafe(f.CopyCode)
	})
}
