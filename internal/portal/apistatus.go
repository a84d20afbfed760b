package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// withReceipt is what every request for a mailbox brings.
type withReceipt struct {
	AcceptLanguage string `header:"Accept-Language" doc:"Language of error texts."`
	Authorization  string `header:"Authorization" doc:"Receipt 01234567890123456789"`
	Pass           string `header:"Heed-Pass" doc:"After a 429: its challenge's ticket, waited with or solved."`
}

type messageBody struct {
	ID   heed.ID          `json:"id"`
	Kind heed.MessageKind `json:"kind" enum:"question,notice,outcome,answer,addition,withdrawal"`
	Text string           `json:"text"`
	At   time.Time        `json:"at"`
}

type disclosedBody struct {
	At        time.Time             `json:"at"`
	Reason    heed.DisclosureReason `json:"reason" enum:"danger,law,handling,reporter"`
	Text      string                `json:"text" doc:"The reason in the language of Accept-Language."`
	Elsewhere bool                  `json:"elsewhere" doc:"A custodian took it to a machine of their own."`
	// Department and Waits are true of files alone.
	Department bool `json:"department" doc:"The file goes to a department, not to a person at the line."`
	Waits      bool `json:"waits" doc:"It isn't handed on yet, and can still be taken back."`
	File       bool `json:"file" doc:"It was a file as it was sent, with the voice or what it tells of who made it."`
}

type statusOutput struct {
	Body struct {
		Stage    heed.Stage    `json:"stage" enum:"received,screened,in_review,question,referred,concluded"`
		Since    time.Time     `json:"since"`
		Messages []messageBody `json:"messages" nullable:"false"`
		Outcome  *string       `json:"outcome" doc:"What became of the report; null until there is one."`
		Identity bool          `json:"identity" doc:"The line holds who the reporter is, or files as they were sent, and can be told to destroy that."`
		// Disclosed lists every time that somebody saw it, or may have.
		Disclosed []disclosedBody `json:"disclosed" nullable:"false"`
	}
}

type sayInput struct {
	AcceptLanguage string `header:"Accept-Language" doc:"Language of error texts."`
	Authorization  string `header:"Authorization" doc:"Receipt 01234567890123456789"`
	Pass           string `header:"Heed-Pass" doc:"After a 429: its challenge's ticket, waited with or solved."`
	Body           struct {
		Text    string     `json:"text,omitempty" doc:"An answer where a question is open, else an addition."`
		Files   []fileBody `json:"files,omitempty"`
		Uploads []string   `json:"uploads,omitempty" doc:"As for a report."`
	}
}

type sayOutput struct {
	Body saidBody
}

type saidBody struct {
	ReceivedAt time.Time `json:"received_at"`
}

type transparencyOutput struct {
	Body struct {
		IdentitiesHeld int64   `json:"identities_held" doc:"Rounded up to tens."`
		Oldest         *string `json:"oldest" doc:"Age of the oldest as an ISO 8601 duration in hours; null where none is held." example:"PT100H"`
		Overdue        int64   `json:"overdue" doc:"Held past their seven days: always 0, unless something is broken."`
		Erased         int64   `json:"erased"`
		Checkpoint     string  `json:"checkpoint" doc:"The last signed Checkpoint of the audit; empty before the first."`
	}
}

func statusName(status int) string { return strconv.Itoa(status) }

