package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

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
	Unsent *draft // what was typed and added and couldn't be sent yet; nil for none
	Sent   bool
	Wrong  heed.Problems
	// Unread says that the mailbox couldn't be read, so that nothing of it is shown but the message that isn't sent.
	Unread bool
	// TakenBack says that this very act destroyed who the reporter is.
	TakenBack bool
	Limits    formLimits
	mark      []byte // of the mailbox (intake.Mailbox.Mark)
}

// Added are the files that came and couldn't be sent yet.
func (s statusPage) Added() []addedFile {
	if s.Unsent == nil {
		return nil
	}
	return s.Unsent.Added()
}

// Reply is what was typed and couldn't be sent yet.
func (s statusPage) Reply() string {
	if s.Unsent == nil {
		return ""
	}
	return s.Unsent.Text
}

// holds says whether there is a message that isn't sent.
func (s statusPage) holds() bool { return s.Reply() != "" || len(s.Added()) > 0 || len(s.Wrong) > 0 }

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

// status takes a Receipt, or one of the acts of a page that a Receipt opened.
func (p *portal) status(w http.ResponseWriter, r *http.Request) {
	v := p.site.Voice(r, "")
	reader := formReader{intake: p.Intake, limit: p.Profile.Limits.Files, total: p.Profile.Limits.ReportBytes, keeps: true, names: typedFields}
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
	state, err := p.openMailbox(form.get("mailbox"))
	switch {
	case errors.Is(err, heed.ErrGone):
		p.askReceipt(w, r, v, form, state, heed.Problems{{Field: "receipt", Code: "receipt-again"}})
	case err != nil:
		p.discard(r, form.files)
		p.showLookup(w, r, v, http.StatusBadRequest, "", statusPage{}, heed.Problems{{Field: "receipt", Code: "receipt-again"}})
	default:
		p.act(w, r, v, form, state)
	}
}

// statusAgain gives back what could be read of a form that came broken.
func (p *portal) statusAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, err error) {
	ps := web.Faults(err)
	if len(ps) == 0 {
		p.fail(w, r, v, "read a form", err)
		return
	}
	if form.get("receipt") != "" {
		p.discard(r, form.files)
		p.showLookup(w, r, v, web.ProblemStatus(ps), form.get("receipt"), p.openUnsent(form.get("message")), append(slices.Clone(ps), form.cutFault("receipt")...))
		return
	}
	state, opens := p.openMailbox(form.get("mailbox"))
	if opens != nil && !errors.Is(opens, heed.ErrGone) {
		p.discard(r, form.files)
		p.fail(w, r, v, "read a form", err)
		return
	}
	form.fields["go"], form.fields["enter"], form.fields["remove"] = "", "", "" // part of it must not be sent
	form.problems = slices.Clone(ps)                                            // and behind them what the page knew
	if p.restore(r, form, &state) {
		form.cut = nil // all of it was in the page
	}
	form.problems = append(form.problems, form.cutFault("text")...)
	if opens != nil {
		p.askReceipt(w, r, v, form, state, append(slices.Clone(ps), &heed.Problem{Field: "receipt", Code: "receipt-again"}))
		return
	}
	if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
		p.holdAct(w, r, v, form, state, demand)
		return
	}
	view, _ := p.unsent(r, form, state)
	p.replyAgain(w, r, v, form, state.Receipt, view)
}

// act does what a button of the status page asks for.
func (p *portal) act(w http.ResponseWriter, r *http.Request, v *web.Voice, form *posted, state mailboxState) {
	button := pressed(form)
	withdrawing, taking := form.get("page") == "withdraw", form.get("page") == "takeback"
	if !p.restore(r, form, &state) && (withdrawing || taking) {
		p.discard(r, form.files) // only a message takes them
		form.files = nil
	}
	if button == "withdraw" || withdrawing && button == "" && form.get("lang") != "" {
		p.askAgain(w, r, v, form, state, "withdraw")
		return
	}
	if button == "takeback" || taking && button == "" && form.get("lang") != "" {
		p.askAgain(w, r, v, form, state, "takeback")
		return
	}
	if demand, shed := flood.IsDemand(p.enter(r, flood.Lookup, form.get("pass"))); shed {
		p.holdAct(w, r, v, form, state, demand)
		return
	}
	view, removed := p.unsent(r, form, state)
	switch {
	case withdrawing && button == "next":
		p.withdraw(w, r, v, state.Receipt, view)
	case taking && button == "next":
		p.takeBack(w, r, v, state.Receipt, view)
	case withdrawing, taking, removed, len(view.Wrong) > 0, button != "next":
		p.replyAgain(w, r, v, form, state.Receipt, view)
	default:
		p.say(w, r, v, form, state, view)
	}
}

