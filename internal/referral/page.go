package referral

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/profile"
)

//go:embed report.html.tmpl
var pageSource string

// labels are the page's own words, by language.
//
//go:embed labels.json
var labelSource []byte

// labels reads the page's words in lang, or the nearest language there is.
func labels(lang string) (map[string]string, error) {
	var all map[string]map[string]string
	if err := json.Unmarshal(labelSource, &all); err != nil {
		return nil, fmt.Errorf("read the page's words: %w", err)
	}
	return profile.In(all, lang), nil
}

// direction is how a language is written.
func direction(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch base {
	case "ar", "he", "fa", "ur", "ug", "ps", "sd", "yi", "ckb", "dv":
		return "rtl"
	}
	return "ltr"
}

// page is report.html: the same as report.json for people. It needs nothing from elsewhere and runs nothing.
func (s *Service) page(d *document) ([]byte, error) {
	lang := s.cfg.Profile.Languages[0]
	words, err := labels(lang)
	if err != nil {
		return nil, err
	}
	zone := s.cfg.Profile.Zone()
	t, err := template.New("report").Funcs(template.FuncMap{
		"label": func(name string) string { return words[name] },
		"kind":  func(k any) string { return words[fmt.Sprint(k)] },
		"dir":   direction,
		"at":    func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04 MST") },
		"iso":   func(t time.Time) string { return t.Format(time.RFC3339) },
	}).Parse(pageSource)
	if err != nil {
		return nil, fmt.Errorf("read the page's template: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, struct {
		*document
		PageLanguage string
	}{d, lang}); err != nil {
		return nil, fmt.Errorf("write report.html: %w", err)
	}
	return b.Bytes(), nil
}
