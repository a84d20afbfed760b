package desk_test

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
)

// apart signs a Custodian in whose key lies on a machine apart, and gives the key.
func (l *line) apart(name string, roles ...heed.Role) (*browser, *seal.PrivateKey) {
	l.t.Helper()
	key := seal.GeneratePrivateKey()
	now := l.clock().UTC().Truncate(time.Millisecond)
	account := &heed.Staff{
		ID: heed.NewID(now), Name: name, Roles: append(roles, heed.Custodian), Language: "en", Passphrase: seal.HashPassphrase(passphrase),
		CustodianPublic: key.Public().Bytes(), CreatedAt: now, EnrolledAt: now,
	}
	approval := &heed.CustodianApproval{Staff: account.ID, At: now}
	seal.SignCustodian(l.audit, "test", 1, approval, account.CustodianPublic)
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		return errors.Join(tx.AddStaff(l.t.Context(), account), tx.PutCustodianApproval(l.t.Context(), approval))
	}))
	l.must(l.days.EnsureDays(l.t.Context(), l.clock()))
	return l.again(name), key
}

var codeField = regexp.MustCompile(`name="code" value="([^"]+)"`)

// takes downloads the request as a browser does, and gives the file with the code that stood on the page.
func (b *browser) takes(disclosure string) ([]byte, seal.ApartCode) {
	b.l.t.Helper()
	p := b.get(disclosure + "/apart")
	found := codeField.FindStringSubmatch(p.body)
	if found == nil || !strings.Contains(p.body, `id="apart-code">`+found[1]+"<") {
		b.l.t.Fatalf("the page shows no code: %d at %s: %s", p.status, p.path, p.text())
	}
	code, err := seal.ParseApartCode(found[1])
	b.l.must(err)
	p = b.post(disclosure+"/apart", "code", found[1])
	if p.status != http.StatusOK || !strings.Contains(p.header.Get("Content-Disposition"), ".heed-request") || p.header.Get("Cache-Control") != "no-store" {
		b.l.t.Fatalf("downloading answers %d %v: %s", p.status, p.header, p.text())
	}
	return []byte(p.body), code
}

// unlocked is what the machine apart reads in the file.
func (l *line) unlocked(file []byte, code seal.ApartCode, key *seal.PrivateKey) *seal.ApartRequest {
	l.t.Helper()
	unlocked, err := seal.UnlockApart(code, file)
	l.must(err)
	request, signer, err := seal.ReadApart(key, unlocked)
	l.must(err)
	if !bytes.Equal(signer.Bytes(), l.custody.AuditKey()) || request.Asker != "amira" || !strings.Contains(request.Words, "neighbour") || request.LineName != "The test line" {
		l.t.Errorf("the machine reads %+v", request)
	}
	return request
}

// answered is what the machine apart makes of the file.
func (l *line) answered(file []byte, code seal.ApartCode, key *seal.PrivateKey) []byte {
	l.t.Helper()
	request := l.unlocked(file, code, key)
	who, err := request.Open(key)
	l.must(err)
	if len(who) != 1 || who[0] != ada {
		l.t.Errorf("it opens %v", who)
	}
	answer, err := request.Answer(key, who)
	l.must(err)
	return answer
}

// brings sends the answer to the page of what it answers.
func (b *browser) brings(at string, answer []byte) page {
	b.l.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("answer", "x.heed-answer")
	b.l.must(err)
	_, err = part.Write(answer)
	b.l.must(err)
	b.l.must(w.Close())
	r, err := http.NewRequestWithContext(b.l.t.Context(), http.MethodPost, b.l.server.URL+at+"/answer", &body)
	b.l.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

func TestTheReporterIsToldOfEachTimeThatARequestIsTakenToAMachineApartWhichIsTenAtMost(t *testing.T) {
	onBothStores(t, func(l *line) {
		dana, _ := l.apart("dana")
		id, receipt := l.named()
		asked := l.signIn("amira", heed.Specialist).asks(id)
		taken := func(n int) {
			told := l.status(receipt).Disclosed
			for i, d := range told {
				if !d.Elsewhere || i > 0 && !d.At.After(told[i-1].At) {
					l.t.Errorf("told %+v", told)
				}
			}
			if exported := strings.Count(strings.Join(l.acts(id), " "), "disclosure.exported"); len(told) != n || exported != n {
				l.t.Errorf("the reporter is told of %d, and %d leaves say so, want %d", len(told), exported, n)
			}
		}
		for n := 1; n <= 10; n++ {
			dana.takes(asked)
			if n <= 3 || n == 10 {
				taken(n)
			}
			l.wait(10 * time.Second)
		}
		code := codeField.FindStringSubmatch(dana.get(asked + "/apart").body)
		if p := dana.post(asked+"/apart", "code", code[1]); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "was taken 10 times") {
			l.t.Errorf("the eleventh time answers %d: %s", p.status, p.text())
		}
		taken(10)
	})
}

