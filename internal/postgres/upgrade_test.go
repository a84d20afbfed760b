package postgres_test

import (
	"database/sql"
	"testing"

	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestAnUpgradeTellsOldReportsHowLongTheyAreKept(t *testing.T) {
	url := pgtest.URL(t)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil { // today's schema
		t.Fatal(err)
	}
	upTo1(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.CheckOldReports(t, openURL(t, url))
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
