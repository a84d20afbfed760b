package review_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// limited makes a lead who is to know of hazards alone.
func (l *line) limited() *heed.Staff {
	l.Helper()
	s := l.staff("lim", heed.Specialist, heed.RoleLead)
	s.Categories = []string{"hazard", "drugs"}
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.UpdateStaff(l.Context(), s) }))
	return s
}

func (l *line) of(category string) heed.ID {
	return l.put("The exit is blocked by crates.", func(r *heed.Report) { r.Category = category }).ID
}

func TestWhoIsLimitedFindsNoTraceOfOtherReports(t *testing.T) {
	l := newLine(t)
	limited := l.limited()
	mine := l.of("hazard")
	for _, theirs := range []heed.ID{l.of("fraud-scam"), l.of("")} {
		ctx := t.Context()
		_, err := l.Read(ctx, limited, theirs, "queue")
		l.wantErr(err, heed.ErrNotFound)
		_, err = l.Row(ctx, limited, theirs)
		l.wantErr(err, heed.ErrNotFound)
		_, _, err = l.OpenCopy(ctx, limited, theirs, "any")
		l.wantErr(err, heed.ErrNotFound)
		_, err = l.Dispose(ctx, limited, theirs, review.Decision{Kind: heed.Close, Reason: why})
		l.wantErr(err, heed.ErrNotFound)
		for name, act := range map[string]error{
			"claim": l.Claim(ctx, limited, theirs), "release": l.Release(ctx, limited, theirs), "ask": l.Ask(ctx, limited, theirs, "Where?"),
			"urgency": l.SetUrgency(ctx, limited, theirs, heed.High, ""), "category": l.SetCategory(ctx, limited, theirs, "hazard"),
			"unlink": l.Unlink(ctx, limited, theirs), "reopen": l.Reopen(ctx, limited, theirs, why), "undo": l.Undo(ctx, limited, theirs),
			"approve": l.Approve(ctx, limited, theirs), "decline": l.Decline(ctx, limited, theirs, why),
		} {
			if act == nil || !strings.Contains(act.Error(), heed.ErrNotFound.Error()) {
				t.Errorf("%s: %v", name, act)
			}
		}
		if acts := l.acts(theirs); acts != nil {
			t.Errorf("they left leaves: %v", acts)
		}
		_, err = l.Dispose(ctx, limited, mine, review.Decision{Kind: heed.LinkDuplicate, Lead: theirs, Reason: why})
		l.wantProblem(err, "lead-unknown")
	}
	if _, err := l.Read(t.Context(), limited, mine, "queue"); err != nil {
		t.Errorf("their own: %v", err)
	}
}

func TestWhoIsLimitedSeesAndCountsTheirOwnCategoriesOnly(t *testing.T) {
	l := newLine(t)
	limited := l.limited()
	hazard, drugs := l.of("hazard"), l.of("drugs")
	fraud := l.of("fraud-scam")
	l.of("")
	queue, err := l.Queue(t.Context(), limited, heed.ReportQuery{List: heed.ListReview})
	l.must(err)
	var got []heed.ID
	for _, r := range queue {
		got = append(got, r.ID)
	}
	if len(got) != 2 || !slices.Contains(got, hazard) || !slices.Contains(got, drugs) {
		t.Errorf("the queue has %v", got)
	}
	if other, err := l.Queue(t.Context(), limited, heed.ReportQuery{Category: "fraud-scam"}); err != nil || len(other) > 0 {
		t.Errorf("a category that isn't theirs: %v, %v", other, err)
	}
	counts, err := l.Counts(t.Context(), limited)
	l.must(err)
	if counts[heed.ListReview] != 2 {
		t.Errorf("counted %d", counts[heed.ListReview])
	}
	all, err := l.Counts(t.Context(), l.ann)
	l.must(err)
	if all[heed.ListReview] != 4 {
		t.Errorf("who isn't limited counts %d", all[heed.ListReview])
	}
	l.must(l.SetUrgency(t.Context(), l.ann, fraud, heed.Immediate, ""))
	_, err = l.Dispose(t.Context(), l.ann, fraud, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Reason: why})
	l.must(err)
	for who, want := range map[*heed.Staff]int{limited: 0, l.lead: 1} {
		if later, err := l.LaterApprovals(t.Context(), who); err != nil || len(later) != want {
			t.Errorf("%s sees %d approvals, want %d: %v", who.Name, len(later), want, err)
		}
	}
}

