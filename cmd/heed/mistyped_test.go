package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What only asks about a line, or acts on one, makes none: on SQLite usage.txtar has it so.
func TestADatabaseWhoseNameWasMistypedIsNotMadeALine(t *testing.T) {
	t.Parallel()
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	folder := t.TempDir()
	wrong := c.fresh(t)
	data := filepath.Join(folder, "line")
	l := &testLine{t: t, data: data, now: time.Now, args: []string{"--data", data, "--store", wrong}}
	for _, command := range [][]string{
		{"erase", "--due"}, {"staff", "list"}, {"audit", "verify"}, {"train", "--list"}, {"screening", "threshold"}, {"operations", "scrub"},
	} {
		if _, errs, code := l.try(command...); code != exitUsage || !strings.Contains(errs, "there is no line in PostgreSQL") {
			t.Errorf("%s: code %d, %s", command, code, errs)
		}
	}
	if out, _, code := l.try("doctor"); code != exitFailed || !strings.Contains(out, "not there yet") {
		t.Errorf("the doctor: code %d, %s", code, out)
	}
	wantEmpty(t, wrong)
	if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
}

func TestAKeystoreWhoseNameWasMistypedIsNotMadeBesideADatabase(t *testing.T) {
	t.Parallel()
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	store := c.fresh(t)
	line := func(name string, more ...string) *testLine {
		data := filepath.Join(t.TempDir(), name)
		return &testLine{t: t, data: data, now: time.Now, args: append([]string{"--data", data, "--store", store}, more...)}
	}
	line("line").command("staff", "add", "amira", "--role", "specialist")
	wrong := c.fresh(t)
	for _, mistyped := range []*testLine{line("lime"), line("lime", "--keystore", wrong)} {
		if _, errs, code := mistyped.try("staff", "list"); code != exitUsage || !strings.Contains(errs, "there are no keys in ") {
			t.Errorf("code %d, %s", code, errs)
		}
		if out, _, code := mistyped.try("doctor"); code != exitFailed || !strings.Contains(out, "fault  keystore ") {
			t.Errorf("the doctor: code %d, %s", code, out)
		}
		if _, err := os.Stat(mistyped.data); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("a folder was made: %v", err)
		}
	}
	wantEmpty(t, wrong)
}

// wantEmpty fails the test where a database has a table.
func wantEmpty(t *testing.T, database string) {
	t.Helper()
	var tables int
	if err := connectTo(t, database).QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil || tables > 0 {
		t.Errorf("%d tables were made: %v", tables, err)
	}
}

func TestAServerThatDoesNotAnswerIsNotTakenForOneWithoutALine(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "line")
	l := &testLine{t: t, data: data, now: time.Now, args: []string{"--data", data, "--store", "postgres://heed:hunter2@127.0.0.1:1/heed"}}
	for _, command := range [][]string{{"erase", "--due"}, {"operations", "scrub"}, {"doctor"}} {
		out, errs, code := l.try(command...)
		if said := out + errs; code != exitFailed || !strings.Contains(said, "connection refused") ||
			strings.Contains(said, "no line") || strings.Contains(said, "not there yet") || strings.Contains(said, "hunter2") {
			t.Errorf("%s: code %d, %s", command, code, said)
		}
	}
}
