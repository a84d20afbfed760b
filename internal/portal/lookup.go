package portal

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

type lookupPage struct {
	page
	Typed string // the Receipt as typed, for mending
	// Message is sealed: what was typed and added on a status page that was open for too long; "" for nothing.
	Message string
}

// lookup asks for a Receipt.
func (p *portal) lookup(w http.ResponseWriter, r *http.Request) {
	p.showLookup(w, r, p.site.Voice(r, ""), http.StatusOK, "", statusPage{}, nil)
}

// showLookup asks for a Receipt, and keeps in its page the message of view, which comes back once the Receipt is given.
func (p *portal) showLookup(w http.ResponseWriter, r *http.Request, v *web.Voice, status int, typed string, view statusPage, ps heed.Problems) {
	data := lookupPage{page: p.page(v, "/status", 1), Typed: typed}
	if view.holds() {
		var err error
		if data.Message, err = p.DraftKey.Seal(unsentKind, view.state(""), p.Now(), draftLife); err != nil {
			p.fail(w, r, v, "seal a message", err)
			return
		}
	}
	data.Form = "form"
	data.withFaults(ps)
	p.show(w, r, status, "lookup", data)
}

// open looks a typed Receipt up.
func (p *portal) open(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted) {
	typed, view := form.get("receipt"), p.openUnsent(form.get("message"))
	if pressed(form) == "" && form.get("lang") != "" {
		p.showLookup(w, r, v, http.StatusOK, typed, view, nil)
		return
	}
	receipt, err := seal.ParseReceipt(typed)
	if ps := web.Faults(err); len(ps) > 0 {
		p.showLookup(w, r, v, web.ProblemStatus(ps), typed, view, ps)
		return
	}
	if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
		fields := []held{{"page", "lookup"}, {"receipt", receipt.Grouped()}}
		if view.holds() {
			fields = append(fields, held{"message", form.get("message")})
		}
		p.waitFor(w, r, v, "/status", demand, fields...)
		return
	}
	mailbox, status, err := p.readStatus(r.Context(), receipt)
	if err != nil {
		p.lookupFault(w, r, v, receipt, view, "read a report's status", err)
		return
	}
	if view.holds() && !mailbox.Marked(view.mark) {
		ps := heed.Problems{{Field: "receipt", Code: "receipt-other"}}
		p.showLookup(w, r, v, web.ProblemStatus(ps), "", view, ps)
		return
	}
	view.mark = mailbox.Mark()
	p.renderStatus(w, r, v, receipt, view, status, statusCode(view.Wrong))
}

// lookupFault answers what can go wrong with a Receipt that has the right form.
func (p *portal) lookupFault(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage, doing string, err error) {
	if errors.Is(err, heed.ErrNotFound) {
		p.showLookup(w, r, v, http.StatusNotFound, receipt.Grouped(), view, heed.Problems{{Field: "receipt", Code: "receipt-unknown"}})
		return
	}
	if status, ps, ok := p.faultOf(r, doing, err); ok {
		p.showLookup(w, r, v, status, receipt.Grouped(), view, ps)
	}
}

// askReceipt has the Receipt typed again for a page that was open for too long, and keeps what was typed and added on it.
func (p *portal) askReceipt(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, ps heed.Problems) {
	p.restore(r, form, &state)
	view, _ := p.unsent(r, form, state)
	p.keepUploads(r, &view, form)
	p.showLookup(w, r, v, http.StatusBadRequest, "", view, ps)
}

// openMailbox opens what a status page carried.
//
// ErrGone: it was open for too long, so that its Receipt must be typed again; the state is what else it carried, as far as its files are
// still there. ErrSealed: it isn't from us.
func (p *portal) openMailbox(token string) (state mailboxState, err error) {
	now := p.Now()
	err = p.DraftKey.Open(mailboxKind, token, now, &state)
	if errors.Is(err, heed.ErrGone) {
		if older := p.DraftKey.Open(mailboxKind, token, time.Time{}, &state); older != nil {
			return mailboxState{}, fmt.Errorf("open a mailbox's state: %w", older)
		}
		if errors.Is(p.DraftKey.Open(mailboxKind, token, now.Add(-draftLife), &mailboxState{}), heed.ErrGone) {
			state = mailboxState{Mark: state.Mark} // whose the page is counts however old it is; its files are swept
		}
		state.Receipt = ""
	}
	if err != nil {
		return state, fmt.Errorf("open a mailbox's state: %w", err)
	}
	return state, nil
}

// openUnsent is the message that a page carried which asks for a Receipt; nothing where it is too old or not from us.
func (p *portal) openUnsent(token string) statusPage {
	var state mailboxState
	if token == "" || p.DraftKey.Open(unsentKind, token, p.Now(), &state) != nil {
		return statusPage{}
	}
	return statusPage{Unsent: state.carried(), Wrong: whole(state.Wrong), mark: state.Mark}
}
