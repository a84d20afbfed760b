package desk_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// stored is what the draft of a form holds, opened in a window of its own.
func (b *browser) stored(path string) string { return b.get(path).body }

func TestOfTwoWindowsTheOlderTextTakesNoPlaceAndBothAreShown(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	first := b.post("/drafts", "language", "en")
	second := b.get(first.path)
	newer := b.post(second.path, "slip", second.slip(t), "seen", second.seen(t), "text", "Two men and a van", "place", "Quay 4", "language", "en", "go", "save")
	if newer.status != http.StatusOK {
		t.Fatalf("the second window's save answers %d: %s", newer.status, newer.text())
	}
	older := []string{"slip", first.slip(t), "text", "A van", "language", "en", "who", "named", "name", "Zebrafinch"}
	for _, button := range []string{"save", "hand-in", "drop"} {
		p := b.post(first.path, append(older, "seen", first.seen(t), "go", button)...)
		if p.status != http.StatusConflict || !strings.Contains(p.text(), "Both are shown here") || !strings.Contains(p.body, "Two men and a van") ||
			!strings.Contains(p.body, "Quay 4") || !strings.Contains(p.body, "A van</textarea>") {
			t.Errorf("%s in the first window answers %d: %s", button, p.status, p.text())
		}
		if !strings.Contains(b.stored(first.path), "Two men and a van</textarea>") {
			t.Fatalf("%s in the first window took the place of what was newer", button)
		}
	}
	both := b.post(first.path, append(older, "seen", first.seen(t), "go", "save")...)
	done := b.post(first.path, append(older, "seen", both.seen(t), "go", "save")...)
	if done.status != http.StatusOK || !strings.Contains(b.stored(first.path), "A van</textarea>") {
		t.Errorf("who has seen both can't decide: %d: %s", done.status, done.text())
	}
	if p := b.post(second.path, "slip", second.slip(t), "seen", newer.seen(t), "text", "Two men, a van, a dog", "language", "en", "go", "save"); p.status != http.StatusConflict {
		t.Errorf("the second window overwrites what the first decided: %d", p.status)
	}
}

func TestTheScriptsSaveSaysWhatTheNextOneFollowsAndIsRefusedWhereAnotherCameBetween(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	b.part = true
	save := func(seen, text string) (status int, answer struct{ Saved, Seen, Code, Detail string }) {
		t.Helper()
		p := b.post(form.path, "slip", form.slip(t), "seen", seen, "text", text, "language", "en", "go", "save")
		l.must(json.Unmarshal([]byte(p.body), &answer))
		return p.status, answer
	}
	status, one := save(form.seen(t), "one")
	if status != http.StatusOK || one.Seen == form.seen(t) || one.Saved == "" {
		t.Fatalf("the first save answers %d: %+v", status, one)
	}
	if status, again := save(form.seen(t), "one"); status != http.StatusOK || again.Seen != one.Seen {
		t.Errorf("a save whose answer got lost answers %d to the next try: %+v", status, again)
	}
	if status, other := save(form.seen(t), "other"); status != http.StatusConflict || other.Code != "draft-older" || other.Detail == "" {
		t.Errorf("an older window's save answers %d: %+v", status, other)
	}
	if status, none := save("", "other"); status != http.StatusConflict {
		t.Errorf("a save that has seen nothing answers %d: %+v", status, none)
	}
	if status, two := save(one.Seen, "two"); status != http.StatusOK || two.Seen == one.Seen {
		t.Errorf("the next save answers %d: %+v", status, two)
	}
	b.part = false
	if !strings.Contains(b.stored(form.path), "two</textarea>") {
		t.Error("the draft holds something else")
	}
}

func TestWhatIsTypedIntoAFormWhoseDraftIsGoneStaysInOneOfItsOwn(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	typed := []string{"slip", form.slip(t), "text", "Smoke in the stairwell of the old mill", "language", "en", "who", "named", "name", "Zebrafinch"}
	other := b.get(form.path)
	if p := b.post(form.path, "slip", other.slip(t), "seen", other.seen(t), "text", "Smoke in the stairwell", "language", "en", "go", "hand-in"); p.status != http.StatusOK {
		t.Fatalf("the other window's hand-in answers %d: %s", p.status, p.text())
	}
	for _, button := range []string{"save", "hand-in"} {
		p := b.post(form.path, append(typed, "seen", form.seen(t), "go", button)...)
		action := regexp.MustCompile(`action="(/drafts/\w+)"`).FindStringSubmatch(p.body)
		if p.status != http.StatusUnprocessableEntity || action == nil || action[1] == form.path || !strings.Contains(p.text(), "form of its own") {
			t.Fatalf("%s answers %d: %s", button, p.status, p.text())
		}
		if !strings.Contains(b.stored(action[1]), "of the old mill</textarea>") {
			t.Errorf("%s: what was typed is in no draft", button)
		}
		done := b.post(action[1], append(typed[2:], "slip", p.slip(t), "seen", p.seen(t), "go", "hand-in")...)
		if done.status != http.StatusOK || !strings.Contains(done.text(), "is handed in") {
			t.Errorf("%s, then handing in answers %d: %s", button, done.status, done.text())
		}
	}
}

var keptField = regexp.MustCompile(`name="kept" value="([^"]+)"`)

