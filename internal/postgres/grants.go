package postgres

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed"
)

var rolePrefix = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// Grants is the SQL that gives the processes of a split line roles of their own: prefix_portal and prefix_phone, which take
// reports in and serve mailboxes; prefix_desk; and prefix_worker, which acts as the tables' owner. It is for an administrator of the
// database, who runs it in the line's database after the first start and again after every upgrade: it ends what the roles may do
// and says it anew, in one transaction. Passwords are the administrator's to set.
//
// ErrInvalid: prefix is no lower-case name.
func Grants(prefix string) (string, error) {
	if !rolePrefix.MatchString(prefix) {
		return "", fmt.Errorf("prefix %q of the roles: %w", prefix, heed.ErrInvalid)
	}
	g := &grants{portals: names(prefix, "portal", "phone"), desk: names(prefix, "desk")}
	g.say("-- Roles of a split line; made by heed operations grants. Run it as an administrator, in the line's database:")
	g.say("--   heed operations grants | psql -v ON_ERROR_STOP=1 DATABASE")
	g.say("-- then give each role that logs in a password: \\password %s_portal", prefix)
	g.say("BEGIN;")
	for _, role := range []string{"portal", "phone", "desk", "worker"} {
		g.createRole(prefix + "_" + role)
	}
	g.begin()
	for _, r := range rights() {
		g.table(r)
	}
	for _, v := range viewRights() {
		g.grant(v.desk, v.table, g.desk)
	}
	for _, s := range sequences() {
		g.say("GRANT USAGE ON SEQUENCE %s TO %s, %s;", quoted(s), g.portals, g.desk)
	}
	g.worker(prefix + "_worker")
	g.say("COMMIT;")
	return g.out.String(), nil
}

// grants gathers statements.
type grants struct {
	out           strings.Builder
	portals, desk string // lists of roles
}

func (g *grants) say(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

func quoted(name string) string { return pgx.Identifier{name}.Sanitize() }

func names(prefix string, roles ...string) string {
	for i, r := range roles {
		roles[i] = quoted(prefix + "_" + r)
	}
	return strings.Join(roles, ", ")
}

// createRole makes a role that may log in and nothing else, where it isn't there.
func (g *grants) createRole(name string) {
	g.say("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%s') THEN CREATE ROLE %s LOGIN; END IF; END $$;", name, quoted(name))
	g.say("ALTER ROLE %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;", quoted(name))
}

// begin takes away whatever the roles, and everybody, may do in the schema.
func (g *grants) begin() {
	g.say("REVOKE ALL ON SCHEMA public FROM PUBLIC;")
	for _, what := range []string{"ALL TABLES", "ALL SEQUENCES"} {
		g.say("REVOKE ALL ON %s IN SCHEMA public FROM PUBLIC, %s, %s;", what, g.portals, g.desk)
	}
	g.say("GRANT USAGE ON SCHEMA public TO %s, %s;", g.portals, g.desk)
}

// table grants a table's rights. Where a portal sees named rows only, the table's rows are guarded, and the desk has them all;
// the owner always does.
func (g *grants) table(r tableRights) {
	g.grant(r.portal, r.table, g.portals)
	g.grant(r.desk, r.table, g.desk)
	const mailbox, add, all = "heed_mailbox", "heed_add", "heed_all"
	for _, policy := range []string{mailbox, add, all} {
		g.say("DROP POLICY IF EXISTS %s ON %s;", policy, quoted(r.table))
	}
	if r.mailbox == "" {
		g.say("ALTER TABLE %s DISABLE ROW LEVEL SECURITY;", quoted(r.table))
		return
	}
	g.say("ALTER TABLE %s ENABLE ROW LEVEL SECURITY;", quoted(r.table))
	g.say("CREATE POLICY %s ON %s TO %s USING (%s);", mailbox, quoted(r.table), g.portals, r.mailbox)
	g.say("CREATE POLICY %s ON %s FOR INSERT TO %s WITH CHECK (true);", add, quoted(r.table), g.portals)
	g.say("CREATE POLICY %s ON %s TO %s USING (true);", all, quoted(r.table), g.desk)
}

func (g *grants) grant(privileges, table, roles string) {
	if privileges != "" {
		g.say("GRANT %s ON %s TO %s;", privileges, quoted(table), roles)
	}
}

// worker lets a role act as the owner of the tables, which migrates, erases and vacuums. A superuser's it never becomes.
func (g *grants) worker(role string) {
	g.say(`DO $$
DECLARE owner NAME := (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'reports');
BEGIN
    IF owner = '%[1]s' THEN
        RETURN;
    ELSIF (SELECT rolsuper FROM pg_roles WHERE rolname = owner) THEN
        RAISE WARNING 'the tables belong to the superuser %%: %[1]s may do nothing until they belong to a role of the line', owner;
    ELSE
        EXECUTE format('GRANT %%I TO %[2]s', owner);
        EXECUTE format('ALTER ROLE %[2]s IN DATABASE %%I SET role = %%L', current_database(), owner);
    END IF;
END $$;`, role, quoted(role))
	// The owner may have stood on what everybody could do.
	g.say(`DO $$ BEGIN
    EXECUTE format('GRANT ALL ON SCHEMA public TO %%I', (SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'reports'));
END $$;`)
}
