package portal_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/mediatest"
)

// identities counts what is held of the only report's reporter.
func (l *line) identities() (n int) {
	l.t.Helper()
	err := l.store.View(context.Background(), func(tx heed.Tx) error {
		held, err := tx.Identities(context.Background(), l.reports()[0].ID)
		n = len(held)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// disclosed notes a Disclosure that was seen, as the desk would.
func (l *line) disclosed(reason heed.DisclosureReason) {
	l.t.Helper()
	ctx := context.Background()
	err := l.store.Update(ctx, func(tx heed.Tx) error {
		return tx.AddDisclosure(ctx, &heed.Disclosure{
			ID: heed.NewID(l.clock()), Report: l.reports()[0].ID, State: heed.DisclosureSeen, By: "amira", At: l.clock(), Reason: reason, Day: "2026-11-23",
			SecondBy: "dana", SecondAt: l.clock(), SeenAt: l.clock(),
		})
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func TestAReporterIsToldThatACustodianTookTheKeyOfTheirFileAlong(t *testing.T) {
	l := newLine(t)
	var a accepted
	l.call("POST", "/api/v1/reports", `{"text":"There is a smell of gas"}`, &a).expect(201)
	taken := &heed.Disclosure{
		ID: heed.NewID(l.clock()), Report: l.reports()[0].ID, File: heed.NewID(l.clock()), State: heed.DisclosureExported, By: "amira", At: l.clock(), Reason: heed.ReasonLaw,
		Day: "2026-11-23", Until: l.clock().Add(time.Hour), SecondBy: "dana", SecondAt: l.clock(), ExportedAt: l.clock(),
	}
	if err := l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddDisclosure(t.Context(), taken) }); err != nil {
		t.Fatal(err)
	}
	p := l.post("/status", l.get("/status").with("receipt", a.Receipt, "go", "next")).expect(200, "About a file of yours", "a custodian took what opens a file of yours", "a court or a law ordered it")
	if strings.Contains(p.body, "saw who you are") {
		t.Error("the page says that somebody saw who they are")
	}
	l.disclosed(heed.ReasonDanger)
	l.post("/status", l.get("/status").with("receipt", a.Receipt, "go", "next")).expect(200, "Somebody saw who you are", "took what opens a file of yours")
}

func TestAReporterTakesTheirNameBackAndTheReportStays(t *testing.T) {
	l := newLine(t)
	var a accepted
	l.call("POST", "/api/v1/reports", `{"text":"There is a smell of gas","identity":{"name":"Rosa"}}`, &a).expect(201)
	d := l.post("/status", l.get("/status").with("receipt", a.Receipt, "go", "next")).expect(200, "Take back what shows who you are")
	ask := l.post("/status", d.with("go", "takeback")).expect(200, "Take back what shows who you are?", "can't be undone")
	l.post("/status", ask.with("go", "back")).expect(200, "Your report")
	l.post("/status", ask.with("lang", "fr")).expect(200, "Reprendre ce qui montre qui vous êtes")
	if l.identities() != 1 {
		t.Fatal("taken back by going back")
	}
	l.disclosed(heed.ReasonLaw)
	after := l.post("/status", ask.with("go", "next")).expect(200, "What showed who you are is destroyed", "Somebody saw who you are", "a court or a law ordered it")
	if strings.Contains(after.body, `value="takeback"`) || l.identities() != 0 {
		t.Error("it is still held, or offered")
	}
	if r := l.reports()[0]; r.Named || r.State == heed.Withdrawn {
		t.Errorf("the report is %s, named %v", r.State, r.Named)
	}
	l.post("/status", ask.with("go", "next")).expect(200, "is destroyed") // sent twice
}

func TestAProgramTakesAnIdentityBackWithTheReceipt(t *testing.T) {
	l := newLine(t)
	var a accepted
	l.call("POST", "/api/v1/reports", `{"text":"There is a smell of gas","identity":{"name":"Rosa"}}`, &a).expect(201)
	type status struct {
		Identity  bool
		Disclosed []struct {
			At           time.Time
			Reason, Text string
			Elsewhere    bool
		}
	}
	read := func() (s status) {
		l.call("GET", "/api/v1/status", "", &s, "Authorization", "Receipt "+a.Receipt, "Accept-Language", "es").expect(200)
		return s
	}
	l.disclosed(heed.ReasonDanger)
	if s := read(); !s.Identity || len(s.Disclosed) != 1 || s.Disclosed[0].Reason != "danger" || !strings.Contains(s.Disclosed[0].Text, "peligraba") {
		t.Errorf("before: %+v", s)
	}
	l.call("DELETE", "/api/v1/identity", "", nil).expect(401)
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt 00000000000000000000").expect(404)
	if l.identities() != 1 {
		t.Fatal("destroyed without the Receipt")
	}
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt "+a.Receipt).expect(204)
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt "+a.Receipt).expect(410)
	if s := read(); s.Identity || len(s.Disclosed) != 1 || l.identities() != 0 {
		t.Errorf("after: %+v", s)
	}
}

// originals counts the only report's files that can be opened as they were sent.
func (l *line) originals() (n int) {
	l.t.Helper()
	err := l.store.View(context.Background(), func(tx heed.Tx) error {
		held, err := tx.HeldOriginals(context.Background(), l.reports()[0].ID)
		n = len(held)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

func TestAnAnonymousReporterTakesAPictureBackAsItWasSent(t *testing.T) {
	picture := `"files":[{"name":"swing.png","data":"` + base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n with where it was taken")) + `"}]`
	l := newLine(t)
	var a accepted
	l.call("POST", "/api/v1/reports", `{"text":"The bolts of the red swing are loose",`+picture+`}`, &a).expect(201)
	if l.originals() != 1 || l.identities() != 0 {
		t.Fatalf("%d originals, %d identities", l.originals(), l.identities())
	}
	d := l.post("/status", l.get("/status").with("receipt", a.Receipt, "go", "next")).expect(200, "Take back what shows who you are", "their safe copies stay")
	ask := l.post("/status", d.with("go", "takeback")).expect(200, "pictures, recordings, films and documents as you sent them", "the safe copies of these files")
	after := l.post("/status", ask.with("go", "next")).expect(200, "What showed who you are is destroyed")
	if strings.Contains(after.body, `value="takeback"`) || l.originals() != 0 {
		t.Errorf("%d originals are held, or it is offered", l.originals())
	}
	if r := l.reports()[0]; r.State == heed.Withdrawn || r.Files != 1 {
		t.Errorf("the report: %+v", r)
	}
	// Another file later is one more to take back, by a program too.
	l.call("POST", "/api/v1/messages", `{"text":"One more",`+picture+`}`, nil, "Authorization", "Receipt "+a.Receipt).expect(201)
	var s struct{ Identity bool }
	l.call("GET", "/api/v1/status", "", &s, "Authorization", "Receipt "+a.Receipt).expect(200)
	if !s.Identity || l.originals() != 1 {
		t.Errorf("after one more: %v, %d originals", s.Identity, l.originals())
	}
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt "+a.Receipt).expect(204)
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt "+a.Receipt).expect(410)
	if l.originals() != 0 {
		t.Error("it is still held")
	}
}

func TestAMailOfOutlooksIsTakenBackAsAnyFileIs(t *testing.T) {
	l := newLine(t)
	var a accepted
	file := base64.StdEncoding.EncodeToString(mediatest.Outlook("See you at nine."))
	l.call("POST", "/api/v1/reports", `{"text":"There is a smell of gas","files":[{"name":"a.msg","data":"`+file+`"}]}`, &a).expect(201)
	if l.originals() != 1 {
		t.Fatal("it isn't held")
	}
	d := l.post("/status", l.get("/status").with("receipt", a.Receipt, "go", "next")).expect(200)
	if !strings.Contains(d.body, `value="takeback"`) {
		t.Error("it isn't offered")
	}
	l.call("DELETE", "/api/v1/identity", "", nil, "Authorization", "Receipt "+a.Receipt).expect(204)
	if l.originals() != 0 {
		t.Error("it is still held")
	}
}
