package desk

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
)

// reportSummary is a report in a list: nothing of its words.
type reportSummary struct {
	ID         heed.ID       `json:"id"`
	State      heed.State    `json:"state" doc:"Lower-case name of a state: queued, in_review, …"`
	List       heed.List     `json:"list"`
	Channel    heed.Channel  `json:"channel"`
	ReceivedAt time.Time     `json:"received_at"`
	Language   string        `json:"language"`
	Category   string        `json:"category" doc:"An id of the profile's; empty until screened."`
	Urgency    heed.Urgency  `json:"urgency"`
	Lead       *heed.ID      `json:"lead" doc:"Where it is a duplicate."`
	Named      bool          `json:"named" doc:"The reporter gave an Identity, sealed to its day's key."`
	Files      int           `json:"files"`
	Copies     int           `json:"copies"`
	Deadlines  deadlinesBody `json:"deadlines"`
	ClaimedBy  *heed.ID      `json:"claimed_by"`
	ClaimedTo  *time.Time    `json:"claimed_until"`
}

// deadlinesBody are the clocks that run; null where one is met or doesn't run.
type deadlinesBody struct {
	Screening   *time.Time `json:"screening"`
	Preliminary *time.Time `json:"preliminary"`
	Conclusion  *time.Time `json:"conclusion"`
	Next        *time.Time `json:"next"`
}

type reportBody struct {
	reportSummary
	Text        string           `json:"text"`
	Occurred    string           `json:"occurred"`
	Place       string           `json:"place"`
	Screening   *heed.Screening  `json:"screening" doc:"As heed screen answers; null while unscreened."`
	Withheld    bool             `json:"screening_withheld,omitempty" doc:"The screening says nothing of relevance (0.5) before somebody decided, so that a blind sample of what would be set aside is read without its word."`
	Suggested   string           `json:"suggested_department"`
	Attachments []attachmentBody `json:"attachments" nullable:"false"`
	Messages    []messageBody    `json:"messages" nullable:"false"`
	History     []historyBody    `json:"history" nullable:"false"`
	Gone        bool             `json:"erased" doc:"Its key is destroyed: nothing of its words can be read."`
}

type attachmentBody struct {
	ID    heed.ID `json:"id"`
	Name  string  `json:"name"`
	Type  string  `json:"type"`
	Size  int64   `json:"size" doc:"Bytes of the original."`
	View  *string `json:"view" doc:"Address of the safe view copy; null where there is none. Of a recording it is MP3, of a film MP4 (MP3 where it has no pictures), of a picture JPEG, of a document a PDF of pictures."`
	Pages int     `json:"pages,omitempty" doc:"How many pages a document's copy has."`
	Cut   bool    `json:"cut,omitempty" doc:"The document has more pages than its copy."`
	// SaysMasked is there where the copy's voice is the original's.
	SaysMasked bool     `json:"says_masked,omitempty" doc:"The recording says itself that the portal's page masked its voice before it was sent, so that its copy wasn't masked again. Its sender can have written that."`
	Known      []string `json:"known,omitempty" doc:"The operator's notes of what the file is on a list of known files: of hoaxes, or, where withheld is true, of what nobody is to see."`
	// Malware and Unscanned are what the line's clamd says.
	Malware   string `json:"malware,omitempty" doc:"The name of clamd's signature that the file fits: it has no view, and its original is had by a Disclosure alone."`
	Unscanned bool   `json:"unscanned,omitempty" doc:"The line's clamd didn't look at all of the file: it is larger than that takes."`
	// Withheld is there where nobody is to see the file.
	Withheld bool       `json:"withheld,omitempty" doc:"Nobody is to see the file: it has no view, and its original isn't given."`
	Seen     []seenBody `json:"seen,omitempty" doc:"Files of other reports that show, or let hear, what this one does, as a machine found."`
	// Transcript is a machine's, and marked as such by its name for the model.
	Transcript *heed.Transcript `json:"transcript,omitempty" doc:"What a machine heard in the recording or film, or read in the file, which may be wrong. Passages say where in text, in bytes, what was said at so many milliseconds."`
}

type seenBody struct {
	Report     heed.ID `json:"report"`
	Attachment heed.ID `json:"attachment"`
	Kind       string  `json:"kind" enum:"exact,picture,sound" doc:"What is one: all that is seen and heard, to the last bit, or nearly all that is seen, or heard."`
	Score      float64 `json:"score" doc:"How much of what was compared agrees, 0 to 1."`
	Before     bool    `json:"before" doc:"The other file came before this one."`
}

type messageBody struct {
	ID     heed.ID          `json:"id"`
	Kind   heed.MessageKind `json:"kind"`
	Author *heed.ID         `json:"author" doc:"Staff id; null for the reporter and the machine."`
	Text   string           `json:"text"`
	At     time.Time        `json:"at"`
}

type historyBody struct {
	At      time.Time       `json:"at"`
	Act     string          `json:"act"`
	Actor   *heed.ID        `json:"actor" doc:"Staff id; null for the reporter and the machine."`
	Details json.RawMessage `json:"details"`
}

