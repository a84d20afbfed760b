package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/heed-line/heed"
)

// Fill adds n reports to an empty store, with content, wrapped key, receipt and audit leaf of a real one's size, in a few
// minutes a million: the statements make the rows, and the indexes of reports are built afterwards.
//
// Of a hundred reports 6 are in the review queue, 5 elsewhere on the desk, 19 with a Department and 70 closed; those at
// the desk have search tokens, some in a third of them and some in one. Of ten thousand one is of RareCategory and two of
// SeldomCategory, all others of "category-0" to "category-15". What stands for ciphertext is noise, so no key
// opens it. Ids count upwards: FilledID names the i-th.
func Fill(ctx context.Context, s heed.Store, n int) error {
	err := errors.New("fill: a store of neither kind")
	switch s := s.(type) {
	case interface{ WriteDB() *sql.DB }:
		err = fillSQLite(ctx, s.WriteDB(), n)
	case interface{ Pool() *pgxpool.Pool }:
		err = fillPostgres(ctx, s.Pool(), n)
	}
	if err != nil {
		return err
	}
	return fillTokens(ctx, s, n)
}

// fillTokens gives those at the desk their search tokens.
func fillTokens(ctx context.Context, s heed.Store, n int) error {
	var traces []*heed.Trace
	for i := 1; i <= n; i++ {
		if i%100 <= 10 {
			traces = append(traces, &heed.Trace{Report: FilledID(i), Tokens: [][]byte{FilledToken(i % 3), FilledToken(1000 + (i*7919)%1000003)}})
		}
	}
	for some := range slices.Chunk(traces, 2000) {
		if err := s.Update(ctx, func(tx heed.Tx) error { return tx.PutTraces(ctx, some) }); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	return nil
}

// FilledID is the id of the i-th report that Fill added, from 1. Unlike other ids it doesn't tell a time.
func FilledID(i int) heed.ID { return heed.ID(fmt.Sprintf("06h%023d", i)) }

// Categories that hardly any report has that Fill added: the first has reports in the review queue alone, the second some closed ones
// besides. They are of the default profile, so that an account can be limited to them.
const (
	RareCategory   = "official-secrets"
	SeldomCategory = "disaster"
)

// FilledToken is a search token that Fill gave to reports at the desk: 0 to 2 to a third of them each, the hundreds from
// 1000 on to few.
func FilledToken(i int) []byte { return fmt.Appendf(nil, "%08d", i) }

// chunk keeps a transaction, and SQLite's journal, small.
const chunk = 50_000

// In these {n} is the number of the report, {id} its id and {noise:x} x bytes, as the engine spells them; {rows} gives n.
var filling = []string{
	`INSERT INTO reports (
		id, channel, state, list, is_open, received_at, language, category, urgency, urgency_rank, urgency_by, lead_id,
		day_key, named, files, copies, screen_by, decide_by, conclude_by, next_due, next_alert, alert_level, state_since,
		claimed_by, claimed_until, claim_from, closed_at, version)
	SELECT id, 'web', state,
		CASE state WHEN 'queued' THEN 'review' WHEN 'in_review' THEN 'review' WHEN 'set_aside' THEN 'aside'
			WHEN 'pending_approval' THEN 'approval' WHEN 'referred' THEN 'referred' WHEN 'closed' THEN 'done'
			ELSE 'waiting' END,
		state NOT IN ('referred', 'closed'), received, 'en',
		CASE n % 10000 WHEN 3 THEN '` + RareCategory + `' WHEN 4 THEN '` + SeldomCategory + `' WHEN 57 THEN '` + SeldomCategory + `'
			ELSE 'category-' || (scatter % 16) END, urgency,
		CASE urgency WHEN 'immediate' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, '', '', '2026-11-23',
		FALSE, 0, 0, received + 300000, received + 10800000, received + 86400000,
		CASE WHEN state IN ('referred', 'closed') THEN 9223372036854775807 ELSE received + scatter * 1000 END,
		CASE WHEN state IN ('referred', 'closed') THEN 0 ELSE 4102444800000 END, 0, received,
		CASE state WHEN 'in_review' THEN 'staff-' || (scatter % 50) ELSE '' END,
		CASE state WHEN 'in_review' THEN 4102444800000 ELSE 0 END, '',
		CASE state WHEN 'closed' THEN received + 86400000 ELSE 0 END, 1
	FROM (
		SELECT {n} AS n, {id} AS id, 1700000000000 + {n} * 30000 AS received, ({n} * 7919) % 1000003 AS scatter,
			CASE WHEN {n} % 100 < 5 THEN 'queued' WHEN {n} % 100 = 5 THEN 'in_review' WHEN {n} % 100 < 8 THEN 'set_aside'
				WHEN {n} % 100 = 8 THEN 'needs_info' WHEN {n} % 100 = 9 THEN 'held' WHEN {n} % 100 = 10 THEN 'pending_approval'
				WHEN {n} % 100 < 30 THEN 'referred' ELSE 'closed' END AS state,
			CASE ({n} * 7919) % 20 WHEN 0 THEN 'immediate' WHEN 1 THEN 'high' WHEN 2 THEN 'high' WHEN 3 THEN 'low'
				ELSE 'normal' END AS urgency
		FROM {rows}
	) AS made`,
	`INSERT INTO contents (report, content) SELECT r.num, {noise:512} FROM {rows} JOIN reports r ON r.id = {id}`,
	`INSERT INTO report_keys (report, wrapped) SELECT {id}, {noise:1216} FROM {rows}`,
	`INSERT INTO receipts (lookup, report, sealed_mailbox_key) SELECT {noise:32}, {id}, {noise:64} FROM {rows}`,
	`INSERT INTO audit_leaves (seq, at, actor, act, report, details)
	SELECT {seq}, 1700000000000 + {n} * 30000, '', 'report.received', {id}, {noise:96} FROM {rows}`,
}

// spelled puts an engine's words for the places into a statement. Each word may hold one argument, as %s.
func spelled(statement string, words map[string]string) string {
	var out strings.Builder
	for statement != "" {
		before, rest, found := strings.Cut(statement, "{")
		out.WriteString(before)
		if !found {
			break
		}
		end := closing(rest)
		name, argument, _ := strings.Cut(rest[:end], ":")
		word := strings.ReplaceAll(words[name], "%s", spelled(argument, words))
		out.WriteString(word)
		statement = rest[end+1:]
	}
	return out.String()
}

// closing is where the brace ends that was opened before s.
func closing(s string) int {
	depth := 1
	for i, c := range s {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return i
		}
	}
	panic("a brace is left open")
}

