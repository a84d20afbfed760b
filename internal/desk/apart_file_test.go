package desk_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// answeredFile is what the machine apart makes of a request for a file as it was sent.
func (l *line) answeredFile(request []byte, code seal.ApartCode, key *seal.PrivateKey, file heed.ID) []byte {
	l.t.Helper()
	r := l.unlocked(request, code, key)
	if r.File == nil || r.File.ID != file || r.File.Type != "audio/basic" || r.Identities != nil {
		l.t.Fatalf("the machine reads %+v", r.File)
	}
	opened, err := r.OpenFile(key)
	l.must(err)
	answer, err := r.AnswerFile(key, opened)
	l.must(err)
	return answer
}

func TestACustodianDecidesAboutAFileOnAMachineApart(t *testing.T) {
	onBothStores(t, func(l *line) {
		t := l.t
		sound := call(2)
		dana, key := l.apart("dana")
		report, file, receipt := l.recorded(sound)
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
			return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: file, Report: report, State: heed.CopyFailed, Code: heed.CopyMalware})
		}))
		l.known(file, "Win.Trojan.Agent-1")
		amira := l.signIn("amira", heed.Specialist)
		asked := amira.asksFor(report, file).path
		if p := dana.get("/disclosures"); strings.Contains(p.body, `type="password"`) || !strings.Contains(p.body, `href="`+asked+`/apart"`) || !strings.Contains(p.text(), "a file as the reporter sent it") {
			t.Fatalf("the custodian isn't led to their machine: %s", p.text())
		}
		if p := dana.get(asked + "/apart"); !strings.Contains(p.text(), "a file as the reporter sent it") || !strings.Contains(p.text(), "Win.Trojan.Agent-1") {
			t.Errorf("the page doesn't say what is asked for: %s", p.text())
		}
		earlier, earlierCode := dana.takes(asked)
		request, code := dana.takes(asked)
		if f := l.unlocked(request, code, key).File; f == nil || f.Malware != "Win.Trojan.Agent-1" {
			t.Errorf("the machine reads that it is %+v", f)
		}
		for _, secret := range []string{"neighbour", "amira", "Trojan", string(file), string(code)} {
			if bytes.Contains(request, []byte(secret)) {
				t.Errorf("the request holds %q", secret)
			}
		}
		if len(request) > 64<<10 || bytes.Contains(request, []byte(sound[100:200])) {
			t.Errorf("the request holds the file: %d bytes", len(request))
		}
		if d := l.disclosure(asked); d.State != heed.DisclosureExported || d.Sealed != nil || d.File != file {
			t.Errorf("it is %s of %s", d.State, d.File)
		}
		if s := l.status(receipt); len(s.Disclosed) != 2 || !s.Disclosed[1].Elsewhere || !s.Disclosed[1].File {
			t.Errorf("the reporter is told %+v", s.Disclosed)
		}
		if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("taking it before the answer answers %d", p.status)
		}
		if p := dana.brings(asked+"/apart", l.answeredFile(earlier, earlierCode, key, file)); p.status != http.StatusUnprocessableEntity || l.disclosure(asked).Sealed != nil {
			t.Errorf("the answer to an earlier download answers %d", p.status)
		}
		if p := dana.brings(asked+"/apart", l.answeredFile(request, code, key, file)); p.status != http.StatusOK || p.path != "/disclosures" {
			t.Fatalf("bringing the answer answers %d at %s: %s", p.status, p.path, p.text())
		}
		got := amira.post(asked + "/see")
		if got.status != http.StatusOK || got.body != sound || !strings.Contains(got.header.Get("Content-Disposition"), "call.au") {
			t.Fatalf("taking it answers %d, %d bytes", got.status, len(got.body))
		}
		if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("taking it twice answers %d", p.status)
		}
		if s := l.status(receipt); len(s.Disclosed) != 3 || !s.Disclosed[2].File || s.Disclosed[2].Elsewhere {
			t.Errorf("the reporter is told %+v", s.Disclosed)
		}
		if got := strings.Join(l.acts(report), " "); got != "disclosure.asked disclosure.exported disclosure.exported disclosure.approved disclosure.seen" {
			t.Errorf("the leaves say %s", got)
		}
	})
}

// Whoever writes to the store while a request is apart has the Custodian answer for one file and give another.
func TestAFileThatIsExchangedWhileItsRequestIsApartTakesNoAnswer(t *testing.T) {
	onStoresToWriteTo(t, func(l *line, change func(statement string, args ...any)) {
		t := l.t
		dana, key := l.apart("dana")
		report, file, receipt := l.recorded(call(1))
		_, other, _ := l.recorded(call(3))
		asked := l.signIn("amira", heed.Specialist).asksFor(report, file).path
		was, theirs := l.attachment(file), l.attachment(other)
		set := func(a *heed.Attachment) {
			change("UPDATE attachments SET blob_key = $1, day_key = $2, size = $3 WHERE id = $4", a.Blob, a.DayKey, a.Size, string(file))
		}
		set(theirs)
		if p := dana.post(asked+"/apart", "code", seal.NewApartCode().Grouped()); p.status < http.StatusBadRequest || l.disclosure(asked).State != heed.DisclosureAsked {
			t.Errorf("what isn't what was asked is taken: %d", p.status)
		}
		set(was)
		request, code := dana.takes(asked)
		answer := l.answeredFile(request, code, key, file)
		refused := func(what string) {
			t.Helper()
			if p := dana.brings(asked+"/apart", answer); p.status < http.StatusBadRequest || l.disclosure(asked).State != heed.DisclosureExported || l.disclosure(asked).Sealed != nil {
				t.Errorf("%s: the answer is taken, %d", what, p.status)
			}
		}
		set(theirs)
		refused("with another file's bytes and key")
		set(was)
		id := string(l.disclosure(asked).ID)
		for _, to := range []string{string(other), ""} {
			change("UPDATE disclosures SET file = $1 WHERE id = $2", to, id)
			refused("of the file " + to)
		}
		change("UPDATE disclosures SET file = $1 WHERE id = $2", string(file), id)
		m, err := l.intake.Open(t.Context(), receipt)
		l.must(err)
		l.must(m.TakeBack(t.Context()))
		if p := dana.brings(asked+"/apart", answer); p.status < http.StatusBadRequest || l.disclosure(asked).Sealed != nil {
			t.Errorf("after the reporter took it back the answer is taken, %d", p.status)
		}
	})
}
