package desk_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// onBothStores does with a line on SQLite and with one on PostgreSQL.
func onBothStores(t *testing.T, do func(l *line)) {
	t.Run("SQLite", func(t *testing.T) { do(newLine(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		do(newLineOn(t, store))
	})
}

// recorded is an anonymous report by telephone of which the Custodians alone have the recording as it was, its file, and its Receipt.
func (l *line) recorded(sound string) (report, file heed.ID, receipt string) {
	l.t.Helper()
	recording, err := l.intake.Stage(l.t.Context(), "call.au", strings.NewReader(sound))
	l.must(err)
	a, err := l.intake.Submit(l.t.Context(), intake.Submission{Channel: heed.ChannelPhone, Language: "en", Files: []intake.StagedFile{recording}})
	l.must(err)
	l.must(l.review.Screen(l.t.Context(), a.Report))
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(l.t.Context(), a.Report)
		file = all[0].ID
		return err
	}))
	// Its copy is made, but for the copy: what is left of the original is the key that the Custodians open.
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return tx.DropTransitKey(l.t.Context(), file) }))
	return a.Report, file, string(a.Receipt)
}

// asksFor asks for a file as it was sent.
func (b *browser) asksFor(report, file heed.ID) page {
	b.l.t.Helper()
	return b.post("/reports/"+string(report)+"/disclosures", "file", string(file), "class", "danger", "reason", "A neighbour may know the voice")
}

func TestAnOriginalVoiceIsGivenOnceAfterACustodianApprovedAndNotAfterItsDay(t *testing.T) {
	onBothStores(t, func(l *line) {
		t := l.t
		sound := call(2)
		dana := l.signIn("dana", heed.Custodian)
		l.must(l.days.EnsureDays(t.Context(), l.clock()))
		report, file, receipt := l.recorded(sound)
		amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
		link := regexp.MustCompile(`href="(/reports/\w+/disclosures\?file=` + string(file) + `)"`).FindStringSubmatch(amira.get("/reports/" + string(report)).body)
		if link == nil {
			t.Fatal("the report's page offers no original")
		}
		if p := amira.get(link[1]); p.status != http.StatusOK || !strings.Contains(p.body, `name="file" value="`+string(file)+`"`) || !strings.Contains(p.text(), "with their own voice") {
			t.Errorf("the form answers %d: %s", p.status, p.text())
		}
		if p := amira.post("/reports/"+string(report)+"/disclosures", "class", "danger", "reason", "Who is it"); p.status != http.StatusGone {
			t.Errorf("asking who an anonymous reporter is answers %d", p.status)
		}
		asked := amira.asksFor(report, file)
		if asked.status != http.StatusOK || !strings.HasPrefix(asked.path, "/disclosures/") {
			t.Fatalf("asking answers %d: %s", asked.status, asked.text())
		}
		if p := amira.asksFor(report, file); p.status != http.StatusUnprocessableEntity {
			t.Errorf("asking twice answers %d", p.status)
		}
		if p := dana.get("/disclosures"); !strings.Contains(p.text(), "a file as the reporter sent it") || !strings.Contains(p.text(), "may know the voice") {
			t.Errorf("the custodian reads %s", p.text())
		}
		if p := amira.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("taking it before the answer answers %d", p.status)
		}
		if p := dana.approves(asked.path); p.status != http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Fatalf("approving answers %d: %s", p.status, p.text())
		}
		if p := bo.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("a colleague takes it: %d", p.status)
		}
		if got := l.status(receipt); len(got.Disclosed) != 0 {
			t.Errorf("the reporter is told of what nobody has heard: %+v", got.Disclosed)
		}
		got := amira.post(asked.path + "/see")
		if got.status != http.StatusOK || got.body != sound || !strings.Contains(got.header.Get("Content-Disposition"), "call.au") {
			t.Fatalf("taking it answers %d, %d bytes, %s", got.status, len(got.body), got.header.Get("Content-Disposition"))
		}
		if p := amira.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("taking it twice answers %d", p.status)
		}
		if d := l.disclosure(asked.path); d.State != heed.DisclosureSeen || d.Sealed != nil || d.File != file {
			t.Errorf("it is %s of %s and still sealed: %v", d.State, d.File, d.Sealed != nil)
		}
		if got := strings.Join(l.acts(report), " "); got != "disclosure.asked disclosure.approved disclosure.seen" {
			t.Errorf("the leaves say %s", got)
		}
		if got := l.status(receipt); len(got.Disclosed) != 1 || !got.Disclosed[0].File || got.Disclosed[0].Reason != heed.ReasonDanger {
			t.Errorf("the reporter is told %+v", got.Disclosed)
		}
		l.dies(report, file, amira, dana)
	})
}

