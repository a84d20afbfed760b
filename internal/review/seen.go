package review

import (
	"context"
	"errors"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// maxSeen is how many Sightings a View holds.
const maxSeen = 50

// Seen is another report with a file that shows, or lets hear, what one of this report's does.
type Seen struct {
	File   heed.ID // the other one
	Report *heed.Report
	Before bool // it came before
	Kind   string
	Score  float64
}

// openSightings finds where the report's files were seen.
func (s *Service) openSightings(ctx context.Context, tx heed.Tx, v *View, _ *seal.ReportKeys) error {
	if v.Gone || len(v.Files) == 0 {
		return nil
	}
	all, err := tx.Sightings(ctx, v.Report.ID, maxSeen)
	if err != nil {
		return err
	}
	for _, one := range all {
		mine, other, of := one.Other(v.Report.ID)
		r, err := tx.Report(ctx, of)
		if errors.Is(err, heed.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		for i := range v.Files {
			if f := &v.Files[i]; f.ID == mine {
				f.Seen = append(f.Seen, Seen{other, r, one.Earlier == other, one.Kind, one.Score})
			}
		}
	}
	return nil
}

// narrowSeen takes out of what the files were seen in what the reader is not to know of.
func (s *Service) narrowSeen(v *View, reader *heed.Staff) {
	for i := range v.Files {
		var known []Seen
		for _, seen := range v.Files[i].Seen {
			if s.knows(reader, seen.Report) == nil {
				known = append(known, seen)
			}
		}
		v.Files[i].Seen = known
	}
}
