package audit_test

import (
	"os"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// TestHowLongALineFromBeforeTakesToHangItsLeaves measures the upgrade of a line that never had a tree.
func TestHowLongALineFromBeforeTakesToHangItsLeaves(t *testing.T) {
	n := 2_000
	if os.Getenv("HEED_SOAK") != "" {
		n = 100_000
	}
	onBothStores(t, func(t *testing.T, q *sequence) {
		for done := 0; done < n; {
			q.must(q.store.Update(t.Context(), func(tx heed.Tx) error {
				for range 1000 {
					l, err := audit.Leaf(audit.ReportRead, "01jqzk3v8h0000000000000001", "01jqzk3v8h0000000000000002", q.host, struct{}{})
					if err != nil {
						return err
					}
					if err := tx.AddLeaf(t.Context(), l); err != nil {
						return err
					}
				}
				return nil
			}))
			done += 1000
		}
		begun := time.Now()
		if hung := q.run(); hung != n {
			t.Errorf("%d hung", hung)
		}
		took := time.Since(begun)
		begun = time.Now()
		if leaves := q.verify(); leaves != uint64(n) {
			t.Errorf("%d verified", leaves)
		}
		t.Logf("%d leaves: hung in %s, verified in %s", n, took, time.Since(begun))
	})
}
