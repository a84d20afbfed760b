package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
)

// history writes n leaves in three trees, each with a Checkpoint.
func history(t *testing.T, l *line, c *clocks, n int) {
	t.Helper()
	for part := range 3 {
		err := l.store.Update(t.Context(), func(tx heed.Tx) error {
			for i := range n / 3 {
				leaf, err := audit.Leaf(audit.ReportRead, heed.ID(fmt.Sprintf("staff-%d", part)), heed.ID(fmt.Sprintf("report-%d", i)), l.s.Now(), struct{}{})
				if err != nil {
					return err
				}
				if err := tx.AddLeaf(t.Context(), leaf); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		l.hang(t)
		c.pass(6 * time.Minute)
	}
}

// tamper runs a statement as somebody does who has the database; {2} is the store's number of the second leaf.
func tamper(t *testing.T, l *line, statement string) {
	t.Helper()
	statement = regexp.MustCompile(`\{(\d+)\}`).ReplaceAllString(statement, "(SELECT seq FROM audit_tree WHERE num = $1)")
	var err error
	switch store := underlying(l.store).(type) {
	case *sqlite.Store:
		_, err = store.WriteDB().ExecContext(t.Context(), statement)
	case *postgres.Store:
		_, err = store.Pool().Exec(t.Context(), statement)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (l *line) audit(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	args = append([]string{"audit"}, args...)
	args = append(args, "--data", l.flags.Data)
	if l.flags.Store != "" {
		args = append(args, "--store", l.flags.Store)
	}
	code = run(context.Background(), &surroundings{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: l.s.Now, Steady: l.s.Steady})
	return out.String(), errs.String(), code
}

func TestAnyLeafThatWasTamperedWithIsNamed(t *testing.T) {
	const leaf = "(seq, at, actor, act, report, details) SELECT seq + 1, at, actor, 'report.claimed', report, details FROM audit_leaves WHERE seq = {31}"
	for name, c := range map[string]struct{ statement, says string }{
		"changed":   {"UPDATE audit_leaves SET actor = 'somebody' WHERE seq = {17}", "leaf 17 was changed"},
		"dated":     {"UPDATE audit_leaves SET at = at - 5000 WHERE seq = {40}", "leaf 40 was changed"},
		"removed":   {"DELETE FROM audit_leaves WHERE seq = {23}", "leaf 23 was removed"},
		"cut off":   {"DELETE FROM audit_leaves WHERE seq >= {60}", "leaf 60 was removed"},
		"reordered": {"UPDATE audit_tree SET num = CASE num WHEN 9 THEN 1000 ELSE num END", "leaf 9 was"},
		"added":     {"INSERT INTO audit_leaves " + strings.Replace(leaf, "seq + 1", "-7", 1), "leaf 1 was added"},
	} {
		t.Run(name, func(t *testing.T) {
			onEachStore(t, func(t *testing.T, store []string) {
				clock := newClocks()
				l := clock.opened(t, filepath.Join(t.TempDir(), "line"), store)
				defer l.close()
				history(t, l, clock, 63)
				if out, errs, code := l.audit("verify"); code != exitDone || !strings.Contains(out, "63 leaves as they were signed") {
					t.Fatalf("%d %s%s", code, out, errs)
				}
				tamper(t, l, c.statement)
				out, errs, code := l.audit("verify")
				if code != exitFailed || !strings.Contains(errs, c.says) {
					t.Errorf("%d %s%s", code, out, errs)
				}
			})
		})
	}
}

func TestAHistoryThatWasWrittenAnewIsFoundByAWitness(t *testing.T) {
	clock := newClocks()
	l := clock.opened(t, filepath.Join(t.TempDir(), "line"), nil)
	defer l.close()
	history(t, l, clock, 30)
	kept := filepath.Join(t.TempDir(), "kept")
	if _, errs, code := l.audit("export", "--checkpoints", kept); code != exitDone {
		t.Fatal(errs)
	}
	if err := os.Remove(filepath.Join(kept, "audit.pem")); err != nil {
		t.Fatal(err)
	}
	// Who has the store and every key unsays an act and has the tree made anew.
	tamper(t, l, "DELETE FROM audit_leaves WHERE seq = {11}")
	for _, statement := range []string{"DELETE FROM audit_tree", "DELETE FROM audit_checkpoints", "DELETE FROM settings WHERE name LIKE 'audit.%'"} {
		tamper(t, l, statement)
	}
	l.hang(t)
	if out, errs, code := l.audit("verify"); code != exitDone {
		t.Fatalf("%s%s", out, errs)
	}
	if _, errs, code := l.audit("verify", "--witness", kept); code != exitFailed || !strings.Contains(errs, "witness's checkpoints: one of the leaves 11 to 20") {
		t.Errorf("%d %s", code, errs)
	}
	if _, errs, code := l.audit("verify", "--witness", t.TempDir()); code != exitUsage || !strings.Contains(errs, "holds no checkpoint") {
		t.Errorf("%d %s", code, errs)
	}
}

// blocks are the pieces of a language in a page of the documentation.
func blocks(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(text, -1) {
		found = append(found, string(m[1]))
	}
	return found
}

func TestAnExportIsCheckedWithCommonToolsAlone(t *testing.T) {
	for _, tool := range []string{"python3", "openssl"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing(t, err)
		}
	}
	clock := newClocks()
	l := clock.opened(t, filepath.Join(t.TempDir(), "line"), nil)
	defer l.close()
	history(t, l, clock, 3030)
	dir := filepath.Join(t.TempDir(), "export")
	if _, errs, code := l.audit("export", dir); code != exitDone {
		t.Fatal(errs)
	}
	do := func(name string, args ...string) (string, error) {
		command := exec.Command(name, args...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		return string(out), err
	}
	shell := strings.ReplaceAll(blocks(t, "audit.md", "sh")[0], "01jqzk3v8h0000000000000000", l.id)
	if out, err := do("sh", "-ec", shell); err != nil || !strings.Contains(out, "Signature Verified Successfully") {
		t.Fatalf("%v %s", err, out)
	}
	python := strings.Join(blocks(t, "audit.md", "python"), "\n")
	if out, err := do("python3", "-c", python); err != nil || !strings.Contains(out, "3030 leaves are as they were signed") {
		t.Fatalf("%v %s", err, out)
	}
	for _, name := range []string{"leaves.jsonl", "checkpoints.jsonl"} {
		file := filepath.Join(dir, name)
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Replace(good, []byte(`"leaf":"AQAAAAAAAAAC`), []byte(`"leaf":"AQAAAAAAAAAD`), 1)
		if name == "checkpoints.jsonl" {
			at := bytes.LastIndex(good, []byte(`"proof":["`)) + len(`"proof":["`)
			bad = bytes.Clone(good)
			bad[at] ^= 'A' ^ 'B'
		}
		if bytes.Equal(good, bad) {
			t.Fatal("nothing was changed")
		}
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := do("python3", "-c", python); err == nil {
			t.Errorf("%s was changed: %s", name, out)
		}
		if err := os.WriteFile(file, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// What came later goes on from what the witness has.
	history(t, l, clock, 3)
	out, errs, code := l.audit("export", "--since", filepath.Join(dir, "checkpoint"), "-")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitDone || len(lines) != 6 || !strings.Contains(lines[0], `"number":3031`) || !strings.Contains(lines[3], `"since":3030`) {
		t.Errorf("%d %s %s", code, out, errs)
	}
	if _, errs, code := l.audit("export", dir); code != exitUsage {
		t.Errorf("an export was written over another: %d %s", code, errs)
	}
}

func TestALeafIsProvenToWhoHasACheckpoint(t *testing.T) {
	clock := newClocks()
	l := clock.opened(t, filepath.Join(t.TempDir(), "line"), nil)
	defer l.close()
	history(t, l, clock, 12)
	out, errs, code := l.audit("prove", "5")
	var proof audit.InclusionLine
	if code != exitDone || json.Unmarshal([]byte(out), &proof) != nil {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	c, err := audit.Open([]byte(proof.Checkpoint), l.id, l.ring.Audit.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	hash, path, err := proof.Hashes()
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.CheckInclusion(path, 4, c.Size, hash, c.Root); err != nil {
		t.Error(err)
	}
	for _, number := range []string{"0", "13"} {
		if _, errs, code := l.audit("prove", number); code != exitUsage || !strings.Contains(errs, "no checkpoint covers") {
			t.Errorf("%s: %d %s", number, code, errs)
		}
	}
	if _, _, code := (&line{place: &place{flags: lineFlags{Data: filepath.Join(t.TempDir(), "none")}, s: l.s, log: slog.Default()}}).audit("verify"); code != exitUsage {
		t.Errorf("a line that isn't there: %d", code)
	}
}
