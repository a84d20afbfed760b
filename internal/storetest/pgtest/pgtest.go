// Package pgtest gives tests a real PostgreSQL and a fresh, migrated database each.
//
// The server is the one at HEED_TEST_POSTGRES (a URL with the right to create databases) or, where that isn't set, one
// that it starts itself, from the newest PostgreSQL installed, in a temporary folder and on a socket there. A package
// whose tests use it has
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// so that they share one server. Where there is no PostgreSQL a test is skipped, but with CI=true it fails.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed/internal/postgres"
)

// shared is the server of this test binary. It is the one global here: tests have no other place between Main and them.
var shared struct {
	sync.Mutex
	server *server
	err    error
	main   bool
}

// Main runs the package's tests and stops the server that they started.
func Main(m *testing.M) int {
	shared.main = true
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
			return max(code, 1)
		}
	}
	return code
}

// URL makes a database with Heed's schema and gives its address.
func URL(t testing.TB) string {
	t.Helper()
	return database(t, func(s *server) (string, error) { return s.template, nil })
}

// EmptyURL makes a database without a table and gives its address.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return database(t, func(*server) (string, error) { return "template0", nil })
}

// database makes a database like the one that template names.
func database(t testing.TB, template func(*server) (string, error)) string {
	t.Helper()
	s, err := running(t)
	if errors.Is(err, errAbsent) && os.Getenv("CI") != "true" {
		t.Skip("no PostgreSQL: set HEED_TEST_POSTGRES or install it (Debian: postgresql)")
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	from, err := template(s)
	if err != nil {
		t.Fatalf("make a template: %v", err)
	}
	name := "heed_test_" + strings.ToLower(rand.Text()[:12])
	if err := s.execute("CREATE DATABASE " + name + " TEMPLATE " + from); err != nil {
		t.Fatalf("make a database: %v", err)
	}
	if s.process != nil {
		return s.database(name) // it goes with the server: dropping it would cost a checkpoint, a second on a slow disk
	}
	t.Cleanup(func() {
		if err := s.execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop a database: %v", err)
		}
	})
	return s.database(name)
}

// running is the shared server, started on first use.
func running(t testing.TB) (*server, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil || shared.err != nil {
		return shared.server, shared.err
	}
	s, err := start()
	if err == nil {
		err = s.makeTemplate()
	}
	if err != nil {
		if s != nil {
			err = errors.Join(err, s.stop())
		}
		shared.err = err
		return nil, err
	}
	shared.server = s
	if !shared.main {
		t.Cleanup(func() {
			shared.Lock()
			defer shared.Unlock()
			shared.server = nil
			if err := s.stop(); err != nil {
				t.Errorf("stop PostgreSQL: %v", err)
			}
		})
	}
	return s, nil
}

// database is the address of one database of the server.
func (s *server) database(name string) string {
	u := *s.admin
	u.Path = "/" + name
	return u.String()
}

// execute runs one statement on the server, in the database that always is there.
func (s *server) execute(statement string) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.admin.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// makeTemplate migrates once what each test gets a copy of.
func (s *server) makeTemplate() error {
	s.template = "heed_template_" + strings.ToLower(rand.Text()[:12])
	if err := s.execute("CREATE DATABASE " + s.template); err != nil {
		return fmt.Errorf("make the template: %w", err)
	}
	store, err := postgres.Open(context.Background(), s.database(s.template), postgres.Options{})
	if err != nil {
		return fmt.Errorf("migrate the template: %w", err)
	}
	return store.Close()
}

func external(address string) (*server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("HEED_TEST_POSTGRES is no URL") // the parser's error would show the password
	}
	return &server{admin: u}, nil
}
