package desk_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// counted counts what is read of it.
type counted struct {
	io.Reader
	read int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

// pours is what the desk answers to a form of the browser's, and how many bytes of it it read.
func (b *browser) pours(path string, pairs ...string) (answer *httptest.ResponseRecorder, read int) {
	b.l.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	body := &counted{Reader: strings.NewReader(form.Encode())}
	r := httptest.NewRequestWithContext(b.l.t.Context(), http.MethodPost, path, body)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	at, err := url.Parse(b.l.server.URL)
	b.l.must(err)
	for _, c := range b.client.Jar.Cookies(at) {
		r.AddCookie(c)
	}
	answer = httptest.NewRecorder()
	b.l.server.Config.Handler.ServeHTTP(answer, r)
	return answer, body.read
}

// mostUnsigned is what is read of a form that needs no session, with the byte that shows that there is more.
const mostUnsigned = 64<<10 + 1

func TestOfAFormThatNeedsNoSessionAFewKilobytesAreRead(t *testing.T) {
	l := newLine(t)
	b := l.browser()
	long := strings.Repeat("a", 100_000)
	for _, path := range []string{"/sign-in", "/sign-in/second", "/sign-in/recover", "/sign-in/passkey", "/enrol/none", "/setup/none", "/nowhere"} {
		if answer, read := b.pours(path, "name", "amira", "passphrase", long); answer.Code < 400 || read > mostUnsigned {
			t.Errorf("%s answers %d after %d bytes", path, answer.Code, read)
		}
	}
	if answer, _ := b.pours("/sign-in", "name", "amira", "passphrase", long); answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a long passphrase: %d", answer.Code)
	}
	if answer, _ := b.pours("/sign-in", "name", "amira", "passphrase", long[:60_000]); answer.Code != http.StatusForbidden {
		t.Errorf("a shorter one: %d", answer.Code)
	}
	for _, path := range []string{"/reports/none/claim", "/settings/passphrase", "/disclosures/none/apart/answer"} {
		if _, read := b.pours(path, "text", long); read > 0 {
			t.Errorf("%s: %d bytes are read before anybody is signed in", path, read)
		}
	}
}

func TestALongFormOfWhoIsNotSignedInIsReadInABrowserOfTheLineAlone(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Agent)
	form := b.post("/drafts", "language", "en")
	text := strings.Repeat("The cellar is burning. ", 10_000)
	typed := []string{"slip", form.slip(t), "seen", form.seen(t), "text", text, "language", "en", "go", "save"}
	l.wait(auth.IdleLife)
	answer, _ := b.pours(form.path, typed...)
	kept := keptField.FindStringSubmatch(answer.Body.String())
	if answer.Code != http.StatusForbidden || kept == nil {
		t.Fatalf("in its owner's browser it answers %d", answer.Code)
	}
	if answer, _ := b.pours(form.path, "kept", kept[1]); answer.Code != http.StatusForbidden || keptField.FindString(answer.Body.String()) == "" {
		t.Errorf("what was kept answers %d", answer.Code)
	}
	l.staff("bo", heed.Agent) // who sits at the same machine, after its owner
	b.post("/sign-in", "name", "bo", "passphrase", passphrase)
	l.wait(auth.IdleLife)
	if answer, _ := b.pours(form.path, typed...); answer.Code != http.StatusForbidden || keptField.FindString(answer.Body.String()) == "" {
		t.Errorf("in a browser that a colleague used last it answers %d", answer.Code)
	}
	strange := l.browser()
	for what, body := range map[string][]string{"the form": typed, "what was kept": {"kept", kept[1]}} {
		answer, read := strange.pours(form.path, body...)
		if answer.Code != http.StatusRequestEntityTooLarge || read > mostUnsigned {
			t.Errorf("%s in a strange browser answers %d after %d bytes", what, answer.Code, read)
		}
	}
	if answer, read := strange.pours("/drafts/"+strings.Repeat("0", 26), typed...); answer.Code != http.StatusRequestEntityTooLarge || read > mostUnsigned {
		t.Errorf("of a draft that isn't there: %d after %d bytes", answer.Code, read)
	}
	typed[5] = text[:20_000]
	if answer, _ := strange.pours(form.path, typed...); answer.Code != http.StatusForbidden || keptField.FindString(answer.Body.String()) == "" {
		t.Errorf("a short one in a strange browser answers %d", answer.Code)
	}
}
