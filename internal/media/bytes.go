package media

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// inMemory puts a file of at most so many bytes where a program can seek in it and no disk sees it. sandbox.ErrTooMuch: it has more.
func inMemory(r io.Reader, most int64) (*os.File, error) {
	fd, err := unix.MemfdCreate("original", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make room for a file: %w", err)
	}
	file := os.NewFile(uintptr(fd), "original")
	n, err := io.Copy(file, io.LimitReader(r, most+1))
	if err == nil && n > most {
		err = sandbox.ErrTooMuch
	}
	if err == nil {
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
