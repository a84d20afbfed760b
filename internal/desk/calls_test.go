package desk_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/seal"
)

// caller is a call as the process that has it sees it.
type caller struct {
	l   *line
	id  heed.ID
	key *seal.PrivateKey
}

// ring has somebody wait for a call-taker.
func (l *line) ring(language string) caller {
	l.t.Helper()
	c := caller{l, heed.NewID(l.clock()), seal.GeneratePrivateKey()}
	l.update(func(ctx context.Context, tx heed.Tx) error {
		return tx.JoinQueue(ctx, &heed.QueuedCall{
			ID: c.id, Language: language, Since: l.clock(), Seen: l.clock(), State: heed.CallWaiting, Key: c.key.Public().Bytes(),
		})
	})
	return c
}

func (l *line) update(change func(context.Context, heed.Tx) error) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return change(l.t.Context(), tx) }))
}

// state is the call as it stands, nil where it is over.
func (c caller) state() (call *heed.QueuedCall) {
	c.l.t.Helper()
	c.l.must(c.l.store.View(c.l.t.Context(), func(tx heed.Tx) (err error) {
		call, err = tx.QueuedCall(c.l.t.Context(), c.id)
		return err
	}))
	return call
}

// pickUp says that the taker's phone, which rings, was answered.
func (c caller) pickUp() {
	c.l.t.Helper()
	taker := c.state().Taker
	c.l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, c.id, taker, c.l.clock()) })
}

// hangUp ends the call at the caller's side.
func (c caller) hangUp() {
	c.l.t.Helper()
	c.l.update(func(ctx context.Context, tx heed.Tx) error {
		return tx.LeaveQueue(ctx, c.id, heed.CallAbandoned, c.l.clock())
	})
}

// heard is the Receipt that the machine reads to the caller.
func (c caller) heard() seal.Receipt {
	c.l.t.Helper()
	receipt, err := seal.OpenCallReceipt(c.key, "test", c.id, c.state().Sealed)
	c.l.must(err)
	return receipt
}

// taker signs a call-taker in who has a telephone, and puts them on duty.
func (l *line) taker(name string) *browser {
	l.t.Helper()
	b := l.signIn(name, heed.Agent)
	if p := b.post("/settings/phone", "phone", "sip:"+name+"@pbx.example"); p.status != http.StatusOK || !strings.Contains(p.text(), "are saved") {
		l.t.Fatalf("giving a telephone answers %d: %s", p.status, p.text())
	}
	if p := b.post("/duty", "go", "on", "to", "/calls"); p.status != http.StatusOK || !strings.Contains(p.text(), "On duty until") {
		l.t.Fatalf("going on duty answers %d: %s", p.status, p.text())
	}
	return b
}

var (
	slipField = regexp.MustCompile(`name="slip" value="([^"]+)"`)
	seenField = regexp.MustCompile(`name="seen" value="([^"]+)"`)
)

// slip is what the form of a draft carries.
func (p page) slip(t *testing.T) string {
	t.Helper()
	m := slipField.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("%s has no slip: %s", p.path, p.text())
	}
	return m[1]
}

// seen is what the form of a draft says of the save that it shows.
func (p page) seen(t *testing.T) string {
	t.Helper()
	m := seenField.FindStringSubmatch(p.body)
	if m == nil {
		t.Fatalf("%s says nothing of what it shows: %s", p.path, p.text())
	}
	return m[1]
}

// entered is the report that was typed in last, with its text.
func (l *line) entered(receipt seal.Receipt) (*heed.Report, string) {
	l.t.Helper()
	mailbox, err := l.intake.Open(l.t.Context(), string(receipt))
	l.must(err)
	r := l.report(mailbox.Opened().Report)
	l.must(l.review.Screen(l.t.Context(), r.ID))
	b := l.signIn("reader"+string(r.ID.Short()), heed.Specialist)
	return l.report(r.ID), b.get("/reports/" + string(r.ID)).text()
}

