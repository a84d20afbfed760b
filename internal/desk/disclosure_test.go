package desk_test

import (
	"database/sql"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

var ada = heed.Identity{Name: "Ada Lovelace", Phone: "+44 7700 900123"}

// named is a report of somebody who said who they are, and its Receipt.
func (l *line) named() (heed.ID, string) {
	l.t.Helper()
	a, err := l.intake.Submit(l.t.Context(), intake.Submission{Content: heed.Content{Text: gas}, Identity: ada, Channel: heed.ChannelWeb, Language: "en"})
	l.must(err)
	l.must(l.review.Screen(l.t.Context(), a.Report))
	return a.Report, string(a.Receipt)
}

// asks asks for a Disclosure and gives its address.
func (b *browser) asks(id heed.ID) string {
	b.l.t.Helper()
	p := b.post("/reports/"+string(id)+"/disclosures", "class", "danger", "reason", "We must warn the caller's neighbours")
	if p.status != http.StatusOK || !strings.HasPrefix(p.path, "/disclosures/") {
		b.l.t.Fatalf("asking answers %d at %s: %s", p.status, p.path, p.text())
	}
	return p.path
}

// approves answers as a Custodian.
func (b *browser) approves(disclosure string) page {
	b.l.t.Helper()
	return b.post(disclosure+"/decision", "go", "approve", "passphrase", passphrase)
}

func (l *line) status(receipt string) *intake.Status {
	l.t.Helper()
	m, err := l.intake.Open(l.t.Context(), receipt)
	l.must(err)
	s, err := m.Status(l.t.Context())
	l.must(err)
	return s
}

func (l *line) disclosure(path string) *heed.Disclosure {
	l.t.Helper()
	var d *heed.Disclosure
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		d, err = tx.Disclosure(l.t.Context(), heed.ID(strings.TrimPrefix(path, "/disclosures/")))
		return err
	}))
	return d
}

// acts are the acts in the report's leaves, in their order, but for reads.
func (l *line) acts(id heed.ID) (out []string) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(l.t.Context(), 0, id, 100)
		for _, leaf := range leaves {
			if strings.HasPrefix(leaf.Act, "disclosure.") || strings.HasPrefix(leaf.Act, "identity.") {
				out = append(out, leaf.Act)
			}
			for _, secret := range []string{"Lovelace", "7700 900", "neighbours"} {
				if strings.Contains(string(leaf.Details), secret) {
					l.t.Errorf("the leaf %s holds %q", leaf.Act, secret)
				}
			}
		}
		return err
	}))
	return out
}

func TestASpecialistSeesAnIdentityOnceAfterACustodianApproved(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, receipt := l.named()
	amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
	if p := amira.get("/reports/" + string(id)); !strings.Contains(p.body, string(id)+`/disclosures"`) || strings.Contains(p.body, "Ada") {
		t.Fatal("the report's page offers no Disclosure, or shows who reported")
	}
	asked := amira.asks(id)
	waiting := dana.get("/")
	if waiting.path != "/disclosures" || !strings.Contains(waiting.text(), "amira asks") || !strings.Contains(waiting.text(), "warn the caller's neighbours") {
		t.Fatalf("the custodian reads at %s: %s", waiting.path, waiting.text())
	}
	if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("looking before the answer answers %d", p.status)
	}
	field := "passphrase-" + strings.TrimPrefix(asked, "/disclosures/")
	if p := dana.post(asked+"/decision", "go", "approve", "passphrase", "wrong "+passphrase); p.status != http.StatusUnprocessableEntity ||
		!strings.Contains(p.body, `href="#`+field+`"`) || !strings.Contains(p.body, `id="`+field+`"`) {
		t.Errorf("a wrong passphrase answers %d, or leads to no field", p.status)
	}
	if p := dana.approves(asked); p.status != http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Fatalf("approving answers %d, or shows the custodian who reported: %s", p.status, p.text())
	}
	if s := l.status(receipt); len(s.Disclosed) != 0 {
		t.Errorf("the reporter is told of what nobody has seen: %+v", s.Disclosed)
	}
	if p := bo.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("another specialist's look answers %d", p.status)
	}
	seen := amira.post(asked + "/see")
	if seen.status != http.StatusOK || !strings.Contains(seen.body, "Ada Lovelace") || !strings.Contains(seen.body, "900123") {
		t.Fatalf("looking answers %d: %s", seen.status, seen.text())
	}
	if !strings.Contains(seen.body, "<text x=\"4\" y=\"26\">amira</text>") || seen.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page bears no mark, or may be kept: %s", seen.header.Get("Cache-Control"))
	}
	if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("a second look answers %d", p.status)
	}
	if d := l.disclosure(asked); d.State != heed.DisclosureSeen || d.Sealed != nil {
		t.Errorf("it is %s and still sealed: %v", d.State, d.Sealed != nil)
	}
	if s := l.status(receipt); len(s.Disclosed) != 1 || s.Disclosed[0].Reason != heed.ReasonDanger || s.Disclosed[0].Elsewhere {
		t.Errorf("the reporter is told %+v", s.Disclosed)
	}
	if got := strings.Join(l.acts(id), " "); got != "disclosure.asked disclosure.approved disclosure.seen" {
		t.Errorf("the leaves say %s", got)
	}
	if strings.Contains(l.log.String(), "Ada") {
		t.Error("the log says who reported")
	}
}

