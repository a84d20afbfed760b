package review

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

const (
	// maxSeen is how many others a File was Seen in, at most, as it is shown.
	maxSeen = 50
	// maxSightings is among how many those are that the reader may know of.
	maxSightings = 1000
)

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
	for i := range v.Files {
		f := &v.Files[i]
		all, err := tx.Sightings(ctx, v.Report.ID, f.ID, maxSightings)
		if err != nil {
			return err
		}
		others := make([]heed.ID, len(all))
		for i, one := range all {
			_, _, others[i] = one.Other(v.Report.ID)
		}
		reports, err := tx.ReportsOf(ctx, others)
		if err != nil {
			return err
		}
		for _, one := range all {
			_, other, of := one.Other(v.Report.ID)
			if r := reports[of]; r != nil {
				f.Seen = append(f.Seen, Seen{other, r, one.Earlier == other, one.Kind, one.Score})
			}
		}
	}
	return nil
}

// cutSeen leaves the first of what the files were seen in.
func (v *View) cutSeen() {
	for i := range v.Files {
		f := &v.Files[i]
		f.Seen = f.Seen[:min(len(f.Seen), maxSeen)]
	}
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
