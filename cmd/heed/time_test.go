package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// clocks are a host's, which the test sets as it likes.
type clocks struct{ host, steady atomic.Int64 }

func newClocks() *clocks {
	return (&clocks{}).at(time.Now())
}

// at sets the host's clock.
func (c *clocks) at(now time.Time) *clocks {
	c.host.Store(now.UnixNano())
	return c
}

func (c *clocks) now() time.Time              { return time.Unix(0, c.host.Load()) }
func (c *clocks) ran() time.Duration          { return time.Duration(c.steady.Load()) }
func (c *clocks) setBack(d time.Duration)     { c.host.Add(-int64(d)) }
func (c *clocks) jump(d time.Duration)        { c.host.Add(int64(d)) }
func (c *clocks) pass(d time.Duration)        { c.host.Add(int64(d)); c.steady.Add(int64(d)) }
func (c *clocks) surroundings() *surroundings { return &surroundings{Now: c.now, Steady: c.ran} }

// opened opens the line as a process of its own does.
func (c *clocks) opened(t *testing.T, data string, store []string) *line {
	t.Helper()
	flags := lineFlags{Data: data}
	if i := slices.Index(store, "--store"); i >= 0 {
		flags.Store = store[i+1]
	}
	l, err := openLine(t.Context(), c.surroundings(), slog.New(slog.NewTextHandler(t.Output(), nil)), flags)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// hang runs the line's sequencer until nothing waits.
func (l *line) hang(t *testing.T) {
	t.Helper()
	s := l.newSequencer()
	s.Reference = nil // the test's database goes by the real clock
	for more := true; more; {
		var err error
		if _, more, err = s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func (l *line) wantErasedDays(t *testing.T, want ...string) {
	t.Helper()
	erased, err := l.eraseDue(t.Context(), l.clock.Due())
	if err != nil || !slices.Equal(erased.Days, want) {
		t.Errorf("destroyed %v (%v), want %v", erased.Days, err, want)
	}
}

func TestIdentitiesDieOnTimeThoughTheClockIsSetBack(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data, c := filepath.Join(t.TempDir(), "line"), newClocks()
		today := c.now().UTC().Format(time.DateOnly)
		l := c.opened(t, data, store)
		if err := l.identity.EnsureDays(t.Context(), l.s.Now()); err != nil {
			t.Fatal(err)
		}
		l.hang(t)
		c.setBack(5 * 24 * time.Hour)
		c.pass(6 * 24 * time.Hour)
		l.wantErasedDays(t) // the sixth day after
		l.hang(t)
		l.close()
		l = c.opened(t, data, store) // which knows the floor alone
		defer l.close()
		c.pass(24 * time.Hour)
		l.wantErasedDays(t, today)
	})
}

func TestOnlyIdentitiesEndByAClockThatJumped(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data, c := filepath.Join(t.TempDir(), "line"), newClocks()
		l := c.opened(t, data, store)
		defer l.close()
		if err := l.identity.EnsureDays(t.Context(), l.s.Now()); err != nil {
			t.Fatal(err)
		}
		l.hang(t)
		before := l.s.Now()
		c.jump(8 * 24 * time.Hour)
		l.hang(t)
		if now := l.s.Now(); now.Sub(before) > time.Hour || !l.clock.Doubted() {
			t.Errorf("the line's time jumped too, by %s", now.Sub(before))
		}
		ran := false
		sv := &server{line: l}
		if err := sv.unlessDoubted(func(context.Context) error { ran = true; return nil })(t.Context()); err != nil || ran {
			t.Errorf("what waits for a clock that is believed ran: %v %t", err, ran)
		}
		erased, err := l.eraseDue(t.Context(), l.clock.Due())
		if err != nil || len(erased.Days) == 0 {
			t.Errorf("%v %v", erased, err)
		}
		var leaves []*heed.AuditLeaf
		if err := l.store.View(t.Context(), func(tx heed.Tx) (err error) {
			leaves, err = tx.FindLeaves(t.Context(), heed.AuditQuery{Acts: []string{audit.IdentityErased}})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		var details struct {
			AsOf time.Time `json:"as_of"`
		}
		if err := json.Unmarshal(leaves[0].Details, &details); err != nil || details.AsOf.Sub(leaves[0].At) < 7*24*time.Hour {
			t.Errorf("the leaf doesn't tell by which clock: %s %s", leaves[0].At, leaves[0].Details)
		}
	})
}

func TestAClockThatJumpsIsToldAtTheDeskAwayFromItAndByTheDoctor(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		var ahead atomic.Int64
		l := serveLine(t, filepath.Join(t.TempDir(), "line"), func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }, store...)
		lead, specialist := l.hears(t, l.addStaff("lead", "lead")), l.hears(t, l.addStaff("amira", "specialist"))
		page := l.sits(t, view{1280, "en", true}, "lead")
		if page.has("body > .alarm") {
			t.Error("the page warns of a clock that is right")
		}
		if out, _, _ := l.try("doctor"); strings.Contains(out, "line's time") {
			t.Errorf("before it jumped: %s", out)
		}
		ahead.Store(int64(3 * time.Hour))
		eventually(t, time.Minute, "a lead's page hears of it", func() bool { return strings.Contains(lead.String(), `"kind":"clock.doubted"`) })
		eventually(t, time.Minute, "the page that a lead has open shows it", func() bool { return page.has(`body > .alarm a[href="/clock"]`) })
		page.check("the queue while the clock isn't believed")
		// Nobody is named in the default profile; with names it is a message to each (TestAClocksMailReachesTheDutyOfficerOrElseTheLeads).
		eventually(t, time.Minute, "whoever is to be told by mail is", func() bool {
			return strings.Contains(l.logs.String(), `"msg":"nobody is named in the profile to be told","kind":"clock"`)
		})
		if out, _, code := l.try("doctor"); code != exitFailed || !strings.Contains(out, "line's time") || !strings.Contains(out, "/clock") {
			t.Errorf("code %d: %s", code, out)
		}
		if strings.Contains(specialist.String(), "clock.") {
			t.Errorf("a specialist hears of the clock: %s", specialist)
		}
	})
}

