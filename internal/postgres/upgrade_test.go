package postgres_test

import (
	"database/sql"
	"testing"

	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestAnUpgradeTellsOldReportsHowLongTheyAreKept(t *testing.T) {
	url := pgtest.EmptyURL(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	upTo1(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.CheckOldReports(t, openURL(t, url))
}

// TestASchemaFromBeforeALowerMigrationCameIsBroughtUp is of lines made while 00006 was there and 00004 wasn't, and the like.
func TestASchemaFromBeforeALowerMigrationCameIsBroughtUp(t *testing.T) {
	for _, there := range storetest.EarlierSchemas() {
		url := pgtest.EmptyURL(t)
		db, err := sql.Open("pgx", url)
		if err != nil {
			t.Fatal(err)
		}
		provider, err := postgres.Tables(db)
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
		storetest.CheckTree(t, openURL(t, url))
	}
}

// upTo1 makes the line's first schema and fills it.
func upTo1(t *testing.T, db *sql.DB) {
	t.Helper()
	provider, err := postgres.Tables(db)
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
