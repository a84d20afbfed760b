package rows

import (
	"context"
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

// DeleteReceipts implements heed.ReceiptTx.
func (t *Tx) DeleteReceipts(ctx context.Context, closedBefore time.Time) (int, error) {
	n, err := t.engine.DeleteReceipts(ctx, millis(closedBefore))
	return int(n), failed(err, "delete receipts")
}
