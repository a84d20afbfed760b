package intake_test

import (
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// underRole has this package's tests run on PostgreSQL, with intake under a portal's role.
const underRole = "HEED_TEST_INTAKE_ROLE"

// openStores opens the line's store as the worker has it, and as intake has it: the same but under underRole.
func openStores(t *testing.T, dir string) (all, portal heed.Store) {
	t.Helper()
	role := os.Getenv(underRole)
	if role == "" {
		s, err := sqlite.Open(t.Context(), sqlitetest.File(t, dir), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s, s
	}
	url, as := pgtest.URLWithRoles(t)
	open := func(url string, o postgres.Options) heed.Store {
		s, err := postgres.Open(t.Context(), url, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	all = open(url, postgres.Options{Connections: 8})
	return all, open(as(role), postgres.Options{Connections: 8, Portal: role == "portal", Phone: role == "phone", SchemaWait: time.Second})
}

func TestAllThatIntakeDoesItDoesUnderAPortalsRole(t *testing.T) {
	if os.Getenv(underRole) != "" {
		t.Skip("this is the run that it starts")
	}
	if testing.Short() {
		t.Skip("rights race nothing; without the race detector this one runs")
	}
	pgtest.URL(t) // or there is no PostgreSQL
	var both sync.WaitGroup
	for _, role := range []string{"portal", "phone"} {
		both.Go(func() {
			// Of five thousand uploads the first needs no other rights than the last.
			tests := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^Test", "-test.skip", "^TestWhoCannotBeToldApartMayBeginMoreUploads")
			tests.Env = append(os.Environ(), underRole+"="+role)
			if out, err := tests.CombinedOutput(); err != nil {
				t.Errorf("under the role %s: %v\n%s", role, err, out)
			}
		})
	}
	both.Wait()
}