type reportsInput struct {
	asking
	State    string `query:"state" doc:"Lower-case name of a state, that alone: queued leaves out what waits in the queue in quarantine, because no safe copy of a file can be made. list=review has both."`
	List     string `query:"list" enum:"none,review,copies,waiting,approval,aside,refusal,referred,done" doc:"A list of the desk's: review is the queue, with what waits in quarantine, what somebody is at work on, and what came back."`
	Category string `query:"category"`
	Urgency  string `query:"urgency" enum:"immediate,high,normal,low"`
	Q        string `query:"q" doc:"Words, all of which an open report must hold. Needs purpose."`
	Purpose  string `query:"purpose" doc:"Why you search; kept sealed beside the search's leaf."`
	After    string `query:"after" doc:"The next of the page before."`
	Limit    int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type reportsOutput struct {
	Body struct {
		Reports []reportSummary `json:"reports" nullable:"false" doc:"By urgency, then deadline."`
		Next    *string         `json:"next" doc:"Give it as after for the next page; null on the last."`
	}
}

type reportInput struct {
	asking
	ID string `path:"id"`
}

type reportOutput struct{ Body reportBody }

func (d *Desk) describeReports(api huma.API) {
	huma.Register(api, d.operation(auth.QueueRead, "list-reports", http.MethodGet, "/api/v1/reports", "List reports, or search open ones by words",
		http.StatusOK, http.StatusUnprocessableEntity), d.apiReports)
	huma.Register(api, d.operation(auth.ReportRead, "read-report", http.MethodGet, "/api/v1/reports/{id}", "Read one report: an audit leaf",
		http.StatusOK, http.StatusNotFound), d.apiReport)
}

func (d *Desk) apiReports(ctx context.Context, in *reportsInput) (*reportsOutput, error) {
	q := heed.ReportQuery{List: heed.List(in.List), State: heed.State(in.State), Category: in.Category, Urgency: heed.Urgency(in.Urgency), Limit: min(in.Limit+1, 200)}
	if q.State != "" && !q.State.Valid() {
		return nil, d.fails(in.asking, &heed.Problem{Field: "state", Code: "state-unknown"})
	}
	if !plain(q.Category) {
		return nil, d.fails(in.asking, &heed.Problem{Field: "category", Code: "invalid"})
	}
	if in.After != "" {
		if q.After = parseCursor(in.After); q.After == nil {
			return nil, d.fails(in.asking, &heed.Problem{Field: "after", Code: "invalid"})
		}
	}
	var found []*heed.Report
	var err error
	if in.Q != "" {
		found, err = d.Review.Search(ctx, actor(ctx), in.Q, in.Purpose, q)
	} else {
		found, err = d.Review.Queue(ctx, actor(ctx), q)
	}
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	out := &reportsOutput{}
	out.Body.Reports = []reportSummary{}
	limit := min(in.Limit, 199)
	if len(found) > limit {
		found = found[:limit]
		next := cursor(found[limit-1])
		out.Body.Next = &next
	}
	for _, r := range found {
		out.Body.Reports = append(out.Body.Reports, summary(r))
	}
	return out, nil
}

func summary(r *heed.Report) reportSummary {
	return reportSummary{
		ID: r.ID, State: r.State, List: r.List(), Channel: r.Channel, ReceivedAt: r.ReceivedAt.UTC(), Language: r.Language,
		Category: r.Category, Urgency: r.Urgency, Lead: idOrNull(r.Lead), Named: r.Named, Files: r.Files, Copies: r.Copies,
		Deadlines: deadlinesBody{moment(r.ScreenBy), moment(r.DecideBy), moment(r.ConcludeBy), moment(r.NextDue)},
		ClaimedBy: idOrNull(r.ClaimedBy), ClaimedTo: moment(r.ClaimedUntil),
	}
}

func idOrNull(id heed.ID) *heed.ID {
	if id == "" {
		return nil
	}
	return &id
}

func (d *Desk) apiReport(ctx context.Context, in *reportInput) (*reportOutput, error) {
	id, err := recordID(in.ID)
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	v, err := d.Review.Read(ctx, actor(ctx), id, "api")
	if err != nil {
		return nil, d.fails(in.asking, err)
	}
	return &reportOutput{reportOf(v)}, nil
}

func reportOf(v *review.View) reportBody {
	b := reportBody{
		reportSummary: summary(v.Report), Text: v.Content.Text, Occurred: v.Content.Occurred, Place: v.Content.Place,
		Screening: v.Screening, Withheld: v.Withheld, Suggested: v.Suggested, Gone: v.Gone,
		Attachments: []attachmentBody{}, Messages: []messageBody{}, History: []historyBody{},
	}
	for _, f := range v.Files {
		a := attachmentBody{ID: f.ID, Name: f.Name, Type: f.Type, Size: f.Length, Pages: len(f.Details.Pages), Cut: f.Details.Cut, Transcript: f.Transcript, SaysMasked: f.Details.SaysMasked, Known: f.Details.Known, Withheld: f.CopyCode == heed.CopyWithheld, Malware: f.Details.Malware, Unscanned: f.Details.Unscanned}
		for _, other := range f.Seen {
			a.Seen = append(a.Seen, seenBody{other.Report.ID, other.File, other.Kind, other.Score, other.Before})
		}
		if f.Copy != nil && f.CopyCode == "" {
			view := viewAddress(v.Report.ID, f.ID)
			a.View = &view
		}
		b.Attachments = append(b.Attachments, a)
	}
	for _, m := range v.Messages {
		b.Messages = append(b.Messages, messageBody{m.ID, m.Kind, idOrNull(m.Author), m.Text, m.At.UTC()})
	}
	for _, e := range v.History {
		details := json.RawMessage(slices.Clone(e.Details))
		if len(details) == 0 {
			details = json.RawMessage("{}")
		}
		b.History = append(b.History, historyBody{e.At.UTC(), e.Act, idOrNull(e.Actor), details})
	}
	return b
}
