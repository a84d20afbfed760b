package training

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
)

// archive holds the text files, packed: little over a quarter as long, in a program of which most never train. (Of what the standard
// library unpacks nothing packs texts closer than bzip2; gzip's is a third longer.)
//
//go:generate sh -c "go run ./pack >texts.tar && bzip2 -9 -f texts.tar"
//go:embed texts.tar.bz2
var archive []byte

// folders are those of the text files, in the order in which they are read; "." are the files of one language each.
var folders = [...]string{".", "pressing", "happenings", "told", "paired", "short"}

// Gather writes the text files under dir as the archive that Reports reads, not packed yet: the folders in their order, in each the files
// by name.
func Gather(dir fs.FS, to io.Writer) error {
	files := tar.NewWriter(to)
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
				return fmt.Errorf("gather the training texts of %s: %w", name, errors.Join(err, wrong))
			}
		}
	}
	if err := files.Close(); err != nil {
		return fmt.Errorf("gather the training texts: %w", err)
	}
	return nil
}

// unpack gives each file of a packed archive, in their order.
func unpack(archive []byte, file func(name, text string) error) error {
	return files(bzip2.NewReader(bytes.NewReader(archive)), file)
}

// files gives each file of an archive, in their order.
func files(archive io.Reader, file func(name, text string) error) error {
	files := tar.NewReader(archive)
	for {
		head, err := files.Next()
		if err == io.EOF {
			_, err := io.Copy(io.Discard, archive) // up to the checksum at its end
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