func TestNobodyApprovesTheirOwnDisclosureNorByToken(t *testing.T) {
	l := newLine(t)
	both := l.signIn("dana", heed.Custodian, heed.Specialist)
	id, _ := l.named()
	if p := both.post("/reports/"+string(id)+"/disclosures", "class", "law", "reason", "A court asks"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("asking where nobody else could approve answers %d: %s", p.status, p.text())
	}
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	d, dana := l.disclosure(asked), l.account("dana")
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { // as if dana had asked
		copied := *d
		copied.ID, copied.By = heed.NewID(l.clock()), dana.ID
		asked = "/disclosures/" + string(copied.ID)
		var err error
		if copied.SealedReason, err = l.review.SealReason(t.Context(), tx, dana, id, seal.RequestAct(&copied), "A court asks", nil); err != nil {
			return err
		}
		return tx.AddDisclosure(t.Context(), &copied)
	}))
	if p := both.approves(asked); p.status != http.StatusForbidden {
		t.Errorf("approving one's own answers %d: %s", p.status, p.text())
	}
	for _, s := range []string{"dana", "amira"} {
		account := l.account(s)
		token, err := l.auth.CreateToken(t.Context(), account, account.ID, 0)
		l.must(err)
		for _, path := range []string{asked + "/decision", asked + "/see", "/api/v1" + asked + "/decision", "/api/v1/disclosures"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.server.URL+path, strings.NewReader("go=approve&passphrase="+passphrase))
			l.must(err)
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if p := l.browser().do(r); p.status == http.StatusOK && p.path != "/sign-in" || strings.Contains(p.body, "Ada") {
				t.Errorf("a token at %s answers %d at %s", path, p.status, p.path)
			}
		}
	}
	if d := l.disclosure(asked); d.State != heed.DisclosureAsked {
		t.Errorf("it is %s", d.State)
	}
}

func (l *line) account(name string) *heed.Staff {
	l.t.Helper()
	var s *heed.Staff
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		s, err = tx.StaffByName(l.t.Context(), name)
		return err
	}))
	return s
}

func TestARefusedDisclosureSaysWhyToWhoAskedAndShowsNothing(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, receipt := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	if p := dana.post(asked+"/decision", "go", "refuse"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("refusing without a reason answers %d", p.status)
	}
	if p := dana.post(asked+"/decision", "go", "refuse", "reason", "Ask by a message first"); p.status != http.StatusOK {
		t.Errorf("refusing answers %d: %s", p.status, p.text())
	}
	if p := amira.get(asked); !strings.Contains(p.text(), "A custodian refused") {
		t.Errorf("who asked reads %s", p.text())
	}
	if p := amira.get("/reports/" + string(id)); !strings.Contains(p.text(), "Ask by a message first") {
		t.Error("the history doesn't say why")
	}
	if p := dana.approves(asked); p.status == http.StatusOK {
		t.Error("what was refused can be approved")
	}
	if s := l.status(receipt); len(s.Disclosed) != 0 {
		t.Errorf("the reporter is told %+v", s.Disclosed)
	}
}

