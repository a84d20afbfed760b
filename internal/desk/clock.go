package desk

import (
	"errors"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// clockPage shows how the line's time stands, and takes the words of two people that the host's clock is right.
type clockPage struct {
	frame
	Sections   []option
	Line       time.Time
	Host       time.Time // zero where it isn't known here
	Behind     string    // how far the host's clock lies behind; "" where it doesn't
	Doubt      *audit.Doubt
	AskedBy    string
	AskedAt    time.Time
	MayBelieve bool
	Mine       bool // the first word is this person's
}

func isMissing(err error) bool { return errors.Is(err, heed.ErrNotFound) }

// clockPatience is how far a host's clock may lie behind before it is worth a word.
const clockPatience = time.Minute

func (d *Desk) clock(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := clockPage{frame: d.frame(r, me), Line: d.Now(), MayBelieve: auth.Allow(me, auth.ClockBelieve, auth.Resource{}) == nil}
	if auth.Allow(me, auth.AuditRead, auth.Resource{}) == nil {
		page.Sections = sections(page.frame, "/clock")
	}
	if d.Clock != nil {
		behind := d.Clock.Behind()
		page.Host = page.Line.Add(-behind)
		if behind > clockPatience {
			page.Behind = page.Span(behind)
		}
	}
	var asked *audit.Asked
	err := d.Store.View(r.Context(), func(tx heed.Tx) (err error) {
		if page.Doubt, err = audit.Doubted(r.Context(), tx); err == nil {
			asked, err = audit.WhoAsked(r.Context(), tx, d.Now())
		}
		return err
	})
	if err != nil {
		return err
	}
	if asked != nil {
		names, err := d.Auth.Names(r.Context())
		if err != nil {
			return err
		}
		page.AskedBy, page.AskedAt, page.Mine = names[asked.By], asked.At, asked.By == me.ID
	}
	return d.site.Render(w, http.StatusOK, "clock", page)
}

func (d *Desk) clockBelieve(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	second := func(tx heed.Tx, first heed.ID) error {
		return auth.AsSecond(r.Context(), tx, me, auth.ClockBelieve, auth.Resource{By: first}, nil, d.Now())
	}
	if _, err := audit.Believe(r.Context(), d.Store, me.ID, d.Now(), second); err != nil {
		return err
	}
	http.Redirect(w, r, "/clock", http.StatusSeeOther)
	return nil
}

// clockDoubted reports whether those who may see the clock must be told of it on every page.
func (d *Desk) clockDoubted(r *http.Request, me *heed.Staff) bool {
	if auth.Allow(me, auth.ClockRead, auth.Resource{}) != nil {
		return false
	}
	var doubt *audit.Doubt
	err := d.Store.View(r.Context(), func(tx heed.Tx) (err error) {
		doubt, err = audit.Doubted(r.Context(), tx)
		return err
	})
	if err != nil {
		d.Log.Error("desk: reading whether the clock is doubted", "error", err)
	}
	return doubt != nil
}
