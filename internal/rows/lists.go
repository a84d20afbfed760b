package rows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// The shapes of a list are too many for one statement each, so these are put together here. Every condition is one that
// an index of reports serves, and the order is the tail of each of those indexes.

const (
	pageDefault = 50
	pageMost    = 200
	// rare is how many reports may have all the words so that the search starts from them. Above, the search walks the list in its
	// order and tests each report, which is quick exactly when the words are frequent.
	rare = 2000
)

const fullColumns = `r.num, r.id, r.channel, r.state, r.list, r.is_open, r.received_at, r.language, r.category, r.urgency,
    r.urgency_rank, r.urgency_by, r.lead_id, r.day_key, r.named, r.files, r.copies, r.screen_by, r.decide_by,
    r.conclude_by, r.next_due, r.next_alert, r.alert_level, r.state_since, r.claimed_by, r.claimed_until, r.claim_from,
    r.closed_at, r.handed, r.review_since, r.version, r.content, r.copy_of`

func scanReport(r *lite.FullReport, into func(...any) error) error {
	return into(&r.Num, &r.ID, &r.Channel, &r.State, &r.List, &r.IsOpen, &r.ReceivedAt, &r.Language, &r.Category,
		&r.Urgency, &r.UrgencyRank, &r.UrgencyBy, &r.LeadID, &r.DayKey, &r.Named, &r.Files, &r.Copies, &r.ScreenBy,
		&r.DecideBy, &r.ConcludeBy, &r.NextDue, &r.NextAlert, &r.AlertLevel, &r.StateSince, &r.ClaimedBy, &r.ClaimedUntil,
		&r.ClaimFrom, &r.ClosedAt, &r.Handed, &r.ReviewSince, &r.Version, &r.Content, &r.CopyOf)
}

// selection is a list under construction.
type selection struct {
	from  string
	where []string
	args  []any
}

func (s *selection) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("?%d", len(s.args))
}

func (s *selection) and(condition string, values ...any) {
	for _, v := range values {
		condition = strings.Replace(condition, "$", s.arg(v), 1)
	}
	s.where = append(s.where, condition)
}

// among restricts a column to the values.
func among[T string | int64](s *selection, column string, values []T) {
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = s.arg(v)
	}
	s.and(column + " IN (" + strings.Join(places, ", ") + ")")
}

