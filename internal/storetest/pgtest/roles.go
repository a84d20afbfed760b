package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed/internal/postgres"
)

// Roles gives the database at address the roles of a split line, as heed operations grants makes them, and answers the
// address under which one of them ("portal", "phone", "desk", "worker") reaches it. The server's own role must be allowed to
// make roles.
func Roles(t testing.TB, address string) func(role string) string {
	t.Helper()
	of, err := grant(address)
	if err != nil {
		t.Fatalf("make the roles: %v", err)
	}
	t.Cleanup(func() {
		for _, role := range splitRoles {
			name := of.prefix + "_" + role
			if err := Execute(address, fmt.Sprintf("DROP OWNED BY %[1]s; DROP ROLE %[1]s", name)); err != nil {
				t.Logf("a role stays behind: %v", err)
			}
		}
	})
	return func(role string) string { return of.at(t, address, role) }
}

// URLWithRoles makes a database like URL's, to which the roles of a split line have their rights, and answers as well the address
// under which one of them ("portal", "phone", "desk") reaches it. The roles are the same in all such databases of a test binary: to
// make them takes longer than most of what is tested with them. The worker's role is bound to one database: it is for Roles.
func URLWithRoles(t testing.TB) (address string, as func(role string) string) {
	t.Helper()
	var of roles
	address = database(t, func(s *server) (string, error) {
		var err error
		of, err = s.grantOnce()
		return of.template, err
	})
	return address, func(role string) string {
		if role == "worker" {
			t.Fatal("a worker has no role in a database that was copied")
		}
		return of.at(t, address, role)
	}
}

var splitRoles = []string{"portal", "phone", "desk", "worker"}

// roles are those of a split line.
type roles struct {
	prefix, password string
	template         string // the database to which they have rights, where it is copied for tests
}

// grant makes the roles of a split line with their rights to the database at address.
func grant(address string) (roles, error) {
	of := roles{prefix: "heed_" + strings.ToLower(rand.Text()[:8]), password: strings.ToLower(rand.Text())}
	script, err := postgres.Grants(of.prefix)
	if err != nil {
		return roles{}, err
	}
	for _, role := range splitRoles {
		script += fmt.Sprintf("ALTER ROLE %s_%s PASSWORD '%s';\n", of.prefix, role, of.password)
	}
	return of, Execute(address, script)
}

// grantOnce makes the roles, and the database to which they have rights, at its first call.
func (s *server) grantOnce() (roles, error) {
	s.granting.Lock()
	defer s.granting.Unlock()
	if s.granted != nil {
		return *s.granted, nil
	}
	name := s.template + "_roles"
	if err := s.execute("CREATE DATABASE " + name + " TEMPLATE " + s.template); err != nil {
		return roles{}, err
	}
	of, err := grant(s.database(name))
	if err != nil {
		return roles{}, err
	}
	of.template = name
	s.granted = &of
	return of, nil
}

// ungrant removes what grantOnce made.
func (s *server) ungrant() error {
	if s.granted == nil {
		return nil
	}
	err := s.execute("DROP DATABASE IF EXISTS " + s.granted.template)
	for _, role := range splitRoles {
		err = errors.Join(err, s.execute("DROP ROLE IF EXISTS "+s.granted.prefix+"_"+role))
	}
	return err
}

// at is the address under which a role reaches the database at address.
func (r roles) at(t testing.TB, address, role string) string {
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("the address is no URL")
	}
	u.User = url.UserPassword(r.prefix+"_"+role, r.password)
	return u.String()
}

// Execute runs statements in the database at address.
func Execute(address, statements string) (err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	return err
}
