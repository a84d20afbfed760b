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
	prefix := "heed_" + strings.ToLower(rand.Text()[:8])
	script, err := postgres.Grants(prefix)
	if err != nil {
		t.Fatal(err)
	}
	password := strings.ToLower(rand.Text())
	roles := []string{"portal", "phone", "desk", "worker"}
	for _, role := range roles {
		script += fmt.Sprintf("ALTER ROLE %s_%s PASSWORD '%s';\n", prefix, role, password)
	}
	if err := Execute(address, script); err != nil {
		t.Fatalf("make the roles: %v", err)
	}
	t.Cleanup(func() {
		for _, role := range roles {
			name := prefix + "_" + role
			if err := Execute(address, fmt.Sprintf("DROP OWNED BY %[1]s; DROP ROLE %[1]s", name)); err != nil {
				t.Logf("a role stays behind: %v", err)
			}
		}
	})
	return func(role string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal("the address is no URL")
		}
		u.User = url.UserPassword(prefix+"_"+role, password)
		return u.String()
	}
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