func TestADisclosureLapsesUnansweredAndUnseen(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	late := amira.asks(id)
	l.wait(identity.AnswerFor)
	l.must(l.days.LapseDisclosures(t.Context()))
	if d := l.disclosure(late); d.State != heed.DisclosureLapsed {
		t.Errorf("unanswered it is %s", d.State)
	}
	amira, dana = l.again("amira"), l.again("dana")
	unseen := amira.asks(id)
	if p := dana.approves(unseen); p.status != http.StatusOK {
		t.Fatalf("approving answers %d: %s", p.status, p.text())
	}
	l.wait(identity.SeeFor)
	amira = l.againWith(amira, "amira")
	if p := amira.post(unseen + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("a late look answers %d", p.status)
	}
	l.must(l.days.LapseDisclosures(t.Context()))
	if d := l.disclosure(unseen); d.State != heed.DisclosureLapsed || d.Sealed != nil {
		t.Errorf("unseen it is %s", d.State)
	}
}

// again signs in anew: sessions don't outlive a wait.
func (l *line) again(name string) *browser { return l.againWith(l.browser(), name) }

func (l *line) againWith(b *browser, name string) *browser {
	l.t.Helper()
	if p := b.post("/sign-in", "name", name, "passphrase", passphrase); p.status != http.StatusOK {
		l.t.Fatalf("signing in again answers %d: %s", p.status, p.text())
	}
	return b
}

func TestAnotherBrowserCannotOpenWhatWasApproved(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	dana.approves(asked)
	if p := l.again("amira").post(asked + "/see"); p.status != http.StatusUnprocessableEntity || strings.Contains(p.body, "Ada") {
		t.Errorf("amira's other browser is answered %d", p.status)
	}
	if p := amira.post(asked + "/see"); p.status != http.StatusOK || !strings.Contains(p.body, "Ada Lovelace") {
		t.Errorf("and then the one that asked %d: %s", p.status, p.text())
	}
}

// newLineToWriteTo is a line with what somebody can do who writes to its store alone: exchange a column of a Disclosure.
func newLineToWriteTo(t *testing.T) (*line, func(disclosure heed.ID, column string, to any)) {
	t.Helper()
	path := sqlitetest.File(t, t.TempDir())
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l := newLineOn(t, store)
	db, err := sql.Open("sqlite", path+"?_txlock=immediate&_pragma=busy_timeout(20000)")
	l.must(err)
	t.Cleanup(func() { l.must(db.Close()) })
	return l, func(disclosure heed.ID, column string, to any) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), "UPDATE disclosures SET "+column+" = ? WHERE id = ?", to, string(disclosure))
		l.must(err)
	}
}

// Whoever can write to the store, and to nothing else, puts their own key or name into what somebody asked.
func TestWhatIsExchangedInTheStoreIsNotApproved(t *testing.T) {
	l, exchange := newLineToWriteTo(t)
	dana := l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	asked := l.signIn("amira", heed.Specialist).asks(id)
	l.signIn("bo", heed.Specialist)
	was := l.disclosure(asked)
	for column, other := range map[string]any{
		"showing_key": seal.GeneratePrivateKey().Public().Bytes(), "asked_by": string(l.account("bo").ID), "reason": string(heed.ReasonLaw),
	} {
		exchange(was.ID, column, other)
		if p := dana.get("/disclosures"); p.status != http.StatusOK || !strings.Contains(p.text(), "somebody changed it") || strings.Contains(p.body, `value="approve"`) {
			t.Errorf("with another %s the custodian reads %d: %s", column, p.status, p.text())
		}
		if p := dana.approves(asked); p.status < http.StatusBadRequest {
			t.Errorf("with another %s it is approved: %d", column, p.status)
		}
		if d := l.disclosure(asked); d.State != heed.DisclosureAsked || d.Sealed != nil {
			t.Fatalf("with another %s it is %s, sealed: %v", column, d.State, d.Sealed != nil)
		}
		exchange(was.ID, column, map[string]any{"showing_key": was.Key, "asked_by": string(was.By), "reason": string(was.Reason)}[column])
	}
	if p := dana.approves(asked); p.status != http.StatusOK || l.disclosure(asked).State != heed.DisclosureApproved {
		t.Errorf("as it was asked it is answered %d", p.status)
	}
}

func TestOfTwoCustodiansOneAnswers(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	second := l.again("dana")
	var wg sync.WaitGroup
	pages := make([]page, 2)
	for i, b := range []*browser{dana, second} {
		wg.Go(func() {
			if i == 0 {
				pages[i] = b.approves(asked)
				return
			}
			pages[i] = b.post(asked+"/decision", "go", "refuse", "reason", "Not needed")
		})
	}
	wg.Wait()
	if (pages[0].status == http.StatusOK) == (pages[1].status == http.StatusOK) {
		t.Errorf("the two are answered %d and %d", pages[0].status, pages[1].status)
	}
	if got := len(l.acts(id)); got != 2 {
		t.Errorf("%d leaves", got)
	}
}

