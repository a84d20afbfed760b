package learning

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

func TestACandidateLearnsFromDecisionsAndIsAdoptedByTwoAndTakenBackByTwo(t *testing.T) {
	l := newLine(t)
	var relevant []heed.ID
	for i := range 120 {
		if i%2 == 0 {
			relevant = append(relevant, l.decided(fmt.Sprintf("A zorbling stands open at pier %d, somebody could fall in.", i), true))
		} else {
			l.decided(fmt.Sprintf("Number %d: my plumbing bill was too high and nobody answers the telephone.", i), false)
		}
	}
	var steps []string
	trained, err := l.Train(t.Context(), l.review, 30, func(what string) { steps = append(steps, what) })
	l.must(err)
	f := trained.Figures
	if f.Reports < 50 || f.Held < 10 || f.Reports+f.Held != 120 || f.Against != screening.Shipped().Version || len(f.Learned) != f.Reports || len(steps) < 4 {
		t.Fatalf("%+v", f)
	}
	if !slices.ContainsFunc(f.Own, func(r train.Row) bool { return r.Question == train.Kept && r.Language == "en" && r.Of > 5 }) || f.Replay.Reports != 120 {
		t.Errorf("own %+v, replayed %d", f.Own, f.Replay.Reports)
	}
	if f.Stood == 0 || f.Stood != train.Asked(f.Own, train.Categorised) || f.Stood != train.Asked(f.Own, train.Kept) {
		t.Errorf("of %d categories, one of each relevant report, %d are called the machine's", train.Asked(f.Own, train.Categorised), f.Stood)
	}
	if f.Replay.Changed == 0 || f.Replay.Changed == 120 || len(f.Replay.Changes) != f.Replay.Changed {
		t.Errorf("%d of %d changes listed", len(f.Replay.Changes), f.Replay.Changed)
	}
	for _, c := range f.Replay.Changes {
		if c.Was == c.Would {
			t.Errorf("no change: %+v", c)
		}
	}
	trained.Figures.Spoilt = nil // of two hundred texts a point is two: what is refused is tested elsewhere
	m, err := l.Offer(t.Context(), trained)
	l.must(err)

	ctx, other := t.Context(), l.process(l.cfg.Audit) // a second process of the line
	l.must(other.Refresh(ctx))
	for who, err := range map[string]error{
		"a specialist proposes": l.Propose(ctx, l.ann, m.ID), "the overseer proposes": l.Propose(ctx, l.olu, m.ID), "a lead adopts what nobody proposed": l.Approve(ctx, l.lea, m.ID),
	} {
		if !errors.Is(err, heed.ErrForbidden) && !errors.Is(err, heed.ErrConflict) {
			t.Errorf("%s: %v", who, err)
		}
	}
	l.must(l.Propose(ctx, l.lea, m.ID))
	for who, actor := range map[string]*heed.Staff{"who proposed": l.lea, "an admin": l.admin, "the overseer": l.olu, "a specialist": l.ann} {
		if err := l.Approve(ctx, actor, m.ID); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%s approves: %v", who, err)
		}
	}
	l.wantVersion(l.Service, screening.Shipped().Version)
	l.must(l.Approve(ctx, l.lou, m.ID))
	l.must(other.Refresh(ctx))
	for _, s := range []*Service{l.Service, other} {
		l.wantVersion(s, f.Version)
		said := screening.New(screening.Config{Model: s.Model}).Decide(screening.Input{Text: "By the new pier a zorbling stands open."})
		if !strings.HasSuffix(said.Model, "+"+f.Version) {
			t.Errorf("a screening names %s", said.Model)
		}
	}
	for who, actor := range map[string]*heed.Staff{"a specialist": l.ann, "the overseer": l.olu} {
		if _, err := l.RollBack(ctx, actor, ""); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%s asks to go back: %v", who, err)
		}
	}
	if to, err := l.RollBack(ctx, l.admin, ""); err != nil || to != "" {
		t.Errorf("one person goes back to %q: %v", to, err)
	}
	if _, err := l.RollBack(ctx, l.admin, ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("the same person agrees: %v", err)
	}
	l.wantVersion(l.Service, f.Version)
	to, err := l.RollBack(ctx, l.lea, "")
	l.must(err)
	l.must(other.Refresh(ctx))
	if to != screening.Shipped().Version {
		t.Errorf("back to %s", to)
	}
	l.wantVersion(other, to)
	l.wantJobs(review.JobCalibrate, 2) // what is set aside is fitted again, to whose scores count now
	if _, err := l.RollBack(ctx, l.lea, ""); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("a second rollback: %v", err)
	}
	want := []string{"labels.read ", "model.replayed ", "labels.read ", "model.offered ", "model.proposed lea", "model.adopted lou", "model.roll-back-asked ada", "model.rolled-back lea"}
	if got := l.acts(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestWhoReadsNoReportSeesFiguresAndNoReportOfTheReplay(t *testing.T) {
	l := newLine(t)
	made := l.made("line-1")
	for _, category := range []string{"hazard", "drugs"} {
		made.Figures.Replay.Changes = append(made.Figures.Replay.Changes, changeOf(category))
	}
	undecided := changeOf("hazard")
	undecided.Undecided = true
	made.Figures.Replay.Changes, made.Figures.Replay.Changed = append(made.Figures.Replay.Changes, undecided), 3
	m, err := l.Offer(t.Context(), made)
	l.must(err)
	limited := *l.lea
	limited.Categories = []string{"drugs"}
	for name, c := range map[string]struct {
		actor *heed.Staff
		shown int
	}{"a lead": {l.lea, 2}, "a lead of one category": {&limited, 1}, "the overseer": {l.olu, 3}, "an admin": {l.admin, 0}} {
		f, err := l.Figures(t.Context(), c.actor, m.ID)
		l.must(err)
		if len(f.Replay.Changes) != c.shown || f.Replay.Changed != 3 || f.Learned != nil {
			t.Errorf("%s sees %+v", name, f.Replay)
		}
	}
	if _, err := l.Figures(t.Context(), l.ann, m.ID); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a specialist: %v", err)
	}
}

