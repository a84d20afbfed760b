package learn

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pack compresses a model's file for a program that carries it: most weights are small, and it becomes little over a quarter as long. No passage of
// weights comes twice but by chance, so that to look for one makes it longer.
func Pack(file []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.HuffmanOnly)
	if err != nil {
		return nil, fmt.Errorf("pack a model: %w", err)
	}
	_, wrong := z.Write(file)
	if err := errors.Join(wrong, z.Close()); err != nil {
		return nil, fmt.Errorf("pack a model: %w", err)
	}
	return out.Bytes(), nil
}

// Unpack gives back what was packed. ErrModel: it is damaged, or was never packed.
func Unpack(packed string) (string, error) {
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		return "", fmt.Errorf("unpack a model: %w", errors.Join(ErrModel, err))
	}
	var out strings.Builder
	out.Grow(4 * len(packed))
	if _, err := io.Copy(&out, z); err != nil {
		return "", fmt.Errorf("unpack a model: %w", errors.Join(ErrModel, err))
	}
	return out.String(), nil
}
