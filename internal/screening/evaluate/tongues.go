package evaluate

import (
	"github.com/heed-line/heed/internal/screening/language"
	"github.com/heed-line/heed/internal/screening/language/teach"
)

// Told counts the texts whose language a model names rightly, by base tag.
func Told(model *language.Model, kind string, examples []teach.Example) Score {
	s := Score{Name: "language: " + kind}
	for _, e := range examples {
		s.All++
		if base(model.Detect(e.Text).Main) == e.Lang {
			s.Hit++
		}
	}
	return s
}
