package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestACopyIsTakenInWholeAndByTheStoreItCameFrom(t *testing.T) {
	storetest.Copy(t, open(t), func(t *testing.T, version int64, fill func(put func(*heed.CopiedRow) error) error) heed.Store {
		url := pgtest.EmptyURL(t)
		if err := postgres.TakeIn(t.Context(), url, version, fill); err != nil {
			t.Fatal(err)
		}
		return openURL(t, url)
	})
}

func TestEveryTableSaysWhetherABackupHoldsIt(t *testing.T) {
	found, err := open(t).Pool().Query(t.Context(), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	storetest.Copies(t, names)
}