// dies asks for a file once more, has that approved, and lets the day end.
func (l *line) dies(report, file heed.ID, amira, dana *browser) {
	l.t.Helper()
	over := l.clock().UTC().Truncate(24*time.Hour).AddDate(0, 0, 7) // the start of the seventh day after
	l.wait(over.Sub(l.clock()) - 30*time.Minute)
	for _, name := range []string{"amira", "dana"} {
		b := map[string]*browser{"amira": amira, "dana": dana}[name]
		b.post("/sign-in", "name", name, "passphrase", passphrase)
	}
	asked := amira.asksFor(report, file)
	if p := dana.approves(asked.path); p.status != http.StatusOK || l.disclosure(asked.path).State != heed.DisclosureApproved {
		l.t.Fatalf("in its last half hour: asking answers %d, approving %d: %s", asked.status, p.status, p.text())
	}
	l.wait(31 * time.Minute)
	amira.post("/sign-in", "name", "amira", "passphrase", passphrase)
	if p := amira.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
		l.t.Errorf("after its day, before it is destroyed, taking it answers %d", p.status)
	}
	_, err := l.days.EraseDue(l.t.Context(), l.clock())
	l.must(err)
	if p := amira.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") || l.disclosure(asked.path).Sealed != nil {
		l.t.Errorf("after its day was destroyed taking it answers %d", p.status)
	}
	if p := amira.asksFor(report, file); p.status != http.StatusGone {
		l.t.Errorf("asking after its day answers %d", p.status)
	}
	if p := amira.get("/reports/" + string(report)); strings.Contains(p.body, "disclosures?file=") {
		l.t.Error("the page offers what is destroyed")
	}
}

func TestWhichFileIsAskedForIsNotExchangedInTheStore(t *testing.T) {
	l, exchange := newLineToWriteTo(t)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	report, file, _ := l.recorded(call(1))
	_, other, _ := l.recorded(call(3))
	named, _ := l.named()
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asksFor(report, file).path
	was := l.disclosure(asked)
	for _, to := range []string{string(other), ""} {
		exchange(was.ID, "file", to)
		if p := dana.approves(asked); p.status == http.StatusOK || l.disclosure(asked).State != heed.DisclosureAsked {
			t.Errorf("of the file %q approving answers %d", to, p.status)
		}
	}
	exchange(was.ID, "file", string(file))
	if p := amira.asksFor(named, file); p.status != http.StatusNotFound {
		t.Errorf("asking for another report's file answers %d", p.status)
	}
	if p := dana.approves(asked); p.status != http.StatusOK {
		t.Fatalf("what was asked: %d: %s", p.status, p.text())
	}
	exchange(was.ID, "file", string(other))
	if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
		t.Errorf("of another file taking it answers %d", p.status)
	}
}

