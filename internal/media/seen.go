package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// alikes is how many files are compared with one, at most.
const alikes = 200

// sealLook seals what a file is known again by.
func (s *Service) sealLook(file *heed.Attachment, data seal.Key, k *look.Kept) (*heed.Look, error) {
	b, err := json.Marshal(k)
	if err != nil {
		return nil, fmt.Errorf("encode what a file is known by: %w", err)
	}
	return &heed.Look{File: file.ID, Report: file.Report, Sealed: data.Seal(seal.LookPlace(s.cfg.Line, file.Report, file.ID), b)}, nil
}

func (s *Service) openLook(l *heed.Look, data seal.Key) (*look.Kept, error) {
	b, err := data.Open(seal.LookPlace(s.cfg.Line, l.Report, l.File), l.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open what a file is known by: %w", err)
	}
	k := &look.Kept{}
	if err := json.Unmarshal(b, k); err != nil {
		return nil, fmt.Errorf("decode what a file is known by: %w", err)
	}
	return k, nil
}

// wantSeen stores what a file is known again by, and enqueues the looking for it among others'.
func (s *Service) wantSeen(ctx context.Context, tx heed.Tx, l *heed.Look) error {
	if l == nil {
		return nil
	}
	if err := tx.PutLook(ctx, l); err != nil {
		return err
	}
	args, err := json.Marshal(CopyArgs{l.File})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: review.JobSeen, Args: args, Queue: heed.QueueSeen})
}

// HandleSeen is the handler of review.JobSeen: it looks whether a file was sent before, in another report, and lets it be found from now on.
// Of a report that the machine proposes to refuse it destroys what its files are known by. It may run again.
//
// It returns review.ErrNotYet.
func (s *Service) HandleSeen(ctx context.Context, args []byte) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", review.JobSeen, err)
	}
	w, kept, err := s.looking(ctx, a.Attachment)
	if err != nil || w == nil {
		return err
	}
	q, err := look.NewQuestion(s.eye, kept)
	if err != nil {
		return fmt.Errorf("ask by what a file is known by: %w", err)
	}
	marks, err := kept.Marks(s.cfg.Matching)
	if err != nil {
		return fmt.Errorf("mark a file: %w", err)
	}
	// First it can be found: of two that come at once, one finds the other.
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if _, err := stands(ctx, tx, w, nil); err != nil {
			return err
		}
		return tx.PutLookMarks(ctx, w.file.ID, marks, look.MarkCommon)
	})
	if err != nil {
		return goneIsDone(err, "make a file findable")
	}
	seen, err := s.sightings(ctx, w, q)
	if err != nil {
		return err
	}
	return s.storeSeen(ctx, w, kept, seen)
}

// storeSeen stores where a file was seen, and drops what only the looking needed.
func (s *Service) storeSeen(ctx context.Context, w *work, kept *look.Kept, seen []heed.Sighting) error {
	kept.Asked()
	l, err := s.sealLook(w.file, w.data, kept)
	if err != nil {
		return err
	}
	return goneIsDone(s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		left, err := stands(ctx, tx, w, seen)
		if err != nil {
			return err
		}
		if err := tx.PutLook(ctx, l); err != nil {
			return err
		}
		added, err := tx.PutSightings(ctx, left)
		if err != nil || added == 0 {
			return err
		}
		return s.say(ctx, tx, audit.FileSeen, w.file.Report, seenDetails{w.file.ID, added})
	}), "store where a file was seen")
}

// GiveUpSeen is what follows when such a job failed for the last time: what only the looking needed goes, and nobody is told of it.
func (s *Service) GiveUpSeen(ctx context.Context, args []byte, failed error) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", review.JobSeen, err)
	}
	var w *work
	var kept *look.Kept
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		file, err := tx.Attachment(ctx, a.Attachment)
		if err != nil {
			return err
		}
		keys, err := s.reportKeys(ctx, tx, file.Report)
		if err != nil {
			return err
		}
		w, kept, err = s.opened(ctx, tx, file, &keys)
		return err
	})
	if err != nil {
		return goneIsDone(err, "find what a file is known by")
	}
	s.cfg.Log.WarnContext(ctx, "media: nobody looked whether a file was sent before", "report", string(w.file.Report), "error", failed)
	return s.storeSeen(ctx, w, kept, nil)
}