func TestAModelThatCantBeUsedGivesWayToTheShippedOneAndSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(l *line, m *heed.LineModel)
		want  Fault
	}{
		"its key is gone": {func(l *line, m *heed.LineModel) {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DestroyModel(ctx, m.ID) })
		}, FaultGone},
		"a cut file is in its place": {func(l *line, m *heed.LineModel) { l.exchange(m, l.made("line-1").file[:100]) }, FaultDamaged},
		"a byte is another": {func(l *line, m *heed.LineModel) {
			l.write("UPDATE model_files SET sealed = sealed || x'00' WHERE model = ?", m.ID)
		}, FaultDamaged},
		"another model is in its place": {func(l *line, m *heed.LineModel) {
			file := l.made("line-2").file
			l.exchange(m, file)
			l.write("UPDATE models SET sha256 = ?, version = 'line-2' WHERE id = ?", sum(file), m.ID)
		}, FaultUnsigned},
		"nobody proposed it": {func(l *line, m *heed.LineModel) { l.write("UPDATE models SET proposed_by = '' WHERE id = ?", m.ID) }, FaultUnsigned},
		"one person did both": {func(l *line, m *heed.LineModel) {
			l.write("UPDATE models SET proposed_by = second_by WHERE id = ?", m.ID)
		}, FaultUnsigned},
		"it was made for other features": {func(l *line, m *heed.LineModel) {
			file := bytes.Replace(l.made("line-1").file, []byte("heed model 3"), []byte("heed model 2"), 1)
			l.exchange(m, file)
			m.SHA256 = sum(file)
			seal.SignModel(l.cfg.Audit, "test", m)
			l.write("UPDATE models SET sha256 = ?, signature = ? WHERE id = ?", m.SHA256, m.Signature, m.ID)
		}, FaultOutdated},
		"it stands on an older shipped model of the same texts": {func(l *line, m *heed.LineModel) {
			shipped := screening.Shipped().Version
			l.write("UPDATE models SET base = ? WHERE id = ?", screening.ShippedVersion()[:len(screening.ShippedVersion())-1]+"x", m.ID)
			if strings.Count(shipped, "-") != 2 {
				l.Errorf("the shipped model %s has no digest", shipped)
			}
		}, FaultOutdated},
		"it stands on another shipped model": {func(l *line, m *heed.LineModel) {
			file := l.standing("line-1", "learned-0")
			l.exchange(m, file)
			m.SHA256 = sum(file)
			seal.SignModel(l.cfg.Audit, "test", m)
			l.write("UPDATE models SET sha256 = ?, signature = ? WHERE id = ?", m.SHA256, m.Signature, m.ID)
		}, FaultOutdated},
		"the rules are others": {func(l *line, m *heed.LineModel) {
			l.write("UPDATE models SET base = 'rules-1+learned-0' WHERE id = ?", m.ID)
		}, FaultOutdated},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			m := l.adopt("line-1")
			l.wantVersion(l.Service, "line-1")
			c.spoil(l, m)
			again := l.process(l.cfg.Audit)
			l.must(again.Refresh(t.Context()))
			l.wantVersion(again, screening.Shipped().Version)
			if _, fault := again.Status(); fault != c.want {
				t.Errorf("it says %q, want %q", fault, c.want)
			}
			to := l.back(again) // the way out
			if _, fault := again.Status(); fault != "" || to != screening.Shipped().Version {
				t.Errorf("after a rollback: %q, %s", fault, to)
			}
		})
	}
}

