package postgres

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/heed-line/heed"
)

var rolePrefix = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// Grants is the SQL that gives the processes of a split line roles of their own: prefix_portal, which takes reports in and serves
// mailboxes; prefix_phone, which does that and has calls besides; prefix_desk; and prefix_worker, which acts as the tables' owner. It is for an administrator of the
// database, who runs it in the line's database after the first start and again after every upgrade: it ends what the roles may do
// and says it anew, in one transaction. Passwords are the administrator's to set.
//
// ErrInvalid: prefix is no lower-case name.
func Grants(prefix string) (string, error) {
	if !rolePrefix.MatchString(prefix) {
		return "", fmt.Errorf("prefix %q of the roles: %w", prefix, heed.ErrInvalid)
	}
	g := &grants{takers: names(prefix, "portal", "phone"), portal: names(prefix, "portal"), phone: names(prefix, "phone"), desk: names(prefix, "desk")}
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
		g.grant(v.portal, v.table, g.takers)
		g.grant(v.desk, v.table, g.desk)
	}
	for _, s := range sequences() {
		g.say("GRANT USAGE ON SEQUENCE %s TO %s, %s;", quoted(s), g.takers, g.desk)
	}
	for _, f := range phoneFunctions() {
		g.say("REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC, %s, %s;", f, g.takers, g.desk)
		g.say("GRANT EXECUTE ON FUNCTION %s TO %s, %s;", f, g.phone, g.desk)
	}
	g.jobs(prefix)
	g.worker(prefix + "_worker")
	g.say("COMMIT;")
	return g.out.String(), nil
}

// grants gathers statements.
type grants struct {
	out strings.Builder
	// Roles, quoted; takers are the two of the processes that take reports in.
	takers, portal, phone, desk string
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
		g.say("REVOKE ALL ON %s IN SCHEMA public FROM PUBLIC, %s, %s;", what, g.takers, g.desk)
	}
	g.say("GRANT USAGE ON SCHEMA public TO %s, %s;", g.takers, g.desk)
}

// table grants a table's rights. Where who takes reports in may see or add some rows only, the table's rows are guarded, and the desk has them
// all; the owner always does.
func (g *grants) table(r tableRights) {
	g.grant(r.portal, r.table, g.portal)
	g.grant(r.byPhone(), r.table, g.phone)
	g.grant(r.desk, r.table, g.desk)
	policies := []string{"SELECT", "UPDATE", "DELETE", "INSERT"}
	for _, p := range policies {
		g.say("DROP POLICY IF EXISTS %s ON %s;", policyFor(p), quoted(r.table))
	}
	g.say("DROP POLICY IF EXISTS heed_all ON %s;", quoted(r.table))
	if !r.guarded() {
		g.say("ALTER TABLE %s DISABLE ROW LEVEL SECURITY;", quoted(r.table))
		return
	}
	g.say("ALTER TABLE %s ENABLE ROW LEVEL SECURITY;", quoted(r.table))
	guarded := g.takers
	if r.portal == "" {
		guarded = g.phone
	}
	for _, p := range policies {
		conditions := "USING (" + allOf(r.sees) + ")"
		switch p {
		case "INSERT":
			conditions = "WITH CHECK (" + allOf(r.adds) + ")"
		case "UPDATE": // the row as it was, and as it becomes
			conditions = fmt.Sprintf("USING (%s) WITH CHECK (%s)", allOf(r.sees, r.from), allOf(r.sees, r.to))
		}
		g.say("CREATE POLICY %s ON %s FOR %s TO %s %s;", policyFor(p), quoted(r.table), p, guarded, conditions)
	}
	g.say("CREATE POLICY heed_all ON %s TO %s USING (true);", quoted(r.table), g.desk)
}

// allOf is the condition that every one of the conditions holds that there are.
func allOf(conditions ...string) string {
	out := "true"
	for _, c := range conditions {
		if c != "" {
			out += " AND " + c
		}
	}
	return out
}

func policyFor(command string) string { return "heed_portal_" + strings.ToLower(command) }

// jobs holds who takes reports in to the jobs that intake causes: the worker does what a job says.
func (g *grants) jobs(prefix string) {
	g.say(`CREATE OR REPLACE FUNCTION %s() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'a portal adds no job of the kind %%', NEW.kind USING ERRCODE = 'insufficient_privilege';
END $$;`, jobsTrigger)
	g.say("DROP TRIGGER IF EXISTS %s ON river_job;", jobsTrigger)
	g.say("CREATE TRIGGER %[1]s BEFORE INSERT ON river_job FOR EACH ROW WHEN (current_user IN ('%[2]s_portal', '%[2]s_phone') AND NEW.kind NOT IN (%[3]s)) EXECUTE FUNCTION %[1]s();",
		jobsTrigger, prefix, portalJobs)
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