func fillSQLite(ctx context.Context, db *sql.DB, n int) (err error) {
	indexes, err := sqliteIndexes(ctx, db)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	if err := exec(ctx, db, "PRAGMA synchronous = OFF"); err != nil {
		return err
	}
	for name := range indexes {
		if err := exec(ctx, db, "DROP INDEX "+name); err != nil {
			return err
		}
	}
	for first := 1; first <= n; first += chunk {
		words := map[string]string{
			"n": "n", "seq": "NULL", "id": "('06h' || printf('%023d', n))", "noise": "randomblob(%s)",
			"rows": fmt.Sprintf("(WITH RECURSIVE c(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT n FROM c)",
				first, min(first+chunk-1, n)),
		}
		for _, statement := range filling {
			if err := exec(ctx, db, spelled(statement, words)); err != nil {
				return err
			}
		}
	}
	for _, create := range indexes {
		if err := exec(ctx, db, create); err != nil {
			return err
		}
	}
	return errors.Join(exec(ctx, db, "PRAGMA synchronous = FULL"), exec(ctx, db, "PRAGMA wal_checkpoint(TRUNCATE)"))
}

func exec(ctx context.Context, db *sql.DB, statement string) error {
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("fill: %.40s: %w", statement, err)
	}
	return nil
}

// sqliteIndexes is how the indexes of reports are made, by name.
func sqliteIndexes(ctx context.Context, db *sql.DB) (map[string]string, error) {
	found, err := db.QueryContext(ctx, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'reports' AND sql <> ''")
	if err != nil {
		return nil, err
	}
	defer found.Close()
	indexes := map[string]string{}
	for found.Next() {
		var name, create string
		if err := found.Scan(&name, &create); err != nil {
			return nil, err
		}
		indexes[name] = create
	}
	return indexes, found.Err()
}

func fillPostgres(ctx context.Context, pool *pgxpool.Pool, n int) error {
	rows, err := pool.Query(ctx, `SELECT indexname, indexdef FROM pg_indexes
		WHERE tablename = 'reports' AND indexname NOT LIKE '%key'`)
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	type index struct{ Name, Create string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	if err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	var statements []string
	for _, i := range indexes {
		if !strings.HasSuffix(i.Name, "_pkey") {
			statements = append(statements, "DROP INDEX "+i.Name)
		}
	}
	words := map[string]string{
		"n": "n", "seq": "n", "id": "('06h' || lpad(n::TEXT, 23, '0'))",
		"noise": "substr(decode(repeat(md5(n::TEXT || random()::TEXT), (%s + 15) / 16), 'hex'), 1, %s)",
		"rows":  fmt.Sprintf("generate_series(1::BIGINT, %d::BIGINT) AS n", n),
	}
	for _, s := range filling {
		statements = append(statements, spelled(s, words))
	}
	for _, i := range indexes {
		statements = append(statements, i.Create)
	}
	for _, s := range append(statements, "ANALYZE") {
		if _, err := pool.Exec(ctx, s); err != nil {
			return fmt.Errorf("fill: %.40s: %w", s, err)
		}
	}
	return nil
}