func (p *portal) withdraw(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage) {
	mailbox, err := p.Intake.Open(r.Context(), string(receipt))
	if err == nil {
		err = mailbox.Withdraw(r.Context())
	}
	switch {
	case errors.Is(err, heed.ErrConflict):
		view.Wrong = append(heed.Problems{{Code: "withdraw-late"}}, view.Wrong...)
		p.showStatus(w, r, v, receipt, view)
	case err != nil:
		p.receiptFault(w, r, v, receipt, view, "withdraw a report", err)
	default:
		p.discard(r, view.Unsent.Files)
		p.endUploads(r, view.Unsent.Uploads)
		p.show(w, r, http.StatusOK, "withdrawn", p.page(v, "/status", 4))
	}
}

// receiptFault answers what can go wrong with a Receipt that was good when its page was shown. What was typed and added is kept in the answer.
func (p *portal) receiptFault(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage, doing string, err error) {
	if errors.Is(err, heed.ErrNotFound) || !view.holds() && !view.Sent && !view.TakenBack {
		p.lookupFault(w, r, v, receipt, view, doing, err)
		return
	}
	status, ps, ours := p.faultOf(r, doing, err)
	if !ours {
		return
	}
	if view.holds() {
		view.Wrong = append(ps, view.Wrong...)
	} else {
		status = http.StatusOK // all that was asked for is done
	}
	view.Unread = true
	p.renderStatus(w, r, v, receipt, view, &intake.Status{CanReply: true}, status)
}

// faultOf says what a failure that isn't the sender's is answered with; ok is false where its sender has gone. It logs what is our own fault.
func (p *portal) faultOf(r *http.Request, doing string, err error) (status int, ps heed.Problems, ok bool) {
	if left(r, err) {
		return 0, nil, false
	}
	if ps, ok = busy(err); ok {
		return http.StatusServiceUnavailable, ps, true
	}
	p.Log.Error("portal: "+doing, "error", err)
	return http.StatusInternalServerError, heed.Problems{{Code: "internal"}}, true
}

// showStatus opens the mailbox and shows where the report stands. view holds what this answer adds to it.
func (p *portal) showStatus(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage) {
	mailbox, status, err := p.readStatus(r.Context(), receipt)
	if err != nil {
		p.receiptFault(w, r, v, receipt, view, "read a report's status", err)
		return
	}
	view.mark = mailbox.Mark()
	p.renderStatus(w, r, v, receipt, view, status, statusCode(view.Wrong))
}

// statusCode is the HTTP status of a page that says what is wrong, or nothing.
func statusCode(ps heed.Problems) int {
	if len(ps) > 0 {
		return web.ProblemStatus(ps)
	}
	return http.StatusOK
}

func (p *portal) renderStatus(w http.ResponseWriter, r *http.Request, v *web.Voice, receipt seal.Receipt, view statusPage, status *intake.Status, code int) {
	state := view.state(receipt)
	state.Text, state.Wrong = "", nil // they are in the page
	var err error
	if view.Token, err = p.DraftKey.Seal(mailboxKind, state, p.Now(), mailboxLife); err != nil {
		p.fail(w, r, v, "seal a mailbox", err)
		return
	}
	view.page, view.Status, view.Stages = p.page(v, "/status", 2), status, stages(status.Stage)
	view.Form = "form"
	view.Limits.Text, view.Limits.Files, view.Limits.FileBytes = p.Profile.Limits.Message, p.Profile.Limits.Files, p.Profile.Limits.FileBytes
	view.withFaults(onFiles(view.Wrong))
	p.show(w, r, code, "status", view)
}

func (p *portal) readStatus(ctx context.Context, receipt seal.Receipt) (*intake.Mailbox, *intake.Status, error) {
	mailbox, err := p.Intake.Open(ctx, string(receipt))
	if err != nil {
		return nil, nil, err
	}
	status, err := mailbox.Status(ctx)
	return mailbox, status, err
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
