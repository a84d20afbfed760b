package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// JobRebuild makes anew what reports are found by: after a restore, for backups don't hold it, and after an upgrade to a program
// that finds them in another way. Its args are RebuildArgs.
const JobRebuild = "rebuild-traces"

// RebuildArgs are the args of JobRebuild.
type RebuildArgs struct {
	Reports []heed.ID `json:"reports"`
	Files   bool      `json:"files,omitempty"` // what their files are found by, too: of the whole line, which Traces counts
}

// SettingTraces holds how what reports are found by is made, and how far that has come: JSON of Traces.
const SettingTraces = "review.traces"

// tracesForm changes whenever screening.MarksOf, SearchTokens or DetailTokens would give other answers for the same text, or are asked about more of it.
const tracesForm = 6

// Traces is how far the making of traces has come.
type Traces struct {
	Form  int `json:"form"`
	Total int `json:"total"` // reports to be made findable again
	Done  int `json:"done"`
}

// rebuildBatch is how many reports one JobRebuild is for.
const rebuildBatch = 200

// Renew is Rebuild where the line's traces were made in another way than this program makes them.
func (s *Service) Renew(ctx context.Context) error {
	var t Traces
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		t, err = TracesOf(ctx, tx)
		return err
	})
	if err != nil || t.Form == tracesForm {
		return err
	}
	return s.Rebuild(ctx)
}

// TracesOf reads SettingTraces; a line that has none gets the zero Traces.
func TracesOf(ctx context.Context, tx heed.SettingTx) (t Traces, err error) {
	b, err := tx.Setting(ctx, SettingTraces)
	if errors.Is(err, heed.ErrNotFound) {
		return t, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &t)
	}
	if err != nil {
		return t, fmt.Errorf("read how reports are found: %w", err)
	}
	return t, nil
}

func putTraces(ctx context.Context, tx heed.SettingTx, t Traces) error {
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode how reports are found: %w", err)
	}
	return tx.PutSetting(ctx, SettingTraces, b)
}

// Rebuild enqueues JobRebuild for every report of which a trace would be stored: open ones are searched, and others found as similar
// for some time.
func (s *Service) Rebuild(ctx context.Context) error {
	var ids []heed.ID
	var last *heed.Report
	since := s.cfg.Now().Add(-similarWindow)
	for more := true; more; {
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			page, err := tx.Reports(ctx, heed.ReportQuery{After: last, Limit: rebuildBatch})
			for _, r := range page {
				if r.State.Open() || r.State != heed.Erased && r.ReceivedAt.After(since) {
					ids = append(ids, r.ID)
				}
				last = r
			}
			more = len(page) == rebuildBatch
			return err
		})
		if err != nil {
			return fmt.Errorf("list reports to find again: %w", err)
		}
	}
	var jobs []heed.Job
	for batch := range slices.Chunk(ids, rebuildBatch) {
		args, err := json.Marshal(RebuildArgs{batch, true})
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		jobs = append(jobs, heed.Job{Kind: JobRebuild, Args: args, Queue: heed.QueueImport})
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := putTraces(ctx, tx, Traces{Form: tracesForm, Total: len(ids)}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, jobs...)
	})
	if err != nil {
		return fmt.Errorf("enqueue reports to find again: %w", err)
	}
	return nil
}

// HandleRebuild is the handler of JobRebuild. What was erased, never screened or proposed for refusal meanwhile stays as it is.
func (s *Service) HandleRebuild(ctx context.Context, args []byte) error {
	var a RebuildArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobRebuild, err)
	}
	for chunk := range slices.Chunk(a.Reports, screenChunk) {
		if err := s.rebuild(ctx, chunk, a.Files); err != nil {
			return fmt.Errorf("make anew what reports are found by: %w", err)
		}
	}
	if !a.Files {
		return nil // in one of its files something was read: it's none of those that Traces counts
	}
	return s.retry(func() error {
		return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			t, err := TracesOf(ctx, tx)
			if err != nil {
				return err
			}
			t.Done = min(t.Done+len(a.Reports), t.Total) // a job that is tried again counts twice
			return putTraces(ctx, tx, t)
		})
	})
}

