package desk

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
)

type dispositionInput struct {
	asking
	ID   string `path:"id"`
	Body struct {
		Kind       heed.DispositionKind `json:"kind" enum:"refer,close,hold,duplicate,refuse"`
		Department string               `json:"department,omitempty" doc:"Where to refer to: an id of GET /departments."`
		Reason     string               `json:"reason"`
		Lead       heed.ID              `json:"lead,omitempty" doc:"The report of which this one is a duplicate."`
	}
}

type erasureInput struct {
	asking
	ID   string `path:"id"`
	Body struct {
		Reason string `json:"reason"`
	}
}

type dispositionOutput struct {
	Body struct {
		ID    heed.ID               `json:"id"`
		Kind  heed.DispositionKind  `json:"kind"`
		State heed.DispositionState `json:"state" doc:"final; pending where a second person is needed."`
		// ApproveBy is set where it has left already.
		ApproveBy *time.Time `json:"approve_by" doc:"Until when the second person must have agreed to what has left already."`
	}
}

type messageInput struct {
	asking
	ID   string `path:"id"`
	Body struct {
		Text string `json:"text" doc:"A question to the reporter."`
	}
}

type doneOutput struct{ Body reportSummary }

type departmentsOutput struct {
	Body struct {
		Departments []departmentBody `json:"departments" nullable:"false"`
	}
}

type departmentBody struct {
	ID         string            `json:"id"`
	Name       map[string]string `json:"name" doc:"By language."`
	Categories []string          `json:"categories" nullable:"false" doc:"Those it usually takes."`
	Sealing    string            `json:"sealing" doc:"hybrid (post-quantum) or x25519; empty where nothing can be sealed to it yet."`
}

type statisticsOutput struct {
	Body struct {
		At    time.Time      `json:"at"`
		Lists map[string]int `json:"lists" doc:"Reports in each of the desk's lists, counted up to 1000."`
	}
}

func (d *Desk) describeActs(api huma.API) {
	const unprocessable, conflict, missing = http.StatusUnprocessableEntity, http.StatusConflict, http.StatusNotFound
	huma.Register(api, d.operation(auth.ReportClaim, "claim-report", http.MethodPost, "/api/v1/reports/{id}/claim", "Claim a report for ten minutes, or renew the Claim",
		http.StatusOK, missing, conflict), d.apiClaim)
	huma.Register(api, d.operation(auth.ReportDispose, "dispose-of-report", http.MethodPost, "/api/v1/reports/{id}/disposition", "Decide about a report",
		http.StatusOK, missing, conflict, unprocessable), d.apiDispose)
	huma.Register(api, d.operation(auth.ReportErase, "propose-erasure", http.MethodPost, "/api/v1/reports/{id}/erase",
		"Propose to erase a report that a Department had and that is kept long enough; a second person approves", http.StatusOK, missing, conflict, unprocessable), d.apiErase)
	huma.Register(api, d.operation(auth.QueueRead, "approve-disposition", http.MethodPost, "/api/v1/reports/{id}/approve", "Agree, as the second person, to what was decided",
		http.StatusOK, missing, conflict), d.apiApprove)
	huma.Register(api, d.operation(auth.ReportAsk, "ask-reporter", http.MethodPost, "/api/v1/reports/{id}/messages", "Ask the reporter a question",
		http.StatusOK, missing, conflict, unprocessable), d.apiAsk)
}

func (d *Desk) describeLine(api huma.API) {
	huma.Register(api, d.operation(auth.QueueRead, "list-departments", http.MethodGet, "/api/v1/departments", "List the line's departments", http.StatusOK), d.apiDepartments)
	huma.Register(api, d.operation(auth.StatisticsRead, "read-statistics", http.MethodGet, "/api/v1/statistics", "Count the reports in each list", http.StatusOK), d.apiStatistics)
	event := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[deskEvent](), true, "Event")
	op := d.operation(auth.StaffSelf, "listen", http.MethodGet, "/api/v1/events", "Hear of changes as they happen (server-sent events)", http.StatusOK)
	op.Description = "Each event is named `desk` and its data is an Event. Last-Event-ID resumes. The event `end` says that the token is good no longer."
	op.Responses = map[string]*huma.Response{"200": {
		Description: "A stream of events.", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: event}},
	}}
	api.OpenAPI().AddOperation(&op)
}