func TestAnAnonymousCallerTakesTheirOwnVoiceBackAndNobodyGetsItAnyMore(t *testing.T) {
	onBothStores(t, func(l *line) {
		t := l.t
		dana := l.signIn("dana", heed.Custodian)
		l.must(l.days.EnsureDays(t.Context(), l.clock()))
		report, file, receipt := l.recorded(call(2))
		amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
		approved, asked := amira.asksFor(report, file).path, bo.asksFor(report, file).path
		if p := dana.approves(approved); p.status != http.StatusOK {
			t.Fatalf("approving answers %d: %s", p.status, p.text())
		}
		if !l.status(receipt).CanTakeBack {
			t.Fatal("an anonymous caller can't take their voice back")
		}
		m, err := l.intake.Open(t.Context(), receipt)
		l.must(err)
		l.must(m.TakeBack(t.Context()))
		if s := l.status(receipt); s.CanTakeBack || len(s.Disclosed) != 0 || !errors.Is(m.TakeBack(t.Context()), heed.ErrGone) {
			t.Errorf("the reporter reads %+v", s)
		}
		if p := amira.post(approved + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
			t.Errorf("taking what was approved answers %d", p.status)
		}
		if p := dana.approves(asked); p.status == http.StatusOK {
			t.Error("what was asked can still be approved")
		}
		for _, path := range []string{approved, asked} {
			if d := l.disclosure(path); d.State != heed.DisclosureTakenBack || d.Sealed != nil {
				t.Errorf("it is %s, sealed %v", d.State, d.Sealed != nil)
			}
		}
		if p := amira.asksFor(report, file); p.status != http.StatusGone {
			t.Errorf("asking again answers %d", p.status)
		}
		p := amira.get("/reports/" + string(report))
		if strings.Contains(p.body, "disclosures?file=") || !strings.Contains(p.text(), "The reporter took back what shows who they are") {
			t.Errorf("the page: %s", p.text())
		}
		l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
			held, err := tx.HeldOriginals(t.Context(), report)
			if len(held) != 0 {
				t.Errorf("held: %v", held)
			}
			return err
		}))
	})
}

// Whoever can write to the store, and to nothing else, has the Custodian approve one file and open another.
func TestWhatAnApprovedFileIsIsNotExchangedInTheStoreBeforeOrAfterTheApproval(t *testing.T) {
	onStoresToWriteTo(t, func(l *line, change func(statement string, args ...any)) {
		t := l.t
		dana := l.signIn("dana", heed.Custodian)
		l.must(l.days.EnsureDays(t.Context(), l.clock()))
		report, file, _ := l.recorded(call(1))
		_, other, _ := l.recorded(call(3))
		amira := l.signIn("amira", heed.Specialist)
		was, theirs := l.attachment(file), l.attachment(other)
		exchanges := map[string][3]any{ // a column, what is put there, and what was
			"the bytes": {"blob_key", theirs.Blob, was.Blob}, "the key": {"day_key", theirs.DayKey, was.DayKey}, "the day": {"day", l.clock().UTC().AddDate(0, 0, 1).Format(time.DateOnly), was.Day},
			"the type": {"type", "text/html", was.Type}, "the kind": {"type", "image/png", was.Type}, "the size": {"size", was.Size + 65_564, was.Size},
			"the name": {"sealed_name", theirs.SealedName, was.SealedName}, "the report": {"report", string(theirs.Report), string(was.Report)},
		}
		set := func(column string, to any) {
			change("UPDATE attachments SET "+column+" = $1 WHERE id = $2", to, string(file))
		}
		whole := func(a *heed.Attachment) { // all at once, so that it opens
			change("UPDATE attachments SET blob_key = $1, day_key = $2, day = $3, size = $4 WHERE id = $5", a.Blob, a.DayKey, a.Day, a.Size, string(file))
		}
		asked := amira.asksFor(report, file).path
		refused := func(what string) {
			t.Helper()
			if p := dana.get("/disclosures"); !strings.Contains(p.text(), "somebody changed it") || strings.Contains(p.body, `value="approve"`) {
				t.Errorf("with %s exchanged the custodian reads %d: %s", what, p.status, p.text())
			}
			if p := dana.approves(asked); p.status < http.StatusBadRequest || l.disclosure(asked).State != heed.DisclosureAsked {
				t.Errorf("with %s exchanged approving answers %d", what, p.status)
			}
		}
		for what, x := range exchanges {
			set(x[0].(string), x[1])
			refused(what)
			set(x[0].(string), x[2])
		}
		whole(theirs)
		refused("all of it")
		whole(was)
		if p := dana.approves(asked); p.status != http.StatusOK {
			t.Fatalf("as it was asked approving answers %d: %s", p.status, p.text())
		}
		notTaken := func(what string) {
			t.Helper()
			if p := amira.post(asked + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") || l.disclosure(asked).State != heed.DisclosureApproved {
				t.Errorf("with %s exchanged after the approval taking it answers %d", what, p.status)
			}
		}
		for what, x := range exchanges {
			set(x[0].(string), x[1])
			notTaken(what)
			set(x[0].(string), x[2])
		}
		whole(theirs)
		notTaken("all of it")
		whole(was)
		if p := amira.post(asked + "/see"); p.status != http.StatusOK || p.body != call(1) {
			t.Errorf("as it was asked taking it answers %d, %d bytes", p.status, len(p.body))
		}
	})
}

