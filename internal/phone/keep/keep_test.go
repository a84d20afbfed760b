package keep_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

func TestACallLeavesAReportOfWhatWasSaidOnBothStores(t *testing.T) {
	onBothStores(t, func(l *line) {
		first, wrong, last := frames(250, 440), frames(60, 600), frames(7, 700)
		r := l.begin("ar")
		l.says(r, first)
		l.must(r.EndTake(t.Context()))
		l.says(r, wrong)
		l.must(r.DropTake(t.Context()))
		l.says(r, last)
		l.must(r.EndTake(t.Context()))
		if r.Takes() != 2 {
			t.Errorf("%d takes", r.Takes())
		}
		p, err := r.Play(t.Context(), 0)
		l.must(err)
		var f sound.Frame
		for i := range first {
			if err := p.Read(&f); err != nil || sound.MuLaw.Encode(nil, f[:])[80] != coded(first[i : i+1])[80] {
				t.Fatalf("frame %d is played as another: %v", i, err)
			}
		}
		if err := p.Read(&f); !errors.Is(err, io.EOF) {
			t.Errorf("behind the end: %v", err)
		}
		l.must(p.Close())

		receipt, err := r.Submit(t.Context())
		l.must(err)
		again, err := r.Submit(t.Context())
		l.must(errors.Join(err, r.Close(t.Context())))
		reports, calls := l.reports()
		if again != receipt || len(reports) != 1 || calls != 0 {
			t.Fatalf("%d reports, %d calls", len(reports), calls)
		}
		got := reports[0]
		if got.Channel != heed.ChannelPhone || got.Language != "ar" || got.Files != 2 || got.State != heed.Received {
			t.Errorf("%+v", got)
		}
		if _, err := l.in.Open(t.Context(), string(receipt)); err != nil {
			t.Errorf("its receipt: %v", err)
		}
		files := l.files(got.ID)
		l.isRecording(files[0], first)
		l.isRecording(files[1], last)
	})
}

func TestAHangUpLosesNothingAndSilenceLeavesNothing(t *testing.T) {
	onBothStores(t, func(l *line) {
		silent := l.begin("en")
		l.must(silent.NewTake(t.Context()))
		l.must(silent.Close(t.Context()))
		l.must(l.begin("en").Close(t.Context()))
		if reports, calls := l.reports(); len(reports)+calls != 0 {
			t.Fatalf("%d reports, %d calls of silence", len(reports), calls)
		}
		said := frames(3, 440)
		r := l.begin("en")
		l.says(r, said)
		l.must(r.Close(t.Context()))
		l.must(r.Close(t.Context()))
		reports, calls := l.reports()
		if len(reports) != 1 || calls != 0 {
			t.Fatalf("%d reports, %d calls", len(reports), calls)
		}
		l.isRecording(l.files(reports[0].ID)[0], said)
	})
}

// asked is a report whose mailbox is open.
func (l *line) asked() (*heed.Report, *intake.Mailbox) {
	l.Helper()
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "the exit is blocked"}})
	l.must(err)
	m, err := l.in.Open(l.Context(), string(a.Receipt))
	l.must(err)
	return l.report(a.Report), m
}

func (l *line) report(id heed.ID) (r *heed.Report) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		r, err = tx.Report(l.Context(), id)
		return err
	}))
	return r
}

