package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// beside opens the line that is being served, as a command beside it does.
func (l *testLine) beside() *line {
	l.t.Helper()
	flags := lineFlags{Data: l.data}
	for name, value := range map[string]*string{"--store": &flags.Store, "--keystore": &flags.Keystore, "--profile": &flags.Profile} {
		if given := withValue(name, l.args); given != nil {
			*value = given[1]
		}
	}
	opened, err := openLine(l.t.Context(), &surroundings{Now: l.now}, slog.New(slog.DiscardHandler), flags)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(opened.close)
	return opened
}

// oldReports writes a file of n reports to import.
func oldReports(t *testing.T, n int) string {
	t.Helper()
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "{\"text\":\"Number %d: somebody leaves barrels number %d at the canal, near house %d.\",\"received_at\":\"2024-03-01T10:00:00Z\"}\n", i, i*7, i*13)
	}
	file := filepath.Join(t.TempDir(), "old.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func countState(t *testing.T, store heed.Store, state heed.State) (n int) {
	t.Helper()
	err := store.View(t.Context(), func(tx heed.Tx) (err error) {
		n, err = tx.CountReports(t.Context(), heed.ReportQuery{State: state}, 1_000_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAReportIsScreenedAtOnceWhileAnImportIsBeingScreened(t *testing.T) {
	l := startLine(t)
	store := l.beside().store
	l.command("import", oldReports(t, 8000))
	for n := range 3 {
		receipt, sent := l.submit(map[string]any{"text": goodText}), time.Now()
		for l.stage(receipt) != "screened" {
			if time.Since(sent) > time.Minute {
				t.Fatal("not screened")
			}
		}
		took, waiting := time.Since(sent), countState(t, store, heed.Received)
		t.Logf("screened after %v, while %d imported ones wait", took, waiting)
		if waiting == 0 {
			if n == 0 {
				t.Fatal("the import was screened faster than one report")
			}
			return
		}
		if took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	}
	if n := countState(t, store, heed.Queued); n > 8000 {
		t.Errorf("%d are in the queue", n)
	}
}

func TestTwoRunsOfOneImportAtOnceStoreNothingTwice(t *testing.T) {
	const lines = 6000
	file := oldReports(t, lines)
	for name, store := range map[string]func() []string{
		"SQLite": func() []string { return nil },
		"PostgreSQL": func() []string {
			c, err := postgresCluster()
			if err != nil {
				missing(t, err)
			}
			return []string{"--store", c.fresh(t)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "line")
			l := &testLine{t: t, data: data, now: time.Now, args: append([]string{"--data", data}, store()...)}
			l.command("staff", "add", "amira", "--role", "specialist") // makes the line
			var wg sync.WaitGroup
			var done, overtaken int
			var mu sync.Mutex
			for range 2 {
				wg.Go(func() {
					_, errs, code := l.try("import", file)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case code == exitDone:
						done++
					case strings.Contains(errs, "another run imports this file") || strings.Contains(errs, "was imported before"):
						overtaken++
					default:
						t.Errorf("code %d: %s", code, errs)
					}
				})
			}
			wg.Wait()
			flags := lineFlags{Data: data}
			if len(l.args) > 2 {
				flags.Store = l.args[3]
			}
			kept, err := openStore(t.Context(), flags)
			if err != nil {
				t.Fatal(err)
			}
			defer kept.Close()
			if n := countState(t, kept, heed.Received); n != lines || done != 1 || overtaken != 1 {
				t.Errorf("%d reports of %d; %d runs done, %d overtaken", n, lines, done, overtaken)
			}
		})
	}
}

func TestASecondServeOnADataFolderEndsWithAWordAndOtherCommandsWork(t *testing.T) {
	l := startLine(t)
	var errs bytes.Buffer
	code := run(t.Context(), &surroundings{
		Args:   []string{"serve", "--data", l.data, "--public", "127.0.0.1:0", "--desk", "127.0.0.1:0"},
		Stdout: &bytes.Buffer{}, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now,
	})
	if code != 1 || !strings.Contains(errs.String(), "another heed serve already runs the line") {
		t.Errorf("code %d: %s", code, errs.String())
	}
	l.addStaff("amira", "specialist")
	l.command("import", oldReports(t, 10))
	l.command("erase", "--due")
	keys := filepath.Join(t.TempDir(), "keys")
	pin := strings.TrimSpace(strings.TrimPrefix(l.command("operations", "portal-keys", keys), "audit-key:"))
	portal := serveLine(t, l.data, time.Now, "--role", "portal", "--keystore", keys, "--audit-key", pin)
	portal.submit(map[string]any{"text": goodText})
	portal.stop()
	l.stop()
	serveLine(t, l.data, time.Now)
}

func TestTheKeyOfAnErasedReportLeavesTheJournalEvenAfterACrash(t *testing.T) {
	l := startLine(t)
	beside := l.beside()
	receipt := l.submit(map[string]any{"text": goodText})
	mailbox, err := beside.intake.Open(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	key := beside.onlyKey(t)
	if !l.keeps(key) {
		t.Fatal("the key isn't found while the report lives")
	}
	if err := mailbox.Withdraw(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "the report is erased", func() bool { return countState(t, beside.store, heed.Erased) == 1 })
	l.command("erase", "--due") // as if the process that erased had ended before it came to the journal
	if l.keeps(key) {
		t.Error("the key can still be read in the store's files")
	}
}

// onlyKey is the wrapped key of the line's only report.
func (l *line) onlyKey(t *testing.T) (key []byte) {
	t.Helper()
	err := l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Reports(t.Context(), heed.ReportQuery{})
		if err != nil || len(all) != 1 {
			return fmt.Errorf("%d reports: %w", len(all), err)
		}
		key, err = tx.WrappedKey(t.Context(), all[0].ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// keeps reports whether a part of the key lies in any file of the store; a long one is spread over pages.
func (l *testLine) keeps(key []byte) bool {
	l.t.Helper()
	files, err := filepath.Glob(filepath.Join(l.data, "heed.db*"))
	if err != nil || len(files) == 0 {
		l.t.Fatalf("%q: %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			l.t.Fatal(err)
		}
		for at := 0; at+32 <= len(key); at += 32 {
			if bytes.Contains(text, key[at:at+32]) {
				return true
			}
		}
	}
	return false
}

func TestReceiptsOfLongClosedReportsAreForgottenAFewAtATime(t *testing.T) {
	data := filepath.Join(t.TempDir(), "line")
	l, err := openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), lineFlags{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	const reports = 2*forgetBatch + 3
	before := time.Now().Add(-90 * 24 * time.Hour)
	err = l.store.Update(t.Context(), func(tx heed.Tx) error {
		for i := range reports {
			closed := before.Add(-time.Duration(i) * time.Hour)
			r := &heed.Report{ID: heed.NewID(closed), State: heed.Closed, Urgency: heed.Normal, ReceivedAt: closed, ClosedAt: closed}
			if err := tx.AddReport(t.Context(), r, []byte("key")); err != nil {
				return err
			}
			if err := tx.AddReceipt(t.Context(), []byte(r.ID), r.ID, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.forgetReceipts(t.Context(), before.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	err = l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Reports(t.Context(), heed.ReportQuery{Limit: 200})
		for _, r := range all {
			if _, _, err := tx.Receipt(context.Background(), []byte(r.ID)); err == nil {
				t.Errorf("the receipt of %s is still there", r.ID)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
