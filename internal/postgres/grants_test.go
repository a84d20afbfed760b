package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestEveryTableHasItsRightsWritten(t *testing.T) {
	s := open(t)
	found, err := s.Pool().Query(t.Context(), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')")
	if err != nil {
		t.Fatal(err)
	}
	there, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, name := range postgres.RightsListed() {
		listed[name] = true
	}
	for _, name := range there {
		if !listed[name] {
			t.Errorf("%s has no rights written: add a line to rights() that says what a portal and the desk may do with it", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s has rights written but isn't there", name)
	}
}

// connect opens a plain connection under a role.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

// refused fails unless the statement is refused for want of a right, and not for another reason.
func refused(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), statement)
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "42501" {
		t.Errorf("%s: %v", statement, err)
	}
}

// filled is a database with one report, its receipt, message, file and identity, and the roles of a split line.
func filled(t *testing.T) (owner *postgres.Store, report heed.ID, at func(string) string) {
	t.Helper()
	url := pgtest.URL(t)
	owner = openURL(t, url)
	now := time.Now()
	report = heed.NewID(now)
	r := &heed.Report{ID: report, State: heed.Received, Urgency: heed.Normal, ReceivedAt: now, StateSince: now, Content: []byte("sealed")}
	err := owner.Update(t.Context(), func(tx heed.Tx) error {
		return errors.Join(tx.AddReport(t.Context(), r, []byte("wrapped")), tx.AddReceipt(t.Context(), []byte("lookup"), report, []byte("mailbox")),
			tx.AddMessage(t.Context(), &heed.Message{ID: heed.NewID(now), Report: report, Kind: heed.Addition, At: now, Sealed: []byte("s")}),
			tx.AddStaged(t.Context(), "blob", now),
			tx.AddAttachment(t.Context(), &heed.Attachment{ID: heed.NewID(now), Report: report, Blob: "blob", Day: "2026-11-23", TransitKey: []byte("k"), DayKey: []byte("d"), At: now}),
			tx.AddDisclosure(t.Context(), &heed.Disclosure{ID: heed.NewID(now), Report: report, State: heed.DisclosureAsked, By: "somebody", At: now, Until: now.Add(time.Hour), Sealed: []byte("why")}),
			tx.AddIdentity(t.Context(), report, "2026-11-23", []byte("who")),
			tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: now, Act: "report.received", Report: report}))
	})
	if err != nil {
		t.Fatal(err)
	}
	return owner, report, pgtest.Roles(t, url)
}

