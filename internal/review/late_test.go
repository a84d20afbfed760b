package review_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// hooked is a real store; before each Update it calls before, whose error is the Update's.
type hooked struct {
	heed.Store
	before func() error
}

func (h *hooked) Update(ctx context.Context, fn func(heed.Tx) error) error {
	if h.before != nil {
		if err := h.before(); err != nil {
			return err
		}
	}
	return h.Store.Update(ctx, fn)
}

// jobs lists the args of the jobs of a kind, as they lie in the embedded store, oldest first.
func (l *line) jobs(kind string) (all [][]byte) {
	l.Helper()
	store := l.store
	if h, ok := store.(*hooked); ok {
		store = h.Store
	}
	rows, err := store.(*sqlite.Store).WriteDB().QueryContext(l.Context(), "SELECT json(args) FROM river_job WHERE kind = ? ORDER BY id", kind)
	l.must(err)
	defer rows.Close()
	for rows.Next() {
		var args []byte
		l.must(rows.Scan(&args))
		all = append(all, args)
	}
	l.must(rows.Err())
	return all
}

// late does what the jobs of late approvals do when their time comes, twice, as may happen.
func (l *line) late() {
	l.Helper()
	for range 2 {
		for _, args := range l.jobs(review.JobLate) {
			l.must(l.HandleLate(l.Context(), args))
		}
	}
}

func (l *line) count(id heed.ID, act string) (n int) {
	l.Helper()
	for _, a := range l.acts(id) {
		if a == act {
			n++
		}
	}
	return n
}

func (l *line) notices() (all []review.Notice) {
	l.Helper()
	for _, args := range l.jobs(review.JobNotify) {
		var n review.Notice
		l.must(json.Unmarshal(args, &n))
		all = append(all, n)
	}
	return all
}

func TestEveryLateApprovalEscalatesHoweverManyWaitSinceLong(t *testing.T) {
	l := newLine(t)
	const n = 120
	var ids []heed.ID
	for range n {
		id := l.queued(heed.Immediate)
		l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
		ids = append(ids, id)
	}
	l.must(l.Approve(t.Context(), l.lead, ids[0]))
	l.now = l.now.Add(l.profile.Deadlines.Approval + time.Second)
	l.late()
	for i, id := range ids {
		if got, want := l.count(id, "report.escalated"), min(i, 1); got != want {
			t.Fatalf("report %d escalated %d times, want %d", i, got, want)
		}
	}
	l.must(l.Tick(t.Context()))
	if got := fmt.Sprint(l.notices()); got != fmt.Sprintf("[{150 %d}]", n-1) {
		t.Errorf("told %s", got)
	}
}

func TestWhatIsSaidAtTheDeskReachesPeopleAwayThoughTheProgramEndsThen(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{Store: store}
	l := newLineOn(t, h)
	id := l.queued(heed.Normal)
	l.now = l.now.Add(3 * time.Hour)
	updates := 0
	h.before = func() error {
		if updates++; updates > 1 {
			return heed.ErrBusy // nothing but the alert itself is written
		}
		return nil
	}
	l.wantErr(l.Tick(t.Context()), heed.ErrBusy)
	h.before = nil
	if l.count(id, "report.escalated") != 1 || len(l.notices()) != 0 {
		t.Fatalf("%v, %v", l.acts(id), l.notices())
	}
	l.must(l.Tick(t.Context()))
	if got := fmt.Sprint(l.notices()); got != "[{100 1}]" {
		t.Errorf("told %s", got)
	}
}

