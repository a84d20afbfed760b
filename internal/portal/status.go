package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

type lookupPage struct {
	page
	Typed string // the Receipt as typed, for mending
}

// stageView is one step of a report's way as its status page shows it.
type stageView struct {
	Stage         heed.Stage
	Done, Current bool
}

type statusPage struct {
	page
	*intake.Status
	Token  string
	Stages []stageView
	Reply  string // what was typed and couldn't be sent yet
	Files  *draft // the files of it; nil for none
	Sent   bool
	// TakenBack says that this very act destroyed who the reporter is.
	TakenBack bool
	Limits    formLimits
}

// Added are the files that came and couldn't be sent yet.
func (s statusPage) Added() []addedFile {
	if s.Files == nil {
		return nil
	}
	return s.Files.Added()
}

// StageText is what the current stage means.
func (s statusPage) StageText() string {
	if s.Stage == heed.StageConcluded && s.Outcome == "" {
		if s.Words.Closed != "" {
			return s.Words.Closed
		}
		return s.T("stage.closed-text")
	}
	return s.T("stage." + string(s.Stage) + "-text")
}

// lookup asks for a Receipt.
func (p *portal) lookup(w http.ResponseWriter, r *http.Request) {
	p.showLookup(w, r, p.site.Voice(r, ""), http.StatusOK, "", nil)
}

func (p *portal) showLookup(w http.ResponseWriter, r *http.Request, v *web.Voice, status int, typed string, ps heed.Problems) {
	data := lookupPage{page: p.page(v, "/status", 1), Typed: typed}
	data.Form = "form"
	data.withFaults(ps)
	p.show(w, r, status, "lookup", data)
}

// status takes a Receipt, or one of the acts of a page that a Receipt opened.
func (p *portal) status(w http.ResponseWriter, r *http.Request) {
	v := p.site.Voice(r, "")
	reader := formReader{intake: p.Intake, limit: p.Profile.Limits.Files, total: p.Profile.Limits.ReportBytes, names: typedFields}
	form, err := reader.read(w, r)
	if err != nil {
		p.statusAgain(w, r, v, form, err)
		return
	}
	if tag := form.get("lang"); tag != "" {
		v = p.site.VoiceIn(tag)
	}
	if form.get("page") == "" || form.get("page") == "lookup" {
		p.discard(r, form.files)
		p.open(w, r, v, form)
		return
	}
	var state mailboxState
	if p.DraftKey.Open(mailboxKind, form.get("mailbox"), p.Now(), &state) != nil {
		p.discard(r, form.files)
		p.showLookup(w, r, v, http.StatusBadRequest, "", heed.Problems{{Field: "receipt", Code: "receipt-again"}})
		return
	}
	p.act(w, r, v, form, state)
}

// statusAgain gives back what could be read of a form that came broken.
func (p *portal) statusAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, err error) {
	ps := web.Faults(err)
	var state mailboxState
	switch {
	case len(ps) == 0:
		p.fail(w, r, v, "read a form", err)
	case form.get("receipt") != "":
		p.showLookup(w, r, v, web.ProblemStatus(ps), form.get("receipt"), append(slices.Clone(ps), form.cutFault("receipt")...))
	case p.DraftKey.Open(mailboxKind, form.get("mailbox"), p.Now(), &state) != nil:
		p.fail(w, r, v, "read a form", err)
	default:
		if state.Text != "" || len(state.Files) > 0 || state.Uploads != "" { // back from waiting: all of it is in the page
			form.fields["text"], form.cut = state.Text, nil
		}
		if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
			form.fields["go"], form.fields["enter"] = "", "" // part of it must not be sent
			form.files, form.fields["uploads"] = state.Files, state.Uploads
			p.holdAct(w, r, v, form, state, demand)
			return
		}
		p.discard(r, state.Files)
		p.replyAgain(w, r, v, form, state.Receipt, statusPage{Reply: form.text("text"), Files: state.carried()}, append(slices.Clone(ps), form.cutFault("text")...))
	}
}

// open looks a typed Receipt up.
func (p *portal) open(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted) {
	typed := form.get("receipt")
	if pressed(form) == "" && form.get("lang") != "" {
		p.showLookup(w, r, v, http.StatusOK, typed, nil)
		return
	}
	receipt, err := seal.ParseReceipt(typed)
	if ps := web.Faults(err); len(ps) > 0 {
		p.showLookup(w, r, v, web.ProblemStatus(ps), typed, ps)
		return
	}
	if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
		p.waitFor(w, r, v, "/status", demand, held{"page", "lookup"}, held{"receipt", receipt.Grouped()})
		return
	}
	p.showStatus(w, r, v, receipt, statusPage{}, nil)
}

