package review_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// labels reads what people decided, by report.
func (l *line) labels(want review.Wanted) map[heed.ID]review.Label {
	l.Helper()
	if want.Most == 0 {
		want.Most = 1000
	}
	want.Purpose = "test"
	found := map[heed.ID]review.Label{}
	l.must(l.Labels(l.Context(), want, func(label review.Label) error {
		if _, twice := found[label.Report]; twice {
			l.Errorf("%s is given twice", label.Report)
		}
		found[label.Report] = label
		return nil
	}))
	return found
}

// decided submits a text, has it screened and decides about it.
func (l *line) decided(text string, by *heed.Staff, kind heed.DispositionKind) heed.ID {
	l.Helper()
	id := l.submit(text)[0]
	l.must(l.Screen(l.Context(), id))
	l.decide(by, id, kind)
	return id
}

func (l *line) decide(by *heed.Staff, id heed.ID, kind heed.DispositionKind) *heed.Disposition {
	l.Helper()
	l.now = l.now.Add(time.Second)
	d := review.Decision{Kind: kind}
	if kind == heed.Refer {
		d.Department, d.Grading = l.profile.Departments[0].ID, graded()
	}
	made := l.dispose(by, id, d)
	l.now = l.now.Add(time.Second)
	return made
}

func TestWhatPeopleDecidedBecomesLabelsOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		referred := l.decided(blocked, l.ann, heed.Refer)
		closed := l.decided(advert, l.ben, heed.Close)
		corrected := l.submit("Hello, I have a question, please.")[0]
		l.must(l.Screen(l.Context(), corrected))
		l.must(l.SetCategory(l.Context(), l.ann, corrected, "fraud-scam"))
		l.must(l.SetUrgency(l.Context(), l.lead, corrected, heed.Low, why))
		l.decide(l.ben, corrected, heed.Close)

		got := l.labels(review.Wanted{Since: l.now.Add(-time.Hour)})
		if len(got) != 3 {
			l.Fatalf("%d labels, want 3", len(got))
		}
		a := got[referred]
		if !a.Relevant || a.RelevantBy != l.ann.ID || a.Text != blocked || a.Category != l.get(referred).Category || a.CategoryBy != "" || !a.CategoryStood() || a.Urgency != "" {
			l.Errorf("what was referred: %+v", a)
		}
		if a.Screening == nil || a.Screening.Model == "" || a.Language != "en" || a.Channel != heed.ChannelImport || a.Unrefused {
			l.Errorf("beside it: %+v", a)
		}
		if b := got[closed]; b.Relevant || b.By != l.ben.ID || b.Category != "" {
			l.Errorf("what was closed: %+v", b)
		}
		c := got[corrected]
		if !c.Relevant || c.RelevantBy != l.ann.ID || c.By != l.ben.ID || c.Category != "fraud-scam" || c.CategoryBy != l.ann.ID || c.CategoryStood() || c.Urgency != heed.Low || c.UrgencyBy != l.lead.ID {
			l.Errorf("what was closed though it is about something: %+v", c)
		}
		if later := l.labels(review.Wanted{Since: l.now.Add(time.Hour)}); len(later) != 0 {
			l.Errorf("%d labels since a moment that hasn't come", len(later))
		}
		if last := l.labels(review.Wanted{Most: 1}); len(last) != 1 || last[corrected].Report == "" {
			l.Errorf("the last one: %v", last)
		}
	})
}

// Who refers what the machine takes for nothing to act on says that it is something: its category isn't the machine's "none".
func TestWhatIsReferredAgainstTheMachineIsOfNoCategoryThatItProposed(t *testing.T) {
	l := newLine(t)
	id := l.decided("SPECIAL OFFER!!! Cheap loans, click here now, 50% discount, buy today, visit our online shop.", l.ann, heed.Refer)
	label := l.labels(review.Wanted{})[id]
	if l.get(id).Category != "none" {
		t.Fatalf("it was proposed as %q", l.get(id).Category)
	}
	if !label.Relevant || label.Category != "" || label.CategoryStood() {
		t.Errorf("%+v", label)
	}
}

func TestOnlyADecisionThatIsInEffectAndReadableIsALabelOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		ctx := l.Context()
		undone := l.decided(blocked, l.ann, heed.Close)
		l.must(l.Undo(ctx, l.ann, undone))

		pending := l.queued(heed.High) // closing it takes two people
		l.decide(l.ann, pending, heed.Close)

		late := l.queued(heed.Immediate) // it has left, and nobody agreed yet
		l.decide(l.ann, late, heed.Refer)

		held := l.decided("Someone sells fake tickets at the north station every evening.", l.ann, heed.Hold)

		lead := l.queued(heed.Normal)
		member := l.queued(heed.Normal)
		l.dispose(l.ann, member, review.Decision{Kind: heed.LinkDuplicate, Lead: lead})

		refused := l.put("text", func(r *heed.Report) { r.State = heed.RefusalProposed; r.ScreenBy = time.Time{} }).ID
		l.must(l.Claim(ctx, l.ann, refused))
		l.dispose(l.ann, refused, review.Decision{Kind: heed.Refuse})
		l.wantState(refused, heed.Erased)

		reopened := l.queued(heed.Normal)
		l.decide(l.ann, reopened, heed.Close)
		l.must(l.Reopen(ctx, l.lead, reopened, why))

		over := l.queued(heed.Normal)
		l.decide(l.ann, over, heed.Close)
		_, _, err := l.EndSpans(ctx, l.now.Add(400*24*time.Hour), 10)
		l.must(err)
		l.wantState(over, heed.Erased)

		names := map[heed.ID]string{undone: "undone", pending: "pending", late: "late", held: "held", lead: "lead", member: "member", refused: "refused", reopened: "reopened", over: "over"}
		for id, label := range l.labels(review.Wanted{}) {
			l.Errorf("what is %s: %+v", names[id], label)
		}

		l.must(l.Approve(ctx, l.lead, pending))
		l.must(l.Approve(ctx, l.lead, late))
		l.decide(l.ben, reopened, heed.Refer) // otherwise than the first time
		got := l.labels(review.Wanted{})
		if len(got) != 3 || got[pending].Relevant || got[pending].SecondBy != l.lead.ID || !got[late].Relevant || !got[reopened].Relevant || got[reopened].By != l.ben.ID {
			l.Errorf("approved and decided anew: %+v", got)
		}
	})
}

