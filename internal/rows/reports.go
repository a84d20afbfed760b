package rows

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func report(r lite.FullReport) *heed.Report {
	return &heed.Report{
		ID: heed.ID(r.ID), Channel: heed.Channel(r.Channel), State: heed.State(r.State), ReceivedAt: moment(r.ReceivedAt),
		Language: r.Language, Category: r.Category, Urgency: heed.Urgency(r.Urgency), UrgencyBy: heed.ID(r.UrgencyBy),
		Lead: heed.ID(r.LeadID), DayKey: r.DayKey, Named: r.Named, Files: int(r.Files), Copies: int(r.Copies),
		Content: absent(r.Content), ScreenBy: moment(r.ScreenBy), DecideBy: moment(r.DecideBy), ConcludeBy: moment(r.ConcludeBy),
		NextDue: moment(r.NextDue), NextAlert: moment(r.NextAlert), AlertLevel: int(r.AlertLevel),
		StateSince: moment(r.StateSince), ClaimedBy: heed.ID(r.ClaimedBy), ClaimedUntil: moment(r.ClaimedUntil),
		ClaimFrom: heed.State(r.ClaimFrom), ClosedAt: moment(r.ClosedAt), Handed: r.Handed,
		ReviewSince: moment(r.ReviewSince), CopyOf: heed.ID(r.CopyOf), Version: r.Version,
	}
}

// AddReport implements heed.ReportTx. ErrConflict: the id is taken.
func (t *Tx) AddReport(ctx context.Context, r *heed.Report, wrappedKey []byte) error {
	num, err := t.engine.InsertReport(ctx, lite.InsertReportParams{
		ID: string(r.ID), Channel: string(r.Channel), State: string(r.State), List: string(r.List()), IsOpen: r.State.Open(),
		ReceivedAt: millis(r.ReceivedAt), Language: r.Language, Category: r.Category, Urgency: string(r.Urgency),
		UrgencyRank: int64(r.Urgency.Rank()), UrgencyBy: string(r.UrgencyBy), LeadID: string(r.Lead), DayKey: r.DayKey,
		Named: r.Named, Files: int64(r.Files), Copies: int64(r.Copies), ScreenBy: millis(r.ScreenBy),
		DecideBy: millis(r.DecideBy), ConcludeBy: millis(r.ConcludeBy), NextDue: lastly(r.NextDue),
		NextAlert: millis(r.NextAlert), AlertLevel: int64(r.AlertLevel), StateSince: millis(r.StateSince),
		ClaimedBy: string(r.ClaimedBy), ClaimedUntil: millis(r.ClaimedUntil), ClaimFrom: string(r.ClaimFrom),
		ClosedAt: millis(r.ClosedAt), Handed: r.Handed, ReviewSince: millis(r.ReviewSince), Kept: string(r.Kept()), CopyOf: string(r.CopyOf),
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = heed.ErrConflict
	}
	if err != nil {
		return failed(err, "add report %s", r.ID)
	}
	if err := t.engine.InsertContent(ctx, lite.InsertContentParams{Report: num, Content: present(r.Content)}); err != nil {
		return failed(err, "add the content of report %s", r.ID)
	}
	err = t.engine.InsertKey(ctx, lite.InsertKeyParams{Report: string(r.ID), Wrapped: present(wrappedKey)})
	if err != nil {
		return failed(err, "add the key of report %s", r.ID)
	}
	r.Version = 1
	return nil
}

// present is b, but never nil: these columns know no absence.
func present(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// absent is b, but nil where it is empty, which the drivers answer either way.
func absent(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}

// Report implements heed.ReportTx.
func (t *Tx) Report(ctx context.Context, id heed.ID) (*heed.Report, error) {
	r, err := t.engine.GetReport(ctx, string(id))
	return one(r, err, report, "report %s", id)
}

// WrappedKey implements heed.ReportTx.
func (t *Tx) WrappedKey(ctx context.Context, id heed.ID) ([]byte, error) {
	key, err := t.engine.GetKey(ctx, string(id))
	if !errors.Is(err, sql.ErrNoRows) {
		return key, failed(err, "key of report %s", id)
	}
	if _, err = t.engine.ReportNumber(ctx, string(id)); err == nil {
		err = heed.ErrGone
	}
	return nil, failed(err, "key of report %s", id)
}

// eachNamed runs a query that ends in "IN (" for some of the ids after others.
func (t *Tx) eachNamed(ctx context.Context, query string, names []heed.ID, scan func(into func(...any) error) error) error {
	for some := range slices.Chunk(names, insertChunk) {
		s := &selection{}
		places := make([]string, len(some))
		for i, id := range some {
			places[i] = s.arg(string(id))
		}
		if err := t.engine.Each(ctx, query+strings.Join(places, ", ")+")", s.args, scan); err != nil {
			return err
		}
	}
	return nil
}

// ReportsOf implements heed.ReportTx.
func (t *Tx) ReportsOf(ctx context.Context, names []heed.ID) (map[heed.ID]*heed.Report, error) {
	found := make(map[heed.ID]*heed.Report, len(names))
	err := t.eachNamed(ctx, "SELECT "+fullColumns+" FROM full_reports r WHERE r.id IN (", names, func(into func(...any) error) error {
		var r lite.FullReport
		err := scanReport(&r, into)
		found[heed.ID(r.ID)] = report(r)
		return err
	})
	return found, failed(err, "reports")
}

// WrappedKeys implements heed.ReportTx.
func (t *Tx) WrappedKeys(ctx context.Context, names []heed.ID) (map[heed.ID][]byte, error) {
	found := make(map[heed.ID][]byte, len(names))
	err := t.eachNamed(ctx, "SELECT report, wrapped FROM report_keys WHERE report IN (", names, func(into func(...any) error) error {
		var id string
		var wrapped []byte
		err := into(&id, &wrapped)
		found[heed.ID(id)] = wrapped
		return err
	})
	return found, failed(err, "keys of reports")
}

// DestroyKey implements heed.ReportTx. It is no error where the key is destroyed already.
func (t *Tx) DestroyKey(ctx context.Context, id heed.ID) error {
	key, err := t.WrappedKey(ctx, id)
	if errors.Is(err, heed.ErrGone) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("destroy: %w", err)
	}
	zeros := make([]byte, len(key))
	if err := t.engine.OverwriteKey(ctx, lite.OverwriteKeyParams{Report: string(id), Zeros: zeros}); err != nil {
		return failed(err, "overwrite the key of report %s", id)
	}
	return failed(t.engine.DeleteKey(ctx, string(id)), "delete the key of report %s", id)
}

// UpdateReport implements heed.ReportTx. Content is rewritten only where it changed.
func (t *Tx) UpdateReport(ctx context.Context, r *heed.Report) error {
	num, err := t.engine.UpdateReport(ctx, lite.UpdateReportParams{
		ID: string(r.ID), Channel: string(r.Channel), State: string(r.State), List: string(r.List()), IsOpen: r.State.Open(),
		ReceivedAt: millis(r.ReceivedAt), Language: r.Language, Category: r.Category, Urgency: string(r.Urgency),
		UrgencyRank: int64(r.Urgency.Rank()), UrgencyBy: string(r.UrgencyBy), LeadID: string(r.Lead), DayKey: r.DayKey,
		Named: r.Named, Files: int64(r.Files), Copies: int64(r.Copies), ScreenBy: millis(r.ScreenBy),
		DecideBy: millis(r.DecideBy), ConcludeBy: millis(r.ConcludeBy), NextDue: lastly(r.NextDue),
		NextAlert: millis(r.NextAlert), AlertLevel: int64(r.AlertLevel), StateSince: millis(r.StateSince),
		ClaimedBy: string(r.ClaimedBy), ClaimedUntil: millis(r.ClaimedUntil), ClaimFrom: string(r.ClaimFrom),
		ClosedAt: millis(r.ClosedAt), Handed: r.Handed, ReviewSince: millis(r.ReviewSince), Kept: string(r.Kept()), CopyOf: string(r.CopyOf),
		Version: r.Version,
	})
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = t.engine.ReportNumber(ctx, string(r.ID)); err == nil {
			err = heed.ErrConflict
		}
	}
	if err != nil {
		return failed(err, "update report %s", r.ID)
	}
	if err := t.engine.UpdateContent(ctx, lite.UpdateContentParams{Report: num, Content: present(r.Content)}); err != nil {
		return failed(err, "update the content of report %s", r.ID)
	}
	r.Version++
	return nil
}