func TestACallTakerAnswersTypesAndHandsInAndTheMachineReadsTheReceipt(t *testing.T) {
	l := newLine(t)
	b := l.taker("amira")
	c := l.ring("ar")
	panel := b.get("/calls")
	if !strings.Contains(panel.text(), "1 caller waits") || !strings.Contains(panel.text(), "Arabic") {
		t.Fatalf("the panel: %s", panel.text())
	}
	form := b.post("/calls/" + string(c.id) + "/answer")
	if form.status != http.StatusOK || !strings.HasPrefix(form.path, "/drafts/") || !strings.Contains(form.text(), "Your phone rings") {
		t.Fatalf("answering answers %d at %s: %s", form.status, form.path, form.text())
	}
	if got := c.state(); got.Phone != "sip:amira@pbx.example" || got.State != heed.CallRinging {
		t.Errorf("the call: %+v", got)
	}
	c.pickUp()
	form = b.get(form.path)
	if !strings.Contains(form.text(), "You speak with the caller") || !strings.Contains(form.body, `<option value="ar" selected>`) {
		t.Errorf("the form while talking: %s", form.text())
	}
	b.part = true
	saved := b.post(form.path, "seen", form.seen(t), "text", "There is a smell of gas", "language", "ar", "go", "save")
	b.part = false
	if saved.status != http.StatusOK || !strings.Contains(saved.body, `"saved":"Saved `) {
		t.Errorf("saving by the script answers %d: %s", saved.status, saved.body)
	}
	again := b.get(form.path)
	if !strings.Contains(again.body, "There is a smell of gas") {
		t.Error("the draft wasn't kept")
	}
	fields := []string{"slip", form.slip(t), "seen", again.seen(t), "text", "There is a smell of gas in Mill Lane", "place", "Mill Lane", "language", "ar", "urgent", "yes", "go", "hand-in"}
	done := b.post(form.path, fields...)
	if done.status != http.StatusOK || !strings.Contains(done.text(), "The machine reads the Receipt") {
		t.Fatalf("handing in answers %d: %s", done.status, done.text())
	}
	receipt := c.heard()
	if plain := string(receipt); strings.Contains(done.body, plain) || strings.Contains(done.body, receipt.Grouped()) || strings.Contains(form.body, plain) {
		t.Error("the call-taker is shown the Receipt")
	}
	if twice := b.post(form.path, fields...); twice.status != http.StatusOK || !strings.Contains(twice.text(), "The machine reads") || c.heard() != receipt {
		t.Errorf("a second press answers %d: %s", twice.status, twice.text())
	}
	r, words := l.entered(receipt)
	if r.Channel != heed.ChannelStaff || r.Language == "" || r.Urgency != heed.Immediate || r.UrgencyBy == "" || !strings.Contains(words, "smell of gas in Mill Lane") {
		t.Errorf("the report: %+v: %s", r, words)
	}
	if p := b.get(form.path); p.status != http.StatusNotFound {
		t.Errorf("the draft that was handed in answers %d", p.status)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(t.Context(), 0, r.ID, 10)
		if err == nil && (len(leaves) == 0 || leaves[0].Act != "report.received" || leaves[0].Actor != r.UrgencyBy) {
			t.Errorf("the leaf: %+v", leaves)
		}
		return err
	}))
}

func TestACallTakerSeesNoReportAndSomebodyElseNoCall(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	taker, reader := l.taker("amira"), l.signIn("bo", heed.Specialist)
	for _, path := range []string{"/queue/review", "/reports/" + string(id), "/hotline"} {
		if p := taker.get(path); p.status != http.StatusForbidden {
			t.Errorf("%s answers a call-taker %d", path, p.status)
		}
	}
	form := taker.post("/drafts", "language", "en")
	for _, path := range []string{"/calls", "/calls/live", form.path} {
		if p := reader.get(path); p.status != http.StatusForbidden {
			t.Errorf("%s answers a specialist %d", path, p.status)
		}
	}
	other := l.signIn("chen", heed.Agent)
	if p := other.get(form.path); p.status != http.StatusNotFound {
		t.Errorf("a colleague's draft answers %d", p.status)
	}
	if p := other.post(form.path, "slip", form.slip(t), "text", "Something else entirely", "go", "hand-in"); p.status != http.StatusForbidden {
		t.Errorf("handing in with a colleague's slip answers %d", p.status)
	}
}

