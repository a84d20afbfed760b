package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func message(m lite.Message) *heed.Message {
	return &heed.Message{
		ID: heed.ID(m.ID), Report: heed.ID(m.Report), Kind: heed.MessageKind(m.Kind), Author: heed.ID(m.Author),
		At: moment(m.At), Sealed: m.Sealed,
	}
}

// AddMessage implements heed.MessageTx.
func (t *Tx) AddMessage(ctx context.Context, m *heed.Message) error {
	err := t.engine.InsertMessage(ctx, lite.InsertMessageParams{
		ID: string(m.ID), Report: string(m.Report), Kind: string(m.Kind), Author: string(m.Author), At: millis(m.At),
		Sealed: present(m.Sealed),
	})
	return failed(err, "add message %s", m.ID)
}

// Messages implements heed.MessageTx.
func (t *Tx) Messages(ctx context.Context, report heed.ID) ([]*heed.Message, error) {
	ms, err := t.engine.Messages(ctx, string(report))
	return each(ms, err, message, "messages of report %s", report)
}

// DeleteMessages implements heed.MessageTx.
func (t *Tx) DeleteMessages(ctx context.Context, report heed.ID) error {
	return failed(t.engine.DeleteMessages(ctx, string(report)), "delete the messages of report %s", report)
}
