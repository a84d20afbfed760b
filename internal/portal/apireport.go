package portal

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// reportBody is a report as JSON.
type reportBody struct {
	Text     string         `json:"text" doc:"What happened, in any language."`
	Language string         `json:"language,omitempty" doc:"BCP 47 tag of the text, where known." example:"en"`
	Occurred string         `json:"occurred,omitempty" doc:"When, in the reporter's words."`
	Place    string         `json:"place,omitempty" doc:"Where, in the reporter's words."`
	Category string         `json:"category,omitempty" doc:"One of the line's category ids."`
	AgeBand  string         `json:"age_band,omitempty" doc:"under-13, 13-17 or 18-plus."`
	Identity *heed.Identity `json:"identity,omitempty" doc:"Who reports. It destroys itself within seven days."`
	Files    []fileBody     `json:"files,omitempty" doc:"Small files; send larger ones as multipart/form-data, or by uploads."`
	Uploads  []string       `json:"uploads,omitempty" doc:"Addresses of files that were uploaded whole under /api/v1/uploads. The report takes them."`
}

type fileBody struct {
	Name string `json:"name" doc:"The file's name."`
	Data string `json:"data" doc:"The file's content in base64." contentEncoding:"base64"`
}

type reportInput struct {
	AcceptLanguage string `header:"Accept-Language" doc:"Language of error texts."`
	Pass           string `header:"Heed-Pass" doc:"After a 429: its challenge's ticket, waited with or solved."`
	Body           reportBody
}

type reportOutput struct {
	Body struct {
		Receipt    string    `json:"receipt" doc:"20 digits: the reporter's only credential. It is never stored and can't be recovered." pattern:"^[0-9]{20}$"`
		ReceivedAt time.Time `json:"received_at"`
	}
}

// reportFields are the fields of a report as a form, files aside.
var reportFields = []string{
	"text", "language", "occurred", "place", "category", "age_band", "identity",
	"identity.name", "identity.phone", "identity.email", "identity.address", "uploads",
}

func (p *portal) describeReports(api huma.API) {
	op := operation("create-report", http.MethodPost, "/api/v1/reports", "Send a report", http.StatusCreated)
	p.describeErrors(api, &op, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInsufficientStorage)
	huma.Register(api, op, func(ctx context.Context, in *reportInput) (*reportOutput, error) {
		sub := intake.Submission{
			Channel: heed.ChannelAPI, Language: in.Body.Language,
			Content: heed.Content{
				Text: in.Body.Text, Occurred: in.Body.Occurred, Place: in.Body.Place, Category: in.Body.Category, AgeBand: in.Body.AgeBand,
			},
		}
		if in.Body.Identity != nil {
			sub.Identity = *in.Body.Identity
		}
		var err error
		if sub.Uploads, err = p.openUploads(in.Body.Uploads); err != nil {
			return nil, p.fails(in.AcceptLanguage, err)
		}
		if sub.Files, err = p.stageAll(ctx, in.Body.Files); err != nil {
			return nil, p.fails(in.AcceptLanguage, err)
		}
		out := &reportOutput{}
		accepted, err := p.submit(ctx, sub)
		if err != nil {
			return nil, p.fails(in.AcceptLanguage, err)
		}
		out.Body.Receipt, out.Body.ReceivedAt = string(accepted.Receipt), moment(accepted.ReceivedAt)
		return out, nil
	})
}

