package desk

import (
	"net/http"
	"time"

	"github.com/heed-line/heed"
)

type noticesPage struct {
	frame
	To      string
	Notices []noticeRow
	MayStop bool // a new link to the reader's account is wished for or given
}

// noticeRow is one announcement in words.
type noticeRow struct {
	At    time.Time
	Words string
	New   bool
}

func (d *Desk) notices(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	notices, err := d.Auth.Notices(r.Context(), me)
	if err != nil {
		return err
	}
	names, err := d.Auth.Names(r.Context())
	if err != nil {
		return err
	}
	page := noticesPage{frame: d.frame(r, me), To: ownPath(r.URL.Query().Get("to"))}
	if page.MayStop, err = d.Auth.ResetStands(r.Context(), me); err != nil {
		return err
	}
	for _, n := range notices {
		by, about := names[n.By], names[n.About]
		if about == "" { // no account
			about = n.About.Short()
		}
		if n.By == "" {
			by = page.T("desk.notice-operator")
		}
		page.Notices = append(page.Notices, noticeRow{
			At: n.At, New: !n.Seen, Words: page.T("notice."+n.Code, "Name", about, "By", by),
		})
	}
	return d.site.Render(w, http.StatusOK, "notices", page)
}

func (d *Desk) noticesSeen(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.SeeNotices(r.Context(), me); err != nil {
		return err
	}
	http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	return nil
}

func (d *Desk) resetStop(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.StopReset(r.Context(), me); err != nil {
		return err
	}
	http.Redirect(w, r, "/notices", http.StatusSeeOther)
	return nil
}