func TestACustodianOpensAnIdentityOnAMachineApart(t *testing.T) {
	l := newLine(t)
	dana, key := l.apart("dana")
	id, receipt := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	if p := dana.get("/disclosures"); strings.Contains(p.body, `type="password"`) || !strings.Contains(p.body, `href="`+asked+`/apart"`) {
		t.Fatalf("the custodian is asked for a passphrase, or not led to their machine: %s", p.text())
	}
	file, code := dana.takes(asked)
	for _, secret := range []string{"Lovelace", "7700 900", "neighbours", "amira", string(code), code.Grouped()} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
	if d := l.disclosure(asked); d.State != heed.DisclosureExported || d.ExportedAt.IsZero() || d.Sealed != nil {
		t.Errorf("it is %s", d.State)
	}
	if s := l.status(receipt); len(s.Disclosed) != 1 || !s.Disclosed[0].Elsewhere {
		t.Errorf("the reporter is told %+v", s.Disclosed)
	}
	if p := amira.get(asked); !strings.Contains(p.text(), "took it to a machine apart") {
		t.Errorf("who asked reads %s", p.text())
	}
	if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("looking before the answer answers %d", p.status)
	}
	if p := dana.brings(asked+"/apart", l.answered(file, code, key)); p.status != http.StatusOK || p.path != "/disclosures" || strings.Contains(p.body, "Ada") {
		t.Fatalf("bringing the answer answers %d at %s: %s", p.status, p.path, p.text())
	}
	if p := amira.post(asked + "/see"); p.status != http.StatusOK || !strings.Contains(p.body, "Ada Lovelace") || !strings.Contains(p.body, ">amira</text>") {
		t.Fatalf("looking answers %d: %s", p.status, p.text())
	}
	if p := amira.post(asked + "/see"); p.status == http.StatusOK {
		t.Error("it is shown twice")
	}
	if s := l.status(receipt); len(s.Disclosed) != 2 || !s.Disclosed[0].Elsewhere || s.Disclosed[1].Elsewhere || s.Disclosed[1].Reason != heed.ReasonDanger {
		t.Errorf("the reporter is told %+v", s.Disclosed)
	}
	if got := strings.Join(l.acts(id), " "); got != "disclosure.asked disclosure.exported disclosure.approved disclosure.seen" {
		t.Errorf("the leaves say %s", got)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(t.Context(), 0, id, 100)
		for _, leaf := range leaves {
			named := leaf.Act == "disclosure.exported" || leaf.Act == "disclosure.approved"
			if named && leaf.Actor != l.account("dana").ID || strings.Contains(string(leaf.Details), `"apart":true`) != (leaf.Act == "disclosure.approved") {
				t.Errorf("%s by %s: %s", leaf.Act, leaf.Actor, leaf.Details)
			}
		}
		return err
	}))
	if log := l.log.String(); strings.Contains(log, "Ada") || strings.Contains(log, string(code)) {
		t.Error("the log says who reported, or holds the code")
	}
}

func TestAnAnswerThatIsNotThisOneIsRefusedInWords(t *testing.T) {
	l := newLine(t)
	dana, key := l.apart("dana")
	kim, kims := l.apart("kim")
	id, _ := l.named()
	other, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked, another := amira.asks(id), amira.asks(other)
	earlier, earlierCode := dana.takes(asked)
	file, code := dana.takes(asked)
	fresh := l.answered(file, code, key)
	otherFile, otherCode := dana.takes(another)
	changed := bytes.Clone(fresh)
	changed[len(changed)-1] ^= 1
	swapped := bytes.Clone(l.answered(otherFile, otherCode, key))
	copy(swapped[5:], fresh[5:5+26]) // as if it were for this request
	refused := func(b *browser, what, words string, answer []byte) {
		t.Helper()
		if p := b.brings(asked+"/apart", answer); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), words) || !strings.Contains(p.body, `href="#answer"`) {
			t.Errorf("%s answers %d: %s", what, p.status, p.text())
		}
		if d := l.disclosure(asked); d.State != heed.DisclosureExported || d.Sealed != nil {
			t.Fatalf("%s: it is %s", what, d.State)
		}
	}
	refused(dana, "nothing", "no answer file", nil)
	refused(dana, "the request itself", "no answer file", file)
	refused(dana, "the answer to another request", "to another request", l.answered(otherFile, otherCode, key))
	refused(dana, "one that was made to look like this one's", "from the file that you took last", swapped)
	refused(dana, "a changed one", "from the file that you took last", changed)
	refused(dana, "the answer to an earlier download", "from the file that you took last", l.answered(earlier, earlierCode, key))
	refused(kim, "another custodian's hand", "didn't take this request", fresh)
	kimFile, kimCode := kim.takes(asked)
	refused(dana, "an answer after another custodian took it", "another custodian took it after you", fresh)
	refused(dana, "the other custodian's answer", "another custodian took it after you", l.answered(kimFile, kimCode, kims))
	if p := kim.brings(asked+"/apart", l.answered(kimFile, kimCode, kims)); p.status != http.StatusOK {
		t.Fatalf("the right one answers %d: %s", p.status, p.text())
	}
	if p := kim.brings(asked+"/apart", l.answered(kimFile, kimCode, kims)); p.status == http.StatusOK || !strings.Contains(p.text(), "in the meantime") {
		t.Errorf("the same once more answers %d: %s", p.status, p.text())
	}
	if p := amira.post(asked + "/see"); !strings.Contains(p.body, "Ada Lovelace") {
		t.Errorf("who asked sees %d: %s", p.status, p.text())
	}
}

