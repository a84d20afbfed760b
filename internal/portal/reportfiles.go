package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// takeFiles adds the form's files to the draft and removes the one that a button names.
func (p *portal) takeFiles(r *http.Request, d *draft, form *posted) (removed bool, ps heed.Problems) {
	d.Files = append(d.Files, form.files...)
	if limit := p.Profile.Limits.Files; len(d.Files)+len(d.Uploads) > limit {
		kept := max(0, limit-len(d.Uploads))
		p.discard(r, d.Files[kept:])
		d.Files = d.Files[:kept]
		ps = append(ps, &heed.Problem{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": limit}})
	}
	if form.get("remove") == "" {
		return false, ps
	}
	number, isUpload := strings.CutPrefix(form.get("remove"), uploadMark)
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || isUpload && i >= len(d.Uploads) || !isUpload && i >= len(d.Files) {
		return true, ps // a second click on the same button: it is removed already
	}
	if isUpload {
		p.endUploads(r, d.Uploads[i:i+1])
		d.untell(d.Uploads[i].ID)
		d.Uploads = slices.Delete(d.Uploads, i, i+1)
		return true, ps
	}
	p.discard(r, d.Files[i:i+1])
	d.Files = slices.Delete(d.Files, i, i+1)
	return true, ps
}

// takeUploads adds to the draft what came bit by bit while its page was open. A form that is sent twice adds it once.
func (p *portal) takeUploads(r *http.Request, d *draft, form *posted) (ps heed.Problems, err error) {
	limit := p.Profile.Limits.Files
	addresses := strings.Fields(form.get("uploads"))
	if len(addresses) > limit { // each costs a look into the store
		return heed.Problems{{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": limit}}}, nil
	}
	for _, address := range addresses {
		u, err := p.openUpload(address[strings.LastIndexByte(address, '/')+1:])
		if err == nil && slices.ContainsFunc(d.Uploads, func(o intake.Upload) bool { return o.ID == u.ID }) {
			continue
		}
		var end int64
		if err == nil {
			end, err = p.Intake.UploadOffset(r.Context(), u)
		}
		code := ""
		switch {
		case errors.Is(err, heed.ErrNotFound), errors.Is(err, heed.ErrGone):
			code = "file-gone"
		case err != nil:
			return nil, err
		case end < u.Size:
			code = "upload-unfinished"
		case len(d.Files)+len(d.Uploads) >= limit:
			p.endUploads(r, []intake.Upload{u})
			code = "too-many-files"
		}
		if code == "" {
			d.Uploads = append(d.Uploads, u)
		} else if !slices.ContainsFunc(ps, func(q *heed.Problem) bool { return q.Code == code }) {
			ps = append(ps, &heed.Problem{Field: "files", Code: code, Args: map[string]any{"Limit": limit}})
		}
	}
	return ps, nil
}

// endUploads forgets uploads. Where that fails they end by themselves a day later.
func (p *portal) endUploads(r *http.Request, uploads []intake.Upload) {
	for _, u := range uploads {
		if err := p.Intake.EndUpload(r.Context(), u); err != nil && !errors.Is(err, heed.ErrNotFound) {
			p.Log.Warn("portal: end an upload", "error", err)
		}
	}
}

// discard forgets staged files. Where that fails the sweep of abandoned drafts takes them a day later.
func (p *portal) discard(r *http.Request, files []intake.StagedFile) {
	for _, f := range files {
		if err := p.Intake.Discard(context.WithoutCancel(r.Context()), f); err != nil {
			p.Log.Warn("portal: discard a staged file", "error", err)
		}
	}
}

// onFiles has a fault of uploads, of which a form knows nothing, stand at its files.
func onFiles(ps heed.Problems) heed.Problems {
	ps = slices.Clone(ps)
	for i, q := range ps {
		if q.Field == "uploads" {
			own := *q
			own.Field = "files"
			ps[i] = &own
		}
	}
	return ps
}
