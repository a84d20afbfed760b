package media

import (
	"bytes"
	"context"
	"io"

	"github.com/heed-line/heed"
)

// section is a file in memory.
func section(r io.Reader) (*io.SectionReader, error) {
	b, err := io.ReadAll(r)
	return io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))), err
}

// MaskSound masks one recording, drawing from random.
func MaskSound(ctx context.Context, kind string, original, random io.Reader) ([]byte, error) {
	file, err := section(original)
	if err != nil {
		return nil, err
	}
	m, _, err := maskFor(file, random)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	_, err = maskSound(ctx, kind, file, m, &out)
	return out.Bytes(), err
}

// CopyPicture copies one picture.
func CopyPicture(ctx context.Context, kind string, original io.Reader) ([]byte, error) {
	b, _, err := CopyFile(ctx, kind, original)
	return b, err
}

// CopyDocument copies one document.
func CopyDocument(ctx context.Context, kind string, original io.Reader) ([]byte, *heed.CopyDetails, error) {
	return CopyFile(ctx, kind, original)
}

// CopyFile copies one file by the maker of its kind.
func CopyFile(ctx context.Context, kind string, original io.Reader) ([]byte, *heed.CopyDetails, error) {
	m, err := makerOf(&heed.Attachment{Type: kind})
	if err != nil {
		return nil, nil, err
	}
	file, err := section(original)
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	details, err := m.make(ctx, kind, file, &out)
	return out.Bytes(), details, err
}

// What reads texts and mails.
var (
	DecodeText = decodeText
	ShownText  = shownText
	ReadMail   = readMail
)

// ReadText is what is shown of a text or a mail.
func ReadText(b []byte) (string, bool) {
	text, cut, err := readText(context.Background(), io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))))
	if err != nil {
		panic(err) // memory is always read
	}
	return text, cut
}

// ReadOutlook is what is shown of a mail of Outlook's; cut: it isn't all.
func ReadOutlook(ctx context.Context, b []byte) (text string, cut bool, err error) {
	stored, err := fromOutlook(ctx, io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b))))
	if err != nil {
		return "", false, err
	}
	return readMail(ctx, bytes.NewReader(stored))
}