func goneIsDone(err error, doing string) error {
	if err == nil || errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// stands is heed.ErrNotFound where what the file is known by was destroyed meanwhile; left are the sightings of which that of both files
// is there. None of it is destroyed before the transaction ends.
func stands(ctx context.Context, tx heed.Tx, w *work, seen []heed.Sighting) (left []heed.Sighting, err error) {
	files := []heed.ID{w.file.ID}
	for _, one := range seen {
		_, other, _ := one.Other(w.file.Report)
		files = append(files, other)
	}
	slices.Sort(files)
	standing, err := tx.LockLooks(ctx, files)
	if err != nil {
		return nil, err
	}
	if !standing[w.file.ID] {
		return nil, fmt.Errorf("what attachment %s is known by: %w", w.file.ID, heed.ErrNotFound)
	}
	return slices.DeleteFunc(slices.Clone(seen), func(one heed.Sighting) bool { return !standing[one.File] || !standing[one.Earlier] }), nil
}

// opened opens what a file is known by.
func (s *Service) opened(ctx context.Context, tx heed.Tx, file *heed.Attachment, keys *seal.ReportKeys) (*work, *look.Kept, error) {
	l, err := tx.Look(ctx, file.ID)
	if err != nil {
		return nil, nil, err
	}
	kept, err := s.openLook(l, keys.Data)
	return &work{file: file, data: keys.Data}, kept, err
}

// looking opens what is to be looked for; nil where there is nothing.
func (s *Service) looking(ctx context.Context, attachment heed.ID) (w *work, kept *look.Kept, err error) {
	refused := false
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		w, kept, refused = nil, nil, false
		file, err := tx.Attachment(ctx, attachment)
		if err != nil {
			return err
		}
		keys, err := s.reportKeys(ctx, tx, file.Report)
		if err != nil {
			return err
		}
		r, err := tx.Report(ctx, file.Report)
		if err != nil {
			return err
		}
		may, err := s.cfg.Reports.ForListener(ctx, tx, r, &keys)
		if err != nil {
			return err
		}
		refused = !may
		w, kept, err = s.opened(ctx, tx, file, &keys)
		return err
	})
	if err == nil && refused {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.DeleteLooks(ctx, w.file.Report) })
		w = nil
	}
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil, nil, nil // erased
	}
	if err != nil {
		return nil, nil, fmt.Errorf("find what a file is known by: %w", err)
	}
	return w, kept, nil
}

func (s *Service) reportKeys(ctx context.Context, tx heed.Tx, report heed.ID) (keys seal.ReportKeys, err error) {
	wrapped, err := tx.WrappedKey(ctx, report)
	if err != nil {
		return keys, err
	}
	return seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, report, wrapped)
}

// sightings compares a file with those of other reports that have marks of it.
func (s *Service) sightings(ctx context.Context, w *work, q *look.Question) (seen []heed.Sighting, err error) {
	marks := q.Marks(s.cfg.Matching)
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		seen = nil
		found, err := tx.LookAlikes(ctx, marks, alikes)
		if err != nil {
			return err
		}
		keys := map[heed.ID]seal.ReportKeys{}
		for _, id := range found {
			if err := ctx.Err(); err != nil { // each comparison takes a while, in which nothing asks the store
				return err
			}
			l, err := tx.Look(ctx, id)
			if err != nil || l.Report == w.file.Report {
				if err == nil || errors.Is(err, heed.ErrNotFound) {
					continue
				}
				return err
			}
			if _, ok := keys[l.Report]; !ok {
				k, err := s.reportKeys(ctx, tx, l.Report)
				if errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrNotFound) {
					continue
				}
				if err != nil {
					return err
				}
				keys[l.Report] = k
			}
			other, err := s.openLook(l, keys[l.Report].Data)
			if err != nil {
				return err
			}
			answer, err := q.Answer(other)
			if err != nil {
				return fmt.Errorf("compare two files: %w", err)
			}
			if answer.Same != "" {
				seen = append(seen, sighting(w.file, l, answer))
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for a file among others: %w", err)
	}
	return seen, nil
}

// sighting names the later file first, whichever was looked at first: ids are in the order of their times.
func sighting(file *heed.Attachment, other *heed.Look, a look.Answer) heed.Sighting {
	s := heed.Sighting{File: file.ID, Report: file.Report, Earlier: other.File, EarlierReport: other.Report, Kind: a.Same, Score: a.Score}
	if s.File < s.Earlier {
		s.File, s.Report, s.Earlier, s.EarlierReport = s.Earlier, s.EarlierReport, s.File, s.Report
	}
	return s
}

type seenDetails struct {
	Attachment heed.ID `json:"attachment"`
	Seen       int     `json:"seen"` // in so many others that weren't known
}
