// Package sqlite is the embedded store: one file, no server.
//
// All writing goes through one connection. Update hands each function its turn on it, commits many turns at once and
// answers after the commit is on the disk, so that a burst of submissions costs one sync and none fails. The jobs share
// that connection (WriteDB), so they never meet a locked database. Reading has connections of its own, which see the
// last commit and wait for nobody. Other processes (heed import beside heed serve) take turns by SQLite's own lock.
//
// It may import package heed, internal/rows and third parties: the jobs' tables are written by River itself, so that
// Enqueue is part of the transaction. It sees nothing of a report but sealed bytes.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

// Options are the settings of a store; the zero value is right for all but tests.
type Options struct {
	Logger *slog.Logger // nil: nothing is logged
	// Wait is how long Update waits for its turn before it answers ErrBusy; 0: 10 s.
	Wait time.Duration
	// Readers is the number of reading connections; 0: 4, or one for each processor where there are more.
	Readers int
}

// Store is a heed.Store in one SQLite file.
type Store struct {
	write, read *sql.DB
	writer      *writer
	wait        time.Duration
}

var _ heed.Store = (*Store)(nil)

// Open opens the database file at path, which it creates (mode 0600) where there is none, and brings its schema up to
// date. The folder must be there.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Wait == 0 {
		o.Wait = 10 * time.Second
	}
	if o.Readers == 0 {
		o.Readers = max(4, runtime.NumCPU())
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	// Syncs the same bytes without the file's time stamps: a switch of the whole process, and right for all of it.
	if _, err := modernc.Fdatasync(true); err != nil && !errors.Is(err, modernc.ErrFdatasyncUnavailable) {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &Store{wait: o.Wait}
	if s.write, err = open(writeDSN(path)); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s.write.SetMaxOpenConns(1)
	if err := s.start(ctx, path, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open the store: %w", err), s.Close())
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, path string, o Options) error {
	if err := migrate(ctx, s.write, o.Logger); err != nil {
		return err
	}
	var err error
	if s.read, err = open(readDSN(path)); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(o.Readers)
	s.read.SetMaxIdleConns(o.Readers)
	jobs, err := river.NewClient(riversqlite.New(s.write), &river.Config{Logger: o.Logger})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	s.writer = startWriter(s.write, jobs)
	return nil
}

// private creates the file before SQLite would, so that it and the journals beside it, which take its mode, are never
// open to others.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// lockPatience is how many milliseconds a connection waits for another process's lock.
const lockPatience = 10_000

// Pragmas stand in the DSN because a pool runs them on each of its connections only there.
//
// synchronous=FULL: a commit is on the disk when it is answered. secure_delete: freed pages are overwritten with zeros,
// so that a destroyed key doesn't linger in the file (Scrub does the same for the journal). wal_autocheckpoint: 32 MiB of journal, so that a
// page which many transactions change is moved once. temp_store=memory: sorting
// writes no temporary file. defensive and dqs=0: no statement can damage the file or mistake a name for a text.
func writeDSN(path string) string {
	return dsn(path, url.Values{
		"_txlock":       {"immediate"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"1"},
		"_busy_timeout": {strconv.Itoa(lockPatience)},
		"_dqs":          {"0"},
		"_defensive":    {"1"},
		"_pragma":       {"secure_delete(1)", "temp_store(2)", "cache_size(-16384)", "journal_size_limit(67108864)", "wal_autocheckpoint(8192)"},
	})
}

// The cache is small: SQLite throws all of a reader's away whenever anything was written, and a look-up at a million reports reads thousands of
// pages once. Of 8 MiB the most went to asking for its memory and giving it back.
func readDSN(path string) string {
	return dsn(path, url.Values{
		"mode":          {"ro"},
		"_busy_timeout": {strconv.Itoa(lockPatience)},
		"_dqs":          {"0"},
		"_defensive":    {"1"},
		"_pragma":       {"temp_store(2)", "cache_size(-2048)"},
	})
}

func dsn(path string, settings url.Values) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: settings.Encode()}).String()
}

// WriteDB is the one writing connection, for the jobs' runner to share. Whatever uses it must be quick.
func (s *Store) WriteDB() *sql.DB { return s.write }

// View implements heed.Store. A write by fn fails.
func (s *Store) View(ctx context.Context, fn func(heed.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin to read: %w", busy(err))
	}
	defer tx.Rollback() // nothing was written
	return fn(rows.NewTx(newEngine(tx, nil)))
}

// Update implements heed.Store. A context that ends before fn's turn takes it out of the line; from then on it is
// finished whatever becomes of the context, because breaking off a statement would break off the whole batch.
func (s *Store) Update(ctx context.Context, fn func(heed.Tx) error) error {
	return s.writer.update(ctx, s.wait, fn)
}

// Ready implements heed.Store.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	if err := s.read.QueryRowContext(ctx, "SELECT 1 FROM goose_db_version LIMIT 1").Scan(&one); err != nil {
		return fmt.Errorf("read the store: %w", busy(err))
	}
	return s.writer.ready()
}

// Close finishes what was begun, refuses what comes, and closes the file.
func (s *Store) Close() error {
	if s.writer != nil {
		s.writer.stop()
	}
	var read error
	if s.read != nil {
		read = s.read.Close()
	}
	// The writing connection goes last: it takes the journal with it.
	return errors.Join(read, s.write.Close())
}

// busy names SQLite's "locked" as the domain does.
func busy(err error) error {
	var e *modernc.Error
	if errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED) {
		return fmt.Errorf("%w: %w", heed.ErrBusy, err)
	}
	return err
}