func TestAPortalsRoleReadsAndChangesNothingThatItCannotName(t *testing.T) {
	owner, report, at := filled(t)
	for _, role := range []string{"portal", "phone"} {
		conn := connect(t, at(role))
		for _, table := range []string{"contents", "report_keys", "identities", "screenings", "fingerprints", "marks", "search_tokens",
			"dispositions", "referrals", "staff", "credentials", "audit_notes", "full_reports", "river_queue"} {
			refused(t, conn, "SELECT * FROM "+table)
			if table != "full_reports" && table != "identities" { // a view from which nobody can delete; rows that must be named
				refused(t, conn, "DELETE FROM "+table)
			}
		}
		for _, statement := range []string{
			"SELECT * FROM audit_leaves", "SELECT details FROM audit_leaves", "UPDATE audit_leaves SET at = 0", "DELETE FROM audit_leaves", "TRUNCATE audit_leaves",
			"SELECT transit_key FROM attachments", "SELECT day_key FROM attachments", "SELECT args FROM river_job", "DELETE FROM river_job", "UPDATE river_job SET state = 'completed'",
			"UPDATE day_keys SET identity = NULL", "INSERT INTO day_keys VALUES ('2026-11-24', NULL, NULL, NULL, 0)", "UPDATE settings SET value = ''", "DELETE FROM reports",
			"UPDATE receipts SET report = ''", "DELETE FROM receipts", "DELETE FROM messages", "UPDATE messages SET sealed = ''", "UPDATE identities SET sealed = ''",
			"UPDATE contents SET content = ''", "UPDATE report_keys SET wrapped = ''", "UPDATE seq_base SET base = 0", "SELECT sealed FROM disclosures", "SELECT asked_by FROM disclosures", "SELECT sealed FROM identities", "INSERT INTO staff SELECT", "INSERT INTO credentials SELECT",
			"CREATE TABLE mine (n INT)", "ALTER TABLE reports DISABLE ROW LEVEL SECURITY", "DROP TABLE reports", "SET ROLE " + role0(t, at("desk")),
			"CREATE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT 1'",
		} {
			refused(t, conn, statement)
		}
		for _, table := range []string{"reports", "receipts", "messages"} {
			count(t, conn, "SELECT count(*) FROM "+table, 0)
		}
		count(t, conn, "SELECT count(id) FROM attachments", 0)
		count(t, conn, "SELECT count(*) FROM held_originals", 0)
		refused(t, conn, "DELETE FROM held_originals")
		count(t, conn, "WITH d AS (DELETE FROM identities RETURNING report) SELECT count(*) FROM d", 0)
		count(t, conn, "WITH u AS (UPDATE reports SET state = 'closed' RETURNING 1) SELECT count(*) FROM u", 0)
		if _, err := conn.Exec(t.Context(), "SELECT set_config('heed.report', $1, false), set_config('heed.lookup', encode('lookup', 'hex'), false)", string(report)); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"reports", "receipts", "messages"} {
			count(t, conn, "SELECT count(*) FROM "+table, 1)
		}
		refused(t, conn, "UPDATE reports SET id = 'another'")
		count(t, conn, "SELECT count(seq) FROM audit_leaves", 0)
		count(t, conn, "SELECT count(seq) FROM desk_events", 0)
		for _, forged := range []string{
			"INSERT INTO audit_leaves (seq, at, actor, act, report) VALUES (next_seq(), 1, 'somebody', 'report.read', '')",
			"INSERT INTO audit_leaves (seq, at, actor, act, report) VALUES (next_seq(), 1, '', 'identity.erased', '')",
			"INSERT INTO audit_leaves (seq, at, actor, act, report) VALUES (next_seq(), 1, '', 'report.erased', '')",
			"INSERT INTO desk_events (seq, at, kind, report, list, level, audience) VALUES (next_seq(), 1, 'report.alert', '', '', 150, 'lead')",
			"INSERT INTO messages (id, report, kind, author, at, sealed) VALUES ('m', 'r', 'question', '', 1, '')",
			"INSERT INTO river_job (kind, args, max_attempts) VALUES ('erase-due', '{}', 1)",
			"INSERT INTO river_job (kind, args, max_attempts) VALUES ('screen', '{}', 1), ('mail', '{}', 1)",
			"INSERT INTO messages (id, report, kind, author, at, sealed) VALUES ('m', 'r', 'answer', 'somebody', 1, '')",
		} {
			refused(t, conn, forged)
		}
	}
	count(t, connect(t, at("desk")), "SELECT count(*) FROM full_reports", 1)
	if excess, err := owner.Excess(t.Context()); err != nil || len(excess) < 10 {
		t.Errorf("the owner's excess: %v, %v", excess, err)
	}
}

// role0 is the name of the role in an address.
func role0(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.User
}

func count(t *testing.T, conn *pgx.Conn, query string, want int) {
	t.Helper()
	var n int
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil || n != want {
		t.Errorf("%s: %d, not %d: %v", query, n, want, err)
	}
}

func TestTheDesksRoleChangesNoLeafAndNoTable(t *testing.T) {
	_, _, at := filled(t)
	conn := connect(t, at("desk"))
	for _, statement := range []string{"UPDATE audit_leaves SET at = 0", "DELETE FROM audit_leaves", "TRUNCATE audit_leaves", "DROP TABLE staff", "CREATE TABLE mine (n INT)", "SET ROLE " + role0(t, at("worker"))} {
		refused(t, conn, statement)
	}
	s, err := postgres.Open(t.Context(), at("desk"), postgres.Options{})
	if err != nil {
		t.Fatalf("the desk doesn't open an up-to-date store: %v", err)
	}
	defer s.Close()
	if _, err := postgres.Open(t.Context(), at("portal"), postgres.Options{}); !errors.Is(err, heed.ErrForbidden) || !strings.Contains(err.Error(), "SELECT report_keys") {
		t.Errorf("the desk under a portal's role: %v", err)
	}
	if err := s.Scrub(t.Context()); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a scrub that does nothing: %v", err)
	}
}

