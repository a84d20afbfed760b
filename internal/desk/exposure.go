package desk

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// exposureView tells somebody, and nobody else, how much they uncovered of what is blurred until they ask.
type exposureView struct {
	Today, Week string // in words
	Pause       bool   // it was much today
}

// uncoverForm is the button that shows pictures as they are. It is a form, so that what it uncovers is counted without a script too.
type uncoverForm struct {
	Report, File heed.ID // File "": all of the report's
	Back         string  // the page that it stands on
	On           bool    // they are shown
	Words        string
}

// isUncovered reports whether the address asks for pictures as they are.
func isUncovered(r *http.Request) bool {
	return r.URL.Query().Get("seen") == "on" || r.PostForm.Get("seen") == "on"
}

// uncoverOf is the button of a page that shows a report's pictures, or one file's, at the address back. Where it is pressed, that is counted.
func (d *Desk) uncoverOf(r *http.Request, me *heed.Staff, report, file heed.ID, back, words string) (*uncoverForm, error) {
	f := &uncoverForm{Report: report, File: file, Back: back, On: isUncovered(r), Words: words}
	if !f.On {
		return f, nil
	}
	return f, d.Review.Uncover(r.Context(), me, report, file)
}

// uncover counts what is uncovered and leads back to it.
func (d *Desk) uncover(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var file heed.ID
	if chosen := r.PostForm.Get("file"); chosen != "" {
		if file, err = recordID(chosen); err != nil {
			return err
		}
	}
	off := r.PostForm.Get("go") == "cover"
	if !off {
		if err := d.Review.Uncover(r.Context(), me, id, file); err != nil {
			return err
		}
	}
	if isPart(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	// Only to a page of this report.
	back, err := url.Parse(r.PostForm.Get("back"))
	home := "/reports/" + string(id)
	if err != nil || back.IsAbs() || back.Host != "" || back.Path != home && !strings.HasPrefix(back.Path, home+"/") {
		back = &url.URL{Path: home}
	}
	q := back.Query()
	q.Del("seen")
	back.RawQuery = q.Encode()
	address := back.String()
	if !off {
		address = withSeen(address)
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// withSeen is an address at which pictures are shown as they are.
func withSeen(address string) string {
	if strings.Contains(address, "?") {
		return address + "&seen=on"
	}
	return address + "?seen=on"
}

// exposure is how much the reader uncovered; nil where that is nothing.
func (d *Desk) exposure(r *http.Request, f frame, me *heed.Staff) (*exposureView, error) {
	today, week, err := d.Review.Exposure(r.Context(), me)
	if err != nil || week == (review.Uncovered{}) {
		return nil, err
	}
	most := d.Profile.Wellbeing.PauseAfter
	return &exposureView{Today: uncoveredWords(f, today), Week: uncoveredWords(f, week), Pause: most > 0 && today.Pictures+today.Films >= int64(most)}, nil
}

func uncoveredWords(f frame, u review.Uncovered) string {
	return f.T("exposure.pictures", "Count", int(u.Pictures)) + " · " + f.T("exposure.films", "Count", int(u.Films)) + " · " + f.T("exposure.minutes", "Count", int((u.Seconds+59)/60))
}
