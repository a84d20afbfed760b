package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// outlookKind is a mail as Outlook stores one ([MS-OXMSG]).
	outlookKind = "application/vnd.ms-outlook"
	// outlookProgram makes a mailKind of it (libemail-outlook-message-perl, libemail-address-perl).
	outlookProgram = "msgconvert"
	// outlookPatience and outlookTime, of a processor, are what it gets: it reads some megabytes a second.
	outlookPatience, outlookTime = 12 * time.Second, 6 * time.Second
)

// OutlookAble is sandbox.ErrNoProgram where outlookProgram can't begin here, for want of a module of Perl's, which Debian's package of it only
// recommends; sandbox.ErrNoRoom where it can't be shut in.
func OutlookAble(ctx context.Context) error {
	p := sandbox.Program{
		Name: outlookProgram, Args: []string{"--help"}, Limits: sandbox.Limits{Memory: 1 << 30, Processor: outlookTime, Patience: outlookPatience, Answer: 64 << 10},
	}
	var says bytes.Buffer
	err := p.Run(ctx, strings.NewReader(""), &says)
	switch {
	case !errors.Is(err, sandbox.ErrUnreadable):
		return err
	case says.Len() > 0: // it helps, and ends as if it had failed
		return nil
	}
	return fmt.Errorf("%s lacks a module of Perl's: %w", outlookProgram, sandbox.ErrNoProgram)
}

// copyOutlook writes the copy of a mail of Outlook's, as copyText does of a mail.
func copyOutlook(ctx context.Context, _ string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	stored, err := fromOutlook(ctx, original)
	if err != nil {
		return nil, err
	}
	// Whatever its lines look like, it is a mail, and no more of its head is shown than of one.
	text, cut, err := readMail(ctx, bytes.NewReader(stored))
	if err != nil {
		return nil, fmt.Errorf("read a mail of Outlook's: %w", err)
	}
	return layOut(ctx, text, cut, copied)
}

// fromOutlook has outlookProgram make a mail of one of Outlook's, in a room.
func fromOutlook(ctx context.Context, original *io.SectionReader) ([]byte, error) {
	file, err := inMemory(original, officeBytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p := sandbox.Program{
		Name: outlookProgram, Args: []string{"--outfile", "-", "/proc/self/fd/0"}, Env: []string{"TZ=UTC"}, Reopens: true,
		Limits: sandbox.Limits{Memory: 1 << 30, Processor: outlookTime, Patience: outlookPatience, Answer: mailRead},
	}
	var stored bytes.Buffer
	began := time.Now()
	if err := p.Run(ctx, file, &stored); err != nil {
		return nil, err
	}
	b := withoutOwnDate(stored.Bytes(), began)
	if saysNothing(b) {
		return nil, fmt.Errorf("no mail in it: %w", sandbox.ErrUnreadable)
	}
	return b, nil
}

// withoutOwnDate takes out the date that outlookProgram, which began at a time, gives to a mail that has none: its own. It stands first.
func withoutOwnDate(stored []byte, began time.Time) []byte {
	line, rest, _ := bytes.Cut(stored, []byte("\n"))
	said, found := bytes.CutPrefix(line, []byte("Date: "))
	if at, err := mail.ParseDate(string(bytes.TrimSpace(said))); !found || err != nil || at.Before(began.Add(-time.Minute)) {
		return stored
	}
	return rest
}

// saysNothing reports whether a mail has neither a sender nor a subject, text or part: outlookProgram makes that of a file in which it finds none.
func saysNothing(stored []byte) bool {
	m, err := mail.ReadMessage(bytes.NewReader(stored))
	if err != nil {
		return true
	}
	for _, name := range []string{"From", "Subject", "To"} {
		if strings.TrimSpace(m.Header.Get(name)) != "" {
			return false
		}
	}
	body, err := io.ReadAll(m.Body)
	return err != nil || len(bytes.TrimSpace(body)) == 0
}
