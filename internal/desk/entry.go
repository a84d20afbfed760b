package desk

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

// What became of a draft whose form was open elsewhere too, or of the form.
const (
	codeChanged = "draft-changed" // something else was saved: both are shown
	codeOlder   = "draft-older"   // likewise, for the script
	codeGone    = "draft-gone"    // handed in, dropped, or a colleague's
	codeAnew    = "draft-anew"    // likewise: what was typed has a form of its own
	codeOthers  = "form-other"    // it came from who signed in at the same browser after its owner
)

// entry is what stands in the form of a report: who the reporter is, too, which stands in no draft.
type entry struct {
	Draft heed.ID
	question.Answers
	Language string
	Urgent   bool
	Slip     string    // sealed; "": the form gets a new one
	Seen     time.Time // when the draft was saved that its page shows
}

// SeenField is Seen as the form carries it.
func (e entry) SeenField() string { return strconv.FormatInt(e.Seen.UnixMilli(), 10) }

// typed is what of the entry a draft keeps.
func (e entry) typed() calltaker.Typed {
	return calltaker.Typed{Text: e.Text, Occurred: e.Occurred, Place: e.Place, Language: e.Language, Urgent: e.Urgent}
}

// entryOf is what a draft holds.
func entryOf(d *calltaker.Draft) entry {
	return entry{
		Draft: d.ID, Answers: question.Answers{Text: d.Text, Occurred: d.Occurred, Place: d.Place}, Language: d.Language, Urgent: d.Urgent,
		Seen: d.SavedAt,
	}
}

// entryIn is what a form brought.
func entryIn(r *http.Request, draft heed.ID) entry {
	e := entry{Draft: draft, Language: r.PostForm.Get("language"), Urgent: r.PostForm.Get("urgent") != "", Slip: r.PostForm.Get("slip")}
	e.TakeStory(clean(r))
	e.TakeWho(clean(r))
	if seen, err := strconv.ParseInt(r.PostForm.Get("seen"), 10, 64); err == nil { // else of no draft that ever was
		e.Seen = time.UnixMilli(seen)
	}
	return e
}

// clean gives the form's fields without what no page can show again.
func clean(r *http.Request) func(string) string {
	return func(name string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get(name), ""), "\x00", "")
	}
}

// showTyped shows the form with what was just typed, whatever became of its draft.
func (d *Desk) showTyped(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry, faults heed.Problems) error {
	draft, err := d.Calls.Open(r.Context(), me, e.Draft)
	if errors.Is(err, heed.ErrNotFound) {
		draft, err = &calltaker.Draft{Draft: heed.Draft{ID: e.Draft, Staff: me.ID, Since: d.Now(), SavedAt: d.Now()}}, nil
	}
	if err != nil {
		return err
	}
	return d.showDraft(w, r, me, draft, e, faults)
}

// showChanged shows what somebody typed beside what they saved in another window since. Who saves or hands in from here has seen both.
func (d *Desk) showChanged(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry) error {
	draft, err := d.Calls.Open(r.Context(), me, e.Draft)
	if errors.Is(err, heed.ErrNotFound) {
		return d.showGone(w, r, me, e)
	}
	if err != nil {
		return err
	}
	e.Seen = draft.SavedAt
	return d.showDraft(w, r, me, draft, e, heed.Problems{{Code: codeChanged}})
}

// showGone shows what somebody typed into a form whose draft is gone, or a colleague's by now: in a draft of its own, or where they have
// too many, in the page alone.
func (d *Desk) showGone(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry) error {
	id, err := d.Calls.Begin(r.Context(), me, e.typed())
	if faults := web.Faults(err); faults != nil {
		return d.showTyped(w, r, me, e, append(heed.Problems{{Code: codeGone}}, faults...))
	}
	if err != nil {
		return err
	}
	draft, err := d.Calls.Open(r.Context(), me, id)
	if err != nil {
		return err
	}
	e.Draft, e.Slip, e.Seen = id, "", draft.SavedAt
	return d.showDraft(w, r, me, draft, e, heed.Problems{{Code: codeAnew}})
}
