// Command pack writes web/locales.zip of the files in web/locales, the same bytes of the same files; run by go generate ./web.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

func main() {
	packed, err := pack(os.DirFS("locales"))
	if err == nil {
		err = os.WriteFile("locales.zip", packed, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// pack is the archive of a folder's locale files in the order of their names, without times and rights.
func pack(folder fs.FS) ([]byte, error) {
	names, err := fs.Glob(folder, "*.toml")
	if err != nil {
		return nil, fmt.Errorf("list the locale files: %w", err)
	}
	if len(names) == 0 {
		return nil, errors.New("no locale file here: go generate ./web")
	}
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	archive.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(to, flate.BestCompression)
	})
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read a locale file: %w", err)
		}
		file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, fmt.Errorf("begin %s: %w", name, err)
		}
		if _, err := file.Write(text); err != nil {
			return nil, fmt.Errorf("pack %s: %w", name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("end the archive: %w", err)
	}
	return packed.Bytes(), nil
}
