package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// packed are the tables whose rows are as large as a quarter of a page and more. They were trees of whole rows (WITHOUT ROWID): there each row
// takes a page of its own for what is too long for the tree, and a page of the tree leads on to no more than half a dozen others, so that
// at a million reports a key lies seven pages deep and takes 5.7 KB. As rows three of them lie in one page, and their names in an index.
// https://www.sqlite.org/withoutrowid.html says so too.
var packed = [...]struct{ table, columns, create string }{
	{"report_keys", "report, wrapped", "report TEXT PRIMARY KEY REFERENCES reports (id), wrapped BLOB NOT NULL"},
	{
		"screenings", "report, at, model, failed, sealed",
		"report TEXT PRIMARY KEY, at BIGINT NOT NULL, model TEXT NOT NULL, failed BOOLEAN NOT NULL, sealed BLOB",
	},
}

// packAtOnce is how many rows one transaction moves: SQLite keeps in memory what it would have to undo.
const packAtOnce = 2000

// pack moves the rows of those tables that are still trees, some at a time: a migration would do it in one transaction, for which a large
// file would need three times its room. It may be broken off, and goes on at the next start.
func pack(ctx context.Context, db *sql.DB) error {
	for i := range packed {
		t := &packed[i]
		for {
			tree, err := isTree(ctx, db, t.table)
			if err == nil && tree {
				err = packSome(ctx, db, t.table, t.columns, t.create)
			}
			if err != nil {
				return fmt.Errorf("pack the table %s: %w", t.table, err)
			}
			if !tree {
				break
			}
		}
	}
	return nil
}

type queryRower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func isTree(ctx context.Context, db queryRower, table string) (tree bool, err error) {
	var made string
	err = db.QueryRowContext(ctx, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?", table).Scan(&made)
	return strings.HasSuffix(made, "WITHOUT ROWID"), err
}

// packSome moves some rows, and with the last of them the table's name.
func packSome(ctx context.Context, db *sql.DB, table, columns, create string) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return busy(err)
	}
	defer tx.Rollback() // of no effect after the commit
	if tree, err := isTree(ctx, tx, table); err != nil || !tree {
		return err // another process was faster
	}
	rows := table + "_packed"
	statements := []string{
		"CREATE TABLE IF NOT EXISTS " + rows + " (" + create + ")",
		"INSERT INTO " + rows + " (" + columns + ") SELECT " + columns + " FROM " + table + " WHERE report <= ?1 ORDER BY report",
		"DELETE FROM " + table + " WHERE report <= ?1",
	}
	var last string
	err = tx.QueryRowContext(ctx, "SELECT report FROM "+table+" ORDER BY report LIMIT 1 OFFSET ?", packAtOnce-1).Scan(&last)
	if errors.Is(err, sql.ErrNoRows) {
		last, err = "~", nil // ids are digits and letters
		statements = append(statements, "DROP TABLE "+table, "ALTER TABLE "+rows+" RENAME TO "+table)
	}
	if err != nil {
		return err
	}
	for _, statement := range statements {
		var args []any
		if strings.Contains(statement, "?1") {
			args = []any{last}
		}
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return busy(tx.Commit())
}