func TestAReadingOfLabelsLeavesOneLeafBeforeTheFirstIsOpened(t *testing.T) {
	l := newLine(t)
	for i := range 3 {
		l.decided(fmt.Sprintf("%s It was the %dth time.", blocked, i+4), l.ann, heed.Refer)
	}
	leaves := func() (found []*heed.AuditLeaf) {
		l.view(func(ctx context.Context, tx heed.Tx) (err error) {
			found, err = tx.Leaves(ctx, 0, "", 500)
			return err
		})
		return found
	}
	before := leaves()
	stopped := errors.New("stopped")
	err := l.Labels(t.Context(), review.Wanted{Most: 2, Purpose: "test", Actor: l.lead.ID}, func(review.Label) error { return stopped })
	l.wantErr(err, stopped)
	after := leaves()
	if len(after) != len(before)+1 {
		t.Fatalf("%d new leaves", len(after)-len(before))
	}
	leaf := after[len(after)-1]
	if leaf.Act != "labels.read" || leaf.Actor != l.lead.ID || leaf.Report != "" || !strings.Contains(string(leaf.Details), `"purpose":"test"`) || !strings.Contains(string(leaf.Details), `"reports":2`) {
		t.Errorf("%s by %q of %q: %s", leaf.Act, leaf.Actor, leaf.Report, leaf.Details)
	}
}

func TestADecidedReportThatCannotBeOpenedKeepsNoOtherFromBeingRead(t *testing.T) {
	l := newLine(t)
	damaged, whole := l.queued(heed.Normal), l.queued(heed.Normal)
	l.decide(l.ann, damaged, heed.Close)
	l.decide(l.ann, whole, heed.Close)
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), damaged)
		if err != nil {
			return err
		}
		r.Content[len(r.Content)-1] ^= 1
		return tx.UpdateReport(t.Context(), r)
	}))
	if got := l.labels(review.Wanted{}); len(got) != 1 || got[whole].Text == "" {
		t.Errorf("%+v", got)
	}
}

func TestAllCopiesOfOneTextAreOneCampaign(t *testing.T) {
	l := newLine(t)
	first := l.submit(blocked)[0]
	l.must(l.Screen(t.Context(), first))
	var copies []heed.ID
	for i := range 3 {
		id := l.submit(fmt.Sprintf("%s Please hurry, said neighbour %d.", blocked, i+2))[0]
		l.must(l.Screen(t.Context(), id))
		copies = append(copies, id)
	}
	other := l.decided("Somebody pours oil into the river behind the paint works at night.", l.ann, heed.Refer)
	for _, id := range append(copies, first) {
		l.decide(l.ann, id, heed.Refer)
	}
	got := l.labels(review.Wanted{})
	for _, id := range copies {
		if got[id].Campaign != got[first].Campaign || got[id].Held != got[first].Held {
			t.Errorf("a copy is of campaign %d, the first of %d", got[id].Campaign, got[first].Campaign)
		}
	}
	if got[other].Campaign == got[first].Campaign || got[other].Campaign == 0 {
		t.Error("another text is of the same campaign")
	}
}

// Each of them is nearest to the one before it; the second and the third are placed with the first.
func TestACopyOfACopyIsOfTheFirstOnesCampaign(t *testing.T) {
	l := newLine(t)
	texts := []string{blocked}
	for _, more := range []string{" Please hurry.", " Nobody from the shop answers.", " Two shoppers asked."} {
		texts = append(texts, texts[len(texts)-1]+more)
	}
	ids := l.submit(texts...)
	l.must(l.Screen(t.Context(), ids[:3]...))
	l.must(l.Screen(t.Context(), ids[3]))
	for _, id := range ids {
		l.decide(l.ann, id, heed.Refer)
	}
	got := l.labels(review.Wanted{})
	for i, id := range ids[1:] {
		if of := l.screening(id).DuplicateOf; of == nil || *of != ids[0] || got[id].Campaign != got[ids[0]].Campaign {
			t.Errorf("copy %d hangs on another than the first, and is of campaign %d, not %d", i+1, got[id].Campaign, got[ids[0]].Campaign)
		}
	}
}

func TestOneCampaignOfThreeIsHeldBack(t *testing.T) {
	l := newLine(t)
	for range 120 {
		id := l.queued(heed.Normal)
		l.decide(l.ann, id, heed.Close)
	}
	held := 0
	for _, label := range l.labels(review.Wanted{}) {
		if label.Held {
			held++
		}
	}
	if held < 20 || held > 60 { // 40 expected; outside once in ten thousand runs
		t.Errorf("%d of 120 are held back", held)
	}
}
