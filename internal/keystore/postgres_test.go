package keystore

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// emptyDatabase makes a database that holds nothing.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	url := pgtest.URL(t)
	if err := pgtest.Execute(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	return url
}

func openPostgres(t *testing.T, url string) *Postgres {
	t.Helper()
	p, err := OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func TestADatabaseIsAKeystore(t *testing.T) {
	testKeystore(t, func(t *testing.T) (Keystore, func() Keystore) {
		url := emptyDatabase(t)
		return openPostgres(t, url), func() Keystore { return openPostgres(t, url) }
	})
}

func TestALinesStoreIsNoKeystore(t *testing.T) {
	if p, err := OpenPostgres(t.Context(), pgtest.URL(t)); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("%v, %v", p, err)
	}
	url := emptyDatabase(t)
	p := openPostgres(t, url)
	if err := pgtest.Execute(url, "CREATE TABLE audit_leaves (seq BIGINT)"); err != nil {
		t.Fatal(err)
	}
	if err := p.Apart(t.Context()); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("a store that moved in: %v", err)
	}
}

func TestARoleThatCouldNotDestroyKeysIsRefused(t *testing.T) {
	url := emptyDatabase(t)
	openPostgres(t, url)
	if err := pgtest.Execute(url, "DROP ROLE IF EXISTS heed_no_owner; CREATE ROLE heed_no_owner LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO heed_no_owner; GRANT ALL ON heed_keys TO heed_no_owner"); err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(url, "//"+config.User, "//heed_no_owner", 1)
	if p, err := OpenPostgres(t.Context(), other); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("%v, %v", p, err)
	}
}

func TestNodesThatStartTogetherMakeOneTableAndOneRing(t *testing.T) {
	url := emptyDatabase(t)
	var wg sync.WaitGroup
	rings := make([]*Ring, 4)
	for i := range rings {
		wg.Go(func() {
			p, err := OpenPostgres(t.Context(), url)
			if err == nil {
				rings[i], err = LoadRing(t.Context(), p, nil)
				err = errors.Join(err, p.Close())
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, r := range rings {
		if r != nil && !bytes.Equal(r.Fingerprint(), rings[0].Fingerprint()) {
			t.Error("two nodes have two rings")
		}
	}
}

func TestAHalfDestroyedRowIsListedAndItsValueRefusedUntilItIsDestroyed(t *testing.T) {
	url := emptyDatabase(t)
	p := openPostgres(t, url)
	const name = "day/2026-11-23/transit.aa"
	if err := p.Put(t.Context(), name, bytes.Repeat([]byte{7}, 32)); err != nil {
		t.Fatal(err)
	}
	// As a crash between the overwriting and the deletion leaves it.
	if err := pgtest.Execute(url, "UPDATE heed_keys SET value = decode(repeat('ab', octet_length(value)), 'hex')"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Get(t.Context(), name); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("got %v", err)
	}
	if err := p.PutBeside(t.Context(), "day/2026-11-23/further", []byte("seed"), name); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("beside it: %v", err)
	}
	if names, err := p.List(t.Context(), "day/"); err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
	if err := p.Delete(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if names, err := p.List(t.Context(), ""); err != nil || len(names) != 0 {
		t.Errorf("%v, %v", names, err)
	}
}

func TestNoFileOfTheDatabaseHoldsADestroyedOrReplacedKey(t *testing.T) {
	url := emptyDatabase(t)
	p := openPostgres(t, url)
	secret, replaced := seal.NewKey(), seal.NewKey()
	for name, value := range map[string][]byte{"day/2026-11-23/transit.aa": secret[:], "content": replaced[:], "pepper": make([]byte, 32)} {
		if err := p.Put(t.Context(), name, value); err != nil {
			t.Fatal(err)
		}
	}
	holds := func(value []byte) bool { return pgtest.FilesHold(t, url, value) }
	if !holds(secret[:]) || !holds(replaced[:]) {
		t.Fatal("the keys aren't found while they live")
	}
	if err := p.Delete(t.Context(), "day/2026-11-23/transit.aa"); err != nil {
		t.Fatal(err)
	}
	if err := p.Put(t.Context(), "content", []byte("another")); err != nil {
		t.Fatal(err)
	}
	if holds(secret[:]) {
		t.Error("a destroyed key still lies in a file of the database")
	}
	if holds(replaced[:]) {
		t.Error("a replaced key still lies in a file of the database")
	}
}