func TestAnIdentityThatDiesOrIsTakenBackBeforeTheLookIsNotShown(t *testing.T) {
	for _, c := range []struct {
		name  string
		end   func(l *line, receipt string)
		state heed.DisclosureState
	}{
		{"dies", func(l *line, _ string) {
			_, err := l.days.EraseDue(l.t.Context(), l.clock().AddDate(0, 0, 8))
			l.must(err)
		}, heed.DisclosureLapsed},
		{"is taken back", func(l *line, receipt string) {
			m, err := l.intake.Open(l.t.Context(), receipt)
			l.must(err)
			l.must(m.TakeBack(l.t.Context()))
		}, heed.DisclosureTakenBack},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t)
			dana := l.signIn("dana", heed.Custodian)
			id, receipt := l.named()
			amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
			approved, asked := amira.asks(id), bo.asks(id)
			dana.approves(approved)
			c.end(l, receipt)
			if p := amira.post(approved + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
				t.Errorf("looking answers %d: %s", p.status, p.text())
			}
			if p := dana.approves(asked); p.status == http.StatusOK {
				t.Error("it can still be approved")
			}
			for _, d := range []*heed.Disclosure{l.disclosure(approved), l.disclosure(asked)} {
				if d.State != c.state || d.Sealed != nil {
					t.Errorf("it is %s", d.State)
				}
			}
			if p := amira.post("/reports/"+string(id)+"/disclosures", "class", "danger", "reason", "Again"); p.status != http.StatusGone {
				t.Errorf("asking again answers %d", p.status)
			}
			if s := l.status(receipt); len(s.Disclosed) != 0 || c.state == heed.DisclosureTakenBack && s.CanTakeBack {
				t.Errorf("the reporter reads %+v", s)
			}
		})
	}
}

func TestAReporterIsToldOfWhatWasSeenBeforeTheyTookItBack(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, receipt := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	dana.approves(asked)
	if p := amira.post(asked + "/see"); p.status != http.StatusOK {
		t.Fatalf("looking answers %d", p.status)
	}
	m, err := l.intake.Open(t.Context(), receipt)
	l.must(err)
	l.must(m.TakeBack(t.Context()))
	if err := m.TakeBack(t.Context()); err == nil {
		t.Error("it can be taken back twice")
	}
	if s := l.status(receipt); len(s.Disclosed) != 1 || s.CanTakeBack {
		t.Errorf("the reporter reads %+v", s)
	}
	if r := l.report(id); r.Named {
		t.Error("the report still says that it has a name")
	}
	l.must(l.days.HandleTakenBack(t.Context(), nil))
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		f, err := identity.PublishedFigures(t.Context(), tx)
		if err == nil && f.Held != 0 || time.Since(f.At) > time.Minute {
			t.Errorf("the figures say %+v", f)
		}
		wish, err2 := tx.Setting(t.Context(), heed.SettingScrub)
		if len(wish) == 0 {
			t.Errorf("nobody is told to scrub: %v", err2)
		}
		return err
	}))
}

func TestWhoWaitsToBeACustodianReadsNoWordsOfWhoAsks(t *testing.T) {
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	nour := l.signIn("nour", heed.Custodian) // the second one, whom nobody approved
	for _, path := range []string{asked, asked + "/apart"} {
		if p := nour.get(path); p.status != http.StatusNotFound || strings.Contains(p.body, "neighbours") {
			t.Errorf("%s answers who isn't approved %d: %s", path, p.status, p.text())
		}
	}
}

func TestWhoIsLimitedToOtherCategoriesAsksAndSeesNothing(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asks(id)
	dana.approves(asked)
	limited := l.account("amira")
	limited.Categories = []string{"fraud-scam"}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), limited) }))
	if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "Ada") {
		t.Errorf("looking at what is no longer theirs answers %d", p.status)
	}
	if p := amira.post("/reports/"+string(id)+"/disclosures", "class", "danger", "reason", "Once more"); p.status != http.StatusNotFound {
		t.Errorf("asking answers %d at %s", p.status, p.path)
	}
}
