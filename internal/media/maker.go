package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// maker makes the copies of one family of media types.
type maker struct {
	family   string   // as "audio" is of "audio/mpeg"
	programs []string // that it needs for most of them
	makes    string   // the copies' media type
	// make writes the copy of a file of the type kind. It returns the errors of sandbox.Program.Run.
	make func(ctx context.Context, kind string, original io.Reader, copied io.Writer) error
}

func makers() []maker {
	return []maker{
		{"audio", []string{soundProgram}, soundType, copySound},
		{"image", []string{pictureProgram, bitmapProgram}, pictureType, copyPicture},
	}
}

// makerOf finds the maker of a file's copy. heed.ErrNotFound: its kind has none.
func makerOf(file *heed.Attachment) (maker, error) {
	for _, m := range makers() {
		if strings.HasPrefix(file.Type, m.family+"/") {
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