// exchange puts another file, well sealed, in the place of the model's, as could who has the content key's public half and writes to
// the database.
func (l *line) exchange(m *heed.LineModel, file []byte) {
	l.Helper()
	f, err := seal.SealModel(l.content.Public(), "test", m.ID, file, []byte("{}"))
	l.must(err)
	l.write("UPDATE model_files SET sealed = ?, figures = ? WHERE model = ?", f.Sealed, f.Figures, m.ID)
	l.write("UPDATE model_keys SET wrapped = ? WHERE model = ?", f.WrappedKey, m.ID)
}

func TestARollbackReturnsToTheModelOfBeforeAndWhatIsOlderIsDestroyed(t *testing.T) {
	l := newLine(t)
	first, second, third := l.adopt("line-1"), l.adopt("line-2"), l.adopt("line-3")
	l.wantState(first.ID, heed.ModelEnded)
	l.wantState(second.ID, heed.ModelFormer)
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		if _, err := tx.ModelFile(t.Context(), first.ID); !errors.Is(err, heed.ErrGone) {
			t.Errorf("the oldest: %v", err)
		}
		return nil
	}))
	for _, want := range []string{"line-2", screening.Shipped().Version} {
		to := l.back(l.Service)
		if to != want {
			t.Errorf("back to %s, want %s", to, want)
		}
		l.wantVersion(l.Service, want)
	}
	l.wantState(third.ID, heed.ModelEnded)
}

// Of what is read blind nobody who may decide is told what the machine thinks, by no other page either.
func TestAReplayTellsWhichReportsAreStillToBeDecided(t *testing.T) {
	l := newLine(t)
	decided, open := l.decided(blindText, false), l.decided(blindText, false)
	l.update(func(ctx context.Context, tx heed.Tx) error {
		r, err := tx.Report(ctx, open)
		if err != nil {
			return err
		}
		r.State, r.ClosedAt = heed.Queued, time.Time{}
		return tx.UpdateReport(ctx, r)
	})
	_, changes, err := l.review.Replay(t.Context(), time.Time{}, l.screener(l.Model()), l.screener(l.silent()))
	l.must(err)
	if len(changes) != 2 {
		t.Fatalf("%+v", changes)
	}
	for _, c := range changes {
		if c.Undecided != (c.Report == open) || c.Report != open && c.Report != decided {
			t.Errorf("%+v", c)
		}
	}
}

const blindText = "Two men with guns are robbing the bank in Mill Lane and shoot at people."

// silent is a model that says nothing.
func (l *line) silent() *learn.Model {
	l.Helper()
	m, err := learn.Open(string(l.made("line-silent").file))
	l.must(err)
	return m
}

func TestWhatIsDestroyedForAnotherModelHasItsLeaf(t *testing.T) {
	l := newLine(t)
	l.offer("line-0")
	l.adopt("line-1")
	l.adopt("line-2")
	l.adopt("line-3")
	l.write("DELETE FROM model_keys WHERE model IN (SELECT id FROM models WHERE version = 'line-2')") // the former one can't be taken up
	l.back(l.Service)
	ended := 0
	for _, act := range l.acts() {
		if act == "model.replaced " {
			ended++
		}
	}
	if ended != 3 {
		t.Errorf("%d leaves say that a model was destroyed for another, want those of line-0, line-1 and line-2: %q", ended, l.acts())
	}
}

func TestWhatIsLeftOfAModelWithoutItsKeyGoesWithItsEnd(t *testing.T) {
	l := newLine(t)
	m := l.adopt("line-1")
	l.write("DELETE FROM model_keys WHERE model = ?", m.ID) // as after a restore from an older archive of keys
	l.back(l.Service)
	left := 0
	l.must(l.store.(*sqlite.Store).WriteDB().QueryRowContext(t.Context(), "SELECT count(*) FROM model_files").Scan(&left))
	if left != 0 {
		t.Error("what the model held lies there still")
	}
}

