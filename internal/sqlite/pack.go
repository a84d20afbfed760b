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

// packAtOnce is how many rows one transaction copies or deletes: SQLite keeps in memory what it would have to undo.
const packAtOnce = 2000

// pack makes rows of those tables that are still trees, some at a time: a migration would do it in one transaction, for which a large
// file would need three times its room. It may be broken off, and goes on at the next start. Whoever has the file open meanwhile, or goes on with it
// where it was broken off, be it an earlier version, finds a whole table: the tree until all of it is copied, the copy from then on. What is
// deleted in the one is deleted in the other by a trigger, for it may be a destroyed key.
func pack(ctx context.Context, db *sql.DB) error {
	for _, t := range packed {
		after := ""
		for {
			next, err := packSome(ctx, db, t.table, t.columns, t.create, after)
			if err != nil {
				return fmt.Errorf("pack the table %s: %w", t.table, err)
			}
			if next == "" {
				break
			}
			after = next
		}
		for more := true; more; {
			var err error
			if more, err = forgetSome(ctx, db, t.table); err != nil {
				return fmt.Errorf("delete the tree of table %s: %w", t.table, err)
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

// packSome copies some rows of a tree behind one of them, and says which is the last; after the last of all, and where there is no tree, it is "",
// and the copy has the table's name.
func packSome(ctx context.Context, db *sql.DB, table, columns, create, after string) (last string, err error) {
	err = atOnce(ctx, db, func(tx *sql.Tx) error {
		if tree, err := isTree(ctx, tx, table); err != nil || !tree {
			return err // another process was faster
		}
		again := "REPLACE INTO " + table + "_packed (" + columns + ") VALUES (NEW." + strings.ReplaceAll(columns, ", ", ", NEW.") + "); END"
		statements := []string{
			"CREATE TABLE IF NOT EXISTS " + table + "_packed (" + create + ")",
			"CREATE TRIGGER IF NOT EXISTS " + table + "_added AFTER INSERT ON " + table + " BEGIN " + again,
			"CREATE TRIGGER IF NOT EXISTS " + table + "_changed AFTER UPDATE ON " + table + " BEGIN " + again,
			"CREATE TRIGGER IF NOT EXISTS " + table + "_deleted AFTER DELETE ON " + table + " BEGIN DELETE FROM " + table + "_packed WHERE report = OLD.report; END",
			"INSERT OR IGNORE INTO " + table + "_packed (" + columns + ") SELECT " + columns + " FROM " + table + " WHERE report > ?1 ORDER BY report LIMIT ?2",
		}
		err := tx.QueryRowContext(ctx, "SELECT report FROM "+table+" WHERE report > ? ORDER BY report LIMIT 1 OFFSET ?", after, packAtOnce-1).Scan(&last)
		if errors.Is(err, sql.ErrNoRows) {
			last, err = "", nil
			statements = append(statements, "DROP TRIGGER "+table+"_added", "DROP TRIGGER "+table+"_changed", "DROP TRIGGER "+table+"_deleted",
				"ALTER TABLE "+table+" RENAME TO "+table+"_tree", "ALTER TABLE "+table+"_packed RENAME TO "+table,
				"CREATE TRIGGER "+table+"_changed AFTER UPDATE ON "+table+" BEGIN DELETE FROM "+table+"_tree WHERE report = OLD.report; END",
				"CREATE TRIGGER "+table+"_deleted AFTER DELETE ON "+table+" BEGIN DELETE FROM "+table+"_tree WHERE report = OLD.report; END")
		}
		if err != nil {
			return err
		}
		return all(ctx, tx, statements, after, packAtOnce)
	})
	return last, err
}

// forgetSome deletes some rows of a tree that was copied, and with the last of them the tree. It says whether there are more.
func forgetSome(ctx context.Context, db *sql.DB, table string) (more bool, err error) {
	err = atOnce(ctx, db, func(tx *sql.Tx) error {
		var rows int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", table+"_tree").Scan(&rows)
		if err != nil || rows == 0 {
			return err
		}
		more = true
		statements := []string{"DELETE FROM " + table + "_tree WHERE report IN (SELECT report FROM " + table + "_tree ORDER BY report LIMIT ?2)"}
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+table+"_tree LIMIT ?)", packAtOnce).Scan(&rows); err != nil {
			return err
		}
		if rows < packAtOnce {
			more = false
			statements = append(statements, "DROP TRIGGER "+table+"_changed", "DROP TRIGGER "+table+"_deleted", "DROP TABLE "+table+"_tree")
		}
		return all(ctx, tx, statements, "", packAtOnce)
	})
	return more, err
}

func atOnce(ctx context.Context, db *sql.DB, do func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return busy(err)
	}
	defer tx.Rollback() // of no effect after the commit
	if err := do(tx); err != nil {
		return err
	}
	return busy(tx.Commit())
}

// all runs statements, those that name them with arguments.
func all(ctx context.Context, tx *sql.Tx, statements []string, args ...any) error {
	for _, statement := range statements {
		var given []any
		if strings.Contains(statement, "?2") {
			given = args
		}
		if _, err := tx.ExecContext(ctx, statement, given...); err != nil {
			return err
		}
	}
	return nil
}
