package postgres_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

// callTables are those of callers, call-takers and numbers to call back, and the functions that count their rows.
var (
	callTables    = []string{"calls", "queued_calls", "call_backs", "duties", "call_hours"}
	callFunctions = []string{"calls_ahead('x')", "takers_on_duty('en', 0)", "call_backs_living(0)"}
)

func TestAPortalTouchesNoCallAndNoNumberToCallBack(t *testing.T) {
	_, _, at := filled(t)
	portal, phone := connect(t, at("portal")), connect(t, at("phone"))
	for _, table := range callTables {
		for _, statement := range []string{"SELECT * FROM ", "SELECT count(*) FROM ", "DELETE FROM ", "TRUNCATE "} {
			refused(t, portal, statement+table)
		}
	}
	for _, statement := range []string{
		"INSERT INTO call_backs (id, day, language, since, expires, sealed, taker, phone, claimed, tries) VALUES ('x', '2026-11-23', 'en', 0, 1, 'n', '', '', 0, 0)",
		"INSERT INTO queued_calls (id, language, since, seen, state, taker, phone, former, key, returned, back, answered) VALUES ('x', 'en', 0, 0, 'waiting', '', '', '', 'k', false, false, 0)",
		"INSERT INTO calls DEFAULT VALUES", "INSERT INTO duties DEFAULT VALUES", "INSERT INTO call_hours DEFAULT VALUES",
		"UPDATE calls SET seen = 0", "UPDATE queued_calls SET phone = 'sip:me@example.org'", "UPDATE call_backs SET phone = 'sip:me@example.org'", "UPDATE duties SET off = 'refused'", "UPDATE call_hours SET answered = 9",
	} {
		refused(t, portal, statement)
	}
	for _, f := range callFunctions {
		refused(t, portal, "SELECT "+f)
		count(t, phone, "SELECT "+f, 0)
		count(t, connect(t, at("desk")), "SELECT "+f, 0)
	}
}

func TestEachProcessIsAskedForItsOwnRightsAlone(t *testing.T) {
	_, _, at := filled(t)
	open := func(role string, portal, phone bool) ([]string, error) {
		s, err := postgres.Open(t.Context(), at(role), postgres.Options{Portal: portal, Phone: phone, SchemaWait: 10 * time.Millisecond})
		if err != nil {
			return nil, err
		}
		defer s.Close()
		return s.Excess(t.Context())
	}
	for _, c := range []struct {
		role          string
		portal, phone bool
	}{{"portal", true, false}, {"phone", false, true}, {"phone", true, true}} {
		if excess, err := open(c.role, c.portal, c.phone); err != nil || len(excess) > 0 {
			t.Errorf("%+v: it may do %v too much, %v", c, excess, err)
		}
	}
	for _, portal := range []bool{false, true} {
		_, err := open("portal", portal, true)
		if !errors.Is(err, heed.ErrForbidden) {
			t.Fatalf("a telephone under a portal's role: %v", err)
		}
		for _, words := range []string{"ends in _phone", "INSERT call_backs", "DELETE calls", "UPDATE duties", "SELECT queued_calls", "INSERT call_hours", "EXECUTE takers_on_duty(TEXT, BIGINT)"} {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("not said is %q: %v", words, err)
			}
		}
	}
	excess, err := open("phone", true, false)
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(excess, ", ")
	for _, words := range []string{"INSERT call_backs", "DELETE calls", "UPDATE duties", "SELECT queued_calls", "INSERT call_hours", "EXECUTE calls_ahead(TEXT)"} {
		if !strings.Contains(said, words) {
			t.Errorf("a portal under a telephone's role isn't told of %s: %s", words, said)
		}
	}
}

func TestGrantsEndWhatThePortalMightDoBefore(t *testing.T) {
	url := pgtest.URL(t)
	openURL(t, url)
	at := pgtest.Roles(t, url)
	portal := role0(t, at("portal"))
	older := "GRANT SELECT, INSERT, UPDATE, DELETE ON " + strings.Join(callTables, ", ") + " TO " + portal + ";"
	for _, table := range callTables[:4] {
		older += "DROP POLICY heed_portal_select ON " + table + "; CREATE POLICY heed_portal_select ON " + table + " FOR SELECT TO " + portal + ", " + role0(t, at("phone")) + " USING (true);"
	}
	for _, f := range []string{"calls_ahead(TEXT)", "takers_on_duty(TEXT, BIGINT)", "call_backs_living(BIGINT)"} {
		older += "GRANT EXECUTE ON FUNCTION " + f + " TO PUBLIC;"
	}
	script, err := postgres.Grants(strings.TrimSuffix(portal, "_portal"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statements := range []string{older, script} {
		if err := pgtest.Execute(url, statements); err != nil {
			t.Fatal(err)
		}
	}
	conn := connect(t, at("portal"))
	for _, table := range callTables {
		refused(t, conn, "SELECT count(*) FROM "+table)
	}
	for _, f := range callFunctions {
		refused(t, conn, "SELECT "+f)
	}
	count(t, conn, "SELECT count(*) FROM pg_policies WHERE tablename IN ('calls', 'queued_calls', 'call_backs', 'duties') AND '"+portal+"' = ANY (roles)", 0)
}