func TestAWordForARollbackIsAboutOneModelAndForADay(t *testing.T) {
	l := newLine(t)
	l.adopt("line-1")
	_, err := l.RollBack(t.Context(), l.lea, "")
	l.must(err)
	l.adopt("line-2")
	if r, err := l.Asked(t.Context()); err != nil || r != nil {
		t.Errorf("of a later model: %+v, %v", r, err)
	}
	if to, err := l.RollBack(t.Context(), l.lea, ""); err != nil || to != "" {
		t.Fatalf("back to %q: %v", to, err)
	}
	l.now = l.now.Add(returnLasts)
	if to, err := l.RollBack(t.Context(), l.lou, ""); err != nil || to != "" {
		t.Errorf("a day later: back to %q, %v", to, err)
	}
	l.wantVersion(l.Service, "line-2")
}

func TestACandidateThatWasComparedWithAnotherModelIsNotAdopted(t *testing.T) {
	l := newLine(t)
	stale := l.made("line-old")
	l.adopt("line-1")
	m, err := l.Offer(t.Context(), stale)
	l.must(err)
	var problem *heed.Problem
	if err := l.Propose(t.Context(), l.lea, m.ID); !errors.As(err, &problem) || problem.Code != "model-outdated" {
		t.Errorf("%v", err)
	}
}

func TestASpoiltCandidateIsNotOffered(t *testing.T) {
	l := newLine(t)
	made := l.made("line-1")
	made.Figures.Spoilt = []string{train.Immediate}
	if _, err := l.Offer(t.Context(), made); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("%v", err)
	}
}

func TestALineWithTooFewDecisionsLearnsNothing(t *testing.T) {
	l := newLine(t)
	l.decided("a hole in the road", true)
	if _, err := l.Train(t.Context(), l.review, 30, func(string) {}); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("%v", err)
	}
}

func TestADeclinedModelEnds(t *testing.T) {
	l := newLine(t)
	m := l.offer("line-1")
	l.must(l.Propose(t.Context(), l.admin, m.ID))
	if err := l.Decline(t.Context(), l.admin, m.ID); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("who proposed declines: %v", err)
	}
	l.must(l.Decline(t.Context(), l.lou, m.ID))
	if got := l.get(m.ID); got.State != heed.ModelEnded || got.End != heed.EndDeclined || got.SecondBy != l.lou.ID {
		t.Errorf("%+v", got)
	}
}

func TestAModelEndsThirtyDaysAfterTheFirstOfItsReportsWasErased(t *testing.T) {
	l := newLine(t)
	kept, gone := l.decided("a hole in the road", true), l.decided("an open shaft", true)
	m := l.adopt("line-1", kept, gone)
	l.must(l.Retain(t.Context()))
	if got := l.get(m.ID); !got.DropBy.IsZero() || got.State != heed.ModelAdopted {
		t.Fatalf("while all reports are there: %+v", got)
	}
	erased := l.now
	_, err := l.review.EraseKnown(t.Context(), gone)
	l.must(err)
	l.must(l.Retain(t.Context()))
	if got := l.get(m.ID).DropBy; !got.Equal(erased.Add(outlives)) {
		t.Fatalf("it must be gone by %v, erased at %v", got, erased)
	}
	if used, _ := l.Status(); !used.DropBy.Equal(erased.Add(outlives)) {
		t.Errorf("the process that screens by it knows %v of its end", used.DropBy)
	}
	l.now = erased.Add(outlives - time.Minute)
	l.must(l.Retain(t.Context()))
	l.wantVersion(l.Service, "line-1")
	l.now = erased.Add(outlives)
	l.must(l.Retain(t.Context()))
	l.wantVersion(l.Service, screening.Shipped().Version)
	if got := l.get(m.ID); got.State != heed.ModelEnded || got.End != heed.EndRetention {
		t.Errorf("%+v", got)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		if _, err := tx.ModelFile(t.Context(), m.ID); !errors.Is(err, heed.ErrGone) {
			t.Errorf("what it held: %v", err)
		}
		return nil
	}))
	if acts := l.acts(); acts[len(acts)-1] != "model.dropped " {
		t.Errorf("%q", acts)
	}
}
