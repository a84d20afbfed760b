package storetest

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/heed-line/heed"
)

// Screened is what a report has once it was screened, sealed as the line seals it.
type Screened struct {
	Content, Wrapped, Screening []byte
	Marks                       []int64
	Day                         int64 // of its marks, counted from 1970
}

// FillScreened is Fill with reports that can be opened, and found by their marks: next gives them by the dozen, in their order,
// until it has given n. The index is written once, in its own order: to put the marks of a million reports into it one after
// the other would take hours.
func FillScreened(ctx context.Context, s heed.Store, n int, next func() []Screened) error {
	if err := Fill(ctx, s, n); err != nil {
		return err
	}
	var index []marked
	each := func(put func(first int, some []Screened) error) error {
		for first := 1; first <= n; {
			some := next()
			if err := put(first, some); err != nil {
				return fmt.Errorf("fill the screenings from report %d on: %w", first, err)
			}
			for i, of := range some {
				for _, m := range of.Marks {
					index = append(index, marked{m, int32(of.Day), int32(first + i)})
				}
			}
			first += len(some)
		}
		slices.SortFunc(index, marked.compare)
		return nil
	}
	switch s := s.(type) {
	case interface{ WriteDB() *sql.DB }:
		return errors.Join(each(func(first int, some []Screened) error { return screenedSQLite(ctx, s.WriteDB(), first, some) }),
			marksSQLite(ctx, s.WriteDB(), index))
	case interface{ Pool() *pgxpool.Pool }:
		return errors.Join(each(func(first int, some []Screened) error { return screenedPostgres(ctx, s.Pool(), first, some) }),
			marksPostgres(ctx, s.Pool(), index))
	}
	return errors.New("fill: a store of neither kind")
}

// marked is a row of the index. A filled report's number is its place, for the store was empty.
type marked struct {
	mark        int64
	day, report int32
}

func (a marked) compare(b marked) int {
	switch {
	case a.mark != b.mark:
		if a.mark < b.mark {
			return -1
		}
		return 1
	case a.day != b.day:
		return int(a.day - b.day)
	}
	return int(a.report - b.report)
}

func packed(marks []int64) (b []byte) {
	for _, m := range marks {
		b = binary.BigEndian.AppendUint64(b, uint64(m))
	}
	return b
}

const filledModel = "rules+model"

func screenedSQLite(ctx context.Context, db *sql.DB, first int, some []Screened) error {
	return inTransaction(ctx, db, []string{
		"UPDATE contents SET content = ? WHERE report = ?",
		"UPDATE report_keys SET wrapped = ? WHERE report = ?",
		"INSERT INTO screenings (report, at, model, failed, sealed) VALUES (?, 0, ?, FALSE, ?)",
		"INSERT INTO fingerprints (report, day, marks) VALUES (?, ?, ?)",
	}, func(run []*sql.Stmt) error {
		for i, of := range some {
			id := string(FilledID(first + i))
			for k, args := range [][]any{{of.Content, first + i}, {of.Wrapped, id}, {id, filledModel, of.Screening}, {first + i, of.Day, packed(of.Marks)}} {
				if _, err := run[k].ExecContext(ctx, args...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// marksAtOnce is how many rows of the index a statement writes.
const marksAtOnce = 100

func marksSQLite(ctx context.Context, db *sql.DB, index []marked) error {
	one := "INSERT INTO marks (mark, day, report) VALUES (?, ?, ?)"
	many := one
	for range marksAtOnce - 1 {
		many += ", (?, ?, ?)"
	}
	for some := range slices.Chunk(index, 200*chunk/marksAtOnce) {
		err := inTransaction(ctx, db, []string{many, one}, func(run []*sql.Stmt) error {
			var args []any
			for rows := range slices.Chunk(some, marksAtOnce) {
				args = args[:0]
				for _, m := range rows {
					args = append(args, m.mark, m.day, m.report)
				}
				if len(rows) == marksAtOnce {
					if _, err := run[0].ExecContext(ctx, args...); err != nil {
						return err
					}
					continue
				}
				for ; len(args) > 0; args = args[3:] {
					if _, err := run[1].ExecContext(ctx, args[:3]...); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill the index: %w", err)
		}
	}
	return exec(ctx, db, "PRAGMA wal_checkpoint(TRUNCATE)")
}

// inTransaction prepares statements and lets run use them in one transaction.
func inTransaction(ctx context.Context, db *sql.DB, statements []string, run func([]*sql.Stmt) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // of no effect after the commit
	var prepared []*sql.Stmt
	for _, s := range statements {
		p, err := tx.PrepareContext(ctx, s)
		if err != nil {
			return err
		}
		prepared = append(prepared, p)
	}
	if err := run(prepared); err != nil {
		return err
	}
	return tx.Commit()
}

func screenedPostgres(ctx context.Context, pool *pgxpool.Pool, first int, some []Screened) error {
	var batch pgx.Batch
	for i, of := range some {
		id := string(FilledID(first + i))
		batch.Queue("UPDATE contents SET content = $1 WHERE report = $2", of.Content, first+i)
		batch.Queue("UPDATE report_keys SET wrapped = $1 WHERE report = $2", of.Wrapped, id)
		batch.Queue("INSERT INTO screenings (report, at, model, failed, sealed) VALUES ($1, 0, $2, FALSE, $3)", id, filledModel, of.Screening)
		batch.Queue("INSERT INTO fingerprints (report, day, marks) VALUES ($1, $2, $3)", first+i, of.Day, packed(of.Marks))
	}
	return pool.SendBatch(ctx, &batch).Close()
}

func marksPostgres(ctx context.Context, pool *pgxpool.Pool, index []marked) error {
	_, err := pool.CopyFrom(ctx, pgx.Identifier{"marks"}, []string{"mark", "day", "report"}, pgx.CopyFromSlice(len(index), func(i int) ([]any, error) {
		return []any{index[i].mark, index[i].day, index[i].report}, nil
	}))
	if err != nil {
		return fmt.Errorf("fill the index: %w", err)
	}
	if _, err := pool.Exec(ctx, "VACUUM ANALYZE"); err != nil {
		return fmt.Errorf("fill the index: %w", err)
	}
	return nil
}
