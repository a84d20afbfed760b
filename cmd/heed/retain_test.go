package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// sealedThings are what the store holds of a report in ciphertext.
type sealedThings struct {
	id           heed.ID
	key, content []byte
	blobs        []string
}

// sealedThings are those of the line's only report.
func (l *line) sealedThings(t *testing.T) (s sealedThings) {
	t.Helper()
	s.key = l.onlyKey(t)
	err := l.store.View(t.Context(), func(tx heed.Tx) error {
		all, err := tx.Reports(t.Context(), heed.ReportQuery{})
		if err != nil {
			return err
		}
		s.id, s.content = all[0].ID, all[0].Content
		files, err := tx.Attachments(t.Context(), s.id)
		for _, f := range files {
			s.blobs = append(s.blobs, f.Blob)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNothingReadableStaysOfAReportWhoseSpanIsOver(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		folder := t.TempDir()
		c := &canaries{words: map[string]string{}}
		l := serveLine(t, filepath.Join(folder, "line"), time.Now, store...)
		token := l.addStaff("amira", "specialist,lead")
		l.closeOne(t, c, token, l.addStaff("berta", "specialist,lead"))

		flags := lineFlags{Data: l.data}
		if len(store) > 0 {
			flags.Store = store[1]
		}
		beside, err := openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), flags)
		if err != nil {
			t.Fatal(err)
		}
		defer beside.close()
		was := beside.sealedThings(t)
		if len(was.blobs) != 1 || len(was.content) == 0 || len(store) == 0 && !l.keeps(was.key) {
			t.Fatalf("%d files, %d bytes of content", len(was.blobs), len(was.content))
		}
		if out := l.command("erase", "--due"); !strings.Contains(out, "0 reports erased, 0 referred") {
			t.Errorf("before its time: %s", out)
		}
		later := time.Now().Add(366 * 24 * time.Hour).UTC().Format(time.RFC3339)
		for _, want := range []string{"1 reports erased, 0 referred", "0 reports erased, 0 referred"} {
			if out := l.command("erase", "--due", "--as-of", later); !strings.Contains(out, want) {
				t.Errorf("%s, want %s", out, want)
			}
		}
		eventually(t, time.Minute, "the file is deleted", func() bool {
			_, err := beside.blobs.Open(context.Background(), was.blobs[0])
			return err != nil
		})
		l.wantErased(t, token, was.id)
		beside.close()
		l.stop()
		c.search(t, "after the end of its span", append([]string{folder}, databaseFolders(t, store)...)...)
		if len(store) > 0 {
			return // a database server keeps its own journal of ciphertext for as long as it is told to
		}
		if l.keeps(was.key) || l.keeps(was.content) {
			t.Error("the sealed words or what opens them lie in the store's files still")
		}
		err = filepath.WalkDir(l.data, func(path string, _ fs.DirEntry, err error) error {
			if strings.Contains(filepath.Base(path), was.blobs[0]) {
				return fmt.Errorf("%s is still there", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// closeOne sends a report with a file, asks its reporter something, and closes it with a second person, for it is urgent.
func (l *testLine) closeOne(t *testing.T, c *canaries, token, second string) {
	t.Helper()
	body, contentType := form(t, map[string]string{"text": goodText + " " + c.at("the text"), "place": c.at("the place")},
		namedFile{c.at("a file's name") + ".png", append(picture(50_000), c.at("a file's content")...)})
	if a := l.ask("POST", l.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var id string
	eventually(t, time.Minute, "a screened report", func() bool {
		for _, r := range l.reports(t, token, "?state=queued") {
			id = r.ID
		}
		return id != ""
	})
	for _, act := range []struct {
		by, path string
		body     map[string]string
	}{
		{token, "/messages", map[string]string{"text": c.at("a question")}},
		{token, "/disposition", map[string]string{"kind": "close", "reason": c.at("a reason")}},
		{second, "/approve", map[string]string{}},
	} {
		if a := l.ask("POST", l.desk+"/api/v1/reports/"+id+act.path, act.body, "Authorization", "Bearer "+act.by); a.status >= 400 {
			t.Fatalf("%s: %d %s", act.path, a.status, a.body)
		}
	}
}

// wantErased fails the test where the desk shows anything of the report but that it is erased.
func (l *testLine) wantErased(t *testing.T, token string, id heed.ID) {
	t.Helper()
	a := l.ask("GET", l.desk+"/api/v1/reports/"+string(id), nil, "Authorization", "Bearer "+token)
	var whole struct {
		State, Text           string
		Erased                bool
		Messages, Attachments []any
	}
	a.into(t, &whole)
	if a.status != http.StatusOK || whole.State != string(heed.Erased) || !whole.Erased || whole.Text != "" || len(whole.Messages)+len(whole.Attachments) > 0 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAServingLineErasesWhatWasKeptLongEnoughByItself(t *testing.T) {
	folder := t.TempDir()
	l := serveLine(t, filepath.Join(folder, "line"), time.Now)
	token, second := l.addStaff("amira", "specialist,lead"), l.addStaff("berta", "specialist,lead")
	l.closeOne(t, &canaries{words: map[string]string{}}, token, second)
	l.stop()
	later := serveLine(t, l.data, func() time.Time { return time.Now().Add(366 * 24 * time.Hour) })
	store := later.beside().store
	eventually(t, time.Minute, "the report is erased", func() bool { return countState(t, store, heed.Erased) == 1 })
}
