package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// Static serves stylesheets, scripts and pictures under names that hold their content's hash, so that browsers may keep
// them for ever and never ask again.
type Static struct {
	names map[string]string // "base.css" → "/static/base-4k2m….css"
	files map[string]staticFile
}

type staticFile struct {
	kind  string
	bytes []byte
}

// staticPrefix is where static files are served.
const staticPrefix = "/static/"

// LoadStatic reads every file of fsys, folders included ("desk/desk.js").
func LoadStatic(fsys fs.FS) (*Static, error) {
	s := &Static{names: map[string]string{}, files: map[string]staticFile{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(raw)
		hash := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
		ext := path.Ext(name)
		address := staticPrefix + strings.TrimSuffix(name, ext) + "-" + hash + ext
		kind := mime.TypeByExtension(ext)
		switch ext { // the system's own table may lack or bend these
		case ".css":
			kind = "text/css; charset=utf-8"
		case ".js", ".mjs":
			kind = "text/javascript; charset=utf-8"
		case ".svg":
			kind = "image/svg+xml"
		}
		s.names[name], s.files[address] = address, staticFile{kind, raw}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	return s, nil
}

// Address is where the file called name is served.
//
// It returns an error where there is no such file, which ends the template that names it.
func (s *Static) Address(name string) (string, error) {
	if a, ok := s.names[name]; ok {
		return a, nil
	}
	return "", fmt.Errorf("no static file %q", name)
}

// ServeHTTP serves the files at /static/.
func (s *Static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := s.files[r.URL.Path]
	if !ok {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.kind)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.bytes))
}
