package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

// mailboxState is what travels with a report's status page.
type mailboxState struct {
	Receipt seal.Receipt `json:"receipt"`
	Form    string       `json:"form"` // random, new with every page: see once
	// Mark is of the mailbox that the page shows: when its Receipt has to be typed again, what was begun there comes back with that one alone.
	Mark []byte `json:"mark,omitempty"`
	// Text, Files, Uploads, Tells and Wrong are of a message for which the page has no fields: one that waits for the line to let it in, or for
	// an answer to another question.
	Text    string              `json:"text,omitempty"`
	Files   []intake.StagedFile `json:"files,omitempty"`
	Uploads string              `json:"uploads,omitempty"` // addresses
	Tells   string              `json:"tells,omitempty"`   // as takeTells takes them
	Wrong   heed.Problems       `json:"wrong,omitempty"`   // with what came of it
	// Kept and KeptUploads came with a message that couldn't be sent yet, and are listed in the page; Told is what of its text they say.
	Kept        []intake.StagedFile `json:"kept,omitempty"`
	KeptUploads []intake.Upload     `json:"kept_uploads,omitempty"`
	Told        map[string][]string `json:"told,omitempty"`
}

// carried is a message that waits in the page, as a draft that has nothing else.
func (m mailboxState) carried() *draft {
	return &draft{Answers: question.Answers{Text: m.Text}, Files: m.Kept, Uploads: m.KeptUploads, Told: m.Told}
}

// restore puts a message for which the page had no fields into the form, as it was sent; false where there is none.
func (m *mailboxState) restore(form *posted) bool {
	if m.Text == "" && len(m.Files) == 0 && m.Uploads == "" && len(m.Wrong) == 0 {
		return false
	}
	form.fields["text"], form.files, form.fields["uploads"], form.fields["tells"] = m.Text, m.Files, m.Uploads, m.Tells
	for _, q := range whole(m.Wrong) {
		form.fault(q)
	}
	m.Text, m.Files, m.Uploads, m.Tells, m.Wrong = "", nil, "", "", nil
	return true
}

// restore restores a message that the state holds, and discards the files that came in its place; false where there is none.
func (p *portal) restore(r *http.Request, form *posted, state *mailboxState) bool {
	came := form.files
	if !state.restore(form) {
		return false
	}
	p.discard(r, came)
	return true
}

// whole are problems that were sealed, with their numbers as they were: JSON has them as fractions.
func whole(ps heed.Problems) heed.Problems {
	for _, q := range ps {
		for name, arg := range q.Args {
			if n, ok := arg.(float64); ok {
				q.Args[name] = int64(n)
			}
		}
	}
	return ps
}

// state is what a page seals of a message for which it has no fields.
func (s statusPage) state(receipt seal.Receipt) mailboxState {
	state := mailboxState{Receipt: receipt, Form: rand.Text(), Mark: s.mark, Text: s.Reply(), Wrong: s.Wrong}
	if s.Unsent != nil {
		state.Kept, state.KeptUploads, state.Told = s.Unsent.Files, s.Unsent.Uploads, s.Unsent.Told
	}
	return state
}

// unsent is a message as it came: what was typed, its files with those that wait in its page, and what is wrong with them.
func (p *portal) unsent(r *http.Request, form *posted, state mailboxState) (view statusPage, removed bool) {
	view = statusPage{Unsent: state.carried(), mark: state.Mark}
	view.Unsent.Text = form.text("text")
	removed, ps := p.takeFiles(r, view.Unsent, form)
	for _, q := range ps {
		form.fault(q)
	}
	view.Wrong = slices.Clone(form.problems)
	return view, removed
}

// keepUploads has the page of a message that isn't sent list what came for it bit by bit, and say what these files are to tell. Where that can't be looked at now, it is when the
// message is sent.
func (p *portal) keepUploads(r *http.Request, view *statusPage, form *posted) {
	ps, err := p.takeUploads(r, view.Unsent, form)
	if err != nil {
		p.Log.Error("portal: take uploads", "error", err)
		for _, address := range strings.Fields(form.get("uploads")) {
			u, err := p.openUpload(address[strings.LastIndexByte(address, '/')+1:])
			if err == nil && !slices.ContainsFunc(view.Unsent.Uploads, func(o intake.Upload) bool { return o.ID == u.ID }) {
				view.Unsent.Uploads = append(view.Unsent.Uploads, u)
			}
		}
	}
	p.takeTells(view.Unsent, form.text("tells"))
	for _, q := range ps {
		if !slices.ContainsFunc(view.Wrong, func(o *heed.Problem) bool { return o.Code == q.Code }) {
			view.Wrong = append(view.Wrong, q)
		}
	}
}

