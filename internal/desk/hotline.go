package desk

import (
	"net/http"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/calltaker"
)

// hotlinePage shows a lead how callers are served.
type hotlinePage struct {
	frame
	*calltaker.Figures
	Longest string // how long the first who waits has waited
	Rows    []hourRow
	Sum     hourRow
}

// hourRow is what became of the callers of one hour and language.
type hourRow struct {
	Hour                                                              time.Time
	Language                                                          string
	Offered, Answered, AnsweredSoon, Abandoned, Elsewhere, CalledBack int
	Soon                                                              string // share of the answered ones
	Average, Longest                                                  string
}

func (d *Desk) hotline(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	figures, err := d.Calls.Figures(r.Context(), me)
	if err != nil {
		return err
	}
	page := hotlinePage{frame: d.frame(r, me), Figures: figures}
	s := speaker{Voice: page.Voice, profile: d.Profile}
	if !figures.Oldest.IsZero() {
		page.Longest = s.wait(figures.Oldest)
	}
	for _, h := range figures.Hours {
		page.Rows = append(page.Rows, s.hour(h))
	}
	page.Sum = s.hour(&figures.Sum)
	return d.site.Render(w, http.StatusOK, "hotline", page)
}

func (s speaker) hour(h *heed.CallHour) hourRow {
	row := hourRow{
		Hour: h.Hour, Offered: h.Offered, Answered: h.Answered, AnsweredSoon: h.AnsweredSoon, Abandoned: h.Abandoned, Elsewhere: h.Elsewhere,
		CalledBack: h.CalledBack, Longest: s.waited(h.Longest),
	}
	if h.Language != "" {
		row.Language = s.language(h.Language)
	}
	if h.Offered > 0 {
		row.Soon = s.T("desk.percent", "N", strconv.Itoa(100*h.AnsweredSoon/h.Offered))
		row.Average = s.waited(h.Waited / time.Duration(h.Offered))
	}
	return row
}

// waited is a span to the second below ten minutes.
func (s speaker) waited(d time.Duration) string {
	if d < 10*time.Minute {
		return s.T("calls.span-ms", "M", int(d/time.Minute), "S", int(d%time.Minute/time.Second))
	}
	return s.span(d)
}