// describeErrors adds problem documents to an operation's answers.
func (p *portal) describeErrors(api huma.API, op *huma.Operation, statuses ...int) {
	schema := problemSchema(api)
	op.Responses = map[string]*huma.Response{}
	for _, s := range statuses {
		op.Responses[statusName(s)] = &huma.Response{
			Description: http.StatusText(s), Content: map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
}

// submit sends a Submission in; where it isn't taken nothing of it stays.
func (p *portal) submit(ctx context.Context, sub intake.Submission) (*intake.Acceptance, error) {
	if !sub.Identity.IsZero() && !p.IdentityAvailable(ctx) {
		return nil, p.withoutFiles(ctx, sub.Files, &heed.Problem{Field: "identity", Code: "identity-unavailable"})
	}
	awaitUploads(ctx, sub.Uploads)
	accepted, err := p.Intake.Submit(ctx, sub)
	if err != nil {
		return nil, p.withoutFiles(ctx, sub.Files, err)
	}
	return accepted, nil
}

// withoutFiles discards staged files whose report or message was refused for err, and returns err.
func (p *portal) withoutFiles(ctx context.Context, files []intake.StagedFile, err error) error {
	f := formReader{intake: p.Intake}
	if failed := f.discard(ctx, files); failed != nil {
		p.Log.Warn("portal: discard staged files", "error", failed)
	}
	return err
}

// stageAll seals files that came as JSON.
func (p *portal) stageAll(ctx context.Context, bodies []fileBody) ([]intake.StagedFile, error) {
	if limit := p.Profile.Limits.Files; len(bodies) > limit {
		return nil, &heed.Problem{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": limit}}
	}
	var files []intake.StagedFile
	for _, b := range bodies {
		data, err := base64.StdEncoding.DecodeString(b.Data)
		if err != nil {
			return nil, p.withoutFiles(ctx, files, &heed.Problem{Field: "files", Code: "file-unencoded", Args: map[string]any{"Name": b.Name}})
		}
		f, err := p.Intake.Stage(ctx, b.Name, bytes.NewReader(data))
		if err != nil {
			return nil, p.withoutFiles(ctx, files, err)
		}
		files = append(files, f)
	}
	return files, nil
}

// reportsMultipart takes a report as a form with files.
func (p *portal) reportsMultipart(w http.ResponseWriter, r *http.Request) {
	form, err := p.readAPIForm(w, r, reportFields)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	sub := intake.Submission{
		Channel: heed.ChannelAPI, Language: form.get("language"), Files: form.files,
		Content: heed.Content{
			Text: form.text("text"), Occurred: form.text("occurred"), Place: form.text("place"), Category: form.get("category"), AgeBand: form.get("age_band"),
		},
		Identity: heed.Identity{
			Name: form.get("identity.name"), Phone: form.get("identity.phone"), Email: form.get("identity.email"), Address: form.get("identity.address"),
		},
	}
	if sub.Uploads, err = p.openUploads(strings.Fields(form.get("uploads"))); err != nil {
		p.refuse(w, r, p.withoutFiles(r.Context(), form.files, err))
		return
	}
	if raw := form.get("identity"); raw != "" {
		if err := identityFrom(raw, &sub.Identity); err != nil {
			p.refuse(w, r, p.withoutFiles(r.Context(), form.files, err))
			return
		}
	}
	accepted, err := p.submit(r.Context(), sub)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	out := reportOutput{}
	out.Body.Receipt, out.Body.ReceivedAt = string(accepted.Receipt), moment(accepted.ReceivedAt)
	p.created(w, r, out.Body)
}

// identityFrom reads the form's field "identity", a JSON object.
func identityFrom(raw string, identity *heed.Identity) error {
	if depth([]byte(raw)) > 1 {
		return &heed.Problem{Field: "identity", Code: "json-deep"}
	}
	d := json.NewDecoder(bytes.NewReader([]byte(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(identity); err != nil || d.More() {
		return &heed.Problem{Field: "identity", Code: "json-broken"}
	}
	return nil
}

// readAPIForm reads a form of which every field must be known and whole.
func (p *portal) readAPIForm(w http.ResponseWriter, r *http.Request, known []string) (*posted, error) {
	names := map[string]string{}
	for _, n := range known {
		names[n] = n
	}
	reader := formReader{intake: p.Intake, limit: p.Profile.Limits.Files, total: p.Profile.Limits.ReportBytes, names: names}
	form, err := reader.read(w, r)
	if err != nil {
		return nil, err
	}
	problems := form.problems
	for name := range form.fields {
		if !slices.Contains(known, name) {
			problems = append(problems, &heed.Problem{Field: name, Code: "field-unknown"})
		}
	}
	if len(problems) > 0 {
		return nil, p.withoutFiles(r.Context(), form.files, problems)
	}
	return form, nil
}

// created answers 201 with a JSON body.
func (p *portal) created(w http.ResponseWriter, r *http.Request, body any) {
	raw, err := json.Marshal(body)
	if err != nil {
		p.refuse(w, r, errors.New("encode an answer"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	if _, err := w.Write(append(raw, '\n')); err != nil { // the client has gone
		return
	}
}