// act does what a button of the status page asks for.
func (p *portal) act(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState) {
	button := pressed(form)
	withdrawing, taking := form.get("page") == "withdraw", form.get("page") == "takeback"
	if state.Text != "" || len(state.Files) > 0 || state.Uploads != "" { // back from waiting
		p.discard(r, form.files)
		form.fields["text"], form.files, form.fields["uploads"] = state.Text, state.Files, state.Uploads
		state.Text, state.Files, state.Uploads = "", nil, ""
	}
	if withdrawing || taking {
		p.discard(r, form.files) // only a message takes them
		form.files = nil
	}
	if button == "withdraw" || withdrawing && button == "" && form.get("lang") != "" {
		p.askAgain(w, r, v, state, "withdraw")
		return
	}
	if button == "takeback" || taking && button == "" && form.get("lang") != "" {
		p.askAgain(w, r, v, state, "takeback")
		return
	}
	if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
		p.holdAct(w, r, v, form, state, demand)
		return
	}
	switch {
	case withdrawing && button == "next":
		p.withdraw(w, r, v, state)
	case taking && button == "next":
		p.takeBack(w, r, v, state)
	case withdrawing, taking:
		p.showStatus(w, r, v, state.Receipt, statusPage{Files: state.carried()}, nil)
	default:
		p.reply(w, r, v, form, state)
	}
}

// holdAct shows what to do before an act, with all that was sent for it in the page.
func (p *portal) holdAct(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, demand *flood.Demand) {
	state.Text, state.Files, state.Uploads = form.text("text"), form.files, form.get("uploads")
	token, err := p.DraftKey.Seal(mailboxKind, state, p.Now(), mailboxLife)
	if err != nil {
		p.discard(r, form.files)
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	page := "reply"
	if asking := form.get("page"); asking == "withdraw" || asking == "takeback" {
		page = asking
	}
	p.waitFor(w, r, v, "/status", demand, held{"page", page}, held{"mailbox", token}, held{"go", pressed(form)})
}

// reply takes what was typed and added for a message, and sends it where its button was pressed and nothing is wrong; else it is in the page
// that answers.
func (p *portal) reply(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState) {
	view := statusPage{Reply: form.text("text"), Files: state.carried()}
	removed, ps := p.takeFiles(r, view.Files, form)
	ps = append(ps, form.problems...)
	if removed || len(ps) > 0 || pressed(form) != "next" {
		p.replyAgain(w, r, v, form, state.Receipt, view, ps)
		return
	}
	p.say(w, r, v, form, state, view)
}

// replyAgain shows a message that isn't sent, with the files that came for it.
func (p *portal) replyAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, receipt seal.Receipt, view statusPage, ps heed.Problems) {
	gone, err := p.takeUploads(r, view.Files, form)
	if err != nil {
		p.fail(w, r, v, "take uploads", err)
		return
	}
	if len(ps) == 0 {
		ps = gone
	}
	p.showStatus(w, r, v, receipt, view, onFiles(ps))
}

