package portal_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

const red = "They are red."

// program is a file that isn't taken.
var program = upload{"run.exe", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 200)...)}

// arrived is the address of a file of five bytes that came bit by bit.
func (l *line) arrived(name string) string {
	l.t.Helper()
	address := l.begin(name, 5)
	l.send(address, 0, []byte("words"))
	return address
}

// written wants a message that isn't sent, with two files, in the page.
func (d *doc) written() *doc {
	d.t.Helper()
	if got := d.form().Get("text"); got != red {
		d.t.Fatalf("the text is %q (%d): %s", got, d.status, d.text())
	}
	return d.expect(d.status, "2 files added", "yard.txt", "cellar.txt")
}

// sentOnce wants the message and its two files in the only report.
func (l *line) sentOnce(d *doc) {
	l.t.Helper()
	d.expect(200, "Sent.", red)
	if r := l.reports(); len(r) != 1 || r[0].Files != 2 || l.staged() != 0 {
		l.t.Errorf("%+v, %d staged", r, l.staged())
	}
}

func TestAMessageThatWasBegunIsThereAgainWhereTheReporterTakesNothingBack(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	yard := []upload{{"yard.txt", []byte("green")}}
	for _, button := range []string{"withdraw", "takeback"} {
		ask := l.postFiles("/status", d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", button), yard).expect(200)
		ask = l.post("/status", ask.with("lang", "fr")).expect(200)
		back := l.post("/status", ask.with("lang", "en", "go", "back")).expect(200).written()
		d = l.post("/status", l.post("/status", back.with("remove", "0")).with("remove", "u0")).expect(200)
	}
	ask := l.postFiles("/status", d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", "withdraw"), append(yard, program)).expect(200)
	l.post("/status", ask.with("go", "back")).expect(415, "kind we can't take").written()
	l.move(heed.Referred)
	late := l.post("/status", ask.with("go", "next")).expect(422, "already passed on").written()
	l.sentOnce(l.post("/status", late.with("go", "next")))
}

func TestAMessageThatWasBegunGoesWithTheReportThatIsTakenBack(t *testing.T) {
	l := newLine(t)
	_, d := l.sent()
	cellar := l.arrived("cellar.txt")
	ask := l.postFiles("/status", d.with("text", red, "uploads", cellar, "go", "withdraw"), []upload{{"yard.txt", []byte("green")}}).expect(200)
	l.post("/status", ask.with("go", "next")).expect(200, "Your report is taken back")
	if status, _ := l.uploadOffset(cellar); status != 404 || l.staged() != 0 {
		t.Errorf("the upload is %d, %d are staged", status, l.staged())
	}
}

func TestAMessageOfWhichAFileIsRefusedInACrowdIsNotSentBeforeItsSenderIsTold(t *testing.T) {
	l := newLine(t, withLimits)
	_, d := l.sent()
	crowd := func(form url.Values, files ...upload) *doc {
		t.Helper()
		l.crowdLookups(school)
		wait := l.postFiles("/status", form, files, "X-From", school).expect(429)
		l.wait(10 * time.Second)
		l.crowdLookups(school)
		return l.post("/status", wait.with("go", "next"), "X-From", school)
	}
	files := []upload{{"yard.txt", []byte("green")}, program}
	d = crowd(d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", "next"), files...).expect(415, "run.exe is of a kind we can't take").written()
	crowd(d.with("text", red+"\xff", "go", "next")).expect(400, "can't be read").written()

	// The same where the page of waiting itself comes broken.
	l.crowdLookups(school)
	wait := l.postFiles("/status", d.with("text", red, "go", "next"), nil, "X-From", school).expect(429)
	l.wait(10 * time.Second)
	l.crowdLookups(school)
	broken := l.request(http.MethodPost, "/status", strings.NewReader(wait.with("go", "next").Encode()+"&x=%zz"), "X-From", school)
	broken.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	l.do(broken).expect(400, "came broken").written()
	l.sentOnce(crowd(d.with("go", "next")))
}

func TestAFileThatWaitsInACrowdStaysWhereItsPageComesBackBroken(t *testing.T) {
	l := newLine(t, withLimits)
	_, d := l.sent()
	l.crowdLookups(school)
	wait := l.postFiles("/status", d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", "next"), []upload{{"yard.txt", []byte("green")}, program}, "X-From", school).expect(429)
	broken := l.request(http.MethodPost, "/status", strings.NewReader(wait.with("go", "next").Encode()+"&x=%zz"), "X-From", home)
	broken.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	back := l.do(broken).expect(400, "came broken", "kind we can't take").written()
	l.sentOnce(l.post("/status", back.with("go", "next"), "X-From", home))
}

func TestAMessageIsKeptWhereTheLineIsBusyOrFails(t *testing.T) {
	for status, fault := range map[int]error{503: heed.ErrBusy, 500: errors.New("a fault of ours")} {
		l, f := newFaultyLine(t)
		_, d := l.sent()
		form := d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", "next")
		f.beforeOpen = func() error { return fault }
		again := l.postFiles("/status", form, []upload{{"yard.txt", []byte("green")}}).expect(status).written()
		again = l.post("/status", again.with("go", "look")).expect(status).written()
		f.beforeOpen = nil
		l.sentOnce(l.post("/status", again.with("go", "next")))
	}
}

func TestWhatWasSentIsSaidToBeAlthoughTheReportCantBeReadThen(t *testing.T) {
	l, f := newFaultyLine(t)
	_, d := l.sent()
	opened := 0
	f.beforeOpen = func() error {
		if opened++; opened > 1 {
			return heed.ErrBusy
		}
		return nil
	}
	sent := l.post("/status", d.with("text", red, "go", "next")).expect(200, "Sent.")
	if sent.form().Get("text") != "" {
		t.Error("what was sent is there to be sent again")
	}
	f.beforeOpen = nil
	l.post("/status", sent.with("go", "look")).expect(200, red, "Received today")
}

func TestAMessageThatTakesLongerThanItsPageLivesComesBackWithTheReceipt(t *testing.T) {
	l, f := newFaultyLine(t)
	receipt, d := l.sent()
	cellar := l.arrived("cellar.txt")
	l.wait(31 * time.Minute)
	late := l.postFiles("/status", d.with("text", red, "uploads", cellar, "go", "next"), []upload{{"yard.txt", []byte("green")}, program})
	late.expect(400, "type your Receipt again", "is kept in this page")
	if strings.Contains(late.body, red) || strings.Contains(late.body, "yard.txt") {
		t.Error("what was typed stands in the page that asks for the Receipt")
	}
	late = l.post("/status", late.with("lang", "ru")).expect(200, "хранит всё")
	late = l.post("/status", late.with("lang", "en", "receipt", "12345", "go", "next")).expect(422, "is kept in this page")
	late = l.post("/status", late.with("receipt", "01234567890123456789", "go", "next")).expect(404, "is kept in this page")
	f.beforeOpen = func() error { return heed.ErrBusy }
	late = l.post("/status", late.with("receipt", receipt, "go", "next")).expect(503, "is kept in this page")
	f.beforeOpen = nil
	d = l.post("/status", late.with("receipt", receipt, "go", "next")).expect(415, "kind we can't take").written()

	l.wait(31 * time.Minute) // and once more, by a form that comes broken
	broken := l.request(http.MethodPost, "/status", strings.NewReader(d.with("go", "next").Encode()+"&x=%zz"))
	broken.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	late = l.do(broken).expect(400, "came broken", "type your Receipt again")
	d = l.post("/status", late.with("receipt", receipt, "go", "next")).expect(400, "came broken").written()
	l.sentOnce(l.post("/status", d.with("go", "next")))
}

// Two reporters share a browser, or one has two reports.
func TestAMessageThatWaitsForItsReceiptComesBackWithNoOther(t *testing.T) {
	l := newLine(t)
	receipt, d := l.sent()
	other, _ := l.sent()
	form := d.with("text", red, "uploads", l.arrived("cellar.txt"), "go", "next")
	again := l.post("/status", d.with("text", red, "go", "look")).expect(200) // a page that was shown anew has it too
	nextDay := l.post("/status", d.with("text", red, "go", "look")).expect(200)
	for i, form := range []url.Values{form, again.with("uploads", l.arrived("cellar.txt"), "go", "next"), nextDay.with("go", "next")} {
		l.wait(31 * time.Minute)
		if i == 2 {
			l.wait(3 * 24 * time.Hour) // whose the page is counts however old it is
			form.Set("uploads", l.arrived("cellar.txt"))
		}
		late := l.postFiles("/status", form, []upload{{"yard.txt", []byte("green")}}).expect(400)
		late = l.post("/status", late.with("receipt", other, "go", "next")).expect(422, "belongs to another report", "is kept in this page", "without it")
		for _, told := range []string{red, "yard.txt", "cellar.txt", "Received today", other} {
			if strings.Contains(late.body, told) {
				t.Errorf("another report's Receipt shows %q", told)
			}
		}
		l.get("/status").expect(200)
		l.post("/status", late.with("receipt", receipt, "go", "next")).expect(200).written()
	}
}

func TestAMessageWaitsInACrowdThatItsReceiptMeets(t *testing.T) {
	l := newLine(t, withLimits)
	receipt, d := l.sent()
	cellar := l.arrived("cellar.txt")
	l.wait(31 * time.Minute)
	late := l.postFiles("/status", d.with("text", red, "uploads", cellar, "go", "next"), []upload{{"yard.txt", []byte("green")}}).expect(400)
	l.crowdLookups(school)
	wait := l.post("/status", late.with("receipt", receipt, "go", "next"), "X-From", school).expect(429)
	l.wait(10 * time.Second)
	l.crowdLookups(school)
	l.post("/status", wait.with("go", "next"), "X-From", school).expect(200).written()
}