func TestTheWorkersRoleActsAsTheOwnerButNeverAsASuperuser(t *testing.T) {
	url := pgtest.URL(t)
	owner := "heed_owner_" + strings.ToLower(strings.TrimPrefix(role0(t, pgtest.Roles(t, url)("portal")), "heed_"))
	database := connect(t, url).Config().Database
	if err := pgtest.Execute(url, fmt.Sprintf(`CREATE ROLE %[1]s LOGIN; GRANT ALL ON DATABASE %[2]s TO %[1]s; DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION %[1]s`, owner, database)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pgtest.Execute(url, fmt.Sprintf("DROP SCHEMA public CASCADE; DROP OWNED BY %[1]s; DROP ROLE %[1]s", owner)); err != nil {
			t.Error(err)
		}
	})
	asOwner := strings.Replace(url, "//"+role0(t, url)+"@", "//"+owner+"@", 1)
	openURL(t, asOwner)
	at := pgtest.Roles(t, url)
	worker := connect(t, at("worker"))
	var acts string
	if err := worker.QueryRow(t.Context(), "SELECT current_user").Scan(&acts); err != nil || acts != owner {
		t.Errorf("the worker acts as %q: %v", acts, err)
	}
	s := openURL(t, at("worker"))
	if err := s.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
	// Where the superuser has the tables, the worker gets nothing.
	count(t, connect(t, pgtest.Roles(t, pgtest.URL(t))("worker")), "SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper", 0)
}

