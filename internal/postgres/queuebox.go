package postgres

import (
	"context"

	"github.com/heed-line/heed/internal/rows/lite"
)

// nameTaker says for the rest of the transaction whose Duty is asked for.
func (e *mailboxEngine) nameTaker(ctx context.Context, staff string) error {
	_, err := e.tx.Exec(ctx, "SELECT set_config('heed.taker', $1, true)", staff)
	return err
}

// InsertQueuedCall implements lite.Querier. That there is one of the id shows by its row.
func (e *mailboxEngine) InsertQueuedCall(ctx context.Context, arg lite.InsertQueuedCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.InsertQueuedCall(ctx, arg)
}

// GetQueuedCall implements lite.Querier.
func (e *mailboxEngine) GetQueuedCall(ctx context.Context, id string) (lite.QueuedCall, error) {
	if err := e.nameCall(ctx, id); err != nil {
		return lite.QueuedCall{}, err
	}
	return e.engine.GetQueuedCall(ctx, id)
}

// SeeQueuedCall implements lite.Querier.
func (e *mailboxEngine) SeeQueuedCall(ctx context.Context, arg lite.SeeQueuedCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.SeeQueuedCall(ctx, arg)
}

// AnswerQueuedCall implements lite.Querier.
func (e *mailboxEngine) AnswerQueuedCall(ctx context.Context, arg lite.AnswerQueuedCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.AnswerQueuedCall(ctx, arg)
}

// ReturnQueuedCall implements lite.Querier.
func (e *mailboxEngine) ReturnQueuedCall(ctx context.Context, arg lite.ReturnQueuedCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.ReturnQueuedCall(ctx, arg)
}

// DeleteQueuedCall implements lite.Querier.
func (e *mailboxEngine) DeleteQueuedCall(ctx context.Context, id string) (int64, error) {
	if err := e.nameCall(ctx, id); err != nil {
		return 0, err
	}
	return e.engine.DeleteQueuedCall(ctx, id)
}

// EndDutyFor implements lite.Querier.
func (e *mailboxEngine) EndDutyFor(ctx context.Context, arg lite.EndDutyForParams) (int64, error) {
	if err := e.nameTaker(ctx, arg.Staff); err != nil {
		return 0, err
	}
	return e.engine.EndDutyFor(ctx, arg)
}

// GetCallBack implements lite.Querier.
func (e *mailboxEngine) GetCallBack(ctx context.Context, arg lite.GetCallBackParams) (lite.GetCallBackRow, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return lite.GetCallBackRow{}, err
	}
	return e.engine.GetCallBack(ctx, arg)
}

// DialCallBack implements lite.Querier.
func (e *mailboxEngine) DialCallBack(ctx context.Context, arg lite.DialCallBackParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.DialCallBack(ctx, arg)
}

// ReleaseCallBack implements lite.Querier.
func (e *mailboxEngine) ReleaseCallBack(ctx context.Context, id string) (int64, error) {
	if err := e.nameCall(ctx, id); err != nil {
		return 0, err
	}
	return e.engine.ReleaseCallBack(ctx, id)
}

// EndCallBack implements lite.Querier.
func (e *mailboxEngine) EndCallBack(ctx context.Context, arg lite.EndCallBackParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.EndCallBack(ctx, arg)
}
