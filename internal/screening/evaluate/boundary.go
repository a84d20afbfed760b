package evaluate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/heed-line/heed/internal/screening"
)

// BoundaryCase is a report solely about who somebody is, which is to be refused, or one that speaks of the same people and never is.
type BoundaryCase struct {
	ID, Trait, Lang, Kind, Text string
	Half                        string // tuned, held, or read again
	Refuse                      bool
}

// ReadBoundary reads such cases, JSON lines.
func ReadBoundary(path string) (all []BoundaryCase, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the boundary cases: %w", err)
	}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var c BoundaryCase
		if err := d.Decode(&c); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read a boundary case: %w", err)
		}
		all = append(all, c)
	}
}

// Boundary counts, of the cases of one half, those to be refused that are proposed so, and the others that are refused or set aside.
func Boundary(s *screening.Screener, all []BoundaryCase, half string) (found, wrong Score) {
	found, wrong = Score{Name: BoundaryFound}, Score{Name: BoundaryRefused}
	for _, c := range all {
		if c.Half != half {
			continue
		}
		r := s.Screen(screening.Input{Text: c.Text})
		switch {
		case c.Refuse:
			found.All++
			if r.Refuse {
				found.Hit++
			}
		default:
			wrong.All++
			if r.Refuse || r.SetAside {
				wrong.Hit++
			}
		}
	}
	return found, wrong
}