func TestThePortalsStoreHasNoExcessAndLacksNothing(t *testing.T) {
	_, report, at := filled(t)
	s, err := postgres.Open(t.Context(), at("portal"), postgres.Options{Portal: true, SchemaWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if excess, err := s.Excess(t.Context()); err != nil || len(excess) > 0 {
		t.Errorf("%v, %v", excess, err)
	}
	err = s.View(t.Context(), func(tx heed.Tx) error {
		if id, key, err := tx.Receipt(t.Context(), []byte("lookup")); err != nil || id != report || string(key) != "mailbox" {
			t.Errorf("%s, %q, %v", id, key, err)
		}
		if _, _, err := tx.Receipt(t.Context(), []byte("other")); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("another lookup: %v", err)
		}
		r, err := tx.Report(t.Context(), report)
		if err != nil || r.Content != nil || r.State != heed.Received {
			t.Errorf("%+v, %v", r, err)
		}
		if held, err := tx.HasIdentity(t.Context(), report); err != nil || !held {
			t.Errorf("an identity held %v, %v", held, err)
		}
		held, err := tx.HeldOriginals(t.Context(), report)
		if other, errOther := tx.HeldOriginals(t.Context(), "another"); err != nil || errOther != nil || len(held) != 1 || len(other) != 0 {
			t.Errorf("originals %v, another report's %v, %v, %v", held, other, err, errOther)
		}
		files, err := tx.Attachments(t.Context(), report)
		if err != nil || len(files) != 1 || files[0].TransitKey != nil || files[0].Blob != "blob" {
			t.Errorf("%+v, %v", files, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = s.Update(t.Context(), func(tx heed.Tx) error { // as a reporter who takes the Identity back
		n, err := tx.DeleteReportIdentities(t.Context(), report, heed.DisclosureTakenBack)
		ds, err2 := tx.Disclosures(t.Context(), report)
		if held, err := tx.HeldOriginals(t.Context(), report); err != nil || len(held) != 0 {
			t.Errorf("originals left: %v, %v", held, err)
		}
		if n != 1 || len(ds) != 1 || ds[0].State != heed.DisclosureTakenBack || ds[0].By != "" {
			t.Errorf("%d identities, disclosures %+v", n, ds)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
	err = s.Update(t.Context(), func(tx heed.Tx) error {
		r, err := tx.Report(t.Context(), report)
		if err != nil {
			return err
		}
		r.Content = []byte("forged")
		return tx.UpdateReport(t.Context(), r)
	})
	if !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a change of content: %v", err)
	}
}

func TestAPortalEndsAnOpenDisclosureAsTakenBackAndDoesNothingElseToAny(t *testing.T) {
	owner, report, at := filled(t)
	now := time.Now()
	lapsed := &heed.Disclosure{ID: heed.NewID(now), Report: report, State: heed.DisclosureLapsed, By: "somebody", At: now}
	released := &heed.Disclosure{ID: heed.NewID(now), Report: report, State: heed.DisclosureReleased, By: "somebody", At: now, Until: now.Add(time.Hour), Sealed: []byte("for fire"), Department: "fire"}
	exported := &heed.Disclosure{ID: heed.NewID(now), Report: report, State: heed.DisclosureExported, By: "somebody", At: now, Until: now.Add(time.Hour)}
	err := owner.Update(t.Context(), func(tx heed.Tx) error {
		return errors.Join(tx.AddDisclosure(t.Context(), lapsed), tx.AddDisclosure(t.Context(), exported), tx.AddDisclosure(t.Context(), released))
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"portal", "phone"} {
		conn := connect(t, at(role))
		if _, err := conn.Exec(t.Context(), "SELECT set_config('heed.report', $1, false)", string(report)); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"UPDATE disclosures SET state = 'approved' WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'seen', until = 0, sealed = NULL WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'lapsed', until = 0, sealed = NULL WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'refused', until = 0, sealed = NULL WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'released' WHERE state = 'asked'", "UPDATE disclosures SET department = 'mine'", "SELECT department FROM disclosures",
			"UPDATE disclosures SET until = until + 1 WHERE state = 'asked'",
			"UPDATE disclosures SET sealed = 'another' WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'taken-back' WHERE state = 'asked'",
			"UPDATE disclosures SET state = 'taken-back', until = 0, sealed = 'left' WHERE state = 'asked'",
			"UPDATE disclosures SET report = 'another', state = 'taken-back', until = 0, sealed = NULL WHERE state = 'asked'",
		} {
			refused(t, conn, statement)
		}
		count(t, conn, "WITH u AS (UPDATE disclosures SET state = 'taken-back', until = 0, sealed = NULL WHERE state = 'lapsed' RETURNING 1) SELECT count(*) FROM u", 0)
		count(t, conn, "WITH u AS (UPDATE disclosures SET until = 1 WHERE state = 'lapsed' RETURNING 1) SELECT count(*) FROM u", 0)
	}
	conn := connect(t, at("portal"))
	count(t, conn, "WITH u AS (UPDATE disclosures SET state = 'taken-back', until = 0, sealed = NULL RETURNING 1) SELECT count(*) FROM u", 0) // unnamed
	if _, err := conn.Exec(t.Context(), "SELECT set_config('heed.report', $1, false)", string(report)); err != nil {
		t.Fatal(err)
	}
	count(t, conn, "WITH u AS (UPDATE disclosures SET state = 'taken-back', until = 0, sealed = NULL RETURNING 1) SELECT count(*) FROM u", 3)
	count(t, connect(t, at("desk")), "WITH u AS (UPDATE disclosures SET until = 1 RETURNING 1) SELECT count(*) FROM u", 4)
}

func TestAPortalWaitsForTheSchemaAndSaysWhatIsMissing(t *testing.T) {
	url := pgtest.URL(t)
	at := pgtest.Roles(t, url)
	try := func() error {
		s, err := postgres.Open(t.Context(), at("portal"), postgres.Options{Portal: true, SchemaWait: 10 * time.Millisecond})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	says := func(statements, words string) {
		t.Helper()
		if err := pgtest.Execute(url, statements); err != nil {
			t.Fatal(err)
		}
		if err := try(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("after %s: %v", statements, err)
		}
	}
	if err := try(); err != nil {
		t.Fatal(err)
	}
	portal := role0(t, at("portal"))
	says("REVOKE INSERT ON report_keys FROM "+portal, "may not INSERT report_keys: run what heed operations grants prints")
	says("REVOKE SELECT ON goose_db_version FROM "+portal, "heed operations grants")
	says("GRANT SELECT ON goose_db_version TO "+portal+"; INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)", "newer than this program")
	says("DELETE FROM goose_db_version WHERE version_id IN (2, 99999)", "older than this program")
	says("DROP TABLE goose_db_version", "older than this program")
}

func TestARoleThatMayNotMigrateIsTold(t *testing.T) {
	url := pgtest.URL(t)
	at := pgtest.Roles(t, url)
	if err := pgtest.Execute(url, "DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)"); err != nil {
		t.Fatal(err)
	}
	s, err := postgres.Open(t.Context(), at("desk"), postgres.Options{})
	if err == nil {
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "start the worker") {
		t.Errorf("got %v", err)
	}
}

func TestThePrefixOfTheRolesIsAPlainName(t *testing.T) {
	for _, prefix := range []string{"", "Heed", "he ed", "x'; DROP TABLE reports; --", "1heed", strings.Repeat("a", 60)} {
		if _, err := postgres.Grants(prefix); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}