// Duplicates implements heed.ReportTx.
func (t *Tx) Duplicates(ctx context.Context, lead heed.ID, limit int) ([]*heed.Report, error) {
	rs, err := t.engine.Duplicates(ctx, lite.DuplicatesParams{LeadID: string(lead), MaxRows: capped(limit)})
	return each(rs, err, report, "duplicates of report %s", lead)
}

// AlertsDue implements heed.ReportTx.
func (t *Tx) AlertsDue(ctx context.Context, now time.Time, limit int) ([]*heed.Report, error) {
	rs, err := t.engine.AlertsDue(ctx, lite.AlertsDueParams{Now: millis(now), MaxRows: capped(limit)})
	return each(rs, err, report, "alerts due")
}

// ClaimsLapsed implements heed.ReportTx.
func (t *Tx) ClaimsLapsed(ctx context.Context, now time.Time, limit int) ([]*heed.Report, error) {
	rs, err := t.engine.ClaimsLapsed(ctx, lite.ClaimsLapsedParams{Now: millis(now), MaxRows: capped(limit)})
	return each(rs, err, report, "claims lapsed")
}

// Unscreened implements heed.ReportTx.
func (t *Tx) Unscreened(ctx context.Context, before time.Time, limit int) ([]*heed.Report, error) {
	rs, err := t.engine.Unscreened(ctx, lite.UnscreenedParams{Before: millis(before), MaxRows: capped(limit)})
	return each(rs, err, report, "unscreened reports")
}

// Kept implements heed.ReportTx.
func (t *Tx) Kept(ctx context.Context, kept heed.Kept, until time.Time, limit int) ([]*heed.Report, error) {
	rs, err := t.engine.Kept(ctx, lite.KeptParams{Kept: string(kept), Until: millis(until), MaxRows: capped(limit)})
	return each(rs, err, report, "reports kept as %s", kept)
}