// row does one act on a report and answers how the report stands afterwards.
func (d *Desk) row(ctx context.Context, in *reportInput, act func(id heed.ID) error) (*doneOutput, error) {
	id, err := recordID(in.ID)
	if err == nil {
		err = act(id)
	}
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	r, err := d.Review.Row(ctx, actor(ctx), id)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	return &doneOutput{summary(r)}, nil
}

func (d *Desk) apiClaim(ctx context.Context, in *reportInput) (*doneOutput, error) {
	return d.row(ctx, in, func(id heed.ID) error { return d.Review.Claim(ctx, actor(ctx), id) })
}

// apiApprove is for those who see the queue, as the page is; the service then asks who decided.
func (d *Desk) apiApprove(ctx context.Context, in *reportInput) (*doneOutput, error) {
	return d.row(ctx, in, func(id heed.ID) error { return d.Review.Approve(ctx, actor(ctx), id) })
}

func (d *Desk) apiAsk(ctx context.Context, in *messageInput) (*doneOutput, error) {
	return d.row(ctx, &reportInput{in.asking, in.ID}, func(id heed.ID) error { return d.Review.Ask(ctx, actor(ctx), id, in.Body.Text) })
}

func (d *Desk) apiDispose(ctx context.Context, in *dispositionInput) (*dispositionOutput, error) {
	id, err := recordID(in.ID)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	decision := review.Decision{Kind: in.Body.Kind, Department: in.Body.Department, Reason: in.Body.Reason}
	if in.Body.Lead != "" {
		if decision.Lead, err = heed.ParseID(string(in.Body.Lead)); err != nil {
			return nil, d.fails(in.asking, &heed.Problem{Field: "lead", Code: "lead-unknown"})
		}
	}
	made, err := d.Review.Dispose(ctx, actor(ctx), id, decision)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	return disposed(made), nil
}

func disposed(made *heed.Disposition) *dispositionOutput {
	out := &dispositionOutput{}
	out.Body.ID, out.Body.Kind, out.Body.State, out.Body.ApproveBy = made.ID, made.Kind, made.State, moment(made.ApproveBy)
	return out
}

func (d *Desk) apiErase(ctx context.Context, in *erasureInput) (*dispositionOutput, error) {
	id, err := recordID(in.ID)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	made, err := d.Review.ProposeErasure(ctx, actor(ctx), id, in.Body.Reason)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	return disposed(made), nil
}

// apiDepartments is for those who see the queue, as the page's choice of departments is.
func (d *Desk) apiDepartments(_ context.Context, _ *asking) (*departmentsOutput, error) {
	out := &departmentsOutput{}
	out.Body.Departments = []departmentBody{}
	for i := range d.Profile.Departments {
		dep := &d.Profile.Departments[i]
		categories := append([]string{}, dep.Categories...)
		out.Body.Departments = append(out.Body.Departments, departmentBody{dep.ID, dep.Name, categories, string(dep.Kind())})
	}
	return out, nil
}

func (d *Desk) apiStatistics(ctx context.Context, in *asking) (*statisticsOutput, error) {
	counts, err := d.Review.Counts(ctx, actor(ctx))
	if err != nil {
		return nil, d.fails(*in, err)
	}
	out := &statisticsOutput{}
	out.Body.At, out.Body.Lists = d.Now().UTC(), map[string]int{}
	for list, n := range counts {
		out.Body.Lists[string(list)] = n
	}
	return out, nil
}
