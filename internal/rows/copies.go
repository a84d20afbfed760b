package rows

import (
	"context"

	"github.com/heed-line/heed"
)

// CountCopies implements heed.ReportTx.
func (t *Tx) CountCopies(ctx context.Context, of []heed.ID, categories []string, limit int) (map[heed.ID]int, error) {
	counts := map[heed.ID]int{}
	if len(of) == 0 {
		return counts, nil
	}
	s := &selection{from: "reports c"}
	s.and("c.copy_of = r.id AND c.copy_of <> '' AND c.list = 'copies'")
	if len(categories) > 0 {
		among(s, "c.category", categories)
	}
	under := "SELECT 1 FROM " + s.from + s.conditions() + " LIMIT " + s.arg(capped(limit))
	s.where = nil
	among(s, "r.id", ids(of))
	query := "SELECT r.id, (SELECT count(*) FROM (" + under + ") AS n) FROM reports r" + s.conditions()
	err := t.engine.Each(ctx, query, s.args, func(into func(...any) error) error {
		var id string
		var n int
		err := into(&id, &n)
		if n > 0 {
			counts[heed.ID(id)] = n
		}
		return err
	})
	return counts, failed(err, "count copies")
}

// copiesAlone steps through the index from one lead to the next, and looks at the copies only of those that let them go.
const copiesAlone = `WITH RECURSIVE leads(lead) AS (
    SELECT min(c.copy_of) FROM reports c WHERE c.copy_of <> ''
    UNION ALL
    SELECT (SELECT min(c.copy_of) FROM reports c WHERE c.copy_of <> '' AND c.copy_of > leads.lead)
    FROM leads WHERE leads.lead IS NOT NULL
)
SELECT ` + fullColumns + ` FROM leads CROSS JOIN full_reports r
WHERE NOT EXISTS (
    SELECT 1 FROM reports l WHERE l.id = leads.lead AND l.list = 'review' AND EXISTS (
        SELECT 1 FROM (
            SELECT c.urgency_rank, c.category FROM reports c
            WHERE c.copy_of = leads.lead AND c.copy_of <> '' AND c.list = 'copies'
            ORDER BY c.urgency_rank, c.next_due, c.id LIMIT 1
        ) AS most WHERE l.urgency_rank <= most.urgency_rank AND l.category = most.category
    )
)
AND r.copy_of = leads.lead AND r.copy_of <> '' AND r.list = 'copies' AND NOT EXISTS (
    SELECT 1 FROM reports l
    WHERE l.id = r.copy_of AND l.list = 'review' AND l.urgency_rank <= r.urgency_rank AND l.category = r.category
)
`

// CopiesAlone implements heed.ReportTx.
func (t *Tx) CopiesAlone(ctx context.Context, limit int) ([]*heed.Report, error) {
	reports, err := t.each(ctx, copiesAlone+order+"?1", []any{capped(limit)})
	return reports, failed(err, "list copies alone")
}