func TestAReportOfWhoComesByIsTypedInAndItsReceiptShownOnce(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "fr")
	if form.status != http.StatusOK || !strings.Contains(form.body, `<option value="fr" selected>`) {
		t.Fatalf("beginning answers %d: %s", form.status, form.text())
	}
	if p := b.post(form.path, "slip", form.slip(t), "seen", form.seen(t), "text", " ", "place", "Quai 4", "go", "hand-in"); p.status != http.StatusUnprocessableEntity ||
		!strings.Contains(p.text(), "Write what happened") || !strings.Contains(p.body, "Quai 4") || p.slip(t) != form.slip(t) {
		t.Errorf("handing in nothing answers %d: %s", p.status, p.text())
	}
	fields := []string{"slip", form.slip(t), "seen", form.seen(t), "text", "Une forte odeur de gaz dans la cave", "language", "fr", "go", "hand-in"}
	done := b.post(form.path, fields...)
	digits := strings.Join(regexp.MustCompile(`<span>(\d{5})</span>`).FindAllString(done.body, -1), "")
	receipt := regexp.MustCompile(`\D`).ReplaceAllString(digits, "")
	if done.status != http.StatusOK || len(receipt) != 20 {
		t.Fatalf("handing in answers %d: %s", done.status, done.text())
	}
	if twice := b.post(form.path, fields...); !strings.Contains(twice.body, "<span>"+receipt[:5]+"</span>") {
		t.Error("a double click shows another Receipt, or none")
	}
	if r, words := l.entered(seal.Receipt(receipt)); r.Channel != heed.ChannelStaff || r.UrgencyBy != "" || !strings.Contains(words, "odeur de gaz") {
		t.Errorf("the report: %+v: %s", r, words)
	}
}

func TestWhoCallsStandsInNoDraft(t *testing.T) {
	l := newLine(t)
	l.staff("cy", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	fields := []string{"slip", form.slip(t), "text", "The cellar is burning", "who", "named", "name", "Zebrafinch", "phone", "0770 4471", "language", "en"}
	page := b.post(form.path, append(fields, "seen", form.seen(t), "go", "save")...)
	if !strings.Contains(page.body, "Zebrafinch") {
		t.Errorf("saving forgets what stands in the page: %s", page.text())
	}
	if p := b.get(form.path); strings.Contains(p.body, "Zebrafinch") || !strings.Contains(p.body, "The cellar is burning") {
		t.Error("the draft holds who calls, or lost the rest")
	}
	if p := b.post(form.path, "slip", form.slip(t), "seen", page.seen(t), "text", "The cellar is burning", "who", "named", "go", "hand-in"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a name that isn't given answers %d", p.status)
	}
	done := b.post(form.path, append(fields, "seen", page.seen(t), "go", "hand-in")...)
	if !strings.Contains(done.text(), "is handed in") {
		t.Fatalf("handing in answers %d: %s", done.status, done.text())
	}
	reports, err := []*heed.Report(nil), error(nil)
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		reports, err = tx.Reports(t.Context(), heed.ReportQuery{State: heed.Received})
		return err
	}))
	if len(reports) != 1 || !reports[0].Named {
		t.Errorf("the reports: %+v", reports)
	}
	if strings.Contains(l.log.String(), "Zebrafinch") {
		t.Error("the log holds who calls")
	}
}

