package review_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

const (
	month    = 30 * 24 * time.Hour
	year     = 365 * 24 * time.Hour
	fiveYear = 5 * year
)

// end ends the spans that are over by now.
func (l *line) end() review.Ended {
	l.Helper()
	ended, more, err := l.EndSpans(l.Context(), l.now, 20)
	l.must(err)
	if more {
		l.Error("there should be no more")
	}
	return ended
}

func (l *line) wantEnded(got, want review.Ended) {
	l.Helper()
	if got != want {
		l.Errorf("%+v, want %+v", got, want)
	}
}

// closed stores a report that came from the given state and that ann closed.
func (l *line) closed(from heed.State) heed.ID {
	l.Helper()
	id := l.put(blocked, func(r *heed.Report) { r.State, r.ScreenBy = from, time.Time{} }).ID
	l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
	l.wantState(id, heed.Closed)
	return id
}

func (l *line) referred() heed.ID {
	l.Helper()
	id := l.queued(heed.Normal)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID, Grading: graded()})
	l.wantState(id, heed.Referred)
	return id
}

// lastDetails are those of the report's latest leaf of the act.
func (l *line) lastDetails(id heed.ID, name string) (details string) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		leaves, err := tx.Leaves(ctx, 0, id, 500)
		for _, leaf := range leaves {
			if leaf.Act == name {
				details = string(leaf.Details)
			}
		}
		return err
	})
	return details
}

func TestContentGoesWhenTheSpanOfItsClassIsOverOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		aside, closed, referred := l.closed(heed.SetAside), l.closed(heed.Queued), l.referred()
		unread := l.put(blocked, func(r *heed.Report) { r.State = heed.SetAside }).ID
		held := l.queued(heed.Normal)
		l.dispose(l.ann, held, review.Decision{Kind: heed.Hold})
		began := l.now
		for _, step := range []struct {
			after time.Duration
			want  review.Ended
			gone  []heed.ID
		}{
			{month - time.Millisecond, review.Ended{}, nil},
			{month, review.Ended{Erased: 1}, []heed.ID{aside}},
			{year - time.Millisecond, review.Ended{}, []heed.ID{aside}},
			{year, review.Ended{Erased: 1}, []heed.ID{aside, closed}},
			{fiveYear - time.Millisecond, review.Ended{}, []heed.ID{aside, closed}},
			{fiveYear, review.Ended{Asked: 1}, []heed.ID{aside, closed}},
			{20 * year, review.Ended{}, []heed.ID{aside, closed}},
		} {
			l.now = began.Add(step.after)
			l.wantEnded(l.end(), step.want)
			for _, id := range []heed.ID{aside, closed, referred, unread, held} {
				if gone := l.get(id).State == heed.Erased; gone != slices.Contains(step.gone, id) {
					l.Errorf("after %v the report is %s", step.after, l.get(id).State)
				}
			}
		}
		if got, want := l.lastDetails(aside, "report.erased"), `{"act":{"class":"set_aside","span_hours":720}}`; got != want {
			l.Errorf("%s, want %s", got, want)
		}
		if got, want := l.lastDetails(closed, "report.erased"), `{"act":{"class":"closed","span_hours":8760}}`; got != want {
			l.Errorf("%s, want %s", got, want)
		}
	})
}

