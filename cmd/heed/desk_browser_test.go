package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/seal"
)

func TestThePersonWhoSetsALineUpNeedsOnlyTheLinkThatServePrinted(t *testing.T) {
	l := startLine(t)
	b := openTab(t, view{1280, "en", true})
	b.open(l.setup)
	b.check("setup")
	b.picture("desk-setup")
	b.write("#name", "amira")
	b.write("#passphrase", testPassphrase)
	b.write("#again", testPassphrase)
	b.press(`main form button[type=submit]`)
	b.check("after setup")
	if b.has("#passphrase") {
		t.Fatalf("not signed in: %s", b.text("main"))
	}
	other := openTab(t, view{1280, "en", true})
	other.open(l.setup)
	other.check("a used setup link")
	if other.has("#passphrase") {
		t.Error("the setup link works twice")
	}
}

func TestEveryPageOfTheDeskIsAccessible(t *testing.T) {
	_, recipient := seal.GenerateRecipient(true)
	for _, v := range views() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			startLine(t, "--profile", profileFor(t, recipient)).walkTheDesk(t, v)
		})
	}
}

// awaitsCopies waits until the report's picture and document can be looked at, and its recording heard.
func (l *testLine) awaitsCopies(t *testing.T, token, id string) {
	t.Helper()
	eventually(t, time.Minute, "the copies of a picture, a recording and a document", func() bool {
		var report struct{ Attachments []struct{ View *string } }
		colleague{l, t, token}.ask("GET", "/reports/"+id, nil).into(t, &report)
		made := 0
		for _, a := range report.Attachments {
			if a.View != nil {
				made++
			}
		}
		return made == 3
	})
}

// seesPicture looks at the report's picture, which nobody sees who doesn't ask.
func (b *tab) seesPicture() {
	b.t.Helper()
	style := func(property string) string {
		return eval[string](b, `getComputedStyle(document.querySelector(".picture img")).`+property)
	}
	if blurred := style("filter"); !strings.Contains(blurred, "blur(") || !strings.Contains(blurred, "grayscale(1)") {
		b.t.Errorf("%s: a picture nobody asked for has the filter %s", b.where(), blurred)
	}
	if b.view.scripts {
		b.do(chromedp.KeyEvent("v"), chromedp.WaitReady(chromedp.CSS(".uncovered")))
	} else {
		b.press("#picture-see")
	}
	b.do(chromedp.Click(chromedp.CSS(".picture-large")), chromedp.Click(chromedp.CSS(".picture-90")))
	if style("filter") != "none" || style("rotate") != "90deg" {
		b.t.Errorf("%s: once asked for it has %s and is turned by %s", b.where(), style("filter"), style("rotate"))
	}
	b.check("picture")
	b.picture(fmt.Sprintf("desk-picture-%s-%d", b.view.language, b.view.width))
}

