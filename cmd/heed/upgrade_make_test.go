package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

// upgraded is a line of an earlier release, as it stands in testdata/upgrade.
type upgraded struct {
	At      time.Time
	Reports []upgradedReport
}

type upgradedReport struct {
	Receipt, ID, State, Text string
}

// TestMakeALineToUpgrade writes the line that later releases must be able to open. Run it once a release, in a checkout of it:
//
//	HEED_MAKE_UPGRADE=testdata/upgrade/0.3 go test ./cmd/heed -run TestMakeALineToUpgrade
//
// There are two, one for each store: of PostgreSQL it holds what pg_dump writes.
func TestMakeALineToUpgrade(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		out := os.Getenv("HEED_MAKE_UPGRADE")
		if out == "" {
			out = filepath.Join(t.TempDir(), "line") // only to see that it can still be made
		}
		if len(store) > 0 {
			out += "-postgresql"
		}
		makeALineToUpgrade(t, out+".tar.gz", store)
	})
}

func makeALineToUpgrade(t *testing.T, out string, store []string) {
	data := filepath.Join(t.TempDir(), "line")
	_, recipient := seal.GenerateRecipient(false)
	profile, err := os.ReadFile(profileFor(t, recipient))
	if err == nil {
		err = errors.Join(os.Mkdir(data, 0o700), os.WriteFile(filepath.Join(data, "profile.yaml"), profile, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	l := serveLine(t, data, time.Now, store...)
	l.addStaff("dana", "custodian")
	l.addStaff("chen", "liaison", "--department", "fire-safety")
	amira := colleague{l, t, l.addStaff("amira", "specialist")}
	berta := colleague{l, t, l.addStaff("berta", "lead")}
	u := upgraded{At: time.Now().UTC().Truncate(time.Second)}
	add := func(text string, acts func(id string)) {
		t.Helper()
		body, contentType := form(t, map[string]string{"text": text}, namedFile{"a.png", picture(500)})
		a := l.ask("POST", l.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType)
		var accepted struct{ Receipt string }
		a.into(t, &accepted)
		id := ""
		known := map[string]bool{}
		for _, r := range u.Reports {
			known[r.ID] = true
		}
		eventually(t, time.Minute, "the report at the desk", func() bool {
			for _, r := range l.reports(t, amira.token, "") {
				if !known[r.ID] {
					id = r.ID
				}
			}
			return id != ""
		})
		amira.awaits(id, "queued", "set_aside", "refusal_proposed")
		acts(id)
		u.Reports = append(u.Reports, upgradedReport{accepted.Receipt, id, "", text})
	}
	decide := func(kind, lead string, second bool) func(string) {
		return func(id string) {
			amira.does("/reports/"+id+"/claim", nil)
			amira.does("/reports/"+id+"/disposition", map[string]string{"kind": kind, "lead": lead, "reason": "For the record."})
			var r struct{ State string }
			if amira.ask("GET", "/reports/"+id, nil).into(t, &r); second && r.State == "pending_approval" {
				berta.does("/reports/"+id+"/approve", nil)
			}
		}
	}
	nothing := func(string) {}
	add("A lorry tips oil drums into the canal behind the mill at night.", nothing)
	add("The ferry's captain was drunk again this Sunday.", func(id string) { amira.does("/reports/"+id+"/claim", nil) })
	add("Somebody sells fireworks without a licence at number nine.", func(id string) {
		amira.does("/reports/"+id+"/claim", nil)
		amira.does("/reports/"+id+"/messages", map[string]string{"text": "Since when?"})
	})
	add("The inspector takes money to look away from broken scaffolding.", decide("hold", "", true))
	add("A shop in Weir Street sells meat that is long past its date.", decide("close", "", true))
	add("A lorry tips oil drums into the canal behind the mill, every night.", decide("duplicate", u.Reports[0].ID, true))
	add("There are wires hanging out of the lamp post beside the school.", nothing)
	refer := func(id string) {
		amira.does("/reports/"+id+"/claim", nil)
		amira.does("/reports/"+id+"/disposition", map[string]string{"kind": "refer", "department": "fire-safety", "reason": "They can act."})
	}
	add("The fire escape of the cinema in Bridge Street is chained shut.", refer)
	add("Gas is filled into bottles in the yard behind the bakery.", func(id string) {
		refer(id)
		berta.does("/reports/"+id+"/approve", nil)
		l.signIn(t, "chen").awaitReferral()
	})
	add("My own shed is full of petrol cans, and I regret it.", nothing)
	l.withdraw(t, u.Reports[len(u.Reports)-1].Receipt)
	a := l.ask("POST", l.public+"/api/v1/reports", map[string]any{"text": "Barrels leak at the old dye works.", "identity": map[string]string{"name": "Ada Lovelace"}})
	var accepted struct{ Receipt string }
	a.into(t, &accepted)
	eventually(t, time.Minute, "the named report screened", func() bool { return l.stage(accepted.Receipt) == "screened" })
	for _, r := range l.reports(t, amira.token, "") {
		for i := range u.Reports {
			if u.Reports[i].ID == r.ID {
				u.Reports[i].State = r.State
			}
		}
	}
	l.stop()
	var dump []byte
	if len(store) > 0 {
		program, err := exec.LookPath("pg_dump")
		if err != nil {
			missing(t, err)
		}
		if dump, err = exec.Command(program, "--inserts", "--no-owner", "--no-privileges", store[1]).Output(); err != nil {
			t.Fatal(err)
		}
	}
	packLine(t, out, l.data, dump, u)
}

// withdraw takes a report back with its receipt, on the page.
func (l *testLine) withdraw(t *testing.T, receipt string) {
	t.Helper()
	post := func(fields map[string]string) []byte {
		body, contentType := form(t, fields)
		a := l.ask("POST", l.public+"/status", bytes.NewReader(body), "Content-Type", contentType)
		if a.status >= 400 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return a.body
	}
	page := post(map[string]string{"page": "lookup", "go": "next", "receipt": receipt})
	token := mailboxField.FindSubmatch(page)
	if token == nil {
		t.Fatal("the receipt opens no mailbox")
	}
	post(map[string]string{"page": "withdraw", "go": "next", "mailbox": string(token[1])})
	eventually(t, time.Minute, "the report taken back", func() bool { return l.stage(receipt) == "concluded" })
}

// packLine writes a line's folder, its database where that is not in the folder, and what is known of it.
func packLine(t *testing.T, out, data string, dump []byte, u upgraded) {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	files := tar.NewWriter(zip)
	put := func(name string, text []byte) error {
		if err := files.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)), Mode: 0o600}); err != nil {
			return err
		}
		_, err := files.Write(text)
		return err
	}
	known, err := json.MarshalIndent(u, "", "  ")
	if err == nil {
		err = put("known.json", known)
	}
	if err == nil && dump != nil {
		err = put("store.sql", dump)
	}
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(data, path)
		if err != nil {
			return err
		}
		return put("line/"+filepath.ToSlash(name), text)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
