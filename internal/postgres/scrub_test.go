package postgres_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

// doomed is a report with one secret in every place whose rows an erasure destroys.
func doomed(t *testing.T, s *postgres.Store) (report heed.ID, secrets map[string][]byte) {
	t.Helper()
	now := time.Now()
	report = heed.NewID(now)
	secrets = map[string][]byte{}
	secret := func(what string) []byte {
		b := make([]byte, 48)
		rand.Read(b)
		secrets[what] = b
		return b
	}
	r := &heed.Report{ID: report, State: heed.Closed, Urgency: heed.Normal, ReceivedAt: now.AddDate(0, -1, 0), StateSince: now.AddDate(0, -1, 0), ClosedAt: now.AddDate(0, -1, 0), Content: []byte("sealed")}
	err := s.Update(t.Context(), func(tx heed.Tx) error {
		return errors.Join(tx.AddReport(t.Context(), r, secret("the wrapped key")),
			tx.AddReceipt(t.Context(), secret("the Receipt's lookup"), report, secret("the mailbox's key")),
			tx.AddStaged(t.Context(), "blob", now),
			tx.AddAttachment(t.Context(), &heed.Attachment{ID: heed.NewID(now), Report: report, Blob: "blob", Day: "2026-11-23", TransitKey: secret("a file's key"), DayKey: secret("a file's other key"), At: now}),
			tx.AddDisclosure(t.Context(), &heed.Disclosure{ID: heed.NewID(now), Report: report, State: heed.DisclosureAsked, By: "somebody", At: now, Until: now.Add(time.Hour), Sealed: secret("what is disclosed")}),
			tx.AddIdentity(t.Context(), report, "2026-11-23", secret("the identity")),
			tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: now, Act: "report.closed", Report: report, Note: secret("a note"), Salt: secret("a note's salt")}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, secrets
}

// destroy deletes what hangs on the report, as an erasure does, and its Receipt.
func destroy(t *testing.T, s *postgres.Store, report heed.ID) {
	t.Helper()
	err := s.Update(t.Context(), func(tx heed.Tx) error {
		_, errFiles := tx.DeleteAttachments(t.Context(), report)
		_, errIdentities := tx.DeleteReportIdentities(t.Context(), report, heed.DisclosureLapsed)
		receipts, _, errReceipts := tx.DeleteReceipts(t.Context(), time.Time{}, time.Now(), 10)
		if receipts != 1 {
			t.Errorf("%d receipts were deleted", receipts)
		}
		return errors.Join(errFiles, errIdentities, errReceipts, tx.DestroyKey(t.Context(), report), tx.DeleteNotes(t.Context(), report))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoFileOfTheDatabaseHoldsWhatAnErasureDestroyed(t *testing.T) {
	url := pgtest.URL(t)
	s := openURL(t, url)
	_, kept := doomed(t, s)
	if err := pgtest.Execute(url, "UPDATE reports SET closed_at = 0"); err != nil { // so that its Receipt stays
		t.Fatal(err)
	}
	report, secrets := doomed(t, s)
	for what, secret := range secrets {
		if !pgtest.FilesHold(t, url, secret) {
			t.Fatalf("%s isn't found while it is there", what)
		}
	}
	destroy(t, s, report)
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, secret := range secrets {
		if pgtest.FilesHold(t, url, secret) {
			t.Errorf("%s still lies in a file of the database", what)
		}
	}
	for what, secret := range kept {
		if !pgtest.FilesHold(t, url, secret) {
			t.Errorf("%s of another report is gone", what)
		}
	}
}

// A snapshot from before the deletion makes VACUUM FULL carry the deleted rows over into the new file.
func TestAScrubBesideAReaderFromBeforeTheDeletionIsBusyAndTheNextDoesIt(t *testing.T) {
	url := pgtest.URL(t)
	s := openURL(t, url)
	report, secrets := doomed(t, s)
	err := s.View(t.Context(), func(tx heed.Tx) error {
		if _, err := tx.Report(t.Context(), report); err != nil {
			return err
		}
		destroy(t, s, report)
		if err := s.Scrub(t.Context()); !errors.Is(err, heed.ErrBusy) {
			t.Errorf("got %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for what, secret := range secrets {
		if pgtest.FilesHold(t, url, secret) {
			t.Errorf("%s still lies in a file of the database", what)
		}
	}
}

// A backup or an overseer's question may hold a table for long: who sends a report meanwhile must not queue behind the scrub.
func TestNobodyWaitsLongForAScrub(t *testing.T) {
	url := pgtest.URL(t)
	s := openURL(t, url)
	reader := connect(t, url)
	if _, err := reader.Exec(t.Context(), "BEGIN; SELECT count(*) FROM identities"); err != nil { // holds its lock until the end
		t.Fatal(err)
	}
	scrubbed := make(chan error, 1)
	go func() { scrubbed <- s.Scrub(t.Context()) }()
	longest := time.Duration(0)
	for n := 0; ; n++ {
		begun := time.Now()
		err := s.Update(t.Context(), func(tx heed.Tx) error {
			return tx.AddIdentity(t.Context(), heed.ID(fmt.Sprint("report ", n)), "2026-11-23", []byte("who"))
		})
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, time.Since(begun))
		select {
		case err := <-scrubbed:
			if !errors.Is(err, heed.ErrBusy) {
				t.Errorf("the scrub: %v", err)
			}
			t.Logf("%d identities were added meanwhile; the slowest took %v", n, longest)
			if longest > 2*time.Second {
				t.Errorf("one took %v", longest)
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestATableTooLargeToScrubIsNamedAndRewrittenOnDemand(t *testing.T) {
	url := pgtest.URL(t)
	s := openURL(t, url)
	report, secrets := doomed(t, s)
	// A replica's role: rows without their reports, which are of no matter here.
	if err := pgtest.Execute(url, `SET session_replication_role = replica;
		INSERT INTO report_keys SELECT 'filler ' || n, convert_to(repeat('wrapped', 30), 'UTF8') FROM generate_series(1, 60000) AS n`); err != nil {
		t.Fatal(err)
	}
	large, err := s.Overgrown(t.Context())
	if err != nil || len(large) != 1 || large[0] != "report_keys" {
		t.Fatalf("%v, %v", large, err)
	}
	destroy(t, s, report)
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if pgtest.FilesHold(t, url, secrets["the identity"]) {
		t.Error("a large table keeps a small one from being scrubbed")
	}
	begun := time.Now()
	if err := s.Rewrite(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("written anew in %v", time.Since(begun))
	for what, secret := range secrets {
		if pgtest.FilesHold(t, url, secret) {
			t.Errorf("%s still lies in a file of the database", what)
		}
	}
}