func TestACallGoesToAColleagueWithWhatWasTypedAndBackToTheQueue(t *testing.T) {
	l := newLine(t)
	amira, bo := l.taker("amira"), l.taker("bo")
	c := l.ring("en")
	form := amira.post("/calls/" + string(c.id) + "/answer")
	if p := bo.post("/calls/" + string(c.id) + "/answer"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "faster") {
		t.Errorf("answering what another has answers %d: %s", p.status, p.text())
	}
	c.pickUp()
	talking := amira.get(form.path)
	colleague := regexp.MustCompile(`<option value="(\w+)">bo</option>`).FindStringSubmatch(talking.body)
	if colleague == nil {
		t.Fatalf("nobody to hand to: %s", talking.text())
	}
	typed := []string{"text", "The lift is stuck", "language", "en"}
	first := amira.post(form.path, append(typed, "seen", talking.seen(t), "go", "hand")...)
	if first.status != http.StatusUnprocessableEntity || !strings.Contains(first.text(), "Choose a colleague") {
		t.Errorf("handing to nobody answers %d", first.status)
	}
	typed = append(typed, "seen", first.seen(t))
	if p := amira.post(form.path, append(typed, "go", "drop")...); p.status != http.StatusUnprocessableEntity {
		t.Errorf("dropping while talking answers %d", p.status)
	}
	if p := amira.post(form.path, append(typed, "go", "hand", "to", colleague[1])...); p.path != "/calls" {
		t.Fatalf("handing over answers %d: %s", p.status, p.text())
	}
	if got := c.state(); got.Phone != "sip:bo@pbx.example" || got.State != heed.CallRinging {
		t.Errorf("the call: %+v", got)
	}
	c.pickUp()
	theirs := bo.post("/calls/" + string(c.id) + "/answer")
	if theirs.path != form.path || !strings.Contains(theirs.body, "The lift is stuck") {
		t.Errorf("the colleague's form at %s: %s", theirs.path, theirs.text())
	}
	if p := amira.post(form.path, append(typed, "slip", form.slip(t), "go", "hand-in")...); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "A colleague has this call") {
		t.Errorf("handing in a call that was given away answers %d: %s", p.status, p.text())
	}
	typed = append(typed[:4:4], "seen", theirs.seen(t))
	bo.post(form.path, append(typed, "go", "back")...)
	if got := c.state(); got.State != heed.CallWaiting || !got.Returned {
		t.Errorf("back in the queue: %+v", got)
	}
	c.hangUp()
	gone := bo.get(form.path)
	if !strings.Contains(gone.text(), "has hung up") {
		t.Errorf("the form of a caller who is gone: %s", gone.text())
	}
	done := bo.post(form.path, append(typed[:4:4], "seen", gone.seen(t), "slip", theirs.slip(t), "go", "hand-in")...)
	if !strings.Contains(done.text(), "nobody has its Receipt") || regexp.MustCompile(`\d{5} \d{5}`).MatchString(done.text()) {
		t.Errorf("handing in for nobody: %s", done.text())
	}
}

func TestACallThatIsEndedWithoutAReportLeavesItsDraft(t *testing.T) {
	l := newLine(t)
	b := l.taker("amira")
	c := l.ring("en")
	form := b.post("/calls/" + string(c.id) + "/answer")
	rings := b.post(form.path, "seen", form.seen(t), "text", "Nothing yet", "go", "end")
	if rings.status != http.StatusUnprocessableEntity {
		t.Errorf("ending a call that only rings answers %d", rings.status)
	}
	c.pickUp()
	ended := b.post(form.path, "seen", rings.seen(t), "text", "A wrong number", "go", "end")
	if ended.path != form.path || !strings.Contains(ended.body, "A wrong number") {
		t.Errorf("ending answers %d at %s: %s", ended.status, ended.path, ended.text())
	}
	if got := c.state(); got.State != heed.CallReading || got.Sealed != nil {
		t.Errorf("the call: %+v", got)
	}
	c.hangUp()
	if p := b.get("/calls"); !strings.Contains(p.text(), "Not handed in yet") || !strings.Contains(p.text(), "A wrong number") {
		t.Errorf("the draft isn't listed: %s", p.text())
	}
	b.post(form.path, "seen", ended.seen(t), "go", "drop")
	if p := b.get("/calls"); strings.Contains(p.text(), "A wrong number") {
		t.Error("a draft that was dropped is listed")
	}
	second := b.post("/drafts", "language", "en")
	l.wait(heed.DraftLife)
	b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	if p := b.get(second.path); p.status != http.StatusNotFound {
		t.Errorf("a draft of yesterday answers %d", p.status)
	}
	l.must(calltaker.Forget(t.Context(), l.store, l.clock))
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		id := heed.ID(strings.TrimPrefix(second.path, "/drafts/"))
		if _, err := tx.Draft(t.Context(), id); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("it is still stored: %v", err)
		}
		return nil
	}))
}