func (l *line) attachment(id heed.ID) (a *heed.Attachment) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		a, err = tx.Attachment(l.t.Context(), id)
		return err
	}))
	return a
}

// onStoresToWriteTo is onBothStores with what somebody can do who writes to the store alone.
func onStoresToWriteTo(t *testing.T, do func(l *line, change func(statement string, args ...any))) {
	open := func(t *testing.T, store heed.Store, driver, address string) {
		db, err := sql.Open(driver, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		do(newLineOn(t, store), func(statement string, args ...any) {
			t.Helper()
			if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("SQLite", func(t *testing.T) {
		path := sqlitetest.File(t, t.TempDir())
		store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		open(t, store, "sqlite", path+"?_txlock=immediate&_pragma=busy_timeout(20000)")
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := pgtest.URL(t)
		store, err := postgres.Open(t.Context(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		open(t, store, "pgx", url)
	})
}

func TestAnOriginalIsDisclosedOnceItWasHeldAgainstTheLinesList(t *testing.T) {
	l := newLine(t)
	listed := l.custodyConfig
	listed.Listed = true
	*l.custody = *identity.NewCustody(listed)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	report, file, _ := l.recorded(call(2))
	amira := l.signIn("amira", heed.Specialist)
	if p := amira.asksFor(report, file); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "held against the line’s list") {
		t.Errorf("before it was held, asking answers %d: %s", p.status, p.text())
	}
	put := func(c heed.SafeCopy) {
		c.Attachment, c.Report = file, report
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.PutSafeCopy(t.Context(), &c) }))
	}
	put(heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyUnreadable})
	asked := amira.asksFor(report, file)
	if asked.status != http.StatusOK {
		t.Errorf("once it was, asking answers %d: %s", asked.status, asked.text())
	}
	put(heed.SafeCopy{State: heed.CopyWaiting, Code: heed.CopyNoTool}) // as a request from before there was a list
	if p := dana.get("/disclosures"); p.status != http.StatusOK || !strings.Contains(p.body, asked.path) {
		t.Errorf("the list of requests answers %d", p.status)
	}
	if p := dana.approves(asked.path); p.status == http.StatusOK {
		t.Errorf("approving what wasn't held answers %d", p.status)
	}
	put(heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyUnreadable})
	if p := dana.approves(asked.path); p.status != http.StatusOK {
		t.Errorf("approving what was answers %d: %s", p.status, p.text())
	}
}

// known has clamd call a file that is malicious something.
func (l *line) known(file heed.ID, signature string) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		c, err := tx.SafeCopy(l.t.Context(), file)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKey(l.t.Context(), c.Report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(l.content, "test", c.Report, wrapped)
		if err != nil {
			return err
		}
		details, err := json.Marshal(heed.CopyDetails{Malware: signature})
		c.Details = keys.Data.Seal(seal.CopyDetailsPlace("test", c.Report, file), details)
		return errors.Join(err, tx.PutSafeCopy(l.t.Context(), c))
	}))
}

