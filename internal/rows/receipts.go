package rows

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// AddReceipt implements heed.ReceiptTx.
func (t *Tx) AddReceipt(ctx context.Context, lookup []byte, report heed.ID, sealedMailboxKey []byte) error {
	n, err := t.engine.InsertReceipt(ctx, lite.InsertReceiptParams{
		Lookup: lookup, Report: string(report), SealedMailboxKey: present(sealedMailboxKey),
	})
	return touched(n, err, heed.ErrConflict, "add the receipt of report %s", report)
}

// Receipt implements heed.ReceiptTx.
func (t *Tx) Receipt(ctx context.Context, lookup []byte) (heed.ID, []byte, error) {
	r, err := t.engine.GetReceipt(ctx, lookup)
	return heed.ID(r.Report), r.SealedMailboxKey, failed(err, "receipt")
}

// DeleteReceipts implements heed.ReceiptTx. Its bound is a moment, not a number of rows, so that the next call goes on where
// it ended without looking again at Reports whose receipts are gone.
func (t *Tx) DeleteReceipts(ctx context.Context, from, before time.Time, limit int) (int, time.Time, error) {
	reached, end := before, millis(before)
	next, err := t.engine.ClosedAfter(ctx, lite.ClosedAfterParams{ClosedFrom: millis(from), ClosedBefore: end, Skipped: int64(max(limit, 1))})
	switch err = failed(err, "delete receipts"); {
	case err == nil:
		end = max(next, millis(from)+1) // more than limit of one millisecond go together
		reached = moment(end)
	case !errors.Is(err, heed.ErrNotFound):
		return 0, from, err
	}
	n, err := t.engine.DeleteReceipts(ctx, lite.DeleteReceiptsParams{ClosedFrom: millis(from), ClosedBefore: end})
	return int(n), reached, failed(err, "delete receipts")
}
