package training

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// archive holds the text files, packed: less than half as long, in a program of which most never train.
//
//go:generate go run ./pack
//go:embed texts.tar.gz
var archive []byte

// folders are those of the text files, in the order in which they are read; "." are the files of one language each.
var folders = [...]string{".", "pressing", "happenings", "told", "paired", "short"}

// Pack writes the text files under dir as the archive that Reports reads: the folders in their order, in each the files by name.
func Pack(dir fs.FS, to io.Writer) error {
	packed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack the training texts: %w", err)
	}
	files := tar.NewWriter(packed)
	for _, folder := range folders {
		names, err := fs.Glob(dir, path.Join(folder, "*.txt"))
		if err != nil {
			return fmt.Errorf("list the training texts: %w", err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(dir, name)
			if err != nil {
				return fmt.Errorf("read the training texts: %w", err)
			}
			err = files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))})
			if _, wrong := files.Write(text); err != nil || wrong != nil {
				return fmt.Errorf("pack the training texts of %s: %w", name, errors.Join(err, wrong))
			}
		}
	}
	if err := errors.Join(files.Close(), packed.Close()); err != nil {
		return fmt.Errorf("pack the training texts: %w", err)
	}
	return nil
}

// unpack gives each file of an archive, in their order.
func unpack(archive []byte, file func(name, text string) error) error {
	packed, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return fmt.Errorf("unpack the training texts: %w", err)
	}
	files := tar.NewReader(packed)
	for {
		head, err := files.Next()
		if err == io.EOF {
			_, err := io.Copy(io.Discard, packed) // up to the checksum at its end
			if err != nil {
				err = fmt.Errorf("unpack the training texts: %w", err)
			}
			return err
		}
		if err != nil {
			return fmt.Errorf("unpack the training texts: %w", err)
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return fmt.Errorf("unpack the training texts of %s: %w", head.Name, err)
		}
		if err := file(head.Name, string(text)); err != nil {
			return err
		}
	}
}
