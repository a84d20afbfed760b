package media

import (
	"bytes"
	"context"
	"io"

	"github.com/heed-line/heed"
)

// MaskSound masks one recording, drawing from random.
func MaskSound(ctx context.Context, kind string, original, random io.Reader) ([]byte, error) {
	m, err := drawMask(random)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = maskSound(ctx, kind, original, m, &out)
	return out.Bytes(), err
}

// CopyPicture copies one picture.
func CopyPicture(ctx context.Context, kind string, original io.Reader) ([]byte, error) {
	var out bytes.Buffer
	_, err := copyPicture(ctx, kind, original, &out)
	return out.Bytes(), err
}

// CopyDocument copies one document.
func CopyDocument(ctx context.Context, kind string, original io.Reader) ([]byte, *heed.CopyDetails, error) {
	m, err := makerOf(&heed.Attachment{Type: kind})
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	details, err := m.make(ctx, kind, original, &out)
	return out.Bytes(), details, err
}