func (s *selection) conditions() string {
	if len(s.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(s.where, " AND ")
}

// selectReports turns q into a selection on the table or view named from.
func (t *Tx) selectReports(ctx context.Context, q heed.ReportQuery, from string) (*selection, error) {
	s := &selection{from: from + " r"}
	if q.List != "" {
		s.and("r.list = $", string(q.List))
	}
	if q.State != "" {
		s.and("r.state = $", string(q.State))
	}
	if q.Category != "" {
		s.and("r.category = $", q.Category)
	}
	if q.Urgency != "" {
		s.and("r.urgency_rank = $ AND r.urgency = $", q.Urgency.Rank(), string(q.Urgency))
	}
	if q.CopyOf != "" {
		s.and("r.copy_of = $ AND r.copy_of <> '' AND r.list = $", string(q.CopyOf), string(heed.ListCopies))
	}
	if q.Claimed != "" {
		s.and("r.claimed_by = $ AND r.claimed_by <> ''", string(q.Claimed))
	}
	if q.After != nil {
		s.and("(r.urgency_rank, r.next_due, r.id) > ($, $, $)",
			q.After.Urgency.Rank(), lastly(q.After.NextDue), string(q.After.ID))
	}
	if len(q.Tokens) > 0 {
		return s, t.selectTokens(ctx, s, from, q.Tokens, q.OrTokens)
	}
	return s, nil
}

// selectTokens restricts s to open reports that have every token, or every one of the others where there are any.
func (t *Tx) selectTokens(ctx context.Context, s *selection, from string, tokens, others [][]byte) error {
	nums, err := t.having(ctx, tokens)
	if err == nil && len(others) > 0 {
		var also []int64
		also, err = t.having(ctx, others)
		nums = distinct(slices.Concat(nums, also))
	}
	if err != nil {
		return failed(err, "look for search tokens")
	}
	s.and("r.is_open = TRUE")
	if len(nums) < rare {
		// Neither engine takes apart what has a LIMIT; left to itself it might walk the whole list.
		s.from = fmt.Sprintf("(SELECT * FROM %s WHERE %s LIMIT %d) r", from, t.in(s, "num", nums), rare)
		return nil
	}
	// Neither looks for a sum in an index; left to itself it might fetch and sort all that have a frequent word.
	s.where = append(s.where, t.in(s, "r.num + 0", nums))
	return nil
}

// Reports implements heed.ReportTx.
func (t *Tx) Reports(ctx context.Context, q heed.ReportQuery) ([]*heed.Report, error) {
	q, none := narrowed(q)
	if none {
		return nil, nil
	}
	limit := q.Limit
	if limit <= 0 {
		limit = pageDefault
	}
	limit = min(limit, pageMost)
	from := "full_reports"
	if len(q.Categories) > 0 {
		from = "reports"
	}
	s, err := t.selectReports(ctx, q, from)
	if err != nil {
		return nil, err
	}
	var query string
	if len(q.Categories) > 0 {
		query = s.merged(q.Categories, limit)
	} else {
		query = "SELECT " + fullColumns + " FROM " + s.from + s.conditions() + order + s.arg(limit)
	}
	reports, err := t.each(ctx, query, s.args)
	return reports, failed(err, "list reports")
}

// each gives the reports of a query for fullColumns.
func (t *Tx) each(ctx context.Context, query string, args []any) (reports []*heed.Report, err error) {
	reports = []*heed.Report{}
	err = t.engine.Each(ctx, query, args, func(into func(...any) error) error {
		var r lite.FullReport
		if err := scanReport(&r, into); err != nil {
			return err
		}
		reports = append(reports, report(r))
		return nil
	})
	return reports, err
}

const order = " ORDER BY r.urgency_rank, r.next_due, r.id LIMIT "

// narrowed turns one category or the choice of one into the plain question for it. none: it lies outside Categories.
func narrowed(q heed.ReportQuery) (narrow heed.ReportQuery, none bool) {
	switch {
	case len(q.Categories) == 0:
		return q, false
	case q.Category != "" && !slices.Contains(q.Categories, q.Category):
		return q, true
	case q.Category == "" && len(q.Categories) == 1:
		q.Category = q.Categories[0]
	case q.Category == "":
		return q, false
	}
	q.Categories = nil
	return q, false
}

// merged is the page of several categories: the first rows of each are a range of an index that ends in the list's
// order, and the page is the first of those.
func (s *selection) merged(categories []string, limit int) string {
	most := s.arg(limit)
	var ranges []string
	for i, category := range categories {
		one := *s
		one.where = slices.Clone(s.where)
		one.and("r.category = $", category)
		s.args = one.args
		ranges = append(ranges, fmt.Sprintf("SELECT * FROM (SELECT r.num FROM %s%s%s%s) AS c%d", one.from, one.conditions(), order, most, i))
	}
	return "SELECT " + fullColumns + " FROM full_reports r WHERE r.num IN (" + strings.Join(ranges, " UNION ALL ") + ")" + order + most
}

// CountReports implements heed.ReportTx.
func (t *Tx) CountReports(ctx context.Context, q heed.ReportQuery, limit int) (int, error) {
	q, none := narrowed(q)
	if none {
		return 0, nil
	}
	s, err := t.selectReports(ctx, q, "reports")
	if err != nil {
		return 0, err
	}
	if len(q.Categories) > 0 {
		among(s, "r.category", q.Categories)
	}
	query := "SELECT count(*) FROM (SELECT 1 FROM " + s.from + s.conditions() + " LIMIT " + s.arg(capped(limit)) + ") AS n"
	var n int
	err = t.engine.Each(ctx, query, s.args, func(into func(...any) error) error { return into(&n) })
	return n, failed(err, "count reports")
}

func ids(of []heed.ID) []string {
	out := make([]string, len(of))
	for i, id := range of {
		out[i] = string(id)
	}
	return out
}
