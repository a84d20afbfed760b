package review_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

const flood = "The exit of the concert hall in Mill Lane is chained up and two hundred people are inside, the guard laughs about it and nobody dares to speak."

// queue is what the queue's page shows, and the copies under each row.
func (l *line) queue() (rows []heed.ID, counts map[heed.ID]int) {
	l.Helper()
	list, err := l.Queue(l.Context(), l.ann, heed.ReportQuery{List: heed.ListReview})
	l.must(err)
	for _, r := range list {
		rows = append(rows, r.ID)
	}
	counts, err = l.CountCopies(l.Context(), l.ann, rows...)
	l.must(err)
	return rows, counts
}

// flooded is a line with a flood of one text, and one report of another.
func flooded(t *testing.T, n int) (l *line, lead, other heed.ID, copies []heed.ID) {
	l = newLine(t)
	lead = l.submit(flood)[0]
	l.must(l.Screen(t.Context(), lead))
	other = l.submit(blocked)[0]
	l.must(l.Screen(t.Context(), other))
	for i := range n {
		id := l.submit(flood)[0]
		if i%2 == 1 {
			id = l.submit(strings.ToUpper(strings.ReplaceAll(flood, ",", " –")))[0]
		}
		l.must(l.Screen(t.Context(), id))
		copies = append(copies, id)
	}
	return l, lead, other, copies
}

func TestAFloodOfOneTextIsOneRowWithACount(t *testing.T) {
	l, lead, other, copies := flooded(t, 12)
	rows, counts := l.queue()
	if len(rows) != 2 || counts[lead] != 12 || counts[other] != 0 {
		t.Fatalf("%d rows, %v", len(rows), counts)
	}
	for _, id := range copies {
		r := l.get(id)
		if r.State != heed.Queued || r.CopyOf != lead || r.DecideBy.IsZero() || !r.State.Open() {
			t.Errorf("a copy lost its state or its clocks: %+v", r)
		}
	}
	l.must(l.Tick(t.Context()))
	if rows, _ := l.queue(); len(rows) != 2 {
		t.Errorf("%d rows after a tick: the copies don't stay while their lead waits", len(rows))
	}
}

func TestAFloodThatIsScreenedInTwoBatchesAtOnceIsOneRowOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		var batches sync.WaitGroup
		for range 2 {
			ids := l.submit(flood, flood, flood)
			batches.Go(func() {
				if err := l.Screen(l.Context(), ids...); err != nil {
					l.Error(err)
				}
			})
		}
		batches.Wait()
		if rows, counts := l.queue(); len(rows) != 1 || counts[rows[0]] != 5 {
			l.Errorf("%d rows, %v", len(rows), counts)
		}
	})
}

func TestOfTwoCopiesThatTwoProcessesScreenAtOnceOneLeadsAtLeastOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ids := l.submit(flood, flood)
		var processes sync.WaitGroup
		for i, process := range []*review.Service{l.Service, review.New(l.config)} {
			processes.Go(func() {
				if err := process.Screen(l.Context(), ids[i]); err != nil {
					l.Error(err)
				}
			})
		}
		processes.Wait()
		l.must(l.Screen(l.Context(), l.submit(flood)[0]))
		rows, counts := l.queue()
		waiting := 0
		for _, n := range counts {
			waiting += n
		}
		if len(rows) > 2 || waiting != 3-len(rows) {
			l.Errorf("%d rows, %v", len(rows), counts)
		}
	})
}

func TestCopiesComeBackOnceTheirLeadIsDecidedAbout(t *testing.T) {
	for name, decide := range map[string]func(l *line, lead heed.ID){
		"closed":  func(l *line, lead heed.ID) { l.dispose(l.lead, lead, review.Decision{Kind: heed.Hold}) },
		"lowered": func(l *line, lead heed.ID) { l.must(l.SetUrgency(l.Context(), l.lead, lead, heed.Low, why)) },
		"recast":  func(l *line, lead heed.ID) { l.must(l.SetCategory(l.Context(), l.lead, lead, "drugs")) },
		"linked": func(l *line, lead heed.ID) {
			l.dispose(l.lead, lead, review.Decision{Kind: heed.LinkDuplicate, Lead: l.queued(heed.Immediate)})
		},
		"referred": func(l *line, lead heed.ID) {
			l.dispose(l.lead, lead, review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, lead, _, copies := flooded(t, 3)
			decide(l, lead)
			l.must(l.Tick(t.Context()))
			heir := l.heir(copies)
			for _, id := range copies {
				if r := l.get(id); id != heir && (r.CopyOf != heir || r.List() != heed.ListCopies) {
					t.Errorf("another stands in %s under %q", r.List(), r.CopyOf)
				}
			}
		})
	}
}

