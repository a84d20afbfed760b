package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest"
)

func TestACopyIsTakenInWholeAndByTheStoreItCameFrom(t *testing.T) {
	storetest.Copy(t, open(t), func(t *testing.T, version int64, fill func(put func(*heed.CopiedRow) error) error) heed.Store {
		path := filepath.Join(t.TempDir(), "heed.db")
		if err := sqlite.TakeIn(t.Context(), path, version, fill); err != nil {
			t.Fatal(err)
		}
		return openFile(t, path)
	})
}

func TestEveryTableSaysWhetherABackupHoldsIt(t *testing.T) {
	found, err := open(t).WriteDB().QueryContext(t.Context(), "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	var names []string
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	storetest.Copies(t, names)
}