func TestTheEndOfASpanLeavesNothingButCodesAndTheReceiptOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		a, err := l.in.Submit(ctx, intakeSubmission("The lamp in Mill Lane flickers at night."))
		l.must(err)
		l.must(l.Screen(ctx, a.Report))
		l.must(l.Ask(ctx, l.ann, a.Report, "Which door is it?"))
		l.dispose(l.ann, a.Report, review.Decision{Kind: heed.Close})
		leaves := len(l.acts(a.Report))
		l.now = l.now.Add(year)
		l.wantEnded(l.end(), review.Ended{Erased: 1})
		r := l.wantState(a.Report, heed.Erased)
		if r.Content != nil || r.Files != 0 || r.ClaimedBy != "" || !r.ClosedAt.Equal(l.now.Add(-year)) {
			l.Errorf("%+v", r)
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.WrappedKey(ctx, a.Report)
			l.wantErr(err, heed.ErrGone)
			_, err = tx.Screening(ctx, a.Report)
			l.wantErr(err, heed.ErrNotFound)
			messages, err := tx.Messages(ctx, a.Report)
			l.must(err)
			identities, err := tx.Identities(ctx, a.Report)
			l.must(err)
			files, err := tx.Attachments(ctx, a.Report)
			l.must(err)
			all, err := tx.Leaves(ctx, 0, a.Report, 500)
			for _, leaf := range all {
				if leaf.Note != nil || leaf.Salt != nil {
					l.Errorf("a note stays beside %s", leaf.Act)
				}
			}
			if len(messages)+len(identities)+len(files) != 0 || len(all) != leaves+1 {
				l.Errorf("%d messages, %d identities, %d files, %d leaves of %d", len(messages), len(identities), len(files), len(all), leaves+1)
			}
			wish, err := tx.Setting(ctx, heed.SettingScrub)
			if len(wish) == 0 {
				l.Error("nobody empties the journal")
			}
			return err
		})
		v, err := l.Read(ctx, l.ann, a.Report, "to see what became of it")
		l.must(err)
		if !v.Gone || v.Content.Text != "" || v.Dispositions[0].Reason.Text != "" {
			l.Errorf("the desk shows %+v", v)
		}
		box, err := l.in.Open(ctx, string(a.Receipt))
		l.must(err)
		status, err := box.Status(ctx)
		l.must(err)
		if status.Stage != heed.StageConcluded || status.CanReply || status.CanWithdraw || len(status.Messages) != 0 {
			l.Errorf("the reporter sees %+v", status)
		}
	})
}

func TestEveryOpenDisclosureOfAReportThatIsErasedHasItsLeafOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		id, other := l.queued(heed.Normal), l.queued(heed.Normal)
		ask := func(report heed.ID, state heed.DisclosureState) *heed.Disclosure {
			l.now = l.now.Add(time.Second)
			d := &heed.Disclosure{ID: heed.NewID(l.now), Report: report, State: state, At: l.now, Reason: heed.ReasonDanger, Day: "2026-11-23"}
			if state.Open() {
				d.Until = l.now.Add(time.Hour)
			}
			l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.AddDisclosure(l.Context(), d) }))
			return d
		}
		open := []*heed.Disclosure{ask(id, heed.DisclosureAsked), ask(id, heed.DisclosureExported), ask(id, heed.DisclosureApproved)}
		ask(id, heed.DisclosureSeen)
		ask(other, heed.DisclosureAsked)
		l.must(l.HandleErase(l.Context(), erasing(id)))
		l.must(l.HandleErase(l.Context(), erasing(id))) // at least once
		if n := l.count(id, "disclosure.lapsed"); n != len(open) {
			t.Errorf("%d leaves of %d that ended", n, len(open))
		}
		for _, d := range open {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Disclosure(ctx, d.ID)
				if err == nil && got.State != heed.DisclosureLapsed {
					l.Errorf("what was %s is %s", d.State, got.State)
				}
				return err
			})
		}
		if got, want := l.lastDetails(id, "disclosure.lapsed"), fmt.Sprintf(`{"disclosure":%q,"reason":"danger"}`, open[2].ID); got != want {
			l.Errorf("%s, want %s", got, want)
		}
		if n := l.count(other, "disclosure.lapsed"); n != 0 {
			l.Errorf("%d leaves of another report", n)
		}
	})
}

func TestOneSpanEndsOnceHoweverOftenItIsRun(t *testing.T) {
	l := newLine(t)
	erased, asked := l.closed(heed.Queued), l.referred()
	l.now = l.now.Add(fiveYear)
	l.wantEnded(l.end(), review.Ended{Erased: 1, Asked: 1})
	for range 2 {
		l.now = l.now.Add(time.Hour)
		l.wantEnded(l.end(), review.Ended{})
	}
	if l.count(erased, "report.erased") != 1 || l.count(asked, "report.review") != 1 {
		t.Errorf("%v, %v", l.acts(erased), l.acts(asked))
	}
}

func TestARunCutShortIsCompletedByTheNextAndOneFailureKeepsNoOtherReport(t *testing.T) {
	broken := errors.New("the power went")
	for failing := range 3 {
		store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		h := &hooked{Store: store}
		l := newLineOn(t, h)
		ids := []heed.ID{l.closed(heed.SetAside), l.closed(heed.Queued), l.closed(heed.Queued)}
		l.now = l.now.Add(year)
		n := 0
		h.before = func() error {
			n++
			if n == failing+1 {
				return broken
			}
			return nil
		}
		ended, _, err := l.EndSpans(t.Context(), l.now, 20)
		l.wantErr(err, broken)
		l.wantEnded(ended, review.Ended{Erased: 2})
		l.wantEnded(l.end(), review.Ended{Erased: 1})
		for _, id := range ids {
			l.wantState(id, heed.Erased)
			if l.count(id, "report.erased") != 1 {
				t.Errorf("%v", l.acts(id))
			}
		}
	}
}

