package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// old are reports of a line from before reports knew how long they are kept, with the class that an upgrade must give them.
var old = []struct {
	id                        heed.ID
	state, from, lead, handed string // handed: the state of its referral; "" where it has none
	want                      heed.Kept
}{
	{"plain", "closed", "queued", "", "", heed.KeptClosed},
	{"aside", "closed", "set_aside", "", "", heed.KeptSetAside},
	{"copy", "closed", "set_aside", "plain", "", heed.KeptClosed},
	{"undone", "closed", "queued", "", "cancelled", heed.KeptClosed},
	{"returned", "closed", "set_aside", "", "returned", heed.KeptReferred},
	{"away", "referred", "queued", "", "ready", heed.KeptReferred},
	{"taken", "accepted", "queued", "", "accepted", heed.KeptReferred},
	{"open", "queued", "", "", "", ""},
	{"unread", "set_aside", "", "", "", ""},
	{"member", "duplicate", "set_aside", "plain", "", ""},
	{"gone", "erased", "", "", "", ""},
}

// OldReports are the statements that add old to a schema of version 1, on either engine.
func OldReports() (statements []string) {
	for i, r := range old {
		over := r.state != "queued" && r.state != "set_aside"
		statements = append(statements, fmt.Sprintf(`INSERT INTO reports (
			id, channel, state, list, is_open, received_at, language, category, urgency, urgency_rank, urgency_by, lead_id,
			day_key, named, files, copies, screen_by, decide_by, conclude_by, next_due, next_alert, alert_level, state_since,
			claimed_by, claimed_until, claim_from, closed_at, version)
			VALUES ('%s', 'web', '%s', 'done', %t, 1, 'en', '', 'normal', 2, '', '%s', '2026-11-23', FALSE, 0, 0, 0, 0, 0, 0, 0, 0, %d,
			'', 0, '%s', 0, 1)`, r.id, r.state, !over, r.lead, noon.UnixMilli(), r.from),
			fmt.Sprintf("INSERT INTO contents (report, content) SELECT num, 'c%d' FROM reports WHERE id = '%s'", i, r.id))
		if r.handed != "" {
			statements = append(statements, fmt.Sprintf(`INSERT INTO referrals (
				id, report, disposition, department, state, created_at, blob_key, size, state_since, outcome, version)
				VALUES ('f%d', '%s', 'd', 'police', '%s', 1, '', 0, 1, '', 1)`, i, r.id, r.handed))
		}
	}
	return statements
}

// CheckOldReports makes sure that an upgrade gave the reports of OldReports their classes.
func CheckOldReports(t *testing.T, s heed.Store) {
	t.Helper()
	err := s.View(t.Context(), func(tx heed.Tx) error {
		got := map[heed.ID]heed.Kept{}
		for _, kept := range []heed.Kept{heed.KeptSetAside, heed.KeptClosed, heed.KeptReferred, heed.KeptReview} {
			rs, err := tx.Kept(t.Context(), kept, noon.Add(time.Millisecond), 100)
			if err != nil {
				return err
			}
			for _, r := range rs {
				got[r.ID] = kept
			}
		}
		return sameClasses(t.Context(), t, tx, got)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sameClasses(ctx context.Context, t *testing.T, tx heed.Tx, got map[heed.ID]heed.Kept) error {
	t.Helper()
	for _, want := range old {
		r, err := tx.Report(ctx, want.id)
		if err != nil {
			return err
		}
		if got[want.id] != want.want || r.Kept() != want.want || !strings.HasPrefix(string(r.Content), "c") {
			t.Errorf("%s is listed as %q and kept as %q, want %q", want.id, got[want.id], r.Kept(), want.want)
		}
	}
	return nil
}

// EarlierSchemas are the migrations that programs had which knew a later one but not yet a lower one.
func EarlierSchemas() [][]int64 { return [][]int64{{1, 2, 3, 5, 6}, {1, 2, 3, 4, 5, 6, 11}} }

// CheckTree makes sure that the store keeps leaves and hangs them.
func CheckTree(t *testing.T, s heed.Store) {
	t.Helper()
	leaf := &heed.AuditLeaf{At: noon, Act: "report.received", Commitment: []byte("bound"), Salt: []byte("salt"), Note: []byte("sealed")}
	err := s.Update(t.Context(), func(tx heed.Tx) error { return tx.AddLeaf(t.Context(), leaf) })
	if err == nil {
		err = s.Update(t.Context(), func(tx heed.Tx) error {
			return tx.HangLeaf(t.Context(), &heed.HungLeaf{Num: 1, Seq: leaf.Seq, Hash: make([]byte, 32)})
		})
	}
	if err != nil {
		t.Error(err)
	}
}
