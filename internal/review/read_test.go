package review_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

func TestEveryReadOfAReportIsALeafWithASealedPurpose(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	_, err := l.Read(t.Context(), l.staff("adam", heed.Admin), id, "curious")
	l.wantErr(err, heed.ErrForbidden)
	if acts := l.acts(id); len(acts) != 0 {
		t.Errorf("%v before anybody read", acts)
	}
	v, err := l.Read(t.Context(), l.ann, id, "the quokka asks")
	l.must(err)
	if v.Content.Text != "The exit is blocked." || v.Suggested != "fire-safety" || len(v.Deadlines) != 2 {
		t.Errorf("%+v", v)
	}
	l.view(func(ctx context.Context, tx heed.Tx) error {
		leaves, err := tx.Leaves(ctx, 0, id, 10)
		if len(leaves) != 1 || leaves[0].Act != "report.read" || leaves[0].Actor != l.ann.ID || strings.Contains(string(leaves[0].Details), "quokka") {
			t.Errorf("%+v", leaves)
		}
		return err
	})
	v, err = l.Read(t.Context(), l.ben, id, "queue")
	l.must(err)
	if len(v.History) != 1 || v.History[0].Note != "the quokka asks" {
		t.Errorf("%+v", v.History)
	}
	_, err = l.Read(t.Context(), l.ann, heed.NewID(l.now), "queue")
	l.wantErr(err, heed.ErrNotFound)
}

func TestReasonsFromBeforeThereWereCommitmentsAreStillReadAndHeldToTheirLeaves(t *testing.T) {
	l := newLine(t)
	id := l.queued(heed.Normal)
	salt := []byte("sixteen bytes ..")
	note := func(said, committed string) {
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
			wrapped, err := tx.WrappedKey(t.Context(), id)
			if err != nil {
				return err
			}
			keys, err := seal.UnwrapReportKeys(l.content, "test", id, wrapped)
			if err != nil {
				return err
			}
			return tx.AddLeaf(t.Context(), &heed.AuditLeaf{
				At: l.now, Act: "report.read", Actor: l.ann.ID, Report: id, Salt: salt,
				Details: []byte(`{"commitment":"` + seal.Digest(append(bytes.Clone(salt), committed...)) + `"}`),
				Note:    keys.Data.Seal(seal.ReasonPlace("test", id, "note"), []byte(said)),
			})
		}))
	}
	note("the quokka asked", "the quokka asked")
	v, err := l.Read(t.Context(), l.ben, id, "queue")
	l.must(err)
	if len(v.History) != 1 || v.History[0].Note != "the quokka asked" {
		t.Fatalf("%+v", v.History)
	}
	note("another reason", "the quokka asked")
	_, err = l.Read(t.Context(), l.ben, id, "queue")
	l.wantErr(err, heed.ErrSealed)
}

func TestTheQueueIsOrderedAndCounted(t *testing.T) {
	l := newLine(t)
	low, high := l.queued(heed.Low), l.queued(heed.High)
	l.put("x", func(r *heed.Report) { r.State = heed.SetAside })
	urgent := l.put("x", func(r *heed.Report) { r.State, r.Urgency = heed.RefusalProposed, heed.Immediate }).ID
	list, err := l.Queue(t.Context(), l.ann, heed.ReportQuery{List: heed.ListReview})
	l.must(err)
	if len(list) != 3 || list[0].ID != urgent || list[1].ID != high || list[2].ID != low {
		t.Errorf("%d in the queue", len(list))
	}
	counts, err := l.Counts(t.Context(), l.ann)
	l.must(err)
	if counts[heed.ListReview] != 3 || counts[heed.ListAside] != 1 || counts[heed.ListRefusal] != 0 {
		t.Errorf("%v", counts)
	}
	_, err = l.Queue(t.Context(), l.staff("liz", heed.Liaison), heed.ReportQuery{})
	l.wantErr(err, heed.ErrForbidden)
}

func TestWhatTheMachineProposesDecidesTheList(t *testing.T) {
	l := newLine(t)
	l.setsAside(0.2)
	for text, want := range map[string]heed.State{
		blocked: heed.Queued,
		"BEST PRICES!!! Buy followers now, cheap loans, click http://win.example/prize and claim your free prize today!!!": heed.SetAside,
		"My neighbours are Muslims and pray every Friday in the house. They should be watched.":                            heed.RefusalProposed,
	} {
		id := l.submit(text)[0]
		l.must(l.Screen(t.Context(), id))
		l.wantState(id, want)
		if want != heed.RefusalProposed {
			continue
		}
		if sc := l.screening(id); len(sc.Details) != 0 {
			t.Errorf("%d details were taken from what is proposed for refusal", len(sc.Details))
		}
		found, err := l.Search(t.Context(), l.ann, "neighbours friday", "to see that it is not found", heed.ReportQuery{})
		l.must(err)
		if len(found) != 0 {
			t.Error("it can be searched")
		}
		_, err = l.Dispose(t.Context(), l.ann, id, review.Decision{Kind: heed.Refuse, Reason: why})
		l.must(err)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			leaves, err := tx.Leaves(ctx, 0, id, 50)
			if last := leaves[len(leaves)-1]; last.Act != "report.disposed" || !strings.Contains(string(last.Details), `"rules"`) || len(last.Note) != 0 {
				t.Errorf("the codes of the reasons are not kept, or its words are: %+v", last)
			}
			return err
		})
	}
}