func TestManySpansEndAFewAtATime(t *testing.T) {
	l := newLine(t)
	for range 5 {
		l.closed(heed.Queued)
	}
	l.now = l.now.Add(year)
	for i, want := range []int{2, 2, 1} {
		ended, more, err := l.EndSpans(t.Context(), l.now, 2)
		l.must(err)
		if ended.Erased != want || more != (i < 2) {
			t.Errorf("run %d: %+v, more %t", i, ended, more)
		}
	}
}

func TestWhatWasReopenedIsKeptAndItsSpanBeginsAnewWhenItIsClosedAgain(t *testing.T) {
	l := newLine(t)
	id := l.closed(heed.SetAside)
	l.now = l.now.Add(month - time.Hour)
	l.must(l.Reopen(t.Context(), l.ann, id, why))
	l.now = l.now.Add(2 * time.Hour)
	l.wantEnded(l.end(), review.Ended{})
	l.must(l.Claim(t.Context(), l.ann, id))
	l.now = l.now.Add(month)
	l.wantEnded(l.end(), review.Ended{})
	l.wantState(id, heed.InReview)
	l.dispose(l.ann, id, review.Decision{Kind: heed.Close}) // no longer from where the machine had put it
	l.now = l.now.Add(year - time.Millisecond)
	l.wantEnded(l.end(), review.Ended{})
	l.now = l.now.Add(time.Millisecond)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
}

func TestDuplicatesOfAnErasedLeadKeepTheirOwnSpansAndUndecidedOnesReturnToTheQueue(t *testing.T) {
	l := newLine(t)
	lead := l.queued(heed.Normal)
	over, waiting := l.queued(heed.Normal), l.queued(heed.Normal)
	for _, id := range []heed.ID{over, waiting} {
		l.dispose(l.ann, id, review.Decision{Kind: heed.LinkDuplicate, Lead: lead})
	}
	l.dispose(l.ann, lead, review.Decision{Kind: heed.Close})
	l.now = l.now.Add(time.Hour)
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { // as the lead's conclusion does, which was cut short
		r, err := tx.Report(t.Context(), over)
		if err != nil {
			return err
		}
		r.State, r.StateSince, r.ClosedAt = heed.Closed, l.now, l.now
		return tx.UpdateReport(t.Context(), r)
	}))
	l.now = l.now.Add(year - time.Hour)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	l.wantState(lead, heed.Erased)
	free := l.jobs(review.JobFreeCopies)
	if len(free) != 1 {
		t.Fatalf("%d jobs free the duplicates", len(free))
	}
	for range 2 {
		l.must(l.HandleFreeCopies(t.Context(), free[0]))
	}
	if r := l.wantState(over, heed.Closed); r.Lead != "" || r.Content == nil {
		t.Errorf("%+v", r)
	}
	if r := l.wantState(waiting, heed.Queued); r.Lead != "" || r.Content == nil {
		t.Errorf("%+v", r)
	}
	l.now = l.now.Add(time.Hour)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	l.wantState(over, heed.Erased)
}

func TestADuplicateIsErasedBeforeItsLeadWhenItsOwnSpanIsOver(t *testing.T) {
	l := newLine(t)
	lead := l.queued(heed.Normal)
	member := l.put(blocked, func(r *heed.Report) { r.State = heed.SetAside }).ID
	l.dispose(l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: lead})
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), member)
		if err != nil {
			return err
		}
		r.State, r.StateSince, r.ClosedAt = heed.Closed, l.now, l.now
		return tx.UpdateReport(t.Context(), r)
	}))
	l.now = l.now.Add(month)
	l.wantEnded(l.end(), review.Ended{}) // a duplicate was no irrelevance
	l.now = l.now.Add(year - month)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	l.wantState(member, heed.Erased)
	if r := l.wantState(lead, heed.Queued); r.Copies != 0 || r.Content == nil {
		t.Errorf("%+v", r)
	}
}