// beep is a recording of a tone of so many seconds, in G.711.
func beep(seconds int) []byte {
	return []byte(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00\x01\x00\x00\x1f\x40\x00\x00\x00\x01" + strings.Repeat("\x80\xa0\xff\x20\x00\x20\x7f\xa0", 1000*seconds))
}

// walkTheDesk opens every page.
func (l *testLine) walkTheDesk(t *testing.T, v view) {
	name := fmt.Sprintf("amira%d%s%v", v.width, v.language, v.scripts)
	token := l.addStaff(name, "specialist,lead,admin,overseer", "--language", v.language)
	l.addStaff(name+"-liaison", "liaison", "--department", "fire-safety", "--language", v.language)
	body, contentType := form(t, map[string]string{"text": told + " " + name, "place": "Mill Lane"},
		namedFile{"cabinet.png", photograph("")}, namedFile{"alarm.au", beep(2)}, namedFile{"letter.pdf", paper("The cabinet has stood open since Monday.", "nobody")})
	l.ask("POST", l.public+"/api/v1/reports", strings.NewReader(string(body)), "Content-Type", contentType)
	eventually(t, time.Minute, "the report in the queue", func() bool { return len(l.reports(t, token, "?state=queued")) > 0 })
	id := l.reports(t, token, "?state=queued")[0].ID

	if v.width == 320 { // in two of the four, too
		l.awaitsCopies(t, token, id)
	}

	b := openTab(t, v)
	b.open(l.desk + "/sign-in")
	b.check("sign-in")
	b.write("#name", name)
	b.write("#passphrase", "wrong "+testPassphrase)
	b.press(`main form button[type=submit]`)
	b.check("sign-in refused")
	b.write("#passphrase", testPassphrase)
	b.press(`main form button[type=submit]`)
	b.check("queue")
	b.picture(fmt.Sprintf("desk-queue-%s-%d", v.language, v.width))
	b.open(l.desk + "/reports/" + id)
	b.check("report")
	if v.width == 320 {
		if !b.has(".sound-wave path") || eval[bool](b, `document.querySelector("[data-sound-place]").checkVisibility()`) != v.scripts {
			t.Errorf("%s: a recording has no waveform, or one to choose a place on without scripts", b.where())
		}
		b.seesPicture()
		b.coversPart(l.desk + "/reports/" + id)
		b.seesPages(l, token, id)
		if v.scripts { // in one of the four
			b.seesBeside(l, token, id)
		}
	}
	colleague{l, t, token}.does("/reports/"+id+"/claim", nil)
	b.open(l.desk + "/reports/" + id)
	b.check("claimed report")
	b.picture(fmt.Sprintf("desk-report-%s-%d", v.language, v.width))
	l.beside().offerModel(t, "line-"+name)
	paths := []string{"/search", "/staff", "/settings", "/notices", "/prove", "/audit", "/audit/rates", "/audit/checkpoints", "/clock", "/models", "/queue/copies", "/queue/done", "/nowhere"}
	if v == views()[0] || os.Getenv("HEED_SOAK") != "" { // each is the page of those two with other reports on it
		paths = append(paths, "/queue/waiting", "/queue/approval", "/queue/aside", "/queue/refusal", "/queue/referred")
	}
	for _, path := range paths {
		b.open(l.desk + path)
		b.check(path)
	}
	b.open(l.desk + "/search")
	b.write("#words", "smoke")
	b.write("#purpose", "Looking for the same cabinet")
	b.press(`main form button[type=submit]`)
	b.check("search results")
	c := openTab(t, v)
	c.open(strings.TrimSpace(l.command("staff", "add", name+"-new", "--role", "custodian", "--language", v.language)))
	c.check("enrolment")
	c.open(l.desk + "/sign-in/recover")
	c.check("recovery")
	liaison := openTab(t, v)
	liaison.open(l.desk + "/sign-in")
	liaison.write("#name", name+"-liaison")
	liaison.write("#passphrase", testPassphrase)
	liaison.press(`main form button[type=submit]`)
	liaison.check("referrals")
	if v.width == 320 || os.Getenv("HEED_SOAK") != "" { // the longest walk: in two of the four, in the narrower and harder ones
		l.walkCustodians(t, v, b)
		l.walkCalls(t, v, name)
	}
}

func TestASpecialistWorksByKeyboardAlone(t *testing.T) {
	l := startLine(t)
	token := l.addStaff("amira", "specialist")
	l.submit(map[string]any{"text": told})
	l.submit(map[string]any{"text": "The lift in the town hall stops between floors every day."})
	eventually(t, time.Minute, "both in the queue", func() bool { return len(l.reports(t, token, "?state=queued")) == 2 })
	b := openTab(t, view{1280, "en", true})
	b.open(l.desk + "/sign-in")
	b.write("#name", "amira")
	b.do(chromedp.Focus(chromedp.CSS("#passphrase")))
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Steps(chromedp.KeyEvent(testPassphrase), chromedp.KeyEvent("\r"))); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.WaitVisible(chromedp.CSS("#rows")))
	b.do(chromedp.KeyEvent("j"), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS("#report[data-id]")))
	b.do(chromedp.KeyEvent("c"), chromedp.WaitVisible(chromedp.CSS(`#report[data-state=in_review]`)))
	b.do(chromedp.KeyEvent("p"), chromedp.WaitVisible(chromedp.CSS("#reason-hold")), chromedp.KeyEvent("Waiting for the fire service."))
	b.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	amira := colleague{l, t, token}
	inState := func(state string) bool { return len(l.reports(t, token, "?state="+state)) == 1 }
	eventually(t, time.Minute, "one on hold", func() bool { return inState("held") })
	held := l.reports(t, token, "?state=held")[0].ID
	b.do(chromedp.WaitVisible(chromedp.CSS("#undo [data-toast]")), chromedp.KeyEvent("z"))
	amira.awaits(held, "in_review")
	b.do(chromedp.KeyEvent("?"), chromedp.WaitVisible(chromedp.CSS("#help")))
	b.check("keys")
	t.Run("a call-taker too", l.takesCallsByKeyboard)
}