func TestAnAnswerBySoundIsAMessageWithTheRecordingAndIsKeptThroughADeath(t *testing.T) {
	onBothStores(t, func(l *line) {
		report, m := l.asked()
		said := frames(120, 500)
		for i, ends := range []func(phone.Recording){
			func(r phone.Recording) {
				receipt, err := r.Submit(t.Context())
				if err != nil || receipt != "" {
					t.Errorf("%q, %v", receipt, err)
				}
			},
			func(r phone.Recording) {
				l.must(r.EndTake(t.Context()))
				l.dies(t.Context())
			},
		} {
			r, err := l.keeper.Answer(t.Context(), m, "en")
			l.must(err)
			l.says(r, said)
			ends(r)
			st, err := m.Status(t.Context())
			l.must(err)
			files := l.files(report.ID)
			if len(st.Messages) != i+1 || len(files) != i+1 {
				t.Fatalf("%d messages with %d files", len(st.Messages), len(files))
			}
			l.isRecording(files[i], said)
		}
		r, err := l.keeper.Answer(t.Context(), m, "en")
		l.must(err)
		l.says(r, said)
		l.must(r.EndTake(t.Context()))
		l.must(m.Withdraw(t.Context()))
		l.dies(t.Context())
		reports, calls := l.reports()
		if len(reports) != 2 || calls != 0 {
			t.Errorf("what was said to a report that is no more: %d reports, %d calls", len(reports), calls)
		}
	})
}

func TestOfTheCallAndTheWorkerOneHandsTheRecordingIn(t *testing.T) {
	onBothStores(t, func(l *line) {
		for range 4 {
			before, _ := l.reports()
			r := l.begin("en")
			l.says(r, frames(110, 440))
			l.must(r.EndTake(t.Context()))
			l.must(l.worker.Run(t.Context()))
			l.wait(61 * time.Second)
			var wg sync.WaitGroup
			var err error
			wg.Go(func() { _, err = r.Submit(t.Context()) })
			wg.Go(func() { l.must(l.worker.Run(context.WithoutCancel(t.Context()))) })
			wg.Wait()
			if err != nil && !errors.Is(err, heed.ErrGone) {
				t.Errorf("the call: %v", err)
			}
			if reports, calls := l.reports(); len(reports) != len(before)+1 || calls != 0 {
				t.Fatalf("%d reports more, %d calls", len(reports)-len(before), calls)
			}
		}
	})
}

func TestACallThatTheWorkerTookOverIsTold(t *testing.T) {
	onBothStores(t, func(l *line) {
		r := l.begin("en")
		l.says(r, frames(100, 440))
		l.stored()
		l.dies(t.Context())
		if reports, _ := l.reports(); len(reports) != 1 {
			t.Fatalf("%d reports", len(reports))
		}
		if _, err := r.Submit(t.Context()); !errors.Is(err, heed.ErrGone) && !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("submit: %v", err)
		}
		if err := r.NewTake(t.Context()); !errors.Is(err, heed.ErrGone) {
			t.Errorf("another take: %v", err)
		}
	})
}

func TestANumberGoesAlongHoweverTheRecordingIsHandedIn(t *testing.T) {
	onBothStores(t, func(l *line) {
		for how, end := range map[string]func(phone.Recording){
			"sent":                   func(r phone.Recording) { _, err := r.Submit(t.Context()); l.must(err) },
			"the caller hung up":     func(r phone.Recording) { l.must(r.Close(t.Context())) },
			"the process was killed": func(phone.Recording) { l.dies(t.Context()) },
		} {
			before, _ := l.reports()
			r := l.begin("en")
			l.says(r, frames(100, 440))
			l.must(r.EndTake(t.Context()))
			l.must(r.LeaveNumber(t.Context(), number))
			l.says(r, frames(100, 440)) // and another take, which stores the call anew
			l.must(r.EndTake(t.Context()))
			end(r)
			reports, calls := l.reports()
			named := 0
			for _, r := range reports {
				if r.Named && r.Files == 2 {
					named++
				}
			}
			if len(reports) != len(before)+1 || named != len(reports) || calls != 0 {
				t.Errorf("%s: %d reports, %d with a number; %d calls", how, len(reports), named, calls)
			}
		}
	})
}

func TestALivingCallIsLeftAlone(t *testing.T) {
	onBothStores(t, func(l *line) {
		r := l.begin("en")
		l.says(r, frames(100, 440))
		l.must(r.EndTake(t.Context()))
		l.must(l.worker.Run(t.Context()))
		l.wait(50 * time.Second)
		l.must(l.worker.Run(t.Context()))
		l.must(r.NewTake(t.Context())) // it lives
		l.wait(50 * time.Second)
		l.must(l.worker.Run(t.Context()))
		if _, err := l.in.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if reports, calls := l.reports(); len(reports) != 0 || calls != 1 {
			t.Errorf("%d reports, %d calls", len(reports), calls)
		}
		_, err := r.Submit(t.Context())
		l.must(err)
	})
}