func TestAReferredReportWaitsForALeadWithItsReferralAndItsApproval(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Immediate)
	decision := l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
	l.wantState(id, heed.Referred)
	l.now = l.now.Add(fiveYear)
	before := len(l.events(id, review.EventReportAlert))
	l.wantEnded(l.end(), review.Ended{Asked: 1})
	r := l.wantState(id, heed.Referred)
	if r.Content == nil || r.Kept() != heed.KeptReview {
		t.Errorf("%+v", r)
	}
	alerts := l.events(id, review.EventReportAlert)
	if len(alerts) != before+1 || alerts[before].To != string(heed.RoleLead) {
		t.Errorf("%d alerts after %d", len(alerts), before)
	}
	l.must(l.Tick(t.Context()))
	if n := l.notices(); len(n) == 0 || n[0].Level != 100 {
		t.Errorf("nobody is told away from the desk: %+v", n)
	}
	if d := l.disposition(decision.ID); d.State != heed.Pending {
		t.Errorf("the approval that nobody gave is %s", d.State)
	}
	if got, want := l.lastDetails(id, "report.review"), `{"act":{"class":"referred","span_hours":43800}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	v, err := l.Read(t.Context(), l.lead, id, "its time is over")
	l.must(err)
	if !slices.ContainsFunc(v.History, func(e review.Entry) bool { return e.Act == "report.review" }) || v.Content.Text == "" {
		t.Errorf("%+v", v.History)
	}
}

func TestAReferralThatNeverLeftCountsAsNone(t *testing.T) {
	l := newLine(t)
	undone, returned := l.referred(), l.referred()
	l.must(l.Undo(t.Context(), l.ann, undone))
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { // as a Department does that had it
		r, err := tx.Report(t.Context(), returned)
		if err != nil {
			return err
		}
		r.State, r.StateSince = heed.Returned, l.now
		return tx.UpdateReport(t.Context(), r)
	}))
	for _, id := range []heed.ID{undone, returned} {
		l.dispose(l.ann, id, review.Decision{Kind: heed.Close})
	}
	l.now = l.now.Add(year)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	l.wantState(undone, heed.Erased)
	l.wantState(returned, heed.Closed)
	l.now = l.now.Add(fiveYear - year)
	l.wantEnded(l.end(), review.Ended{Asked: 1})
}

func TestAClockThatIsSetBackMovesNoSpan(t *testing.T) {
	l := newLine(t)
	closed, referred := l.closed(heed.Queued), l.referred()
	began := l.now
	l.now = began.Add(-2 * year)
	l.wantEnded(l.end(), review.Ended{})
	ended, _, err := l.EndSpans(t.Context(), began.Add(fiveYear), 20) // ordered while the clock is behind
	l.must(err)
	l.wantEnded(ended, review.Ended{Erased: 1, Asked: 1})
	if got := l.lastDetails(closed, "report.erased"); !strings.Contains(got, `"as_of":"2031-11-22T09:00:00Z"`) {
		t.Errorf("%s", got)
	}
	l.now = began.Add(fiveYear)
	l.wantEnded(l.end(), review.Ended{})
	if l.count(referred, "report.review") != 1 {
		t.Errorf("%v", l.acts(referred))
	}
	later := l.closed(heed.Queued)
	l.now = l.now.Add(-time.Hour)
	l.wantEnded(l.end(), review.Ended{})
	l.now = l.now.Add(year + time.Hour)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	l.wantState(later, heed.Erased)
}

func TestAnErasureAheadOfTimeMovesNoOtherSpan(t *testing.T) {
	l := newLine(t)
	l.closed(heed.Queued)
	ended, _, err := l.EndSpans(t.Context(), l.now.Add(3*year), 20)
	l.must(err)
	l.wantEnded(ended, review.Ended{Erased: 1})
	next := l.closed(heed.Queued)
	l.now = l.now.Add(year - time.Millisecond)
	l.wantEnded(l.end(), review.Ended{})
	l.now = l.now.Add(time.Millisecond)
	l.wantEnded(l.end(), review.Ended{Erased: 1})
	var details struct{ Act map[string]any }
	l.must(json.Unmarshal([]byte(l.lastDetails(next, "report.erased")), &details))
	if _, ordered := details.Act["as_of"]; ordered {
		t.Errorf("%v", details)
	}
}

// TestWhatIsProposedForRefusalLeavesNoTraceOnBothStores looks for a trace as the line itself would: by each word, and by
// an account that shares nearly all of the text.
func TestWhatIsProposedForRefusalLeavesNoTraceOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		refused := l.proposed()
		l.wantState(refused, heed.RefusalProposed)
		if sc := l.screening(refused); !sc.Refuse || len(sc.Details) > 0 || len(sc.Similar) > 0 {
			l.Errorf("the machine says %+v", sc)
		}
		for _, word := range strings.Fields("woman upstairs wears headscarf goes mosque every friday thought know") {
			found, err := l.Search(ctx, l.ann, word, "to see whether it is found", heed.ReportQuery{})
			l.must(err)
			if len(found) > 0 {
				l.Errorf("it is found by %q", word)
			}
		}
		ids := l.submit(refusable+" Her husband stabbed her last night and she is bleeding.", refusable+" Her husband stabbed her last night, she is bleeding.")
		l.must(l.Screen(ctx, ids...))
		similar := l.screening(ids[1]).Similar
		if len(similar) != 1 || similar[0].ID != ids[0] {
			l.Errorf("similar are %v; of the two that were kept %s is", similar, ids[0])
		}
	})
}

// TestTheTablesHoldNothingOfWhatIsProposedForRefusalOnBothStores asks the tables themselves, beside a report that is kept:
// what no search finds could lie there all the same.
func TestTheTablesHoldNothingOfWhatIsProposedForRefusalOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		refused, kept := l.proposed(), l.submit("Ring 0171 234 5678 about it. " + blocked)[0]
		l.must(l.Screen(l.Context(), kept))
		const of = "SELECT count(*) FROM fingerprints WHERE report = (SELECT num FROM reports WHERE id = '%s')"
		if n := l.number(fmt.Sprintf(of, kept)); n != 1 {
			l.Errorf("the report that is kept has %d fingerprints", n)
		}
		if n := l.number(fmt.Sprintf(of, refused)); n != 0 {
			l.Errorf("the report that is proposed for refusal has %d fingerprints", n)
		}
		// Every entry of a list ends in its report's number.
		for _, list := range []struct {
			table, column string
			entry         int
		}{{"marks", "reports", 6}, {"search_tokens", "tokens", 12}} {
			entries := l.entries(list.table, list.column, list.entry)
			if n := entries[l.number(fmt.Sprintf("SELECT num FROM reports WHERE id = '%s'", kept))]; n == 0 {
				l.Errorf("%s has nothing of the report that is kept", list.table)
			}
			if n := entries[l.number(fmt.Sprintf("SELECT num FROM reports WHERE id = '%s'", refused))]; n != 0 {
				l.Errorf("%s has %d entries of the report that is proposed for refusal", list.table, n)
			}
		}
		if n := l.number(fmt.Sprintf("SELECT count(*) FROM screenings WHERE report IN ('%s', '%s')", refused, kept)); n != 2 {
			l.Errorf("%d screenings of two reports", n)
		}
		if sc := l.screening(kept); len(sc.Details) == 0 {
			l.Error("nothing is extracted from the report that is kept")
		}
		if sc := l.screening(refused); len(sc.Details)+len(sc.Similar) > 0 || sc.DuplicateOf != nil {
			l.Errorf("the row of the refusal holds %+v", sc)
		}
	})
}

// entries counts the entries of a table's lists by the report's number in which each ends.
func (l *line) entries(table, column string, size int) map[int]int {
	l.Helper()
	entries := map[int]int{}
	scan := func(next func() bool, into func(...any) error) {
		for next() {
			var list []byte
			l.must(into(&list))
			for entry := range slices.Chunk(list, size) {
				entries[int(binary.BigEndian.Uint32(entry[size-4:]))]++
			}
		}
	}
	query := "SELECT " + column + " FROM " + table
	switch store := l.store.(type) {
	case *sqlite.Store:
		found, err := store.WriteDB().QueryContext(l.Context(), query)
		l.must(err)
		defer found.Close()
		scan(found.Next, found.Scan)
		l.must(found.Err())
	case *postgres.Store:
		found, err := store.Pool().Query(l.Context(), query)
		l.must(err)
		defer found.Close()
		scan(found.Next, found.Scan)
		l.must(found.Err())
	default:
		l.Fatalf("no way to the tables of %T", store)
	}
	return entries
}

// number is what the query counts in the store's tables.
func (l *line) number(query string) (n int) {
	l.Helper()
	switch store := l.store.(type) {
	case *sqlite.Store:
		l.must(store.WriteDB().QueryRowContext(l.Context(), query).Scan(&n))
	case *postgres.Store:
		l.must(store.Pool().QueryRow(l.Context(), query).Scan(&n))
	default:
		l.Fatalf("no way to the tables of %T", store)
	}
	return n
}
