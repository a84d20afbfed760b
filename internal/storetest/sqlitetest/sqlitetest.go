// Package sqlitetest gives tests a fresh, migrated SQLite database each. The schema is written once for each test binary and
// copied from then on: under the race detector writing it takes more than a second, which is longer than most tests do.
package sqlitetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/heed-line/heed/internal/sqlite"
)

// schema is a migrated database that holds no rows but the migrations' own. It is the one global here: tests have no other
// place between them.
var schema = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "heed-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "heed.db")
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	// Closing writes the journal back, so that the one file is all of it.
	if err := s.Close(); err != nil {
		return nil, err
	}
	if left, err := os.Stat(path + "-wal"); err == nil && left.Size() > 0 {
		return nil, fmt.Errorf("%s is left beside the schema", left.Name())
	}
	return os.ReadFile(path)
})

// File writes the database into the folder and gives its path.
func File(t testing.TB, folder string) string {
	t.Helper()
	file, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "heed.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
