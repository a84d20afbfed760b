package desk

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

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
	Seen         string  // says that they were asked for and counted; "": they are covered
	Words        string
}

// On reports whether the pictures are shown.
func (f *uncoverForm) On() bool { return f.Seen != "" }

// seenHeader has the script know what says that something was uncovered.
const seenHeader = "X-Seen"

// seenMark says in an address that its reader, and nobody else, asked for pictures as they are, and that it was counted. It holds for as long as
// that counts once. It guards nothing: who writes one by hand spoils the number that they alone are told.
func (d *Desk) seenMark(me *heed.Staff) string {
	return strconv.FormatInt(d.Now().Add(review.UncoveredFor).Unix(), 10) + "." + string(me.ID)
}

// uncovered is the mark in the address or form by which the reader has asked for pictures as they are; "" where there is none that holds. What is
// opened by an address alone is never counted: browsers and scanners open addresses too.
func (d *Desk) uncovered(r *http.Request, me *heed.Staff) string {
	mark := cmp.Or(r.PostForm.Get("seen"), r.URL.Query().Get("seen"))
	until, of, _ := strings.Cut(mark, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if left := time.Unix(seconds, 0).Sub(d.Now()); err != nil || of != string(me.ID) || left <= 0 || left > review.UncoveredFor {
		return ""
	}
	return mark
}

// uncoverOf is the button of a page that shows a report's pictures, or one file's, at the address back.
func (d *Desk) uncoverOf(r *http.Request, me *heed.Staff, report, file heed.ID, back, words string) *uncoverForm {
	return &uncoverForm{Report: report, File: file, Back: back, Seen: d.uncovered(r, me), Words: words}
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
		if !off {
			w.Header().Set(seenHeader, d.seenMark(me))
		}
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
		address = withSeen(address, d.seenMark(me))
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// withSeen is an address with the mark by which pictures are shown as they are there; "" leaves it as it is.
func withSeen(address, mark string) string {
	switch {
	case mark == "":
		return address
	case strings.Contains(address, "?"):
		return address + "&seen=" + url.QueryEscape(mark)
	}
	return address + "?seen=" + url.QueryEscape(mark)
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
