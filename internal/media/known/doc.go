// Package known reads an operator's lists of known files (docs/media.md#known-files) and says whether a file is on one. It never sees whose
// file it is. It may import internal/media/look.
package known