func TestDutyEndsWithTheSessionAndTheDeskSaysWhyThePhoneEndedIt(t *testing.T) {
	l := newLine(t)
	without := l.signIn("chen", heed.Agent)
	if p := without.post("/duty", "go", "on"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "on which telephone") {
		t.Errorf("duty without a telephone answers %d: %s", p.status, p.text())
	}
	if p := without.post("/settings/phone", "phone", "my desk"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `value="my desk"`) ||
		!strings.Contains(p.text(), "Write the address like this") {
		t.Errorf("a wrong address answers %d: %s", p.status, p.text())
	}
	b := l.taker("amira")
	onDuty := func() (n int) {
		l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
			n, err = tx.CountOnDuty(t.Context(), "en", l.clock())
			return err
		}))
		return n
	}
	l.wait(auth.IdleLife - time.Minute)
	b.get("/calls/live")
	b.get("/calls")
	l.wait(auth.IdleLife - time.Minute)
	if onDuty() != 1 {
		t.Error("a duty ends though its owner does something")
	}
	l.wait(2 * time.Minute)
	if onDuty() != 0 {
		t.Error("a duty outlives its session")
	}
	b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	b.post("/duty", "go", "on", "to", "https://elsewhere.example")
	l.update(func(ctx context.Context, tx heed.Tx) error {
		duties, err := tx.Duties(ctx)
		if err != nil {
			return err
		}
		return tx.EndDutyFor(ctx, duties[0].Staff, heed.DutyUnanswered)
	})
	if p := b.get("/calls"); !strings.Contains(p.text(), "your phone rang and nobody answered") {
		t.Errorf("the desk doesn't say why: %s", p.text())
	}
	b.post("/duty", "go", "on", "to", "/calls")
	if onDuty() != 1 {
		t.Fatal("not on duty again")
	}
	b.post("/sign-out")
	if onDuty() != 0 {
		t.Error("who signed out is on duty")
	}
}

func TestAnAdminGivesACallTakerATelephoneAndTheOwnerIsTold(t *testing.T) {
	l := newLine(t)
	owner, admin := l.signIn("amira", heed.Agent), l.signIn("root", heed.Admin)
	id := regexp.MustCompile(`/staff/(\w+)/phone`).FindStringSubmatch(admin.get("/staff").body)
	if id == nil {
		t.Fatal("the admin's page offers no telephone")
	}
	if p := admin.post("/staff/"+id[1]+"/phone", "phone", "201"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `value="201"`) {
		t.Errorf("a wrong address answers %d", p.status)
	}
	if p := admin.post("/staff/"+id[1]+"/phone", "phone", "sip:201@pbx.example"); p.status != http.StatusOK {
		t.Errorf("a telephone answers %d", p.status)
	}
	if p := owner.get("/notices"); !strings.Contains(p.text(), "root changed the telephone on which amira speaks") {
		t.Errorf("the owner isn't told: %s", p.text())
	}
}

func TestALeadSeesHowCallersAreServedAndNothingOfOneCall(t *testing.T) {
	l := newLine(t)
	amira, lead := l.taker("amira"), l.signIn("bo", heed.RoleLead)
	first, second := l.ring("en"), l.ring("ar")
	second.hangUp()
	amira.post("/calls/" + string(first.id) + "/answer")
	first.pickUp()
	first.hangUp()
	l.ring("zh-Hans")
	p := lead.get("/hotline")
	if p.status != http.StatusOK {
		t.Fatalf("the hotline answers %d: %s", p.status, p.text())
	}
	for _, want := range []string{"Wait now 1", "amira", "English 1 1 1 100%", "Arabic 1 0 0 0% 1", "Together 2 1 1 50% 1"} {
		if !strings.Contains(p.text(), want) {
			t.Errorf("the page lacks %q: %s", want, p.text())
		}
	}
	for _, secret := range []string{string(first.id), string(second.id), "sip:"} {
		if strings.Contains(p.body, secret) {
			t.Errorf("the page holds %s", secret)
		}
	}
}

// A wish to be called back is taken up without its number.
func TestACallBackIsTakenUpOnceAndTheNumberShownNowhere(t *testing.T) {
	l := newLine(t)
	b, other := l.taker("amira"), l.taker("bo")
	id := heed.NewID(l.clock())
	l.update(func(ctx context.Context, tx heed.Tx) error {
		return tx.AddCallBack(ctx, &heed.CallBack{ID: id, Day: "2026-11-27", Language: "es", Since: l.clock(), Expires: l.clock().Add(heed.CallBackLife), Sealed: []byte("the number")})
	})
	panel := b.get("/calls")
	if !strings.Contains(panel.text(), "Spanish") || strings.Contains(panel.body, "the number") {
		t.Errorf("the panel: %s", panel.text())
	}
	if p := b.post("/calls/" + string(id) + "/back"); p.status != http.StatusOK {
		t.Errorf("calling back answers %d: %s", p.status, p.text())
	}
	if p := other.post("/calls/" + string(id) + "/back"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("calling back what another took up answers %d", p.status)
	}
}
