package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/identity"
)

// unpackLine unpacks a line of an earlier release and answers its folder, the flags of its store and what is known of it.
func unpackLine(t *testing.T, file string) (data string, store []string, u upgraded) {
	t.Helper()
	packed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	zip, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for files := tar.NewReader(zip); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		if h.Name == "known.json" {
			if err := json.Unmarshal(text, &u); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if h.Name == "store.sql" {
			store = []string{"--store", filledDatabase(t, text)}
			continue
		}
		path := filepath.Join(folder, filepath.FromSlash(h.Name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "line"), store, u
}

// psqlOnly are lines of a dump that are no SQL.
var psqlOnly = regexp.MustCompile(`(?m)^\\.*$`)

// filledDatabase makes a database of what pg_dump wrote.
func filledDatabase(t *testing.T, dump []byte) (url string) {
	t.Helper()
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	url = c.fresh(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err == nil {
		_, err = conn.PgConn().Exec(t.Context(), psqlOnly.ReplaceAllString(string(dump), "")).ReadAll()
		err = errors.Join(err, conn.Close(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

func TestALineOfEveryEarlierReleaseGoesOnWithThisProgram(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "upgrade", "*.tar.gz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no line of an earlier release: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, store, u := unpackLine(t, file)
			// Its first day, whenever this runs.
			begun := time.Now()
			now := func() time.Time { return u.At.Add(time.Minute + time.Since(begun)) }
			l := serveLine(t, data, now, store...)
			amira := colleague{l, t, strings.TrimSpace(l.command("token", "create", "--staff", "amira"))}
			l.wantUpgraded(t, amira, u)
			var figures struct {
				Held int `json:"identities_held"`
			}
			l.ask("GET", l.public+"/api/v1/transparency", nil).into(t, &figures)
			b := l.backUp(t)
			l.stop()
			l.wantWholeAudit(t, store)
			back, _ := b.restored(t, now, nil, "--recovery-key", b.recovery)
			back.wantUpgraded(t, colleague{back, t, strings.TrimSpace(back.command("token", "create", "--staff", "amira"))}, u)

			// Seven days on it erases before it serves.
			later := serveLine(t, data, func() time.Time { return now().AddDate(0, 0, 8) }, store...)
			later.ask("GET", later.public+"/api/v1/transparency", nil).into(t, &figures)
			if figures.Held != 0 {
				t.Errorf("%d identities are held a week later", figures.Held)
			}
			if keys, err := filepath.Glob(filepath.Join(data, "keys", "day="+u.At.Format(time.DateOnly)+"=*")); err != nil || len(keys) > 0 {
				t.Errorf("the day's keys are there a week later: %v, %v", keys, err)
			}
			later.stop()
		})
	}
}

// wantUpgraded fails the test where a report can't be read, or a Receipt opens nothing.
func (l *testLine) wantUpgraded(t *testing.T, amira colleague, u upgraded) {
	t.Helper()
	states := map[string]bool{}
	for _, r := range u.Reports {
		var whole struct{ Text, State string }
		a := amira.ask("GET", "/reports/"+r.ID, nil)
		if a.status != 200 {
			t.Errorf("a report that was %s: %d %s", r.State, a.status, a.body)
			continue
		}
		a.into(t, &whole)
		states[r.State] = true
		if gone := r.State == "erased"; (whole.Text == r.Text) == gone {
			t.Errorf("a report that was %s reads %q", r.State, whole.Text)
		}
		if l.stage(r.Receipt) == "" {
			t.Errorf("the Receipt of a report that was %s opens nothing", r.State)
		}
	}
	if len(states) < 8 {
		t.Errorf("only these states are among them: %v", states)
	}
}

// wantWholeAudit fails the test where the line's audit doesn't verify, or its one Custodian isn't one any more.
func (l *testLine) wantWholeAudit(t *testing.T, store []string) {
	t.Helper()
	flags := lineFlags{Data: l.data}
	if len(store) > 0 {
		flags.Store = store[1]
	}
	opened, err := openLine(t.Context(), &surroundings{Now: l.now}, slog.New(slog.DiscardHandler), flags)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.close()
	circle, err := opened.identity.Circle(t.Context())
	if err != nil || circle.Era != 1 || len(circle.Members) != 1 || circle.Members[0].Account.Name != "dana" || circle.Members[0].State != identity.Approved {
		t.Errorf("the line's custodian was not taken over: %+v, %v", circle, err)
	}
	verdict, err := audit.VerifyStore(t.Context(), opened.store, opened.id, opened.ring.Audit.Verifier(), nil, nil)
	if err != nil || verdict.Leaves < 30 {
		t.Errorf("%d leaves verified, %v", verdict.Leaves, err)
	}
}