// rebuild is HandleRebuild for some of the reports.
func (s *Service) rebuild(ctx context.Context, ids []heed.ID, files bool) error {
	for _, t := range []turn{s.placing, s.storing} {
		if err := t.take(ctx); err != nil {
			return err
		}
		defer t.leave()
	}
	var traces []*heed.Trace
	var corrections map[heed.ID]correction
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		var marks []screening.Marks
		traces, corrections = nil, map[heed.ID]correction{}
		for _, id := range ids {
			f, m, err := s.trace(ctx, tx, id, corrections)
			if errors.Is(err, errNoTraces) || errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			traces, marks = append(traces, f), append(marks, m)
		}
		asks := make([]heed.Ask, len(traces))
		for i, f := range traces {
			asks[i] = heed.Ask{Marks: marks[i].Asked(), Since: f.At.Add(-similarWindow)}
		}
		near, err := tx.Candidates(ctx, asks, 1)
		for i := range near {
			traces[i].Marks = marks[i].Kept(func(m int64) int { return near[i].Counts[m] })
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		named := make([]heed.ID, len(traces))
		for i, f := range traces {
			named[i] = f.Report
		}
		keys, err := tx.WrappedKeys(ctx, named)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(slices.Clone(traces), func(f *heed.Trace) bool { return keys[f.Report] == nil }) // erased meanwhile
		for _, f := range left {
			if c, wrong := corrections[f.Report]; wrong {
				if err := c.put(ctx, tx); err != nil {
					return err
				}
			}
		}
		if err := tx.PutTraces(ctx, left); err != nil || !files {
			return err
		}
		return rebuildFiles(ctx, tx, left)
	})
}

// rebuildFiles has made anew what the files of reports are found by.
func rebuildFiles(ctx context.Context, tx heed.Tx, of []*heed.Trace) error {
	var jobs []heed.Job
	for _, f := range of {
		looks, err := tx.Looks(ctx, f.Report)
		if err != nil {
			return err
		}
		for _, l := range looks {
			args, err := json.Marshal(fileDetails{Attachment: l.File})
			if err != nil {
				return fmt.Errorf("encode a job: %w", err)
			}
			jobs = append(jobs, heed.Job{Kind: JobSeen, Args: args, Queue: heed.QueueImport})
		}
	}
	return tx.Enqueue(ctx, jobs...)
}

// trace makes what a report is found by, but that which marks are kept depends on the others. Where its Screening is to be corrected that is
// noted.
func (s *Service) trace(ctx context.Context, tx heed.Tx, id heed.ID, corrections map[heed.ID]correction) (f *heed.Trace, marks screening.Marks, err error) {
	r, err := tx.Report(ctx, id)
	if err != nil {
		return nil, marks, err
	}
	keys, err := s.keys(ctx, tx, id)
	if err != nil {
		return nil, marks, err
	}
	sc, unscreened, err := s.screening(ctx, tx, id, &keys)
	if err != nil {
		return nil, marks, err
	}
	if unscreened || sc == nil || sc.Refuse {
		return nil, marks, errNoTraces
	}
	c, err := s.content(r, &keys)
	if err != nil {
		return nil, marks, err
	}
	spoken := c.Spoken()
	if spoken {
		copies, err := copiesIfSpoken(ctx, tx, r)
		if err != nil {
			return nil, marks, err
		}
		if c.Text, err = s.heard(&keys, copies); err != nil {
			return nil, marks, err
		}
		kept := *sc
		c.Text, *sc = ofHeard(c.Text, r.Language, kept)
		if len(sc.Details) < len(kept.Details) || !slices.Equal(sc.Reasons, kept.Reasons) {
			if corrections[id], err = s.correct(ctx, tx, id, keys.Data, sc); err != nil {
				return nil, marks, err
			}
		}
	}
	read := s.cfg.Screener.Recall(told(r, c.Text), *sc)
	marks = screening.MarksOf(s.cfg.Matching, read)
	tokens := s.searchedBy(r, c, sc)
	if r.Files > 0 && !spoken { // what was heard stands for the text of one that was
		copies, err := tx.SafeCopies(ctx, id)
		if err != nil {
			return nil, marks, err
		}
		for _, copied := range copies {
			t, err := OpenTranscript(keys.Data, s.cfg.Line, copied)
			if err != nil {
				return nil, marks, err
			}
			if t != nil {
				tokens = s.alsoBy(tokens, append(screening.SearchTokens(s.keyed(t)), s.forms(s.DetailsIn(t), t.Language, r.ReceivedAt)...))
			}
		}
	}
	return &heed.Trace{Report: id, At: r.ReceivedAt, Sketch: marks.Sketch(read), Tokens: tokens}, marks, nil
}

// alsoBy adds the keyed words of what was heard or read in a report's files to those of its own.
func (s *Service) alsoBy(tokens [][]byte, inFiles []string) [][]byte {
	there := map[string]bool{}
	for _, t := range tokens {
		there[string(t)] = true
	}
	for _, w := range inFiles {
		if t := s.cfg.Matching.Token(w); !there[string(t)] {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// errNoTraces ends the rebuilding of a report that is found by nothing.
var errNoTraces = errors.New("it is found by nothing")
