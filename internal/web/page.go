package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Site renders the pages of one area ("portal", "desk") in every language of the line. It is safe for concurrent use.
type Site struct {
	Locales *Locales
	Static  *Static
	pages   map[string]func() (*template.Template, error)
	now     func() time.Time
	zone    *time.Location
}

// SiteConfig is what a Site is made of. Every field is needed.
type SiteConfig struct {
	// Files holds templates/ and static/: the embedded web folder.
	Files fs.FS
	// Area is the folder of templates: templates/<area>/layout.html is the frame, templates/<area>/parts/*.html and
	// templates/shared/*.html are pieces, every other templates/<area>/*.html is a page.
	Area    string
	Locales *Locales
	Now     func() time.Time
	Zone    *time.Location // in which times are told
}

// NewSite parses the area's templates and hashes the static files. A page's template is put together when it is first shown
// and kept from then on: each holds a copy of the frame and of every piece, 100 KB at the desk, and few people see all pages.
func NewSite(c SiteConfig) (*Site, error) {
	files, err := fs.Sub(c.Files, "static")
	if err != nil {
		return nil, fmt.Errorf("static files: %w", err)
	}
	static, err := LoadStatic(files)
	if err != nil {
		return nil, err
	}
	s := &Site{Locales: c.Locales, Static: static, pages: map[string]func() (*template.Template, error){}, now: c.Now, zone: c.Zone}
	base := path.Join("templates", c.Area)
	frame := template.New("layout.html").Funcs(template.FuncMap{"dict": dict, "asset": static.Address})
	for _, pattern := range []string{"templates/shared/*.html", base + "/parts/*.html", base + "/layout.html"} {
		names, err := fs.Glob(c.Files, pattern)
		if err != nil {
			return nil, fmt.Errorf("list templates: %w", err)
		}
		if len(names) == 0 {
			continue
		}
		if frame, err = frame.ParseFS(c.Files, names...); err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
	}
	names, err := fs.Glob(c.Files, base+"/*.html")
	if err != nil {
		return nil, fmt.Errorf("list pages: %w", err)
	}
	for _, name := range names {
		s.pages[strings.TrimSuffix(path.Base(name), ".html")] = sync.OnceValues(func() (*template.Template, error) {
			return parsePage(frame, c.Files, name)
		})
	}
	// A broken page is a fault of the program, found at its start: on one copy, in which each page's pieces stand in for the last one's.
	if len(names) > 0 {
		if _, err := parsePage(frame, c.Files, names...); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// parsePage adds a page, or several whose pieces replace each other's, to a copy of the frame. The frame itself is never shown, so it can be
// copied at any time.
func parsePage(frame *template.Template, files fs.FS, names ...string) (*template.Template, error) {
	page, err := frame.Clone()
	if err != nil {
		return nil, fmt.Errorf("copy the frame for %s: %w", strings.Join(names, ", "), err)
	}
	if page, err = page.ParseFS(files, names...); err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	return page, nil
}

// dict makes a map of pairs, to hand a piece of a page more than one value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict of %d values", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}

// Voice is the voice for a request: the language its address asks for, else the nearest to preferred (a signed-in
// person's, "" for none), else the nearest to its Accept-Language, else the line's default.
func (s *Site) Voice(r *http.Request, preferred string) *Voice {
	if tag := s.Locales.Requested(r); tag != "" {
		return s.VoiceIn(tag)
	}
	return s.Locales.Voice(s.Locales.Match(preferred, r.Header.Get("Accept-Language")), s.now(), s.zone)
}

// VoiceIn is the voice for a language that the person chose; links will carry it. An unknown one is the default.
func (s *Site) VoiceIn(tag string) *Voice {
	v := s.Locales.Voice(s.Locales.Match(tag), s.now(), s.zone)
	v.explicit = true
	return v
}

// Render writes a page. The data's type embeds *Voice (or holds one that its templates reach), and the template named
// after the page defines what layout.html's blocks ask for.
//
// Where the template fails nothing of it is sent; the error is returned for the caller's error page.
func (s *Site) Render(w http.ResponseWriter, status int, page string, data any) error {
	return s.render(w, status, page, "layout.html", data)
}

// RenderPart writes one named piece without its frame, for pages that update in place.
func (s *Site) RenderPart(w http.ResponseWriter, status int, page, part string, data any) error {
	return s.render(w, status, page, part, data)
}

func (s *Site) render(w http.ResponseWriter, status int, page, part string, data any) error {
	parsed, ok := s.pages[page]
	if !ok {
		return fmt.Errorf("no page %q", page)
	}
	t, err := parsed()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, data); err != nil {
		return fmt.Errorf("render %q of page %q: %w", part, page, err)
	}
	send(w, status, &out)
	return nil
}

func send(w http.ResponseWriter, status int, out *bytes.Buffer) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	// The client may have gone; there is nobody left to tell.
	if _, err := out.WriteTo(w); err != nil {
		return
	}
}