func TestAFloodStaysOneRowHoweverOftenItIsDecidedAbout(t *testing.T) {
	l, lead, other, waiting := flooded(t, 4)
	for len(waiting) > 0 {
		l.dispose(l.lead, lead, review.Decision{Kind: heed.Hold})
		l.must(l.Tick(t.Context()))
		lead = l.heir(waiting)
		waiting = slices.DeleteFunc(waiting, func(id heed.ID) bool { return id == lead })
		rows, counts := l.queue()
		if len(rows) != 2 || counts[lead] != len(waiting) || counts[other] != 0 {
			t.Errorf("%d rows, %v; %d should wait", len(rows), counts, len(waiting))
		}
	}
}

func TestAFloodThatGoesOnAfterManyOfItWereDecidedAboutIsOneRowMoreOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		lead := l.submit(flood)[0]
		l.must(l.Screen(l.Context(), lead))
		l.must(l.Screen(l.Context(), l.submit(slices.Repeat([]string{flood}, 80)...)...)) // its marks are common now
		if linked, left, err := l.LinkCopies(l.Context(), l.lead, lead, why); err != nil || linked != 80 || left != 0 {
			l.Fatal(linked, left, err)
		}
		for decided := range 3 {
			l.dispose(l.lead, lead, review.Decision{Kind: heed.Hold})
			for range 4 {
				l.must(l.Screen(l.Context(), l.submit(flood)[0]))
			}
			rows, counts := l.queue()
			if len(rows) != 1 || counts[rows[0]] != 3 {
				l.Fatalf("after %d decisions more %d rows, %v", decided, len(rows), counts)
			}
			lead = rows[0]
			if _, left, err := l.LinkCopies(l.Context(), l.lead, lead, why); err != nil || left != 0 {
				l.Fatal(left, err)
			}
		}
	})
}

func TestALargeFloodIsOneRowAgainAfterADecision(t *testing.T) {
	l, lead, _, _ := flooded(t, 0)
	copies := make([]heed.ID, 250) // more than one transaction puts back
	category, urgency := l.get(lead).Category, l.get(lead).Urgency
	for i := range copies {
		copies[i] = l.put(flood, func(r *heed.Report) { r.CopyOf, r.Category, r.Urgency = lead, category, urgency }).ID
	}
	l.dispose(l.lead, lead, review.Decision{Kind: heed.Hold})
	l.must(l.Tick(t.Context()))
	if _, counts := l.queue(); counts[l.heir(copies)] != len(copies)-1 {
		t.Errorf("under it wait %v", counts)
	}
}

// heir is which of the copies came back to the queue.
func (l *line) heir(copies []heed.ID) (heir heed.ID) {
	l.Helper()
	for _, id := range copies {
		if r := l.get(id); r.CopyOf == "" && r.List() == heed.ListReview {
			if heir != "" {
				l.Errorf("%s came back, and so did %s", heir, id)
			}
			heir = id
		}
	}
	if heir == "" {
		l.Fatal("none came back")
	}
	return heir
}

func TestACopyThatSomebodyTakesOrAddsToWaitsByItself(t *testing.T) {
	l, lead, _, copies := flooded(t, 2)
	l.must(l.Claim(t.Context(), l.ann, copies[0]))
	l.must(l.Release(t.Context(), l.ann, copies[0]))
	rows, counts := l.queue()
	if len(rows) != 3 || counts[lead] != 1 {
		t.Errorf("%d rows, %d under the lead", len(rows), counts[lead])
	}
	l.must(l.SetUrgency(t.Context(), l.lead, copies[1], heed.Low, why))
	a, err := l.in.Submit(t.Context(), intakeSubmission(flood))
	l.must(err)
	l.must(l.Screen(t.Context(), a.Report))
	if of := l.get(a.Report).CopyOf; of == "" {
		t.Fatal("the same words wait by themselves before anything is added")
	}
	mailbox, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(mailbox.Say(t.Context(), "The guard is called Peter Brandt.", nil))
	for _, id := range []heed.ID{copies[1], a.Report} {
		if r := l.get(id); r.CopyOf != "" || r.List() != heed.ListReview {
			t.Errorf("%s stands in %s under %q", id, r.List(), r.CopyOf)
		}
	}
}