// say sends an answer or an addition. Whether the uploads are still there shows when they are taken: another click may have.
func (p *portal) say(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState, view statusPage) {
	came, err := p.openUploads(strings.Fields(form.get("uploads")))
	if ps := web.Faults(err); len(ps) > 0 {
		p.showStatus(w, r, v, state.Receipt, view, onFiles(ps))
		return
	}
	files, uploads := view.Files.Files, slices.Clone(view.Files.Uploads)
	for _, u := range came {
		if !slices.ContainsFunc(uploads, func(o intake.Upload) bool { return o.ID == u.ID }) {
			uploads = append(uploads, u)
		}
	}
	ours, err := p.once.do(r.Context(), sayingID(state.Form, view.Reply, files, uploads), func() error {
		// A click that is taken back by a second one, or a line that breaks now, must not lose what was sent whole.
		return p.deliver(context.WithoutCancel(r.Context()), state.Receipt, view.Reply, files, uploads...)
	})
	if !ours && err == nil {
		p.discard(r, form.files) // they are there by the other click
	}
	if err == nil {
		p.showStatus(w, r, v, state.Receipt, statusPage{Sent: true}, nil)
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
		p.discard(r, form.files)
		p.receiptFault(w, r, v, state.Receipt, "say something", err)
		return
	}
	p.replyAgain(w, r, v, form, state.Receipt, view, ps)
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

func (p *portal) withdraw(w http.ResponseWriter, r *http.Request, v *web.Voice, state mailboxState) {
	mailbox, err := p.Intake.Open(r.Context(), string(state.Receipt))
	if err == nil {
		err = mailbox.Withdraw(r.Context())
	}
	switch {
	case errors.Is(err, heed.ErrConflict):
		p.showStatus(w, r, v, state.Receipt, statusPage{}, heed.Problems{{Code: "withdraw-late"}})
	case err != nil:
		p.receiptFault(w, r, v, state.Receipt, "withdraw a report", err)
	default:
		p.show(w, r, http.StatusOK, "withdrawn", p.page(v, "/status", 4))
	}
}

// askPage asks once more before what can't be undone.
type askPage struct {
	page
	Token string
}

func (p *portal) askAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, state mailboxState, page string) {
	token, err := p.sealMailbox(state.Receipt, state.carried())
	if err != nil {
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	data := askPage{page: p.page(v, "/status", 3), Token: token}
	data.Form = "form"
	p.show(w, r, http.StatusOK, page, data)
}

// receiptFault answers what can go wrong with a Receipt that has the right form.
func (p *portal) receiptFault(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, doing string, err error) {
	switch {
	case errors.Is(err, heed.ErrNotFound):
		ps := heed.Problems{{Field: "receipt", Code: "receipt-unknown"}}
		p.showLookup(w, r, v, http.StatusNotFound, receipt.Grouped(), ps)
	case errors.Is(err, heed.ErrBusy):
		p.showLookup(w, r, v, http.StatusServiceUnavailable, receipt.Grouped(), heed.Problems{{Code: "busy"}})
	default:
		p.fail(w, r, v, doing, err)
	}
}

// showStatus opens the mailbox and shows where the report stands. view holds what this answer adds to it.
func (p *portal) showStatus(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage, ps heed.Problems) {
	status, err := p.readStatus(r.Context(), receipt)
	if err != nil {
		p.receiptFault(w, r, v, receipt, "read a report's status", err)
		return
	}
	if view.Token, err = p.sealMailbox(receipt, view.Files); err != nil {
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	view.page, view.Status, view.Stages = p.page(v, "/status", 2), status, stages(status.Stage)
	view.Form = "form"
	view.Limits.Text, view.Limits.Files, view.Limits.FileBytes = p.Profile.Limits.Message, p.Profile.Limits.Files, p.Profile.Limits.FileBytes
	view.withFaults(ps)
	code := http.StatusOK
	if len(ps) > 0 {
		code = web.ProblemStatus(ps)
	}
	p.show(w, r, code, "status", view)
}

func (p *portal) readStatus(ctx context.Context, receipt seal.Receipt) (*intake.Status, error) {
	mailbox, err := p.Intake.Open(ctx, string(receipt))
	if err != nil {
		return nil, err
	}
	return mailbox.Status(ctx)
}

// sealMailbox seals what travels with a mailbox's page: its Receipt, and the files that wait there, nil for none.
func (p *portal) sealMailbox(receipt seal.Receipt, files *draft) (string, error) {
	state := mailboxState{Receipt: receipt, Form: rand.Text()}
	if files != nil {
		state.Kept, state.KeptUploads = files.Files, files.Uploads
	}
	token, err := p.DraftKey.Seal(mailboxKind, state, p.Now(), mailboxLife)
	if err != nil {
		return "", fmt.Errorf("seal a mailbox's Receipt: %w", err)
	}
	return token, nil
}

// stages lists the steps of a report's way up to its end. The question is a step only while one is open.
func stages(now heed.Stage) []stageView {
	order := []heed.Stage{heed.StageReceived, heed.StageScreened, heed.StageInReview, heed.StageQuestion, heed.StageReferred, heed.StageConcluded}
	switch now {
	case heed.StageQuestion:
	case heed.StageConcluded: // a report may end without being passed on
		order = slices.Delete(order, 3, 5)
	default:
		order = slices.Delete(order, 3, 4)
	}
	at := slices.Index(order, now)
	views := make([]stageView, len(order))
	for i, s := range order {
		views[i] = stageView{Stage: s, Done: i < at, Current: i == at}
	}
	return views
}
