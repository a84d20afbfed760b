package main

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// named sends a report of somebody who said who they are, and waits until it is in the queue.
func (l *testLine) named(token string, who map[string]string) (id, receipt string) {
	l.t.Helper()
	before := len(l.reports(l.t, token, "?state=queued"))
	a := l.ask("POST", l.public+"/api/v1/reports", map[string]any{"text": told, "identity": who})
	var accepted struct{ Receipt string }
	a.into(l.t, &accepted)
	eventually(l.t, time.Minute, "the report in the queue", func() bool { return len(l.reports(l.t, token, "?state=queued")) > before })
	for _, r := range l.reports(l.t, token, "?state=queued") {
		if r.ID > id { // ids begin with the time
			id = r.ID
		}
	}
	return id, accepted.Receipt
}

var ownDisclosure = regexp.MustCompile(`/disclosures/[0-9a-z]+`)

func TestNoStateOfADisclosureLeavesAnIdentityInClear(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		folder := t.TempDir()
		places := append([]string{folder}, databaseFolders(t, store)...)
		c := &canaries{words: map[string]string{}}
		k := startProcess(t, filepath.Join(folder, "line"), store...)
		k.addStaff("dana", "custodian")
		token := k.addStaff("amira", "specialist")
		name := c.at("the name")
		id, receipt := k.named(token, map[string]string{"name": name, "phone": "+44 20 7946 0123 " + c.at("the phone"), "email": c.at("the e-mail") + "@example.org"})
		look := func(when string) {
			t.Helper()
			writeOut(t, store)
			c.search(t, when, places...)
			c.searchBytes(t, "the log, "+when, []byte(k.logs.String()))
		}
		amira, dana := k.signIn(t, "amira"), k.signIn(t, "dana")
		ask := func() string {
			amira.post("/reports/"+id+"/disclosures", url.Values{"class": {"danger"}, "reason": {"We must warn " + c.at("a reason")}})
			all := ownDisclosure.FindAllString(string(amira.get("/reports/"+id)), -1)
			return all[len(all)-1]
		}
		asked := ask()
		look("asked")
		dana.post(asked+"/decision", url.Values{"go": {"approve"}, "passphrase": {testPassphrase}})
		look("approved")
		if body := amira.post(asked+"/see", nil); !strings.Contains(string(body), name) {
			t.Fatalf("it isn't shown: %s", body)
		}
		look("seen")
		asked = ask()
		dana.post(asked+"/decision", url.Values{"go": {"approve"}, "passphrase": {testPassphrase}})
		if a := k.ask("DELETE", k.public+"/api/v1/identity", nil, "Authorization", "Receipt "+receipt); a.status != http.StatusNoContent {
			t.Fatalf("taking it back answers %d %s", a.status, a.body)
		}
		look("taken back")
		c.words[testPassphrase] = "a passphrase"
		look("and no passphrase")
	})
}

func TestADisclosureIsAskedApprovedSeenAndToldInABrowser(t *testing.T) {
	for _, v := range []view{{1280, "en", true}, {320, "en", false}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			l := startLine(t)
			token := l.addStaff("amira", "specialist")
			l.addStaff("dana", "custodian")
			id, receipt := l.named(token, map[string]string{"name": "Ada Lovelace", "phone": "+44 7700 900123", "address": "12 Mill Lane"})
			amira, dana := l.sits(t, v, "amira"), l.sits(t, v, "dana")
			amira.open(l.desk + "/reports/" + id)
			amira.check("a report with an identity")
			amira.press(`a[href$="/disclosures"].small-button`)
			amira.check("asking")
			amira.do(chromedp.Click(chromedp.CSS("#class-danger")))
			amira.write("#reason", "We must warn the neighbours tonight")
			amira.press(`main form button`)
			amira.check("asked")
			own := amira.address()
			dana.open(l.desk + "/disclosures")
			dana.check("requests")
			dana.picture(fmt.Sprintf("disclosures-%d", v.width))
			dana.write(`input[type=password]`, testPassphrase)
			dana.press(`button[value=approve]`)
			dana.check("answered")
			amira.open(l.desk + own)
			amira.check("approved")
			amira.press(`main form button`)
			amira.check("shown")
			amira.picture(fmt.Sprintf("identity-%d", v.width))
			if text := amira.text("#shown"); !strings.Contains(text, "Ada Lovelace") || !strings.Contains(text, "12 Mill Lane") {
				t.Errorf("shown is %s", text)
			}
			if !amira.has(".watermark text") || eval[string](amira, `getComputedStyle(document.querySelector(".watermark")).position`) != "absolute" {
				t.Error("no mark lies over it")
			}
			call(amira, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
			if eval[bool](amira, `document.querySelector(".watermark").getBoundingClientRect().width < 100`) {
				t.Error("no mark is printed")
			}
			amira.open(l.desk + own)
			if amira.has(`main form`) {
				t.Error("a second look is offered")
			}
			reporter := openTab(t, v)
			reporter.open(l.public + "/status")
			reporter.write("#receipt", receipt)
			reporter.next()
			reporter.check("told")
			if text := reporter.text(".disclosed"); !strings.Contains(text, "saw your name") || !strings.Contains(text, "in danger") {
				t.Errorf("the reporter is told %s", text)
			}
			reporter.press(`button[value=takeback]`)
			reporter.check("asked whether to take it back")
			reporter.next()
			reporter.check("taken back")
			if reporter.has(`button[value=takeback]`) {
				t.Error("it can be taken back once more")
			}
		})
	}
}

// sits signs an account in, in a tab of its own.
func (l *testLine) sits(t *testing.T, v view, name string) *tab {
	t.Helper()
	b := openTab(t, v)
	b.open(l.desk + "/sign-in")
	b.write("#name", name)
	b.write("#passphrase", testPassphrase)
	b.press(`main form button[type=submit]`)
	return b
}