func TestApprovalsOfOtherCategoriesCrowdOutNoneOfTheirOwn(t *testing.T) {
	l := newLine(t)
	limited := l.limited()
	hidden, own := l.of("fraud-scam"), l.of("hazard")
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		var errs []error
		for i := range 2*200 + 1 {
			d := &heed.Disposition{ID: heed.NewID(l.now), Report: hidden, Kind: heed.Refer, State: heed.Pending, At: l.now, ApproveBy: l.now.Add(time.Duration(i) * time.Millisecond)}
			if i == 2*200 {
				d.Report = own
			}
			errs = append(errs, tx.AddDisposition(t.Context(), d))
		}
		return errors.Join(errs...)
	}))
	later, err := l.LaterApprovals(t.Context(), limited)
	if err != nil || len(later) != 1 || later[0].Report != own {
		t.Errorf("%d, %v", len(later), err)
	}
	if all, err := l.LaterApprovals(t.Context(), l.lead); err != nil || len(all) != 200 {
		t.Errorf("who isn't limited sees %d, %v", len(all), err)
	}
}

func TestWhoIsLimitedSearchesTheirOwnCategoriesOnly(t *testing.T) {
	l := newLine(t)
	ids := l.submit("The harbour crane drops crates on the footpath every evening.", "The harbour crane drops crates beside the school.")
	l.must(l.Screen(t.Context(), ids...))
	limited := l.limited()
	for i, category := range []string{"hazard", "fraud-scam"} {
		l.must(l.SetCategory(t.Context(), l.ann, ids[i], category))
	}
	found, err := l.Search(t.Context(), limited, "harbour crane", "a second report of the crane came in", heed.ReportQuery{})
	l.must(err)
	if len(found) != 1 || found[0].ID != ids[0] {
		t.Errorf("found %d", len(found))
	}
	view, err := l.Read(t.Context(), limited, ids[0], "queue")
	l.must(err)
	if len(view.Similar) > 0 || len(view.Screening.Similar) > 0 || view.Screening.DuplicateOf != nil {
		t.Errorf("a report that isn't theirs is named as similar: %v", view.Screening.Similar)
	}
	full, err := l.Read(t.Context(), l.ann, ids[1], "queue")
	l.must(err)
	if len(full.Screening.Similar) == 0 {
		t.Fatal("the two are not similar: the test shows nothing")
	}
}

// Why a report is a copy of another tells that there is another, and which words stand in it.
func TestWhoIsLimitedIsNotToldWhyAReportIsLikeOneThatIsNotTheirs(t *testing.T) {
	l := newLine(t)
	ids := l.submit(blocked, edits(1)[0])
	for _, id := range ids {
		l.must(l.Screen(t.Context(), id))
	}
	l.recast(ids[0], "fraud-scam")
	l.recast(ids[1], "hazard")
	why := func(by *heed.Staff) (told int) {
		v, err := l.Read(t.Context(), by, ids[1], "queue")
		l.must(err)
		for _, r := range v.Screening.Reasons {
			if r.For == "duplicate" {
				told++
			}
		}
		return told
	}
	if n := why(l.ann); n < 2 {
		t.Fatalf("%d reasons: the test shows nothing", n)
	}
	if n := why(l.limited()); n != 0 {
		t.Errorf("%d reasons are told of a copy of what isn't theirs", n)
	}
}

// Who copies a copy copies its original, whose words it may have none of.
func TestWhoIsLimitedIsNotToldOfAnOriginalThatIsNotTheirs(t *testing.T) {
	l := newLine(t)
	other := "Behind the sawmill a tanker lets grey water into the brook each Thursday at dawn, and the trout float belly up as far as the weir."
	ids := l.submit(blocked, blocked+" "+other, other)
	for _, id := range ids {
		l.must(l.Screen(t.Context(), id))
	}
	l.recast(ids[0], "fraud-scam")
	l.recast(ids[2], "hazard")
	original := func(by *heed.Staff) *heed.ID {
		v, err := l.Read(t.Context(), by, ids[2], "queue")
		l.must(err)
		if slices.ContainsFunc(v.Screening.Similar, func(m heed.Match) bool { return m.ID == ids[0] }) {
			t.Fatal("the original is among the similar: the test shows nothing")
		}
		return v.Screening.DuplicateOf
	}
	if of := original(l.ann); of == nil || *of != ids[0] {
		t.Fatalf("it copies %v: the test shows nothing", of)
	}
	if of := original(l.limited()); of != nil {
		t.Errorf("told that it copies %s", *of)
	}
}