// hears gathers the live events that a token's holder is sent, until the test ends.
func (l *testLine) hears(t *testing.T, token string) *lockedBuffer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.desk+"/api/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() }) // cut off in the middle, as every stream is
	heard := &lockedBuffer{}
	go io.Copy(heard, res.Body)
	return heard
}

func TestAnOrderAheadOfTimeMovesNoFloor(t *testing.T) {
	data, c := filepath.Join(t.TempDir(), "line"), newClocks()
	l := c.opened(t, data, nil)
	defer l.close()
	if err := l.identity.EnsureDays(t.Context(), l.s.Now()); err != nil {
		t.Fatal(err)
	}
	if erased, err := l.eraseDue(t.Context(), l.clock.Due().AddDate(3, 0, 0)); err != nil || len(erased.Days) != 3 {
		t.Fatalf("%v %v", erased, err)
	}
	l.hang(t)
	if now := l.s.Now(); now.Sub(c.now()).Abs() > time.Second {
		t.Errorf("the line's time is %s", now)
	}
}

func TestANodeThatWasOffForTenDaysErasesBeforeItServes(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data := filepath.Join(t.TempDir(), "line")
		l := serveLine(t, data, time.Now, store...)
		today := time.Now().UTC().Format(time.DateOnly)
		l.stop()
		later := func() time.Time { return time.Now().AddDate(0, 0, 10) }
		l = serveLine(t, data, later, store...) // answers when it says that it is ready
		var day *heed.DayKeyRecord
		at := (&clocks{}).at(later()).opened(t, data, store)
		defer at.close()
		if err := at.store.View(t.Context(), func(tx heed.Tx) (err error) {
			day, err = tx.DayKey(t.Context(), today)
			return err
		}); err != nil || day.DestroyedAt.IsZero() {
			t.Errorf("%+v %v", day, err)
		}
	})
}

func TestALineThatWasOffErasesContentsBeforeItServes(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		l, id := closedAndStopped(t, store)
		off := (&clocks{}).at(time.Now()).opened(t, l.data, store)
		err := off.store.Update(t.Context(), func(tx heed.Tx) error { // as if it had been off for years
			r, err := tx.Report(t.Context(), id)
			if err != nil {
				return err
			}
			r.StateSince = r.StateSince.AddDate(-2, 0, 0)
			return tx.UpdateReport(t.Context(), r)
		})
		off.close()
		if err != nil {
			t.Fatal(err)
		}
		taken, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer taken.Close()
		// A start that fails when it comes to listening.
		if _, errs, code := l.try("serve", "--public", taken.Addr().String(), "--desk", "127.0.0.1:0"); code == exitDone || !strings.Contains(errs, "listen") {
			t.Fatalf("code %d: %s", code, errs)
		}
		if state := storedState(t, l.data, store, id); state != heed.Erased {
			t.Errorf("it came to listening, and the report is %s", state)
		}
	})
}

// A start on a machine whose clock is years ahead must not cost what people said: with PostgreSQL there is another clock.
func TestContentsOutliveAStartByAClockThatTheDatabaseContradicts(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		if len(store) == 0 {
			return // nothing tells it from years of rest
		}
		l, id := closedAndStopped(t, store)
		serveLine(t, l.data, func() time.Time { return time.Now().AddDate(2, 0, 0) }, store...).stop()
		if state := storedState(t, l.data, store, id); state != heed.Closed {
			t.Errorf("the report is %s", state)
		}
	})
}

// closedAndStopped is a line with one report, which is closed, that ended.
func closedAndStopped(t *testing.T, store []string) (*testLine, heed.ID) {
	t.Helper()
	l := serveLine(t, filepath.Join(t.TempDir(), "line"), time.Now, store...)
	token := l.addStaff("amira", "specialist,lead")
	l.closeOne(t, &canaries{words: map[string]string{}}, token, l.addStaff("berta", "specialist,lead"))
	l.stop()
	off := (&clocks{}).at(time.Now()).opened(t, l.data, store)
	defer off.close()
	return l, off.sealedThings(t).id
}

func storedState(t *testing.T, data string, store []string, id heed.ID) (state heed.State) {
	t.Helper()
	off := (&clocks{}).at(time.Now()).opened(t, data, store)
	defer off.close()
	err := off.store.View(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), id)
		if err == nil {
			state = r.State
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func TestEverybodyIsShownASignedCheckpoint(t *testing.T) {
	l := startLine(t)
	var shown struct{ Checkpoint string }
	eventually(t, time.Minute, "a checkpoint", func() bool {
		a := l.ask("GET", l.public+"/api/v1/transparency", nil)
		a.into(t, &shown)
		return a.status == http.StatusOK && shown.Checkpoint != ""
	})
	at := l.beside()
	if c, err := audit.Open([]byte(shown.Checkpoint), at.id, at.ring.Audit.Verifier()); err != nil || c.Size == 0 {
		t.Errorf("%+v %v", c, err)
	}
	if page := l.ask("GET", l.public+"/transparency", nil); !strings.Contains(string(page.body), strings.SplitN(shown.Checkpoint, "\n", 2)[0]) {
		t.Error("the page shows another")
	}
}
