package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// outlookKind is a mail as Outlook stores one ([MS-OXMSG]).
	outlookKind = "application/vnd.ms-outlook"
	// outlookProgram makes a mailKind of it, by outlookModule (libemail-outlook-message-perl).
	outlookProgram, outlookModule = "perl", "Email::Outlook::Message"
	// outlookScript has the module read no more of any of the mail's streams than its first argument says, and leave out what is attached but
	// for its name, unless it may be words: as it is, the module holds what is attached a dozen times over.
	outlookScript = `use Email::Outlook::Message; no warnings;
my ($most, $file) = @ARGV;
my $read = \&OLE::Storage_Lite::_getData;
*OLE::Storage_Lite::_getData = sub { my ($type, $block, $size, $info) = @_; $read->($type, $block, $size > $most ? $most : $size, $info) };
my $attached = Email::Outlook::Message::Attachment->can('new');
*Email::Outlook::Message::Attachment::new = sub { my $a = $attached->(@_); $a->{DATA} = '' unless $a->{MIMETYPE} =~ m{^(text|multipart)/}i; $a };
print Email::Outlook::Message->new($file)->to_email_mime->as_string;`
	// outlookStream is how much is read of a stream. Of a text in UTF-16 more than textRead is left of it, so that it is known to be cut.
	outlookStream = 3 * textRead
	// outlookPatience and outlookTime, of a processor, are what it gets.
	outlookPatience, outlookTime = 12 * time.Second, 6 * time.Second
)

// outlookLimits bound outlookProgram.
var outlookLimits = sandbox.Limits{Memory: 1 << 30, Processor: outlookTime, Patience: outlookPatience, Answer: documentBytes}

// OutlookAble is sandbox.ErrNoProgram where outlookProgram lacks outlookModule; sandbox.ErrNoRoom where it can't be shut in.
func OutlookAble(ctx context.Context) error {
	p := sandbox.Program{Name: outlookProgram, Args: []string{"-M" + outlookModule, "-e", "1"}, Limits: outlookLimits}
	err := p.Run(ctx, strings.NewReader(""), io.Discard)
	if errors.Is(err, sandbox.ErrUnreadable) {
		return fmt.Errorf("%s lacks %s: %w", outlookProgram, outlookModule, sandbox.ErrNoProgram)
	}
	return err
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
	file, err := inMemory(original, documentBytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p := sandbox.Program{
		Name: outlookProgram, Args: []string{"-e", outlookScript, strconv.Itoa(outlookStream), "/proc/self/fd/0"}, Env: []string{"TZ=UTC"}, Reopens: true, Limits: outlookLimits,
	}
	stored := beginning{left: mailRead}
	began := time.Now()
	if err := p.Run(ctx, file, &stored); err != nil {
		return nil, err
	}
	b := withoutOwnDate(stored.kept, began)
	if saysNothing(b) {
		return nil, fmt.Errorf("no mail in it: %w", sandbox.ErrUnreadable)
	}
	return b, nil
}

// beginning keeps what is written first: a mail that ends there is read as one that is cut off.
type beginning struct {
	kept []byte
	left int // bytes that are still kept
}

func (b *beginning) Write(p []byte) (int, error) {
	n := min(b.left, len(p))
	b.kept, b.left = append(b.kept, p[:n]...), b.left-n
	return len(p), nil
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
