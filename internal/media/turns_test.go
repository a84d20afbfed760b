package media_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
)

// lineUp is the jobs that wait for copies, in the order in which a worker takes those of a queue.
func (l *line) lineUp() (jobs []string) {
	l.Helper()
	const query = "SELECT kind, queue, priority FROM river_job WHERE kind IN ('make-copy', 'make-film-copy') ORDER BY queue, priority, id"
	var kind, queue string
	var priority int
	switch store := l.store.(type) {
	case *sqlite.Store:
		rows, err := store.WriteDB().QueryContext(l.Context(), query)
		l.must(err)
		defer func(r *sql.Rows) { l.must(r.Close()) }(rows)
		for rows.Next() {
			l.must(rows.Scan(&kind, &queue, &priority))
			jobs = append(jobs, fmt.Sprint(kind, " ", queue, " ", priority))
		}
		l.must(rows.Err())
	case *postgres.Store:
		rows, err := store.Pool().Query(l.Context(), query)
		l.must(err)
		defer rows.Close()
		for rows.Next() {
			l.must(rows.Scan(&kind, &queue, &priority))
			jobs = append(jobs, fmt.Sprint(kind, " ", queue, " ", priority))
		}
		l.must(rows.Err())
	}
	return jobs
}

func TestManyFilmsOfOneReportLetThoseOfAnotherGoFirst(t *testing.T) {
	film := filmed(t, ".mp4", "-c:v", "mpeg4")
	sound := recording(t)
	onBothStores(t, func(l *line, _ bool) {
		for _, films := range []int{3, 1} {
			var files []intake.StagedFile
			for i := range films {
				f, err := l.in.Stage(l.Context(), fmt.Sprintf("film-%d.mp4", i), bytes.NewReader(film))
				l.must(err)
				files = append(files, f)
			}
			_, err := l.in.Submit(l.Context(), intake.Submission{
				Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "They dump it by night."}, Files: files,
			})
			l.must(err)
		}
		l.written("They dump it by night.", sound)
		l.must(l.media.Find(l.Context()))
		want := []string{
			"make-film-copy film 1", "make-film-copy film 1", "make-film-copy film 2", "make-film-copy film 3", "make-copy media 1",
		}
		if got := l.lineUp(); !slices.Equal(got, want) {
			l.Errorf("in turn are %q", got)
		}
	})
}
