package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// maker makes the copies of some media types.
type maker struct {
	kinds    []string // what these begin with, as "audio/" or "application/pdf"
	programs []string // that it needs for most of them
	makes    string   // the copies' media type
	// make writes the copy of a file of the type kind, and gives what is to be known of the copy; nil where that is nothing. It returns
	// the errors of sandbox.Program.Run.
	make func(ctx context.Context, kind string, original io.Reader, copied io.Writer) (*heed.CopyDetails, error)
}

func makers() []maker {
	return []maker{
		{[]string{"audio/"}, []string{soundProgram}, soundType, copySound},
		{[]string{"image/"}, []string{pictureProgram, bitmapProgram}, pictureType, copyPicture},
		{[]string{"application/pdf"}, []string{measureProgram, drawProgram, sayProgram}, paperType, copyPDF},
		{slices.Sorted(maps.Keys(officeKinds)), []string{officeProgram, officeShell, measureProgram, drawProgram, sayProgram}, paperType, copyOffice},
	}
}

// makerOf finds the maker of a file's copy. heed.ErrNotFound: its kind has none.
func makerOf(file *heed.Attachment) (maker, error) {
	for _, m := range makers() {
		if slices.ContainsFunc(m.kinds, func(kind string) bool { return strings.HasPrefix(file.Type, kind) }) {
			return m, nil
		}
	}
	return maker{}, fmt.Errorf("who copies a %s: %w", file.Type, heed.ErrNotFound)
}

// lacking is the code of what this machine lacks to make such copies; "" where it lacks nothing.
func (m maker) lacking(ctx context.Context) (string, error) {
	if sandbox.Missing(m.programs...) != "" {
		return heed.CopyNoTool, nil
	}
	err := sandbox.Check(ctx)
	if errors.Is(err, sandbox.ErrNoRoom) {
		return heed.CopyNoRoom, nil
	}
	return "", err
}