func TestWhatAPictureWithMalwareShowsWasHeldAgainstNoListSoNobodyGetsIt(t *testing.T) {
	l := newLine(t)
	has := func(abuse bool) {
		c := l.custodyConfig
		c.Listed, c.ShownList = true, abuse
		*l.custody = *identity.NewCustody(c)
	}
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	called, recording, _ := l.recorded(call(2))
	report, picture, _ := l.recorded("\x89PNG\r\n\x1a\n" + strings.Repeat("not much of a picture", 9))
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		return errors.Join(
			tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: recording, Report: called, State: heed.CopyFailed, Code: heed.CopyMalware}),
			tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: picture, Report: report, State: heed.CopyFailed, Code: heed.CopyMalware}))
	}))
	l.known(recording, "Win.Trojan.Agent-1")
	amira := l.signIn("amira", heed.Specialist)
	has(true)
	own := amira.asksFor(called, recording)
	if own.status != http.StatusOK {
		t.Errorf("asking for a recording, which shows nothing, answers %d: %s", own.status, own.text())
	}
	for who, p := range map[string]page{"who asks": own, "the custodian": dana.get("/disclosures")} {
		if text := p.text(); !strings.Contains(text, "It may harm the computer that it is opened on. It is known as: Win.Trojan.Agent-1") {
			t.Errorf("%s reads %s", who, text)
		}
	}
	if p := amira.asksFor(report, picture); p.status != http.StatusGone {
		t.Errorf("asking for a picture answers %d: %s", p.status, p.text())
	}
	has(false)
	asked := amira.asksFor(report, picture)
	if asked.status != http.StatusOK {
		t.Fatalf("without a list, asking for a picture answers %d: %s", asked.status, asked.text())
	}
	has(true)
	if p := dana.approves(asked.path); p.status == http.StatusOK {
		t.Errorf("approving what was asked before there was a list answers %d", p.status)
	}
	for _, code := range []string{heed.CopyUnreadable, heed.CopyTooLong} { // no program saw what they show either
		damaged, broken, _ := l.recorded("\x89PNG\r\n\x1a\n" + strings.Repeat("not much of a picture", 9) + code)
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
			return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: broken, Report: damaged, State: heed.CopyFailed, Code: code})
		}))
		l.profile.KnownFiles.Abuse = ""
		if p := amira.get("/reports/" + string(damaged)); !strings.Contains(p.body, "disclosures?file=") {
			t.Errorf("without a list, nobody can ask for a picture that is %s", code)
		}
		l.profile.KnownFiles.Abuse = "list"
		if p := amira.get("/reports/" + string(damaged)); strings.Contains(p.body, "disclosures?file=") {
			t.Errorf("its page offers a picture that is %s", code)
		}
		if p := amira.asksFor(damaged, broken); p.status != http.StatusGone {
			t.Errorf("asking for a picture that is %s answers %d", code, p.status)
		}
	}
}

func TestAWithheldFileIsGivenToNobodyAndItsPageSaysWhatToDo(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	report, file, _ := l.recorded(call(2))
	amira := l.signIn("amira", heed.Specialist)
	asked := amira.asksFor(report, file) // before anybody knew
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: file, Report: report, State: heed.CopyFailed, Code: heed.CopyWithheld})
	}))
	l.profile.KnownFiles.Route = map[string]string{"en": "Call the duty prosecutor now."}
	p := amira.get("/reports/" + string(report))
	if !strings.Contains(p.text(), "nobody may see") || !strings.Contains(p.text(), "Call the duty prosecutor now.") || strings.Contains(p.body, "disclosures?file=") || strings.Contains(p.body, "/copy") {
		t.Errorf("the page says %s", p.text())
	}
	if p := amira.asksFor(report, file); p.status != http.StatusGone {
		t.Errorf("asking for it answers %d", p.status)
	}
	if p := dana.approves(asked.path); p.status == http.StatusOK {
		t.Errorf("approving what was asked before answers %d", p.status)
	}
	if p := amira.post(asked.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, ".snd") {
		t.Errorf("taking it answers %d", p.status)
	}
}