func TestAMoreUrgentCopyIsNotHidden(t *testing.T) {
	l, lead, _, _ := flooded(t, 0)
	l.must(l.SetUrgency(t.Context(), l.lead, lead, heed.Low, why))
	id := l.submit(flood)[0]
	l.must(l.Screen(t.Context(), id))
	if r := l.get(id); r.List() != heed.ListReview {
		t.Errorf("an urgent copy of what was lowered stands in %s", r.List())
	}
}

func TestAllCopiesAreLinkedByOnePressAndClosingThemNeedsTwoPeople(t *testing.T) {
	l, lead, _, copies := flooded(t, 12)
	linked, left, err := l.LinkCopies(t.Context(), l.ann, lead, why)
	if err != nil || linked != 12 || left != 0 {
		t.Fatalf("%d linked, %d left, %v", linked, left, err)
	}
	for _, id := range copies {
		if r := l.wantState(id, heed.Duplicate); r.Lead != lead {
			t.Errorf("hangs on %q", r.Lead)
		}
	}
	if got := l.get(lead).Copies; got != 12 {
		t.Errorf("the lead has %d copies", got)
	}
	l.must(l.SetUrgency(t.Context(), l.lead, lead, heed.Normal, why))
	if d := l.dispose(l.ann, lead, review.Decision{Kind: heed.Close}); d.State != heed.Pending {
		t.Errorf("closing twelve at once is %s", d.State)
	}
}

func TestACopyOnWhichAnotherHangsWaitsByItselfAndKeepsNoneFromBeingLinked(t *testing.T) {
	l, lead, other, copies := flooded(t, 3)
	l.dispose(l.ann, other, review.Decision{Kind: heed.LinkDuplicate, Lead: copies[0]})
	if r := l.get(copies[0]); r.CopyOf != "" || r.List() != heed.ListReview {
		t.Errorf("it stands in %s under %q", r.List(), r.CopyOf)
	}
	if linked, left, err := l.LinkCopies(t.Context(), l.ann, lead, why); err != nil || linked != 2 || left != 0 {
		t.Errorf("%d linked, %d left, %v", linked, left, err)
	}
}

func TestCopiesOfTheSameWordsSpareNoSecondPerson(t *testing.T) {
	l, lead, other, _ := flooded(t, 2)
	if linked, _, err := l.LinkCopies(t.Context(), l.ben, lead, why); err != nil || linked != 2 {
		t.Fatal(linked, err)
	}
	l.must(l.SetUrgency(t.Context(), l.lead, lead, heed.Normal, why))
	refer := review.Decision{Kind: heed.Refer, Department: l.profile.Departments[0].ID}
	if d := l.dispose(l.ann, lead, refer); d.State != heed.Pending {
		t.Errorf("with copies of itself alone it is %s", d.State)
	}
	l.must(l.Decline(t.Context(), l.lead, lead, why))
	l.dispose(l.ben, other, review.Decision{Kind: heed.LinkDuplicate, Lead: lead}) // told in other words
	if d := l.dispose(l.ann, lead, refer); d.State != heed.Final {
		t.Errorf("with another account it is %s", d.State)
	}
}

func TestACopyThatSaysAnythingElseWaitsByItself(t *testing.T) {
	long := strings.Repeat("The guard locks the door every evening and takes the key home with him. ", 12) + flood
	for name, other := range map[string]intake.Submission{
		"a name":     {Content: heed.Content{Text: long + " The guard is called Peter Brandt."}},
		"a number":   {Content: heed.Content{Text: long + " 7"}},
		"an address": {Content: heed.Content{Text: strings.ReplaceAll(long, "Mill Lane", "Harbour Street")}},
		"a part":     {Content: heed.Content{Text: flood}},
		"a denial":   {Content: heed.Content{Text: strings.ReplaceAll(long, "is chained up", "is not chained up")}},
		"its place":  {Content: heed.Content{Text: long, Place: "Harbour Street 4"}},
		"its time":   {Content: heed.Content{Text: long, Occurred: "last Tuesday"}},
		"its age":    {Content: heed.Content{Text: long, AgeBand: "under-13"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			lead := l.submit(long)[0]
			l.must(l.Screen(t.Context(), lead))
			other.Channel, other.Language = heed.ChannelWeb, "en"
			arrived, err := l.in.Submit(t.Context(), other)
			l.must(err)
			id := arrived.Report
			l.must(l.Screen(t.Context(), id))
			if r := l.get(id); r.CopyOf != "" || r.List() != heed.ListReview {
				t.Errorf("it stands in %s under %q", r.List(), r.CopyOf)
			}
			same := l.submit(long)[0]
			l.must(l.Screen(t.Context(), same))
			if r := l.get(same); r.CopyOf != lead && r.CopyOf != id {
				t.Errorf("the same words beside them wait under %q", r.CopyOf)
			}
		})
	}
}

