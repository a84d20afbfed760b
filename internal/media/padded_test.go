package media_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestNoExactLengthOfAFileStandsInTheStoreOrAmongItsBlobs(t *testing.T) {
	tool(t, "vipsthumbnail")
	t.Run("sqlite", func(t *testing.T) {
		path := sqlitetest.File(t, t.TempDir())
		store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		hidesLengths(newLine(t, store, true), "sqlite", path, "SELECT name FROM sqlite_master WHERE type = 'table'")
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.URL(t)
		store, err := postgres.Open(t.Context(), url, postgres.Options{Connections: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		hidesLengths(newLine(t, store, true), "pgx", url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
	})
}

// hidesLengths fails the test where the length of a file, of its copy or of its redacted copy is found.
func hidesLengths(l *line, driver, address, tables string) {
	const length = 1_234_567
	picture := func(n int) []byte { return append(drawing(l), make([]byte, n)...)[:n] }
	upload, err := l.in.BeginUpload(l.Context(), "yard.png", length)
	l.must(err)
	_, err = l.in.AppendUpload(l.Context(), upload, 0, bytes.NewReader(picture(length)), intake.Checksum{})
	l.must(err)
	other, err := l.in.Stage(l.Context(), "garden.png", bytes.NewReader(picture(length+10_001)))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the yard."},
		Files: []intake.StagedFile{other}, Uploads: []intake.Upload{upload},
	})
	l.must(err)
	l.must(l.review.Screen(l.Context(), a.Report))
	v, err := l.review.Read(l.Context(), l.ann, a.Report, "queue")
	l.must(err)
	if len(v.Files) != 2 || v.Files[0].Length+v.Files[1].Length != 2*length+10_001 || v.Files[0].Size != v.Files[1].Size {
		l.Fatalf("%+v", v.Files)
	}
	f := v.Files[0]
	l.copies(f)
	lengths := []int64{length, length + 10_001, int64(len(l.copyOf(a.Report, f)))}
	f = l.redacts(a.Report, heed.Mark{Left: 2500, Top: 2500, Width: 2500, Height: 5000})
	lengths = append(lengths, int64(len(l.redacted(a.Report, f, 0))))

	db, err := sql.Open(driver, address)
	l.must(err)
	defer db.Close()
	names := rowsOf(l, db, tables)
	looked := 0
	for _, name := range names {
		for _, row := range rowsOf(l, db, fmt.Sprintf(`SELECT * FROM "%s"`, name[0])) {
			for _, value := range row {
				looked++
				for _, n := range lengths {
					if tells(value, n) {
						l.Errorf("%s says %d: %v", name[0], n, value)
					}
				}
			}
		}
	}
	if len(names) < 20 || looked < 100 {
		l.Errorf("only %d values of %d tables were looked at", looked, len(names))
	}
	blobs := 0
	l.must(filepath.WalkDir(l.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		frames := (info.Size() - 17) / 65_564
		if info.Size() != 17+frames*65_564 || uint64(frames) != seal.Padme(uint64(frames)) {
			l.Errorf("a blob has %d bytes, which is no length of a padded file", info.Size())
		}
		blobs++
		return nil
	}))
	if blobs != 4 {
		l.Errorf("%d blobs, want two files and two copies", blobs)
	}
}

// tells reports whether a value of the store is the number, or a text with it.
func tells(value any, n int64) bool {
	switch v := value.(type) {
	case int64:
		return v == n
	case []byte:
		return regexp.MustCompile(`(^|[^0-9A-Za-z])` + strconv.FormatInt(n, 10) + `($|[^0-9A-Za-z])`).Match(v)
	case string:
		return tells([]byte(v), n)
	}
	return false
}

func rowsOf(l *line, db *sql.DB, query string) (all [][]any) {
	l.Helper()
	rows, err := db.QueryContext(l.Context(), query)
	l.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	l.must(err)
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		l.must(rows.Scan(into...))
		all = append(all, row)
	}
	l.must(rows.Err())
	return all
}

// A draft that was open while the line was upgraded has such a file, and so has every report from before.
func TestAFileFromBeforeFilesWereFilledUpIsCopiedAndReadToo(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	staged := intake.StagedFile{Key: seal.NewKey(), Name: "yard.png", Type: "image/png", Size: int64(len(drawing(t)))}
	w, err := l.blobs.Create(t.Context())
	l.must(err)
	frames, err := seal.NewFrameWriter(w, staged.Key, seal.FilePlace("test"))
	l.must(err)
	_, err = frames.Write(drawing(t))
	l.must(err)
	l.must(frames.Close())
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddStaged(t.Context(), w.Key(), time.Now()) }))
	l.must(w.Commit(t.Context()))
	staged.Blob = w.Key()
	a, err := l.in.Submit(t.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the yard."}, Files: []intake.StagedFile{staged},
	})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	f := l.file(a.Report)
	if f.Size != staged.Size || f.Length != staged.Size {
		t.Errorf("%d bytes are %d in the record and %d to people", staged.Size, f.Size, f.Length)
	}
	l.copies(f)
	if f = l.file(a.Report); f.CopyCode != "" {
		t.Errorf("no copy of it: %s", f.CopyCode)
	}
}
