package sqlite

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/storetest"
)

func TestAnUpgradeTellsOldReportsHowLongTheyAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heed.db")
	db, err := open(writeDSN(path))
	if err != nil {
		t.Fatal(err)
	}
	upTo1(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storetest.CheckOldReports(t, s)
}

// TestASchemaFromBeforeALowerMigrationCameIsBroughtUp is of lines made while 00006 was there and 00004 wasn't, and the like.
func TestASchemaFromBeforeALowerMigrationCameIsBroughtUp(t *testing.T) {
	for _, there := range storetest.EarlierSchemas() {
		path := filepath.Join(t.TempDir(), "heed.db")
		db, err := open(writeDSN(path))
		if err != nil {
			t.Fatal(err)
		}
		provider, err := tables(db)
		if err != nil {
			t.Fatal(err)
		}
		for _, version := range there {
			if _, err := provider.ApplyVersion(t.Context(), version, true); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatalf("from %v: %v", there, err)
		}
		storetest.CheckTree(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// upTo1 makes the line's first schema and fills it.
func upTo1(t *testing.T, db *sql.DB) {
	t.Helper()
	provider, err := tables(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, statement := range storetest.OldReports() {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}