func TestNoNoticeIsLostWhereNodesSayThingsAtOnce(t *testing.T) {
	store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := newLineOn(t, store)
	r := l.get(l.queued(heed.Normal))
	const nodes, each = 8, 5
	var all sync.WaitGroup
	for range nodes {
		all.Go(func() {
			for range each {
				if err := store.Update(t.Context(), func(tx heed.Tx) error { return review.Alarm(t.Context(), tx, r, 100, l.now) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		b, err := tx.Setting(ctx, "review.notices")
		var state struct{ Pending map[int]int }
		if err == nil {
			err = json.Unmarshal(b, &state)
		}
		if state.Pending[100] != nodes*each {
			t.Errorf("%d of %d wait to be told", state.Pending[100], nodes*each)
		}
		return err
	})
}

func TestTheConclusionIsSaidForAReportThatNobodyEverDecided(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	start := l.now
	for _, c := range []struct {
		after time.Duration
		level int
	}{{5 * time.Hour, 150}, {12 * time.Hour, 50}, {20 * time.Hour, 80}, {24 * time.Hour, 100}, {36 * time.Hour, 150}} {
		l.now = start.Add(c.after)
		l.must(l.Tick(t.Context()))
		l.must(l.Tick(t.Context()))
		said := l.events(id, "report.alert")
		if last := said[len(said)-1]; last.Level != c.level || !last.At.Equal(l.now) {
			t.Fatalf("after %v: %d was said last, at %v", c.after, last.Level, last.At)
		}
	}
	if n := len(l.events(id, "report.alert")); n != 5 {
		t.Errorf("%d alerts", n)
	}
}

func TestUndoRepeatsNoAlert(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	l.now = l.now.Add(5 * time.Hour)
	l.must(l.Tick(t.Context()))
	for _, kind := range []heed.DispositionKind{heed.Close, heed.Hold} {
		l.dispose(l.ann, id, review.Decision{Kind: kind})
		l.now = l.now.Add(time.Second)
		l.must(l.Undo(t.Context(), l.ann, id))
		l.must(l.Tick(t.Context()))
		if n := len(l.events(id, "report.alert")); n != 1 {
			t.Errorf("%s and undone: %d alerts", kind, n)
		}
	}
}

func (l *line) disposition(id heed.ID) (d *heed.Disposition) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) (err error) {
		d, err = tx.Disposition(ctx, id)
		return err
	})
	return d
}

func TestNobodyDecidesAboutWhatItsReporterWithdrew(t *testing.T) {
	l := newLine(t)
	a, err := l.in.Submit(t.Context(), intakeSubmission(blocked))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	l.must(l.SetUrgency(t.Context(), l.ann, a.Report, heed.High, ""))
	d := l.dispose(l.ann, a.Report, review.Decision{Kind: heed.Close})
	box, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(box.Withdraw(t.Context()))
	l.wantErr(l.Approve(t.Context(), l.lead, a.Report), heed.ErrConflict)
	l.wantErr(l.Decline(t.Context(), l.lead, a.Report, why), heed.ErrConflict)
	l.wantState(a.Report, heed.Withdrawn)
	l.must(l.HandleErase(t.Context(), erasing(a.Report)))
	if got := l.disposition(d.ID); got.State != heed.Undone || got.SecondBy != "" {
		t.Errorf("%+v", got)
	}
}

func TestAnErasedReportWaitsForNoApproval(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Immediate)
	d := l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { // as the Department returns it
		r, err := tx.Report(t.Context(), id)
		if err != nil {
			return err
		}
		r.State = heed.Returned
		return tx.UpdateReport(t.Context(), r)
	}))
	l.now = l.now.Add(time.Minute)
	refusal := l.dispose(l.ann, id, review.Decision{Kind: heed.Refuse})
	if refusal.State == heed.Pending {
		l.must(l.Approve(t.Context(), l.lead, id))
	}
	l.wantState(id, heed.Erased)
	if got := l.disposition(refusal.ID).State; got != heed.Approved && got != heed.Final {
		t.Errorf("the refusal is %s", got)
	}
	if got := l.disposition(d.ID).State; got != heed.Undone {
		t.Errorf("the referral's decision is %s", got)
	}
	later, err := l.LaterApprovals(t.Context(), l.lead)
	l.must(err)
	l.now = l.now.Add(2 * l.profile.Deadlines.Approval)
	l.late()
	if len(later) != 0 || l.count(id, "report.escalated") != 0 {
		t.Errorf("%d wait, %v", len(later), l.acts(id))
	}
}

func TestADepartmentThatLostItsKeyIsFoundAtTheApproval(t *testing.T) {
	for code, lose := range map[string]func(*profile.Profile){
		"department-without-recipient": func(p *profile.Profile) { p.Departments[0].Recipients = nil },
		"department-unknown":           func(p *profile.Profile) { p.Departments[0].ID = "another" },
	} {
		l := newLine(t)
		id := l.queued(heed.Normal)
		l.dispose(l.ann, id, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
		l.wantState(id, heed.PendingApproval)
		lose(l.profile)
		l.wantProblem(l.Approve(t.Context(), l.lead, id), code)
		l.wantState(id, heed.PendingApproval)
		l.must(l.Decline(t.Context(), l.lead, id, why))
	}
}

func TestALateReportIsScreenedOnceThoughTwoJobsDoIt(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{Store: store}
	l := newLineOn(t, h)
	a, err := l.in.Submit(t.Context(), intakeSubmission(blocked))
	l.must(err)
	args, err := json.Marshal(review.ScreenArgs{Reports: []heed.ID{a.Report}})
	l.must(err)
	l.must(l.GiveUpScreening(t.Context(), args, heed.ErrBusy))
	updates := 0
	h.before = func() error {
		if updates++; updates == 2 { // the first job has taken it and is about to store
			h.before = nil
			return l.Screen(t.Context(), a.Report)
		}
		return nil
	}
	l.must(l.Screen(t.Context(), a.Report))
	if n := l.count(a.Report, "report.screened"); n != 2 { // the failure, and what came late
		t.Errorf("%v", l.acts(a.Report))
	}
}