func TestAFormThatComesAfterTheSessionsEndIsKeptForItsOwnerAlone(t *testing.T) {
	l := newLine(t)
	l.staff("cy", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	b := l.signIn("amira", heed.Agent)
	l.staff("bo", heed.Agent)
	form := b.post("/drafts", "language", "en")
	typed := []string{"slip", form.slip(t), "seen", form.seen(t), "text", "The cellar is burning", "language", "en", "who", "named", "name", "Zebrafinch"}
	l.wait(auth.IdleLife)
	page := b.post(form.path, append(typed, "go", "hand-in")...)
	kept := keptField.FindStringSubmatch(page.body)
	if page.status != http.StatusForbidden || kept == nil || strings.Contains(page.body, "burning") || strings.Contains(page.body, "Zebrafinch") {
		t.Fatalf("the form after the session's end answers %d: %s", page.status, page.text())
	}
	goOn := func() (int, string) {
		t.Helper()
		p := b.post(form.path, "kept", kept[1])
		again := keptField.FindStringSubmatch(p.body)
		if again != nil && again[1] != kept[1] {
			t.Error("going on too early lengthens the life of what is kept")
		}
		if p.status == http.StatusForbidden && again == nil {
			t.Errorf("what was kept is lost: %s", p.text())
		}
		return p.status, p.body
	}
	if status, body := goOn(); status != http.StatusForbidden || strings.Contains(body, "burning") {
		t.Errorf("going on without signing in answers %d", status)
	}
	b.post("/sign-in", "name", "bo", "passphrase", passphrase)
	if status, body := goOn(); status != http.StatusForbidden || strings.Contains(body, "burning") || !strings.Contains(body, "somebody else’s") {
		t.Errorf("somebody else who signed in gets %d: %s", status, body)
	}
	if p := b.post(form.path, append(typed, "go", "hand-in")...); p.status != http.StatusForbidden || keptField.FindString(p.body) == "" || strings.Contains(p.body, "burning") {
		t.Errorf("somebody else who signed in hands the form in: %d: %s", p.status, p.text())
	}
	b.post("/sign-out")
	b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	status, body := goOn()
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "The cellar is burning") || !strings.Contains(body, `value="Zebrafinch"`) ||
		!strings.Contains(body, "Nothing of this was saved or handed in") {
		t.Fatalf("its owner gets %d: %s", status, body)
	}
	if strings.Contains(b.stored(form.path), "burning") {
		t.Error("it was saved by itself")
	}
	shown := page
	shown.body = body
	done := b.post(form.path, append(typed[4:], "slip", shown.slip(t), "seen", shown.seen(t), "go", "hand-in")...)
	if done.status != http.StatusOK || !strings.Contains(done.text(), "is handed in") {
		t.Errorf("handing it in answers %d: %s", done.status, done.text())
	}
	l.wait(5 * time.Hour)
	b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	if status, body := goOn(); status != http.StatusUnprocessableEntity || strings.Contains(body, "burning") {
		t.Errorf("past its life it answers %d", status)
	}
	if strings.Contains(l.log.String(), "Zebrafinch") || strings.Contains(l.log.String(), "burning") {
		t.Error("the log holds what was typed")
	}
}

func TestAFormOfSomebodyWhoseRoleWasTakenIsKeptUntilTheyHaveItAgain(t *testing.T) {
	l := newLine(t)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	typed := []string{"slip", form.slip(t), "seen", form.seen(t), "text", "The cellar is burning", "language", "en", "go", "save"}
	become := func(role heed.Role) {
		t.Helper()
		account, err := l.auth.Named(t.Context(), "amira")
		l.must(err)
		l.must(l.auth.SetRoles(t.Context(), nil, account.ID, []heed.Role{role}, ""))
		b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	}
	become(heed.Overseer)
	page := b.post(form.path, typed...)
	kept := keptField.FindStringSubmatch(page.body)
	if page.status != http.StatusForbidden || kept == nil || strings.Contains(page.body, "burning") {
		t.Fatalf("without the role it answers %d: %s", page.status, page.text())
	}
	if p := b.post(form.path, "kept", kept[1]); p.status != http.StatusForbidden || keptField.FindString(p.body) == "" || strings.Contains(p.body, "burning") {
		t.Errorf("going on without the role answers %d: %s", p.status, p.text())
	}
	if p := b.post(form.path, typed[2:]...); p.status != http.StatusForbidden || keptField.FindString(p.body) != "" {
		t.Errorf("a form without its slip answers %d: %s", p.status, p.text())
	}
	become(heed.Agent)
	if p := b.post(form.path, "kept", kept[1]); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "The cellar is burning") {
		t.Errorf("with the role again it answers %d: %s", p.status, p.text())
	}
}

func TestAFormWithoutItsSlipLeadsToSigningInAsAnyOther(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	b.post("/sign-out")
	for _, slip := range []string{"", "made-up"} {
		if p := b.post(form.path, "slip", slip, "text", "The cellar is burning", "go", "save"); p.path != "/sign-in" || strings.Contains(p.body, "kept") {
			t.Errorf("the slip %q leads to %s: %s", slip, p.path, p.text())
		}
	}
}

func TestAFormThatComesWhileTheStoreFailsIsKept(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	l.must(l.store.Close())
	p := b.post(form.path, "slip", form.slip(t), "seen", form.seen(t), "text", "The cellar is burning", "go", "save")
	if p.status != http.StatusInternalServerError || keptField.FindString(p.body) == "" || strings.Contains(p.body, "burning") {
		t.Errorf("it answers %d: %s", p.status, p.text())
	}
}
