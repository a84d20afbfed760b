package backup

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// errCrash is where a test's process dies.
var errCrash = errors.New("crash")

// dyingKeys is a real keystore whose process dies after storing.
type dyingKeys struct {
	keystore.Keystore
	dies bool
}

func (k *dyingKeys) Create(ctx context.Context, name string, value []byte) error {
	err := k.Keystore.Create(ctx, name, value)
	if err == nil && k.dies {
		return errCrash
	}
	return err
}

func TestTheJournalNotesWhatWasErasedOnceAndForgetsItAfterEightDays(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, dir), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	directory, err := keystore.OpenDirectory(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	keys := &dyingKeys{Keystore: directory}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	j := &Journal{Store: store, Keys: keys, Now: func() time.Time { return now }}
	add := func(state heed.State, act string) heed.ID {
		t.Helper()
		r := &heed.Report{ID: heed.NewID(now), State: state, ReceivedAt: now, StateSince: now, Urgency: heed.Normal}
		err := store.Update(t.Context(), func(tx heed.Tx) error {
			return errors.Join(tx.AddReport(t.Context(), r, []byte("wrapped")), tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: now, Act: act, Report: r.ID}))
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	noted := func(want ...heed.ID) {
		t.Helper()
		got, err := Noted(t.Context(), directory)
		slices.Sort(got)
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("noted %v, want %v, %v", got, want, err)
		}
	}
	note := func() {
		t.Helper()
		if err := j.Note(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	note()
	noted()
	due, refused, withdrawn := add(heed.Erased, audit.ReportErased), add(heed.Erased, audit.ReportApproved), add(heed.Withdrawn, audit.ReportWithdrawn)
	add(heed.Closed, audit.ReportDisposed)
	add(heed.Queued, audit.ReportScreened)
	keys.dies = true
	if err := j.Note(t.Context()); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	keys.dies = false
	note()
	note()
	noted(due, refused, withdrawn)
	takenBack := add(heed.Queued, audit.IdentityTakenBack)
	note()
	wantTakenBack := func(want ...heed.ID) {
		t.Helper()
		if got, err := NotedTakenBack(t.Context(), directory); err != nil || !slices.Equal(got, want) {
			t.Errorf("noted as taken back %v, want %v, %v", got, want, err)
		}
	}
	wantTakenBack(takenBack)
	noted(due, refused, withdrawn)

	now = now.Add(journalLife - time.Hour)
	later := add(heed.Erased, audit.ReportErased)
	note()
	noted(due, refused, withdrawn, later)
	now = now.Add(24 * time.Hour)
	note()
	noted(later)
	wantTakenBack()
}

func TestWhatARestoredLineErasesIsNotedThoughItsLeavesHaveNumbersOfBefore(t *testing.T) {
	dir := t.TempDir()
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	var want []heed.ID
	for _, name := range []string{"lost.db", "restored.db"} { // both number their leaves from 1, on one day, beside one keystore
		store, err := sqlite.Open(t.Context(), filepath.Join(dir, name), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		r := &heed.Report{ID: heed.NewID(now), State: heed.Erased, ReceivedAt: now, StateSince: now, Urgency: heed.Normal}
		err = store.Update(t.Context(), func(tx heed.Tx) error {
			return errors.Join(tx.AddReport(t.Context(), r, []byte("wrapped")), tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: now, Act: audit.ReportErased, Report: r.ID}))
		})
		if err != nil {
			t.Fatal(err)
		}
		j := &Journal{Store: store, Keys: keys, Now: func() time.Time { return now }}
		if err := j.Note(t.Context()); err != nil {
			t.Fatal(err)
		}
		want = append(want, r.ID)
	}
	got, err := Noted(t.Context(), keys)
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("noted %v, want %v, %v", got, want, err)
	}
}

func TestALineOfLongAgoNotesOnlyWhatABackupCouldLack(t *testing.T) {
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, dir), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	r := &heed.Report{ID: heed.NewID(begun), State: heed.Erased, ReceivedAt: begun, StateSince: begun, Urgency: heed.Normal}
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		err := tx.AddReport(t.Context(), r, []byte("wrapped"))
		for i := range 2*journalBatch + 1 {
			err = errors.Join(err, tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: begun.Add(time.Duration(i) * time.Hour / 2), Act: audit.ReportErased, Report: r.ID}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	last := begun.Add(2 * journalBatch * time.Hour / 2)
	j := &Journal{Store: store, Keys: keys, Now: func() time.Time { return last }}
	if err := j.Note(t.Context()); err != nil {
		t.Fatal(err)
	}
	ids, err := Noted(t.Context(), keys)
	if want := int(journalLife / (time.Hour / 2)); err != nil || len(ids) != want {
		t.Errorf("%d noted, want %d, %v", len(ids), want, err)
	}
}
