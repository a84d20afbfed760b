package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
	"github.com/heed-line/heed/internal/rows/lite"
)

// explaining is an engine that keeps the plan of what Each runs, then runs it.
type explaining struct {
	*engine
	plan []string
}

func (e *explaining) Each(ctx context.Context, query string, args []any, scan func(func(...any) error) error) error {
	e.plan = nil
	err := e.engine.Each(ctx, "EXPLAIN QUERY PLAN "+query, args, func(into func(...any) error) error {
		var id, parent, unused int
		var step string
		err := into(&id, &parent, &unused, &step)
		e.plan = append(e.plan, step)
		return err
	})
	if err != nil {
		return err
	}
	return e.engine.Each(ctx, query, args, scan)
}

func TestEveryListIsARangeOfAnIndexAndSortsNothing(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	after := &heed.Report{ID: heed.NewID(time.Now()), Urgency: heed.High, NextDue: time.Now()}
	for _, c := range []struct {
		query heed.ReportQuery
		index string
	}{
		{heed.ReportQuery{}, "reports_all"},
		{heed.ReportQuery{Urgency: heed.High}, "reports_all"},
		{heed.ReportQuery{List: heed.ListReview}, "reports_list"},
		{heed.ReportQuery{List: heed.ListReview, Urgency: heed.High}, "reports_list"},
		{heed.ReportQuery{List: heed.ListReview, Category: "drugs"}, "reports_list_category"},
		{heed.ReportQuery{List: heed.ListReview, Category: "drugs", Urgency: heed.High}, "reports_list_category"},
		{heed.ReportQuery{State: heed.Queued}, "reports_state"},
		{heed.ReportQuery{State: heed.Queued, Category: "drugs"}, "reports_state_category"},
		{heed.ReportQuery{Category: "drugs"}, "reports_category"},
		{heed.ReportQuery{Claimed: "ann"}, "reports_claimed"},
	} {
		for _, q := range []heed.ReportQuery{c.query, withAfter(c.query, after)} {
			plan := planOf(t, s, q)
			if !strings.Contains(strings.ReplaceAll(plan, ";", " "), " INDEX "+c.index+" ") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%+v: %s", q, plan)
			}
		}
	}
}

// What several categories select is merged from ranges that each end at the page's length, so it may be sorted.
func TestTheListsOfSeveralCategoriesAreRangesOfAnIndexEach(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for index, q := range map[string]heed.ReportQuery{
		"reports_list_category":  {List: heed.ListReview, Categories: []string{"drugs", "cyber"}},
		"reports_state_category": {State: heed.Queued, Categories: []string{"drugs", "cyber"}},
		"reports_category":       {Categories: []string{"drugs", "cyber"}},
	} {
		listed := planOf(t, s, q)
		ranges := strings.Count(listed, "SEARCH r USING COVERING INDEX "+index+" ")
		if ranges != 2 || strings.Contains(listed, "SCAN r") {
			t.Errorf("%+v: %s", q, listed)
		}
		counted := plan(t, s, func(tx heed.Tx) error { _, err := tx.CountReports(t.Context(), q, 1000); return err })
		if !strings.Contains(counted, "SEARCH r USING COVERING INDEX "+index+" ") {
			t.Errorf("counting %+v: %s", q, counted)
		}
	}
}

func TestWhatIsKeptNoLongerIsARangeOfAnIndex(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const query = "SELECT * FROM full_reports WHERE kept = ? AND kept <> '' AND state_since <= ? ORDER BY state_since, id LIMIT ?"
	if all := explain(t, s, query, "closed", 1, 20); !strings.Contains(all, "INDEX reports_kept (kept=? AND state_since<?)") || strings.Contains(all, "TEMP B-TREE") {
		t.Error(all)
	}
}

// What is over stays, so that a line's Disclosures only grow; open ones are few at any time.
func TestTheListsOfOpenDisclosuresLookAtNoneThatIsOver(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, list := range map[string]func(heed.Tx) ([]*heed.Disclosure, error){
		"waiting": func(tx heed.Tx) ([]*heed.Disclosure, error) { return tx.WaitingDisclosures(ctx, time.Now(), 200) },
		"unseen":  func(tx heed.Tx) ([]*heed.Disclosure, error) { return tx.UnseenDisclosures(ctx, "dana", 200) },
		"of a day": func(tx heed.Tx) ([]*heed.Disclosure, error) {
			return tx.OpenDisclosuresOfDay(ctx, "2026-11-23", 200)
		},
		"due": func(tx heed.Tx) ([]*heed.Disclosure, error) { return tx.DisclosuresDue(ctx, time.Now(), 200) },
	} {
		asked := &asking{DB: s.read}
		e := newEngine(nil, nil)
		e.Queries = lite.New(asked)
		if _, err := list(rows.NewTx(e)); err != nil {
			t.Fatal(err)
		}
		if plan := explain(t, s, asked.query, asked.args...); !strings.Contains(plan, "INDEX disclosures_open (until>") {
			t.Errorf("%s: %s", name, plan)
		}
	}
}

// asking is a database that keeps what it was asked last.
type asking struct {
	*sql.DB
	query string
	args  []any
}

func (a *asking) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	a.query, a.args = query, args
	return a.DB.QueryContext(ctx, query, args...)
}

// explain is how SQLite means to answer the query, step by step.
func explain(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	steps, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer steps.Close()
	var plan []string
	for steps.Next() {
		var id, parent, unused int
		var step string
		if err := steps.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := steps.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "; ")
}

func TestASearchStartsFromARareWord(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "heed.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	words := [][]byte{[]byte("word one"), []byte("word two")}
	for _, q := range []heed.ReportQuery{{Tokens: words}, {Tokens: words, List: heed.ListReview, Category: "drugs"}} {
		if plan := planOf(t, s, q); !strings.HasPrefix(plan, "CO-ROUTINE r; SEARCH c USING INTEGER PRIMARY KEY (rowid=?)") {
			t.Errorf("%+v: %s", q, plan)
		}
	}
	if all := explain(t, s, "SELECT tokens FROM search_tokens WHERE place >= ?1 AND place <= ?2", 1, 2); all != "SEARCH search_tokens USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" {
		t.Error(all)
	}
}

func withAfter(q heed.ReportQuery, after *heed.Report) heed.ReportQuery {
	q.After = after
	return q
}

// planOf is how SQLite means to answer the query, step by step.
func planOf(t *testing.T, s *Store, q heed.ReportQuery) string {
	t.Helper()
	return plan(t, s, func(tx heed.Tx) error { _, err := tx.Reports(t.Context(), q); return err })
}

// plan is how SQLite means to answer what is asked.
func plan(t *testing.T, s *Store, ask func(heed.Tx) error) string {
	t.Helper()
	tx, err := s.read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	e := &explaining{engine: newEngine(tx, nil)}
	if err := ask(rows.NewTx(e)); err != nil {
		t.Fatal(err)
	}
	return strings.Join(e.plan, "; ")
}
