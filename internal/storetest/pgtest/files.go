package pgtest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// FilesHold reports whether a file of any of the server's tables or indexes holds the bytes, once all that it has in memory is written. The journal isn't
// searched. A test ends here where another's server keeps its files from it.
func FilesHold(t testing.TB, address string, value []byte) (found bool) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	var folder string
	if _, err = conn.Exec(t.Context(), "CHECKPOINT"); err == nil {
		err = conn.QueryRow(t.Context(), "SHOW data_directory").Scan(&folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadDir(folder); err != nil {
		if os.Getenv("HEED_TEST_POSTGRES") == "" {
			t.Fatal(err)
		}
		t.Skip("the server that HEED_TEST_POSTGRES names keeps its files where this test can't read them")
	}
	err = filepath.WalkDir(filepath.Join(folder, "base"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // dropped while the folder was read
		}
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = found || bytes.Contains(b, value)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
