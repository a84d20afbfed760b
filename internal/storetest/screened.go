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
	Sketch                      []byte
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
		`INSERT INTO fingerprints (report, day, block, marks, sketch) VALUES (?, ?, 0, ?, ?)
			ON CONFLICT (report) DO UPDATE SET day = excluded.day, marks = excluded.marks, sketch = excluded.sketch`,
	}, func(run []*sql.Stmt) error {
		for i, of := range some {
			id := string(FilledID(first + i))
			for k, args := range [][]any{{of.Content, first + i}, {of.Wrapped, id}, {id, filledModel, of.Screening}, {first + i, of.Day, packed(of.Marks), of.Sketch}} {
				if _, err := run[k].ExecContext(ctx, args...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// eachList calls put with each mark and the reports that have it, packed as the stores do; index is sorted.
func eachList(index []marked, put func(mark int64, reports []byte) error) error {
	for len(index) > 0 {
		n, list := 0, []byte(nil)
		for ; n < len(index) && index[n].mark == index[0].mark; n++ {
			list = binary.BigEndian.AppendUint16(list, uint16(index[n].day))
			list = binary.BigEndian.AppendUint32(list, uint32(index[n].report))
		}
		if err := put(index[0].mark, list); err != nil {
			return err
		}
		index = index[n:]
	}
	return nil
}

func marksSQLite(ctx context.Context, db *sql.DB, index []marked) error {
	err := inTransaction(ctx, db, []string{"INSERT INTO marks (mark, reports) VALUES (?, ?)"}, func(run []*sql.Stmt) error {
		return eachList(index, func(mark int64, reports []byte) error {
			_, err := run[0].ExecContext(ctx, mark, reports)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("fill the index: %w", err)
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
		batch.Queue(`INSERT INTO fingerprints (report, day, block, marks, sketch) VALUES ($1, $2, 0, $3, $4)
			ON CONFLICT (report) DO UPDATE SET day = excluded.day, marks = excluded.marks, sketch = excluded.sketch`, first+i, of.Day, packed(of.Marks), of.Sketch)
	}
	return pool.SendBatch(ctx, &batch).Close()
}

func marksPostgres(ctx context.Context, pool *pgxpool.Pool, index []marked) error {
	var rows [][]any
	err := eachList(index, func(mark int64, reports []byte) error {
		rows = append(rows, []any{mark, reports})
		return nil
	})
	if err == nil {
		_, err = pool.CopyFrom(ctx, pgx.Identifier{"marks"}, []string{"mark", "reports"}, pgx.CopyFromRows(rows))
	}
	if err != nil {
		return fmt.Errorf("fill the index: %w", err)
	}
	if _, err := pool.Exec(ctx, "VACUUM ANALYZE"); err != nil {
		return fmt.Errorf("fill the index: %w", err)
	}
	return nil
}
