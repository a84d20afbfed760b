package desk

import (
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// historyView is one act, or several reads of one person in a row.
type historyView struct {
	At               time.Time
	Words, Who, Note string
	act              string
	actor            heed.ID
	times            int
}

// history is the report's leaves in words, the newest first. Reads of one person in a row are one line: an act reads
// the report again, and nobody learns from a column of them.
func (s speaker) history(v *review.View) []historyView {
	var out []historyView
	for i := len(v.History) - 1; i >= 0; i-- {
		e := v.History[i]
		if n := len(out); n > 0 && e.Act == audit.ReportRead && out[n-1].act == e.Act && out[n-1].actor == e.Actor {
			out[n-1].times++
			out[n-1].Words = s.T("desk.act-times", "Act", s.T("act."+e.Act), "N", out[n-1].times)
			continue
		}
		h := historyView{At: e.At, Words: s.T("act." + e.Act), Who: s.who(e.Actor), act: e.Act, actor: e.Actor, times: 1}
		if e.Act != audit.ReportRead {
			h.Note = e.Note
		}
		out = append(out, h)
	}
	return out
}
