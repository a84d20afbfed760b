package postgres

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// mailboxEngine runs a portal's statements under a role that sees only rows it can name (see rights): it says which before it
// asks, and never asks for more of a row than the role may see.
type mailboxEngine struct{ *engine }

// name says for the rest of the transaction which report's rows are asked for.
func (e *mailboxEngine) name(ctx context.Context, report string) error {
	_, err := e.tx.Exec(ctx, "SELECT set_config('heed.report', $1, true)", report)
	return err
}

// nameCall says for the rest of the transaction which call's row is asked for.
func (e *mailboxEngine) nameCall(ctx context.Context, call string) error {
	_, err := e.tx.Exec(ctx, "SELECT set_config('heed.call', $1, true)", call)
	return err
}

// InsertCall implements lite.Querier. That there is one of the id shows by its row.
func (e *mailboxEngine) InsertCall(ctx context.Context, arg lite.InsertCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.InsertCall(ctx, arg)
}

// UpdateCall implements lite.Querier.
func (e *mailboxEngine) UpdateCall(ctx context.Context, arg lite.UpdateCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.UpdateCall(ctx, arg)
}

// SeeCall implements lite.Querier.
func (e *mailboxEngine) SeeCall(ctx context.Context, arg lite.SeeCallParams) (int64, error) {
	if err := e.nameCall(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.SeeCall(ctx, arg)
}

// EndCall implements lite.Querier.
func (e *mailboxEngine) EndCall(ctx context.Context, id string) (int64, error) {
	if err := e.nameCall(ctx, id); err != nil {
		return 0, err
	}
	return e.engine.EndCall(ctx, id)
}

// GetReceipt implements lite.Querier.
func (e *mailboxEngine) GetReceipt(ctx context.Context, lookup []byte) (lite.Receipt, error) {
	if _, err := e.tx.Exec(ctx, "SELECT set_config('heed.lookup', $1, true)", hex.EncodeToString(lookup)); err != nil {
		return lite.Receipt{}, err
	}
	return e.engine.GetReceipt(ctx, lookup)
}

// InsertReport implements lite.Querier.
func (e *mailboxEngine) InsertReport(ctx context.Context, arg lite.InsertReportParams) (int64, error) {
	if err := e.name(ctx, arg.ID); err != nil { // its number is read back
		return 0, err
	}
	return e.engine.InsertReport(ctx, arg)
}

// GetReport implements lite.Querier. The content is left out.
func (e *mailboxEngine) GetReport(ctx context.Context, id string) (lite.FullReport, error) {
	if err := e.name(ctx, id); err != nil {
		return lite.FullReport{}, err
	}
	r, err := e.ReportWithoutContent(ctx, id)
	return lite.FullReport(r), err
}

// ReportNumber implements lite.Querier.
func (e *mailboxEngine) ReportNumber(ctx context.Context, id string) (int64, error) {
	if err := e.name(ctx, id); err != nil {
		return 0, err
	}
	return e.engine.ReportNumber(ctx, id)
}

// UpdateReport implements lite.Querier.
func (e *mailboxEngine) UpdateReport(ctx context.Context, arg lite.UpdateReportParams) (int64, error) {
	if err := e.name(ctx, arg.ID); err != nil {
		return 0, err
	}
	return e.engine.UpdateReport(ctx, arg)
}

// UpdateContent implements lite.Querier. A report read here has no content, which leaves the stored one as it is.
func (e *mailboxEngine) UpdateContent(_ context.Context, arg lite.UpdateContentParams) error {
	if len(arg.Content) > 0 {
		return fmt.Errorf("a portal changes no content: %w", heed.ErrForbidden)
	}
	return nil
}

// HasIdentity implements lite.Querier.
func (e *mailboxEngine) HasIdentity(ctx context.Context, report string) (int64, error) {
	if err := e.name(ctx, report); err != nil {
		return 0, err
	}
	return e.engine.HasIdentity(ctx, report)
}

// Messages implements lite.Querier.
func (e *mailboxEngine) Messages(ctx context.Context, report string) ([]lite.Message, error) {
	if err := e.name(ctx, report); err != nil {
		return nil, err
	}
	return e.engine.Messages(ctx, report)
}

// Attachments implements lite.Querier. The wrapped keys are left out: no portal has a use for them.
func (e *mailboxEngine) Attachments(ctx context.Context, report string) ([]lite.Attachment, error) {
	if err := e.name(ctx, report); err != nil {
		return nil, err
	}
	found, err := e.AttachmentsWithoutKeys(ctx, report)
	if err != nil {
		return nil, err
	}
	all := make([]lite.Attachment, len(found))
	for i, a := range found {
		all[i] = lite.Attachment{
			ID: a.ID, Report: a.Report, BlobKey: a.BlobKey, Type: a.Type, Size: a.Size, Day: a.Day, SealedName: a.SealedName, At: a.At,
		}
	}
	return all, nil
}

// HeldOriginals implements lite.Querier.
func (e *mailboxEngine) HeldOriginals(ctx context.Context, report string) ([]string, error) {
	if err := e.name(ctx, report); err != nil {
		return nil, err
	}
	return e.HeldOriginalsOfNamed(ctx, report)
}

// Disclosures implements lite.Querier. Who asked, why in words, and what was sealed for showing are left out.
func (e *mailboxEngine) Disclosures(ctx context.Context, report string) ([]lite.Disclosure, error) {
	if err := e.name(ctx, report); err != nil {
		return nil, err
	}
	found, err := e.DisclosuresWithoutSecrets(ctx, report)
	if err != nil {
		return nil, err
	}
	all := make([]lite.Disclosure, len(found))
	for i, d := range found {
		all[i] = lite.Disclosure{
			ID: d.ID, Report: d.Report, State: d.State, At: d.At, Reason: d.Reason, SecondAt: d.SecondAt, Until: d.Until, SeenAt: d.SeenAt,
			ExportedAt: d.ExportedAt, ExportedAgain: d.ExportedAgain, File: d.File,
		}
	}
	return all, nil
}

// DeleteDayKeysOfReport implements lite.Querier.
func (e *mailboxEngine) DeleteDayKeysOfReport(ctx context.Context, report string) error {
	if err := e.name(ctx, report); err != nil {
		return err
	}
	return e.engine.DeleteDayKeysOfReport(ctx, report)
}

// EndDisclosuresOfReport implements lite.Querier.
func (e *mailboxEngine) EndDisclosuresOfReport(ctx context.Context, arg lite.EndDisclosuresOfReportParams) error {
	if err := e.name(ctx, arg.Report); err != nil {
		return err
	}
	return e.engine.EndDisclosuresOfReport(ctx, arg)
}

// DeleteIdentitiesOfReport implements lite.Querier.
func (e *mailboxEngine) DeleteIdentitiesOfReport(ctx context.Context, report string) (int64, error) {
	if err := e.name(ctx, report); err != nil {
		return 0, err
	}
	return e.engine.DeleteIdentitiesOfReport(ctx, report)
}
