package desk

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// checkpointsPage lists the tree's signed heads for who keeps them.
type checkpointsPage struct {
	frame
	Sections []option
	Last     string // the newest note
	Rows     []checkpointRow
	Next     string
}

type checkpointRow struct {
	At    time.Time
	Size  int64
	Place string // where it is downloaded
}

// checkpointsShown is how many stand on a page.
const checkpointsShown = 100

func (d *Desk) checkpoints(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := checkpointsPage{frame: d.frame(r, me)}
	page.Sections = sections(page.frame, "/audit/checkpoints")
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	whole := err == nil // from where a page before ended; else the newest
	err = d.Store.View(r.Context(), func(tx heed.Tx) error {
		last, err := tx.LastCheckpoint(r.Context())
		if isMissing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		page.Last = string(last.Note)
		from := time.UnixMilli(after)
		if !whole {
			from = last.At.AddDate(0, 0, -1)
		}
		all, err := tx.Checkpoints(r.Context(), from, checkpointsShown+1)
		if len(all) > checkpointsShown {
			all = all[:checkpointsShown]
			page.Next = fmt.Sprintf("/audit/checkpoints?after=%d", all[checkpointsShown-1].At.UnixMilli())
		}
		for _, c := range all {
			page.Rows = append(page.Rows, checkpointRow{c.At, c.Size, fmt.Sprintf("/audit/checkpoints/%d", c.At.UnixMilli())})
		}
		return err
	})
	if err != nil {
		return err
	}
	return d.site.Render(w, http.StatusOK, "checkpoints", page)
}

// checkpointDownload gives one Checkpoint as it was signed.
func (d *Desk) checkpointDownload(w http.ResponseWriter, r *http.Request, _ *heed.Staff) error {
	at, err := strconv.ParseInt(r.PathValue("at"), 10, 64)
	if err != nil {
		return heed.ErrNotFound
	}
	var found *heed.CheckpointRecord
	err = d.Store.View(r.Context(), func(tx heed.Tx) error {
		all, err := tx.Checkpoints(r.Context(), time.UnixMilli(at-1), 1)
		if err == nil && (len(all) == 0 || all[0].At.UnixMilli() != at) {
			err = heed.ErrNotFound
		}
		if err == nil {
			found = all[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="checkpoint-%d"`, found.Size))
	_, err = w.Write(found.Note)
	return err
}

type checkpointsInput struct {
	asking
	After time.Time `query:"after" doc:"List Checkpoints signed after this moment; without it from the first."`
	Since int64     `query:"since" minimum:"0" doc:"Size of the last Checkpoint that you have, from which the first proof goes on."`
	Limit int       `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type checkpointsOutput struct {
	Body struct {
		Checkpoints []audit.CheckpointLine `json:"checkpoints" doc:"Oldest first; each with the proof that it goes on from the one before."`
	}
}

func (d *Desk) describeAudit(api huma.API) {
	huma.Register(api, d.operation(auth.AuditRead, "list-checkpoints", http.MethodGet, "/api/v1/checkpoints", "List signed Checkpoints of the audit, with consistency proofs",
		http.StatusOK, http.StatusUnprocessableEntity), d.apiCheckpoints)
}

func (d *Desk) apiCheckpoints(ctx context.Context, in *checkpointsInput) (*checkpointsOutput, error) {
	if err := auth.Allow(actor(ctx), auth.AuditRead, auth.Resource{}); err != nil {
		return nil, d.fails(in.asking, err)
	}
	var found []*heed.CheckpointRecord
	err := d.Store.View(ctx, func(tx heed.Tx) (err error) {
		found, err = tx.Checkpoints(ctx, in.After, in.Limit)
		return err
	})
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	out := &checkpointsOutput{}
	out.Body.Checkpoints = []audit.CheckpointLine{}
	since := in.Since
	for _, c := range found {
		if c.Size < since {
			return nil, d.fails(in.asking, &heed.Problem{Field: "since", Code: "invalid"})
		}
		line, err := audit.ProveCheckpoint(ctx, d.hashes, c, uint64(since))
		if err != nil {
			return nil, d.fails(in.asking, err)
		}
		out.Body.Checkpoints, since = append(out.Body.Checkpoints, line), c.Size
	}
	return out, nil
}