func TestWhatWasKeptBeforeTheDiskWasFullIsHandedInOnceThereIsRoom(t *testing.T) {
	onBothStores(t, func(l *line) {
		said := frames(100, 440)
		r := l.begin("en")
		l.says(r, said)
		l.must(r.EndTake(t.Context()))
		l.must(r.NewTake(t.Context()))
		l.full.Store(true)
		var err error
		for i := 0; err == nil; i++ {
			err = r.Write(&said[i%100])
			time.Sleep(time.Millisecond)
		}
		var ps heed.Problems
		if !errors.As(err, &ps) || ps[0].Code != "files-no-room" {
			t.Errorf("a full disk: %v", err)
		}
		if err := r.Close(t.Context()); err == nil {
			t.Error("it is handed in on a full disk")
		}
		l.full.Store(false)
		l.dies(t.Context())
		reports, calls := l.reports()
		if len(reports) != 1 || calls != 0 {
			t.Fatalf("%d reports, %d calls", len(reports), calls)
		}
		l.isRecording(l.files(reports[0].ID)[0], said)
	})
}

func TestACallOfADayAgoIsHandedInBeforeItsPiecesAreSwept(t *testing.T) {
	onBothStores(t, func(l *line) {
		said := frames(200, 440)
		r := l.begin("en")
		l.says(r, said)
		l.must(r.EndTake(t.Context()))
		l.wait(25 * time.Hour)
		l.must(l.days.EnsureDays(t.Context(), l.clock()))
		l.must(l.worker.RunOverdue(t.Context()))
		if _, err := l.in.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		reports, calls := l.reports()
		if len(reports) != 1 || calls != 0 {
			t.Fatalf("%d reports, %d calls", len(reports), calls)
		}
		l.isRecording(l.files(reports[0].ID)[0], said)
	})
}

func TestAPhonesProcessCantReadBackWhatACallLeft(t *testing.T) {
	onBothStores(t, func(l *line) {
		r := l.begin("en")
		l.says(r, frames(100, 440))
		var id heed.ID
		var left *heed.Call
		l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
			seen, err := tx.CallsSeen(t.Context())
			for id = range seen {
				left, err = tx.Call(t.Context(), id)
			}
			return err
		}))
		if _, err := seal.OpenCall(l.content, "test", left.Day, left.ID, left.Sealed); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("the content key opens it: %v", err)
		}
		if l.phones != l.store {
			for what, look := range map[string]func(heed.Tx) error{
				"its row": func(tx heed.Tx) error { _, err := tx.Call(t.Context(), id); return err },
				"ending another's for having been unseen": func(tx heed.Tx) error { return tx.EndCallSeen(t.Context(), id, left.Seen) },
			} {
				if err := l.phones.Update(t.Context(), look); err == nil {
					t.Errorf("PostgreSQL gives a phone's role %s", what)
				}
			}
			var seen map[heed.ID]time.Time
			l.must(l.phones.View(t.Context(), func(tx heed.Tx) (err error) {
				seen, err = tx.CallsSeen(t.Context())
				return err
			}))
			if len(seen) != 0 {
				t.Errorf("a phone's role lists %d calls", len(seen))
			}
		}
		l.must(r.Close(t.Context()))
	})
}

func TestAReportTakesAsManyTakesAsItMayHaveFiles(t *testing.T) {
	onBothStores(t, func(l *line) {
		r := l.begin("en")
		for range 3 {
			l.says(r, frames(2, 440))
		}
		var ps heed.Problems
		if err := r.NewTake(t.Context()); !errors.As(err, &ps) || ps[0].Code != "too-many-files" {
			t.Errorf("%v", err)
		}
		_, err := r.Submit(t.Context())
		l.must(err)
	})
}
