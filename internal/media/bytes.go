package media

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// memory is a file without a name, in which a program can seek and which no disk sees.
func memory() (*os.File, error) {
	fd, err := unix.MemfdCreate("file", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make room for a file: %w", err)
	}
	return os.NewFile(uintptr(fd), "file"), nil
}

// inMemory puts a file of at most so many bytes into memory. sandbox.ErrTooMuch: it has more.
func inMemory(r io.Reader, most int64) (*os.File, error) {
	return filled(func(file *os.File) error {
		n, err := io.Copy(file, io.LimitReader(r, most+1))
		if err == nil && n > most {
			err = sandbox.ErrTooMuch
		}
		return err
	})
}

// filled is a file in memory that fill has written, at its beginning.
func filled(fill func(*os.File) error) (*os.File, error) {
	file, err := memory()
	if err != nil {
		return nil, err
	}
	if err = fill(file); err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// counted counts what is written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}

// plain is a text without what is no text: bytes that are no UTF-8, and control characters but ends of lines and tabulators.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
