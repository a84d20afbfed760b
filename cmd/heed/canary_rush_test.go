package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// writeOut has PostgreSQL write into its files what it holds in memory; SQLite holds nothing back.
func writeOut(t *testing.T, store []string) {
	t.Helper()
	inDatabase(t, store, "CHECKPOINT")
}

// logEveryStatement has PostgreSQL log each statement with its parameters, as an operator who looks for a fault may.
func logEveryStatement(t *testing.T, store []string) {
	t.Helper()
	inDatabase(t, store, `DO $$ BEGIN
		EXECUTE format('ALTER DATABASE %I SET log_statement = ''all''', current_database());
		EXECUTE format('ALTER DATABASE %I SET log_min_duration_statement = 0', current_database());
		EXECUTE format('ALTER DATABASE %I SET log_parameter_max_length_on_error = -1', current_database());
	END $$`)
}

func inDatabase(t *testing.T, store []string, statement string) {
	t.Helper()
	if len(store) == 0 {
		return
	}
	if _, err := connectTo(t, store[1]).Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// nameAtTheDoor is the one door whose word PostgreSQL is asked for as it was typed: staff are looked for by name.
const nameAtTheDoor = "a wrong name"

// searchServerLog looks into what PostgreSQL logged of statements and their parameters.
func (c *canaries) searchServerLog(t *testing.T, store []string) {
	t.Helper()
	if len(store) == 0 {
		return
	}
	server, err := postgresCluster()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(server.socket, "log"))
	if err != nil || !bytes.Contains(text, []byte("parameters: $1 = ")) {
		t.Fatalf("the server's log holds no parameters: %v", err)
	}
	for word, door := range c.words { // it stands there: a log in which no word stands is looked through at once
		if door == nameAtTheDoor {
			text = bytes.ReplaceAll(text, []byte(word), make([]byte, len(word)))
		}
	}
	for _, s := range c.find(text) {
		if s.door != nameAtTheDoor {
			s.fail(t, "the server's log")
		}
	}
}

// killInARush kills the process while it takes reports, files, messages and wrong Receipts from several sides.
func (k *killed) killInARush(t *testing.T, c *canaries) {
	t.Helper()
	receipt := k.submit(map[string]any{"text": goodText + " " + c.at("a text before the kill")})
	c.words[receipt] = "a receipt before the kill"
	report := map[string]any{
		"text": goodText + " " + c.at("a text in a rush"), "place": c.at("a place in a rush"), "identity": map[string]string{"name": c.at("a name in a rush")},
	}
	body, contentType := form(t, map[string]string{"text": goodText + " " + c.at("a form's text in a rush")},
		namedFile{c.at("a file's name in a rush") + ".png", append(picture(300_000), c.at("a file in a rush")...)})
	message := map[string]string{"text": c.at("a message in a rush")}
	wrong := c.at("a wrong receipt in a rush")

	sides := []func() (*answer, error){
		func() (*answer, error) { return ask("POST", k.public+"/api/v1/reports", report) },
		func() (*answer, error) {
			return ask("POST", k.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType)
		},
		func() (*answer, error) {
			return ask("POST", k.public+"/api/v1/messages", message, "Authorization", "Receipt "+receipt)
		},
		func() (*answer, error) {
			return ask("GET", k.public+"/api/v1/status", nil, "Authorization", "Receipt "+wrong)
		},
	}
	var group sync.WaitGroup
	answered := make([]atomic.Int64, len(sides))
	for i, side := range sides {
		group.Go(func() {
			for {
				if _, err := side(); err != nil {
					return // the process is gone
				}
				answered[i].Add(1)
			}
		})
	}
	eventually(t, time.Minute, "answers to every side", func() bool {
		for i := range answered {
			if answered[i].Load() < 3 {
				return false
			}
		}
		return true
	})
	k.kill()
	group.Wait()
}

// feedReferral goes the desk's pages: a search, an urgency, a file as it was sent that is released for a department, a graded referral that takes
// it along, and the department's return.
func (k *killed) feedReferral(t *testing.T, c *canaries, token string) {
	t.Helper()
	k.addStaff("berta", "specialist,lead")
	k.addStaff("chen", "liaison", "--department", "fire-safety")
	body, contentType := form(t, map[string]string{"text": "The extinguishers at the mill are empty. " + c.at("a referred text"), "place": c.at("a referred place")},
		namedFile{c.at("a released file's name") + ".png", append(photograph(c.at("a released picture's remark")), c.at("a released file's content")...)})
	var accepted struct{ Receipt string }
	k.ask("POST", k.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType).into(t, &accepted)
	c.words[accepted.Receipt] = "a referred report's receipt"
	amira, chen, dana := k.signIn(t, "amira"), k.signIn(t, "chen"), k.signIn(t, "dana")
	id, file := k.awaitFile(t, token, c, "a released file's name")
	report := "/reports/" + id
	amira.post("/search", url.Values{"words": {c.at("words on a page")}, "purpose": {c.at("a purpose on a page")}})
	amira.post(report+"/claim", nil)
	amira.post(report+"/urgency", url.Values{"urgency": {"high"}, "reason": {c.at("a reason for an urgency")}})
	amira.post(report+"/disclosures", url.Values{"file": {file}, "class": {"danger"}, "reason": {c.at("a reason for a file")}})
	asked := ownDisclosure.FindString(string(amira.get(report)))
	dana.post(asked+"/decision", url.Values{"go": {"approve"}, "passphrase": {testPassphrase}})
	if said := amira.post(asked+"/release", url.Values{"department": {"fire-safety"}}); !bytes.Contains(said, []byte("into the next package for")) {
		t.Fatalf("releasing a file: %s", said)
	}
	amira.post(report+"/dispose", url.Values{"kind": {"refer"}, "department": {"fire-safety"}, "reason": {c.at("a referral's reason")}, "source": {"B"}, "certainty": {"2"}})
	referral := chen.awaitReferral()
	if said := amira.get(asked); !bytes.Contains(said, []byte("has it, as it was sent, since")) {
		t.Errorf("the package of a released file: %s", said)
	}
	chen.post("/referrals/"+referral+"/return", url.Values{"reason": {c.at("a return's reason")}})
	var r struct{ State string }
	k.ask("GET", k.desk+"/api/v1"+report, nil, "Authorization", "Bearer "+token).into(t, &r)
	if r.State != "returned" && r.State != "queued" {
		t.Errorf("the report is %s", r.State)
	}
	if a := k.ask("POST", k.public+"/api/v1/reports", map[string]any{"text": goodText, "category": "hazard", "age_band": c.at("an unknown age band")}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// awaitFile waits for the report, in the queue, that has the file by whose name a canary came in, and for the file's copy.
func (k *killed) awaitFile(t *testing.T, token string, c *canaries, door string) (report, file string) {
	t.Helper()
	bearer := []string{"Authorization", "Bearer " + token}
	eventually(t, 2*time.Minute, "the copy of a file, in the queue", func() bool {
		for _, r := range k.reports(t, token, "?state=queued") {
			var full struct{ Attachments []attached }
			k.ask("GET", k.desk+"/api/v1/reports/"+r.ID, nil, bearer...).into(t, &full)
			for _, a := range full.Attachments {
				if word, _, _ := strings.Cut(a.Name, "."); a.View != nil && c.words[word] == door {
					report, file = r.ID, a.ID
				}
			}
		}
		return file != ""
	})
	return report, file
}