// What hangs together across categories is named in a report's row, its decisions and its history too.
func TestWhoIsLimitedLearnsOfNoOtherReportByWhatTheirsHangsTogetherWith(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	limited, lead, known, hidden := l.limited(), l.of("hazard"), l.of("drugs"), l.of("fraud-scam")
	for _, member := range []heed.ID{hidden, known} {
		_, err := l.Dispose(ctx, l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: lead, Reason: why})
		l.must(err)
	}
	mine, theirs := l.of("hazard"), l.of("fraud-scam")
	_, err := l.Dispose(ctx, l.ann, mine, review.Decision{Kind: heed.LinkDuplicate, Lead: theirs, Reason: why})
	l.must(err)

	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		leaf, err := audit.Leaf(audit.FileSeen, "", lead, l.now, map[string]int{"seen": 1})
		l.must(err)
		return tx.AddLeaf(ctx, leaf)
	}))

	told := func(who *heed.Staff, id heed.ID) string {
		l.Helper()
		view, err := l.Read(ctx, who, id, "queue")
		l.must(err)
		row, err := l.Row(ctx, who, id)
		l.must(err)
		queue, err := l.Queue(ctx, who, heed.ReportQuery{})
		l.must(err)
		view.Content, view.Report.Content = heed.Content{}, nil
		all, err := json.Marshal([]any{view, row, queue})
		l.must(err)
		for _, e := range view.History {
			all = append(all, e.Details...)
		}
		return string(all)
	}
	for id, other := range map[heed.ID]heed.ID{lead: hidden, mine: theirs} {
		if !strings.Contains(told(l.ann, id), string(other)) {
			t.Fatalf("%s hangs together with nothing: the test shows nothing", id)
		}
		if strings.Contains(told(limited, id), string(other)) {
			t.Errorf("%s names %s, which isn't theirs", id, other)
		}
	}
	view, err := l.Read(ctx, limited, lead, "queue")
	l.must(err)
	if view.Report.Copies != 1 || len(view.Duplicates) != 1 || !strings.Contains(told(limited, lead), string(known)) {
		t.Errorf("of two that hang on it they count %d and see %d, want the one that is theirs", view.Report.Copies, len(view.Duplicates))
	}
	for _, e := range view.History {
		if e.Act == audit.FileSeen {
			t.Error("the history tells that a file was seen somewhere")
		}
		if strings.Contains(string(e.Details), "copies") {
			t.Errorf("the history counts: %s", e.Details)
		}
	}
}

func TestWhoIsLimitedHearsNothingOfALeadThatIsNotTheirs(t *testing.T) {
	l := newLine(t)
	limited, mine := l.limited(), l.of("hazard")
	withdrawn := l.put("Crates.", func(r *heed.Report) { r.Category, r.State = "fraud-scam", heed.Withdrawn }).ID
	_, err := l.Dispose(t.Context(), limited, mine, review.Decision{Kind: heed.LinkDuplicate, Lead: withdrawn, Reason: why})
	l.wantProblem(err, "lead-unknown")
	_, err = l.Dispose(t.Context(), l.ann, mine, review.Decision{Kind: heed.LinkDuplicate, Lead: withdrawn, Reason: why})
	l.wantProblem(err, "lead-closed")
}

func TestWhoGivesAReportAwayKeepsNothingOfIt(t *testing.T) {
	l := newLine(t)
	limited, id := l.limited(), l.of("hazard")
	l.must(l.Claim(t.Context(), limited, id))
	l.must(l.SetCategory(t.Context(), limited, id, "fraud-scam"))
	if r := l.get(id); r.ClaimedBy != "" || r.State != heed.Queued {
		t.Errorf("it is %s, claimed by %q", r.State, r.ClaimedBy)
	}
	_, err := l.Read(t.Context(), limited, id, "queue")
	l.wantErr(err, heed.ErrNotFound)
	var of []string
	for _, e := range l.events(id, review.EventReportChanged) {
		of = append(of, e.Category)
	}
	if !slices.Contains(of, "hazard") || !slices.Contains(of, "fraud-scam") {
		t.Errorf("events of the categories %q: lists of one aren't told", of)
	}
}

// The rule is written twice: as a policy, and as the categories by which a store cuts lists down.
func TestListsAreCutDownAsThePolicySays(t *testing.T) {
	l := newLine(t)
	limited := l.limited()
	for _, category := range []string{"hazard", "drugs", "fraud-scam", "cyber", ""} {
		id := l.of(category)
		_, err := l.Row(t.Context(), limited, id)
		queue, failed := l.Queue(t.Context(), limited, heed.ReportQuery{Limit: 200})
		l.must(failed)
		listed := slices.ContainsFunc(queue, func(r *heed.Report) bool { return r.ID == id })
		if listed != (err == nil) {
			t.Errorf("%q: listed %v, but by its id %v", category, listed, err)
		}
	}
}
