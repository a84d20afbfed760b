package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// maker makes the copies of some media types.
type maker struct {
	kinds    []string                        // what these begin with, as "audio/" or "application/pdf"
	programs []string                        // that it needs for most of them
	makes    string                          // the copies' media type, but where their details name another
	able     func(ctx context.Context) error // sandbox.ErrNoProgram where the programs can't make them; nil: they can
	job      string                          // the job that makes one, in its queue
	queue    string
	// make writes the copy of a file of the type kind, and gives what is to be known of the copy; nil where that is nothing. It returns
	// the errors of sandbox.Program.Run.
	make func(ctx context.Context, kind string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error)
}

func makers() []maker {
	return []maker{
		{[]string{"audio/", "application/ogg"}, []string{soundProgram}, soundType, nil, JobCopy, heed.QueueMedia, copySound},
		{[]string{"image/"}, []string{pictureProgram, bitmapProgram}, pictureType, nil, JobCopy, heed.QueueMedia, copyPicture},
		{[]string{"application/pdf"}, []string{measureProgram, drawProgram, sayProgram}, paperType, nil, JobCopy, heed.QueueMedia, copyPDF},
		{officeFamilies, []string{officeProgram, officeShell, measureProgram, drawProgram, sayProgram}, paperType, nil, JobCopy, heed.QueueMedia, copyOffice},
		{textKinds, []string{officeProgram, officeShell, measureProgram, drawProgram, sayProgram}, paperType, nil, JobCopy, heed.QueueMedia, copyText},
		{[]string{outlookKind}, []string{outlookProgram, officeProgram, officeShell, measureProgram, drawProgram, sayProgram}, paperType, OutlookAble, JobCopy, heed.QueueMedia, copyOutlook},
		{[]string{"video/"}, []string{filmProgram, probeProgram}, filmType, filmAble, JobFilm, heed.QueueFilm, copyFilm},
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
	if err == nil && m.able != nil {
		err = m.able(ctx)
	}
	switch {
	case errors.Is(err, sandbox.ErrNoRoom):
		return heed.CopyNoRoom, nil
	case errors.Is(err, sandbox.ErrNoProgram):
		return heed.CopyNoTool, nil
	}
	return "", err
}