// askPage asks once more before what can't be undone.
type askPage struct {
	page
	Token string
}

// askAgain asks, and keeps the message that was begun.
func (p *portal) askAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, page string) {
	view, _ := p.unsent(r, form, state)
	p.keepUploads(r, &view, form)
	token, err := p.DraftKey.Seal(mailboxKind, view.state(state.Receipt), p.Now(), mailboxLife)
	if err != nil {
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	data := askPage{page: p.page(v, "/status", 3), Token: token}
	data.Form = "form"
	p.show(w, r, http.StatusOK, page, data)
}

// holdAct shows what to do before an act, with all that was sent for it in the page. A message with which something is wrong isn't sent from
// there: its sender is told first.
func (p *portal) holdAct(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, demand *flood.Demand) {
	state.Text, state.Files, state.Wrong = form.text("text"), form.files, form.problems
	state.Uploads, state.Tells = form.get("uploads"), form.text("tells")
	token, err := p.DraftKey.Seal(mailboxKind, state, p.Now(), mailboxLife)
	if err != nil {
		p.discard(r, form.files)
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	page, button := "reply", pressed(form)
	if asking := form.get("page"); asking == "withdraw" || asking == "takeback" {
		page = asking
	} else if len(form.problems) > 0 {
		button = ""
	}
	p.waitFor(w, r, v, "/status", demand, held{"page", page}, held{"mailbox", token}, held{"go", button}, held{"remove", form.get("remove")})
}

// replyAgain shows a message that isn't sent, with the files that came for it.
func (p *portal) replyAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, receipt seal.Receipt, view statusPage) {
	p.keepUploads(r, &view, form)
	p.showStatus(w, r, v, receipt, view)
}

// say sends an answer or an addition. Whether the uploads are still there shows when they are taken: another click may have.
func (p *portal) say(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, view statusPage) {
	came, err := p.openUploads(strings.Fields(form.get("uploads")))
	if ps := web.Faults(err); len(ps) > 0 {
		view.Wrong = ps
		p.replyAgain(w, r, v, form, state.Receipt, view)
		return
	}
	message := *view.Unsent // which stays as it is where this isn't sent
	message.Uploads, message.Told = slices.Clone(message.Uploads), maps.Clone(message.Told)
	for _, u := range came {
		if !slices.ContainsFunc(message.Uploads, func(o intake.Upload) bool { return o.ID == u.ID }) {
			message.Uploads = append(message.Uploads, u)
		}
	}
	p.takeTells(&message, form.text("tells"))
	ours, err := p.once.do(r.Context(), sayingID(state.Form, message.Text, message.Files, message.Uploads), func() error {
		// A click that is taken back by a second one, or a line that breaks now, must not lose what was sent whole.
		return p.deliver(context.WithoutCancel(r.Context()), state.Receipt, message.Text, message.Files, message.Uploads...)
	})
	if !ours && err == nil {
		p.discard(r, form.files) // they are there by the other click
	}
	if err == nil {
		p.showStatus(w, r, v, state.Receipt, statusPage{Sent: true, mark: state.Mark})
		return
	}
	ps := onFiles(web.Faults(err)) // a copy: another click may be given the same
	for i, q := range ps {
		if q.Code == "text-empty" {
			own := *q
			own.Code = "message-empty"
			ps[i] = &own
		}
	}
	if errors.Is(err, heed.ErrGone) {
		ps = heed.Problems{{Code: "gone"}}
	}
	if len(ps) == 0 {
		p.keepUploads(r, &view, form)
		p.receiptFault(w, r, v, state.Receipt, view, "say something", err)
		return
	}
	view.Wrong = ps
	p.replyAgain(w, r, v, form, state.Receipt, view)
}

// sayingID tells a form that is sent again from one that was changed after it was sent. The form's own id is random and
// keeps the words from being guessed by it.
func sayingID(form, text string, files []intake.StagedFile, uploads []intake.Upload) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q", form, text)
	for _, f := range files {
		fmt.Fprintf(h, " %q %d", f.Name, f.Size)
	}
	for _, u := range uploads {
		fmt.Fprintf(h, " %q", u.ID)
	}
	return string(h.Sum(nil))
}

func (p *portal) deliver(ctx context.Context, receipt seal.Receipt, text string, files []intake.StagedFile, uploads ...intake.Upload) error {
	mailbox, err := p.Intake.Open(ctx, string(receipt))
	if err != nil {
		return err
	}
	awaitUploads(ctx, uploads)
	return mailbox.Say(ctx, text, files, uploads...)
}