func TestAnAnswerThatComesAfterTheEndIsRefused(t *testing.T) {
	for _, c := range []struct {
		name  string
		end   func(l *line, receipt string)
		state heed.DisclosureState
	}{
		{"the day was destroyed", func(l *line, _ string) {
			_, err := l.days.EraseDue(l.t.Context(), l.clock().AddDate(0, 0, 8))
			l.must(err)
		}, heed.DisclosureLapsed},
		{"its time was over", func(l *line, _ string) {
			l.wait(identity.AnswerFor)
			l.must(l.days.LapseDisclosures(l.t.Context()))
		}, heed.DisclosureLapsed},
		{"its time was over and nobody came to it yet", func(l *line, _ string) { l.wait(identity.AnswerFor) }, heed.DisclosureExported},
		{"the reporter took it back", func(l *line, receipt string) {
			m, err := l.intake.Open(l.t.Context(), receipt)
			l.must(err)
			l.must(m.TakeBack(l.t.Context()))
		}, heed.DisclosureTakenBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t)
			dana, key := l.apart("dana")
			id, receipt := l.named()
			asked := l.signIn("amira", heed.Specialist).asks(id)
			file, code := dana.takes(asked)
			answer := l.answered(file, code, key)
			c.end(l, receipt)
			dana = l.againWith(dana, "dana")
			if p := dana.brings(asked+"/apart", answer); p.status == http.StatusOK || !strings.Contains(p.text(), "in the meantime") {
				t.Errorf("the answer answers %d: %s", p.status, p.text())
			}
			if d := l.disclosure(asked); d.State != c.state || d.Sealed != nil {
				t.Errorf("it is %s", d.State)
			}
			if p := dana.post(asked+"/apart", "code", code.Grouped()); p.status == http.StatusOK || strings.Contains(p.header.Get("Content-Disposition"), "attachment") {
				t.Errorf("it can still be taken: %d", p.status)
			}
			if s := l.status(receipt); len(s.Disclosed) != 1 || !s.Disclosed[0].Elsewhere {
				t.Errorf("the reporter is told %+v", s.Disclosed)
			}
		})
	}
}

func TestAnotherCustodianStillDecidesWhatWasTakenApart(t *testing.T) {
	l := newLine(t)
	bo := l.signIn("bo", heed.Custodian)
	dana, key := l.apart("dana")
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	for _, answer := range []string{"approve", "refuse"} {
		asked := amira.asks(id)
		file, code := dana.takes(asked)
		if p := bo.get("/disclosures"); !strings.Contains(p.text(), "dana took it to a machine apart") || !strings.Contains(p.body, `value="approve"`) {
			t.Errorf("the other custodian reads %s", p.text())
		}
		if p := bo.post(asked+"/decision", "go", answer, "passphrase", passphrase, "reason", "Not needed"); p.status != http.StatusOK {
			t.Fatalf("%s answers %d: %s", answer, p.status, p.text())
		}
		if p := dana.brings(asked+"/apart", l.answered(file, code, key)); p.status == http.StatusOK {
			t.Errorf("after %s the answer is taken", answer)
		}
		if d := l.disclosure(asked); d.SecondBy != l.account("bo").ID {
			t.Errorf("it was decided by %s", d.SecondBy)
		}
		if d := l.disclosure(asked); d.State == heed.DisclosureApproved {
			if p := amira.post(asked + "/see"); p.status != http.StatusOK {
				t.Errorf("looking answers %d", p.status)
			}
		}
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(t.Context(), 0, id, 100)
		for _, leaf := range leaves {
			if strings.Contains(string(leaf.Details), "apart") {
				t.Errorf("%s says %s of what was opened at the desk", leaf.Act, leaf.Details)
			}
		}
		return err
	}))
}