func (p *portal) describeStatus(api huma.API) {
	security := []map[string][]string{{"receipt": {}}}
	status := operation("read-status", http.MethodGet, "/api/v1/status", "See where a report stands", http.StatusOK)
	status.Security = security
	p.describeErrors(api, &status, http.StatusUnauthorized, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	huma.Register(api, status, p.apiStatus)
	p.describeTakeBack(api)

	say := operation("send-message", http.MethodPost, "/api/v1/messages", "Answer a question or add something", http.StatusCreated)
	say.Security = security
	p.describeErrors(api, &say, http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusGone,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage)
	huma.Register(api, say, func(ctx context.Context, in *sayInput) (*sayOutput, error) {
		if _, err := p.receiptOf(in.AcceptLanguage, in.Authorization); err != nil {
			return nil, err // before any file is stored
		}
		uploads, err := p.openUploads(in.Body.Uploads)
		if err != nil {
			return nil, p.fails(in.AcceptLanguage, err)
		}
		files, err := p.stageAll(ctx, in.Body.Files)
		if err != nil {
			return nil, p.fails(in.AcceptLanguage, err)
		}
		if err := p.sayWith(ctx, withReceipt{AcceptLanguage: in.AcceptLanguage, Authorization: in.Authorization}, in.Body.Text, files, uploads); err != nil {
			return nil, err
		}
		return &sayOutput{saidBody{moment(p.Now())}}, nil
	})

	figures := operation("read-transparency", http.MethodGet, "/api/v1/transparency", "See what the line holds", http.StatusOK)
	p.describeErrors(api, &figures, http.StatusInternalServerError)
	huma.Register(api, figures, func(ctx context.Context, in *struct {
		AcceptLanguage string `header:"Accept-Language"`
	}) (*transparencyOutput, error) {
		f, err := p.Transparency.Figures(ctx)
		if err != nil {
			return nil, p.fails(in.AcceptLanguage, fmt.Errorf("read the published figures: %w", err))
		}
		out := &transparencyOutput{}
		out.Body.IdentitiesHeld, out.Body.Overdue, out.Body.Erased, out.Body.Checkpoint = f.IdentitiesHeld, f.Overdue, f.Erased, f.Checkpoint
		if f.Oldest > 0 {
			hours := fmt.Sprintf("PT%dH", int(f.Oldest.Hours())+1)
			out.Body.Oldest = &hours
		}
		return out, nil
	})
}

// receiptOf reads the Receipt from an Authorization header. Errors are answers already.
func (p *portal) receiptOf(accept, header string) (seal.Receipt, error) {
	scheme, digits, _ := strings.Cut(strings.TrimSpace(header), " ")
	code := ""
	var problem *heed.Problem
	receipt, err := seal.ParseReceipt(digits)
	switch {
	case !strings.EqualFold(scheme, "Receipt"):
		problem = &heed.Problem{Code: "receipt-missing"}
	case errors.As(err, &problem):
	case err != nil:
		return "", p.fails(accept, err)
	default:
		return receipt, nil
	}
	code = problem.Code
	doc := web.NewDocument(p.voice(accept), http.StatusUnauthorized, code)
	doc.Detail = p.voice(accept).Problem(problem)
	return "", huma.ErrorWithHeaders(doc, http.Header{"WWW-Authenticate": {"Receipt"}})
}

// mailboxFails words what can go wrong with a Receipt of the right form.
func (p *portal) mailboxFails(accept string, err error) error {
	if errors.Is(err, heed.ErrNotFound) {
		return web.NewDocument(p.voice(accept), http.StatusNotFound, "receipt-unknown")
	}
	return p.fails(accept, err)
}

func (p *portal) apiStatus(ctx context.Context, in *withReceipt) (*statusOutput, error) {
	receipt, err := p.receiptOf(in.AcceptLanguage, in.Authorization)
	if err != nil {
		return nil, err
	}
	_, st, err := p.readStatus(ctx, receipt)
	if err != nil {
		return nil, p.mailboxFails(in.AcceptLanguage, err)
	}
	out := &statusOutput{}
	out.Body.Stage, out.Body.Since = st.Stage, moment(st.Since)
	out.Body.Messages = make([]messageBody, len(st.Messages))
	for i, m := range st.Messages {
		out.Body.Messages[i] = messageBody{ID: m.ID, Kind: m.Kind, Text: m.Text, At: moment(m.At)}
	}
	if st.Outcome != "" {
		out.Body.Outcome = &st.Outcome
	}
	out.Body.Identity, out.Body.Disclosed = st.CanTakeBack, make([]disclosedBody, len(st.Disclosed))
	for i, d := range st.Disclosed {
		words := p.voice(in.AcceptLanguage).T("disclosed-reason." + string(d.Reason))
		out.Body.Disclosed[i] = disclosedBody{At: moment(d.At), Reason: d.Reason, Text: words, Elsewhere: d.Elsewhere, File: d.File, Department: d.Department, Waits: d.Waits}
	}
	return out, nil
}

// sayWith adds the reporter's words and files; where they aren't taken nothing of them stays.
func (p *portal) sayWith(ctx context.Context, in withReceipt, text string, files []intake.StagedFile, uploads []intake.Upload) error {
	receipt, err := p.receiptOf(in.AcceptLanguage, in.Authorization)
	if err != nil {
		return p.withoutFiles(ctx, files, err)
	}
	if err := p.deliver(ctx, receipt, text, files, uploads...); err != nil {
		return p.withoutFiles(ctx, files, p.mailboxFails(in.AcceptLanguage, err))
	}
	return nil
}

// messagesMultipart takes a message as a form with files.
func (p *portal) messagesMultipart(w http.ResponseWriter, r *http.Request) {
	in := withReceipt{AcceptLanguage: r.Header.Get("Accept-Language"), Authorization: r.Header.Get("Authorization")}
	if _, err := p.receiptOf(in.AcceptLanguage, in.Authorization); err != nil {
		w.Header().Set("WWW-Authenticate", "Receipt")
		p.refuse(w, r, err)
		return
	}
	form, err := p.readAPIForm(w, r, []string{"text", "uploads"})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	uploads, err := p.openUploads(strings.Fields(form.get("uploads")))
	if err != nil {
		p.refuse(w, r, p.withoutFiles(r.Context(), form.files, err))
		return
	}
	if err := p.sayWith(r.Context(), in, form.text("text"), form.files, uploads); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.created(w, r, saidBody{moment(p.Now())})
}