func TestACopyWhoseReporterWroteMoreBeforeItsScreeningWaitsByItself(t *testing.T) {
	l, _, _, _ := flooded(t, 0)
	a, err := l.in.Submit(t.Context(), intakeSubmission(flood))
	l.must(err)
	mailbox, err := l.in.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(mailbox.Say(t.Context(), "The guard is called Peter Brandt.", nil))
	l.must(l.Screen(t.Context(), a.Report))
	if r := l.wantState(a.Report, heed.Queued); r.CopyOf != "" {
		t.Errorf("it waits under %q", r.CopyOf)
	}
}

func TestACopyWithANameOrAFileBesideItWaitsByItself(t *testing.T) {
	for name, change := range map[string]func(*heed.Report){
		"a name": func(r *heed.Report) { r.Named = true },
		"a file": func(r *heed.Report) { r.Files = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			l, _, _, _ := flooded(t, 0)
			id := l.submit(flood)[0]
			l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
				r, err := tx.Report(t.Context(), id)
				if err != nil {
					return err
				}
				change(r)
				return tx.UpdateReport(t.Context(), r)
			}))
			l.must(l.Screen(t.Context(), id))
			if r := l.wantState(id, heed.Queued); r.CopyOf != "" {
				t.Errorf("it waits under %q", r.CopyOf)
			}
		})
	}
}

func TestClosingALeadWithItsCopiesTakesTwoPeopleInWhicheverOrder(t *testing.T) {
	l, lead, _, copies := flooded(t, 12)
	l.must(l.SetUrgency(t.Context(), l.lead, lead, heed.Normal, why))
	if d := l.dispose(l.ann, lead, review.Decision{Kind: heed.Close}); d.State != heed.Pending {
		t.Fatalf("closing the lead of twelve copies is %s", d.State)
	}
	if _, _, err := l.LinkCopies(t.Context(), l.ann, lead, why); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("linking copies to what is being closed: %v", err)
	}
	for _, id := range copies {
		l.wantState(id, heed.Queued)
	}
}

func TestHangingTheTenthOnAClosedReportTakesTwoPeople(t *testing.T) {
	l := newLine(t)
	lead := l.queued(heed.Normal)
	l.dispose(l.ann, lead, review.Decision{Kind: heed.Close})
	for i := range 10 {
		want := heed.Final
		if i == 9 {
			want = heed.Pending
		}
		if d := l.dispose(l.ann, l.queued(heed.Normal), review.Decision{Kind: heed.LinkDuplicate, Lead: lead}); d.State != want {
			t.Errorf("linking number %d is %s", i+1, d.State)
		}
	}
}

func TestACopyPutBackSaysSoInItsHistory(t *testing.T) {
	l, lead, _, copies := flooded(t, 2)
	l.dispose(l.lead, lead, review.Decision{Kind: heed.Hold})
	l.must(l.Tick(t.Context()))
	if acts := l.acts(l.heir(copies)); acts[len(acts)-1] != audit.ReportUnfolded {
		t.Errorf("the history is %v", acts)
	}
}

func TestALimitedReaderIsNotToldUnderWhatACopyWaits(t *testing.T) {
	l, lead, _, copies := flooded(t, 1)
	reader := l.staff("rae", heed.Specialist)
	reader.Categories = []string{l.get(copies[0]).Category}
	l.must(l.SetCategory(t.Context(), l.lead, lead, "drugs"))
	v, err := l.Read(t.Context(), reader, copies[0], "queue")
	l.must(err)
	if v.Report.CopyOf != "" {
		t.Errorf("it waits under %q", v.Report.CopyOf)
	}
	if v, err = l.Read(t.Context(), l.ann, copies[0], "queue"); err != nil || v.Report.CopyOf != lead {
		t.Errorf("who may know reads that it waits under %q, %v", v.Report.CopyOf, err)
	}
}