func TestNobodyTakesTheirOwnRequestNorOneByTokenNorWithAKeyThatIsHere(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	both, _ := l.apart("amira", heed.Specialist)
	id, _ := l.named()
	asked := both.asks(id)
	nothing := func(what string, p page) {
		t.Helper()
		if p.status == http.StatusOK && p.path != "/sign-in" || strings.Contains(p.header.Get("Content-Disposition"), "attachment") || codeField.MatchString(p.body) {
			t.Errorf("%s answers %d at %s", what, p.status, p.path)
		}
		if d := l.disclosure(asked); d.State != heed.DisclosureAsked {
			t.Fatalf("%s: it is %s", what, d.State)
		}
	}
	code := seal.NewApartCode().Grouped()
	nothing("one's own page", both.get(asked+"/apart"))
	nothing("one's own request", both.post(asked+"/apart", "code", code))
	nothing("one's own answer", both.brings(asked+"/apart", []byte("\x07\x00\x00\x00\x1a"+strings.TrimPrefix(asked, "/disclosures/")+strings.Repeat("x", 100))))
	nothing("the page with a key that is here", dana.get(asked+"/apart"))
	nothing("the request with a key that is here", dana.post(asked+"/apart", "code", code))
	nothing("a specialist's hand", l.signIn("cleo", heed.Specialist).post(asked+"/apart", "code", code))
	kim, _ := l.apart("kim")
	if p := kim.post(asked+"/apart", "code", "0000"); p.status != http.StatusUnprocessableEntity || p.header.Get("Content-Disposition") != "" || l.disclosure(asked).State != heed.DisclosureAsked {
		t.Errorf("no code answers %d", p.status)
	}
	account := l.account("kim")
	token, err := l.auth.CreateToken(t.Context(), account, account.ID, 0)
	l.must(err)
	for _, path := range []string{asked + "/apart", asked + "/apart/answer", "/api/v1" + asked + "/apart"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.server.URL+path, strings.NewReader("code="+code))
		l.must(err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		nothing("a token at "+path, l.browser().do(r))
	}
}

func TestTakingARequestApartAsksForAFreshProof(t *testing.T) {
	l := newLine(t)
	dana, _ := l.apart("dana")
	id, _ := l.named()
	asked := l.signIn("amira", heed.Specialist).asks(id)
	l.wait(auth.ProofLife + time.Second)
	if p := dana.post(asked+"/apart", "code", seal.NewApartCode().Grouped()); !strings.HasPrefix(p.path, "/prove?to=") {
		t.Errorf("taking it with an old proof answers %d at %s", p.status, p.path)
	}
	if p := dana.get(asked + "/apart"); !strings.HasPrefix(p.path, "/prove?to=") {
		t.Errorf("its page with an old proof is %s", p.path)
	}
	if p := dana.post("/prove", "passphrase", passphrase, "to", asked+"/apart"); p.path != asked+"/apart" || !codeField.MatchString(p.body) {
		t.Errorf("a proof leads to %s: %s", p.path, p.text())
	}
}

// Whoever can write to the store exchanges the asker's key after the request was taken, and hopes for an answer to theirs.
func TestWhatIsExchangedWhileARequestIsApartTakesNoAnswer(t *testing.T) {
	l, exchange := newLineToWriteTo(t)
	dana, key := l.apart("dana")
	id, _ := l.named()
	asked := l.signIn("amira", heed.Specialist).asks(id)
	file, code := dana.takes(asked)
	answer := l.answered(file, code, key)
	was := l.disclosure(asked)
	for column, other := range map[string]any{
		"showing_key": seal.GeneratePrivateKey().Public().Bytes(), "proof": seal.GenerateSigner().Verifier().Bytes(), "reason": string(heed.ReasonLaw),
	} {
		exchange(was.ID, column, other)
		if p := dana.brings(asked+"/apart", answer); p.status < http.StatusBadRequest {
			t.Errorf("with another %s the answer is taken: %d", column, p.status)
		}
		if d := l.disclosure(asked); d.State != heed.DisclosureExported || d.Sealed != nil {
			t.Fatalf("with another %s it is %s", column, d.State)
		}
		exchange(was.ID, column, map[string]any{"showing_key": was.Key, "proof": was.Proof, "reason": string(was.Reason)}[column])
	}
	if p := dana.brings(asked+"/apart", answer); p.status != http.StatusOK || l.disclosure(asked).State != heed.DisclosureApproved {
		t.Errorf("as it was taken it is answered %d", p.status)
	}
}
