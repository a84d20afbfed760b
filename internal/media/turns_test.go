package media_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
)

// queued is a job that waits.
type queued struct {
	kind, queue string
	args        []byte
}

// lineUp is the jobs that wait for copies, in the order in which a worker takes those of a queue.
func (l *line) lineUp() (jobs []queued) {
	l.Helper()
	const query = "FROM river_job WHERE kind IN ('make-copy', 'make-film-copy') ORDER BY queue, priority, scheduled_at, id"
	var j queued
	switch store := l.store.(type) {
	case *sqlite.Store:
		rows, err := store.WriteDB().QueryContext(l.Context(), "SELECT kind, queue, CAST(json(args) AS BLOB) "+query)
		l.must(err)
		defer func(r *sql.Rows) { l.must(r.Close()) }(rows)
		for rows.Next() {
			j.args = nil
			l.must(rows.Scan(&j.kind, &j.queue, &j.args))
			jobs = append(jobs, j)
		}
		l.must(rows.Err())
	case *postgres.Store:
		rows, err := store.Pool().Query(l.Context(), "SELECT kind, queue, convert_to(args::TEXT, 'UTF8') "+query)
		l.must(err)
		defer rows.Close()
		for rows.Next() {
			j.args = nil
			l.must(rows.Scan(&j.kind, &j.queue, &j.args))
			jobs = append(jobs, j)
		}
		l.must(rows.Err())
	}
	return jobs
}

func TestManyFilmsOfOneReportLetThoseOfOthersGoFirstAndAreNeverOvertakenForLong(t *testing.T) {
	film := filmed(t, ".mp4", "-c:v", "mpeg4")
	onBothStores(t, func(l *line, _ bool) {
		names := map[heed.ID]string{}
		send := func(report string, films int) {
			var files []intake.StagedFile
			for range films {
				f, err := l.in.Stage(l.Context(), "film.mp4", bytes.NewReader(film))
				l.must(err)
				files = append(files, f)
			}
			a, err := l.in.Submit(l.Context(), intake.Submission{
				Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "They dump it by night."}, Files: files,
			})
			l.must(err)
			l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
				found, err := tx.Attachments(l.Context(), a.Report)
				for i, f := range found {
					names[f.ID] = fmt.Sprint(report, i+1)
				}
				return err
			}))
			l.must(l.media.Find(l.Context()))
		}
		began := l.now
		send("first ", 3)
		send("second ", 1)
		l.now = began.Add(29 * time.Minute)
		send("third ", 1)
		l.now = began.Add(31 * time.Minute)
		send("fourth ", 2)
		l.call(recording(t))
		l.must(l.media.Find(l.Context()))
		var films []string
		for _, j := range l.lineUp() {
			if j.queue != heed.QueueFilm || j.kind != media.JobFilm {
				if j.queue != heed.QueueMedia || j.kind != media.JobCopy {
					l.Errorf("%s waits in %s", j.kind, j.queue)
				}
				continue
			}
			var of media.CopyArgs
			l.must(json.Unmarshal(j.args, &of))
			films = append(films, names[of.Attachment])
		}
		want := []string{"first 1", "second 1", "first 2", "third 1", "first 3", "fourth 1", "fourth 2"}
		if !slices.Equal(films, want) {
			l.Errorf("in turn are %q", films)
		}
	})
}
