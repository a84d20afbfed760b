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

// archive holds the texts, packed: little under a quarter as long, in a program of which most never train. (Of what the standard library
// unpacks nothing packs texts closer than bzip2; gzip's is a third longer.) Each language is packed by itself, the happenings' tellings
// among its other texts: like lies by like, and all is a seventh shorter than folder by folder.
//
//go:generate sh -c "go run ./pack && bzip2 -9 -c texts.*.tar >texts.tar.bz2 && rm texts.*.tar"
//go:embed texts.tar.bz2
var archive []byte

// folders are those of the text files, in the order in which they are read; "." are the files of one language each.
var folders = [...]string{".", "pressing", happenings, "told", "paired", "short", "now", "hours", "who", "hinted"}

// happenings is the folder whose files are of all languages.
const happenings = "happenings"

// Languages lists the languages of the texts, in the order in which they are read.
func Languages() []string {
	return []string{"ar", "de", "en", "es", "fr", "hi", "ja", "pt", "ru", "zh-Hans"}
}

// Gather writes the texts of one language under dir as a part of the archive that Reports reads, not packed yet: the folders in their
// order, in each the files by name, of the happenings the labels and this language's tellings. A part has no end of its own: the
// parts of all languages, one behind the other, are the archive.
func Gather(dir fs.FS, language string, to io.Writer) error {
	files := tar.NewWriter(to)
	for _, folder := range folders {
		pattern := language
		if folder == happenings {
			pattern = "*"
		}
		names, err := fs.Glob(dir, path.Join(folder, pattern+".txt"))
		if err != nil {
			return fmt.Errorf("list the training texts: %w", err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(dir, name)
			if err != nil {
				return fmt.Errorf("read the training texts: %w", err)
			}
			if folder == happenings {
				text = tellings(text, language)
			}
			err = files.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))})
			if _, wrong := files.Write(text); err != nil || wrong != nil {
				return fmt.Errorf("gather the training texts of %s: %w", name, errors.Join(err, wrong))
			}
		}
	}
	if err := files.Flush(); err != nil {
		return fmt.Errorf("gather the training texts: %w", err)
	}
	return nil
}

// tellings are the lines of a file of happenings with those of other languages emptied: each stands at its number for every language.
func tellings(text []byte, language string) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if of, _, telling := bytes.Cut(line, []byte(between)); !telling || string(of) == language {
			out = append(out, line...)
		} else {
			out = append(out, '\n')
		}
	}
	return out
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
