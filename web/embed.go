// Package web holds what the pages are made of, embedded into the binary: templates, stylesheets, scripts, pictures and
// the locale files. It imports nothing of the program.
//
//	templates/shared          pieces of portal and desk
//	templates/portal, desk    their pages (see internal/web.SiteConfig)
//	static                    served at /static/ under hashed names
//	locales                   flat TOML, one file a language and area: en.toml, desk.en.toml
package web

import (
	"archive/zip"
	"bytes"
	"embed"
	"fmt"
	"io/fs"
)

// Files are the templates and what is served.
//
//go:embed templates static
var Files embed.FS

// locales are the files of that folder, a quarter as long; after a change to one: go generate ./web.
//
//go:generate go run ./pack
//go:embed locales.zip
var locales []byte

// Locales are the locale files, by their names in their folder; each is unpacked when it is read.
func Locales() (fs.FS, error) {
	packed, err := zip.NewReader(bytes.NewReader(locales), int64(len(locales)))
	if err != nil {
		return nil, fmt.Errorf("unpack the texts: %w", err)
	}
	return packed, nil
}
