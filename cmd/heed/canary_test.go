package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

var (
	draftField   = regexp.MustCompile(`name="draft" value="([^"]*)"`)
	twentyDigits = regexp.MustCompile(`\d{20}`)
)

func TestNothingThatComesInLiesAnywhereInClear(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		_, recipient := seal.GenerateRecipient(false)
		c := &canaries{words: map[string]string{}}
		flags := append([]string{"--profile", heardProfile(t, recipient, c.at("what a machine heard")), "--sip", "127.0.0.1:0"}, store...)
		folder := t.TempDir()
		data := filepath.Join(folder, "line")
		places := append([]string{folder}, databaseFolders(t, store)...)
		logEveryStatement(t, store)

		k := startProcess(t, data, flags...)
		k.feed(t, c)
		look := func(when string) {
			t.Helper()
			writeOut(t, store)
			c.search(t, when, places...)
		}
		for _, base := range []string{k.desk + "/metrics", k.public + "/api/v1/transparency"} {
			c.searchBytes(t, base, k.ask("GET", base, nil).body)
		}
		look("while it runs")
		k.backUp(t).search(t, c)
		k.searchUnlinked(t, c)

		k.killInARush(t, c)
		look("after a kill")
		k = startProcess(t, data, flags...)
		look("after the start that followed")
		k.terminate(t)
		look("after its end")
		c.searchServerLog(t, store)
	})
}

// feed brings a canary in by every door.
func (k *killed) feed(t *testing.T, c *canaries) {
	t.Helper()
	k.addStaff("dana", "custodian")
	token := k.addStaff("amira", "specialist,lead")
	outside := []string{
		"User-Agent", c.at("the user agent"), "Referer", "https://example.org/" + c.at("the referrer"), "Cookie", "session=" + c.at("a cookie"),
		"X-Forwarded-For", c.at("a forwarded address"), "Forwarded", "for=" + c.at("an address in Forwarded"), "X-Real-Ip", c.at("a real address"),
		"X-Forwarded-Host", c.at("a forwarded host"), "From", c.at("a From header") + "@example.org", "X-Anything", c.at("a header"), "Accept-Language", "en, " + c.at("a language"),
	}
	report := map[string]any{
		"text": "Somebody sells forged passes at the station. Ask for " + c.at("the text") + ", phone 020 7946 0958.", "place": c.at("the place"),
		"occurred": c.at("the time"), "identity": map[string]string{
			"name": c.at("the name"), "phone": "+44 20 7946 0123 " + c.at("the phone"), "email": c.at("the e-mail") + "@example.org", "address": c.at("the address")},
	}
	a := k.ask("POST", k.public+"/api/v1/reports", report, outside...)
	if a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	var accepted struct{ Receipt string }
	a.into(t, &accepted)
	c.words[accepted.Receipt] = "the receipt itself"

	content := append(photograph(c.at("a picture's remark")), c.at("a file's content")...)
	body, contentType := form(t, map[string]string{"text": "See the picture. " + c.at("a form's text")}, namedFile{c.at("a file's name") + ".png", content})
	if a := k.ask("POST", k.public+"/api/v1/reports", bytes.NewReader(body), append(outside, "Content-Type", contentType)...); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	note := []byte(c.at("a file in a message"))
	body, contentType = form(t, map[string]string{"text": c.at("a message")}, namedFile{c.at("the name of a message's file") + ".txt", note})
	auth := []string{"Authorization", "Receipt " + accepted.Receipt, "Content-Type", contentType}
	if a := k.ask("POST", k.public+"/api/v1/messages", bytes.NewReader(body), auth...); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	k.feedSound(t, c, token)
	k.feedCall(t, c, token)
	k.feedUpload(t, c)
	k.feedRefused(t, c, outside)
	k.feedPages(t, c)
	k.feedDesk(t, c, token)
	k.feedReferral(t, c, token)
	k.feedImport(t, c)
	c.words[token] = "a bearer token"
	c.words[testPassphrase] = "a passphrase"
}

// feedSound brings in recordings, a film and a document, of which copies are made and heard, as of the picture that came before: no program that helps may leave one lying about.
func (k *killed) feedSound(t *testing.T, c *canaries, token string) {
	t.Helper()
	head := func(encoding byte) []byte {
		return []byte(".snd\x00\x00\x00\x18\xff\xff\xff\xff\x00\x00\x00" + string(encoding) + "\x00\x00\x1f\x40\x00\x00\x00\x01")
	}
	samples := func(name string) []byte { return bytes.Repeat([]byte(c.at(name)+strings.Repeat("\x80\x20", 40)), 400) }
	body, contentType := form(t, map[string]string{"text": "Listen to what " + c.at("a text beside sound") + " said."},
		namedFile{c.at("a recording's name") + ".au", append(head(1), samples("a recording in µ-law")...)},
		namedFile{c.at("another recording's name") + ".au", append(head(3), samples("a recording in PCM")...)},
		namedFile{c.at("a film's name") + ".mov", filmOf(t, c.at("a film's title"), samples("a film's sound"))},
		namedFile{c.at("a document's name") + ".pdf", paper(c.at("what a document says"), c.at("a document's author"))})
	if a := k.ask("POST", k.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	bearer := []string{"Authorization", "Bearer " + token}
	eventually(t, 2*time.Minute, "the copies of two recordings, a film, a picture and a document", func() bool {
		heard := 0
		for _, r := range k.reports(t, token, "?state=queued") {
			var full struct{ Attachments []struct{ View *string } }
			k.ask("GET", k.desk+"/api/v1/reports/"+r.ID, nil, bearer...).into(t, &full)
			for _, f := range full.Attachments {
				if f.View != nil && k.ask("GET", k.desk+*f.View, nil, bearer...).status == http.StatusOK {
					heard++
				}
			}
		}
		return heard == 5
	})
}

// paper is a PDF of one page that says something, by somebody.
func paper(says, author string) []byte {
	draw := "BT /F 12 Tf 72 700 Td (" + says + ") Tj ET"
	return []byte("%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n" +
		"3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj\n" +
		fmt.Sprintf("4 0 obj << /Length %d >> stream\n%s\nendstream endobj\n", len(draw), draw) +
		"5 0 obj << /Author (" + author + ") >> endobj\ntrailer << /Size 6 /Root 1 0 R /Info 5 0 R >>\n%%EOF\n")
}

// filmOf is a film with a title, whose sound lies in it as it is, and whose index at the end.
func filmOf(t *testing.T, title string, sound []byte) []byte {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil && os.Getenv("CI") == "" {
		t.Skip("ffmpeg is not installed")
	}
	from, file := filepath.Join(t.TempDir(), "sound"), filepath.Join(t.TempDir(), "film.mov")
	if err := os.WriteFile(from, sound, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x120:r=5:d=2", "-f", "s16le", "-ar", "8000", "-ac", "1", "-i", from,
		"-c:v", "mpeg4", "-c:a", "pcm_s16le", "-metadata", "title="+title, "-shortest", file).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	film, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(film, []byte(title)) || !bytes.Contains(film, sound[:99]) {
		t.Fatalf("the film holds no canary, %v", err)
	}
	return film
}

// heardProfile is a profile with a department and a machine that hears a word in every recording.
func heardProfile(t *testing.T, recipient, word string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		fmt.Fprintf(w, `{"text":"There is a strong smell of gas in the stairwell of 14 Mill Lane and people feel sick, come now. Ask for %s."}`, word)
	}))
	t.Cleanup(s.Close)
	file := profileFor(t, recipient)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	heard := strings.Replace(string(text), "    url: \"\"\n    model: \"\"\n    key_file: \"\"\n    ca_file: \"\"\n    timeout: 10m", "    url: "+s.URL+"/v1\n    model: whisper-1\n    timeout: 10m", 1)
	heard = strings.Replace(heard, "languages: [] #", "languages: [en] #", 1) // what is spoken beforehand takes its time
	if err := os.WriteFile(file, []byte(heard), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// feedCall calls, with a canary wherever a message has room for one and in what is said, leaves a number, and hangs up; what a machine heard in
// the copy is at the desk.
func (k *killed) feedCall(t *testing.T, c *canaries, token string) {
	t.Helper()
	const number = "447700900123987"
	h := callLine(t, k.phone, c.at)
	h.passes(500 * time.Millisecond)
	h.press("15") // a report; and whatever ends the instructions
	h.awaits("the tone", 10, isTone)
	h.awaits("the tone's end", 1, func(frame []byte) bool { return !isTone(frame) })
	h.say(bytes.Repeat([]byte(c.at("a recording by telephone")+strings.Repeat("\x80\x20", 40)), 200))
	h.press("#")
	h.awaits("what to do with it", 1, func(frame []byte) bool { return !isSilence(frame) })
	h.press("5" + number + "#")
	h.passes(500 * time.Millisecond)
	h.press("1") // it is right
	h.passes(2 * time.Second)
	c.words[number] = "the number that a caller left"
	h.hangUp()
	bearer := []string{"Authorization", "Bearer " + token}
	eventually(t, time.Minute, "what was said on the telephone is heard, and its caller known to the custodian alone", func() bool {
		for _, r := range k.reports(t, token, "?state=queued") {
			var full struct {
				Channel     string
				Named       bool
				Urgency     string
				Attachments []struct{ Transcript *struct{ Text, Model string } }
			}
			k.ask("GET", k.desk+"/api/v1/reports/"+r.ID, nil, bearer...).into(t, &full)
			if full.Channel == "phone" && full.Named && len(full.Attachments) == 1 && full.Attachments[0].Transcript != nil && full.Urgency != "normal" {
				return strings.Contains(full.Attachments[0].Transcript.Text, "Mill Lane")
			}
		}
		return false
	})
}

// feedUpload brings files in bit by bit: one that a report takes, one that is left half way, and ones that are refused.
func (k *killed) feedUpload(t *testing.T, c *canaries) {
	t.Helper()
	content := append(longStory(5<<20), c.at("an upload's content")...)
	path := k.beginUpload(c.at("an upload's name")+".txt", len(content))
	k.sendOn(path, 0, content[:2000])
	k.sendOn(path, 2000, content[2000:])
	k.submit(map[string]any{"text": goodText, "uploads": []string{path}})
	half := append(longStory(5000), c.at("half an upload's content")...)
	left := k.beginUpload(c.at("half an upload's name")+".txt", len(half)+1)
	k.sendOn(left, 0, half)
	c.words[path[strings.LastIndex(path, "/")+1:]], c.words[left[strings.LastIndex(left, "/")+1:]] = "an upload's address", "half an upload's address"
	uploads := k.public + "/api/v1/uploads"
	for _, a := range []*answer{
		k.tus("PATCH", k.public+left, []byte(c.at("what an upload has no room for")), "Upload-Offset", strconv.Itoa(len(half))),
		k.tus("PATCH", k.public+left, []byte(c.at("what an upload has already")), "Upload-Offset", "3"),
		k.tus("HEAD", uploads+"/"+c.at("a wrong upload's address"), nil),
		k.tus("POST", uploads, nil, "Upload-Length", c.at("an upload's length")),
		k.tus("POST", uploads, nil, "Upload-Length", "5", "Upload-Metadata", "filename !"+c.at("an upload's broken name")),
	} {
		if a.status < 400 || a.status > 499 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

// feedRefused sends what no line takes: what is refused must not be kept in a log either.
func (k *killed) feedRefused(t *testing.T, c *canaries, outside []string) {
	t.Helper()
	js := append(outside, "Content-Type", "application/json")
	for _, body := range []string{
		`{"text":"` + c.at("broken JSON"), `{"text":"fine words","` + c.at("an unknown field") + `":1}`, `{"text":7,"place":"` + c.at("a wrong kind") + `"}`,
		`{"text":"fine words","category":"` + c.at("an unknown category") + `"}`,
	} {
		if a := k.ask("POST", k.public+"/api/v1/reports", body, js...); a.status < 400 || a.status > 499 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	for _, path := range []string{"/" + c.at("a path"), "/report?text=" + c.at("a query"), "/status/" + c.at("a status path"), "/api/v1/" + c.at("an API path")} {
		k.ask("GET", k.public+path, nil)
		k.ask("GET", k.desk+path, nil)
	}
	k.ask("GET", k.public+"/api/v1/status", nil, "Authorization", "Receipt "+c.at("a wrong receipt"))
	k.ask("POST", k.desk+"/sign-in", url.Values{"name": {c.at(nameAtTheDoor)}, "passphrase": {c.at("a wrong passphrase")}}.Encode(),
		"Content-Type", "application/x-www-form-urlencoded")
	k.ask("GET", k.desk+"/api/v1/reports", nil, "Authorization", "Bearer "+c.at("a wrong token"))
}

// feedPages goes the portal's pages by hand, so that drafts and mailboxes are sealed and opened too.
func (k *killed) feedPages(t *testing.T, c *canaries) {
	t.Helper()
	post := func(path string, fields map[string]string, files ...namedFile) *answer {
		t.Helper()
		body, contentType := form(t, fields, files...)
		a := k.ask("POST", k.public+path, bytes.NewReader(body), "Content-Type", contentType)
		if a.status >= 500 {
			t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		return a
	}
	draft := func(a *answer) string {
		t.Helper()
		found := draftField.FindSubmatch(a.body)
		if found == nil {
			t.Fatalf("no draft on the page: %d %s", a.status, a.body)
		}
		return string(found[1])
	}
	a := k.ask("GET", k.public+"/report", nil)
	a = post("/report", map[string]string{"page": "text", "draft": draft(a), "go": "next", "text": c.at("a page's text") + " is what happened", "place": c.at("a page's place")})
	a = post("/report", map[string]string{"page": "files", "draft": draft(a), "go": "add"}, namedFile{c.at("a page's file name") + ".png", append(picture(3000), c.at("a page's file")...)})
	a = post("/report", map[string]string{"page": "files", "draft": draft(a), "go": "next"})
	a = post("/report", map[string]string{"page": "who", "draft": draft(a), "go": "next", "who": "named", "name": c.at("a page's name"), "email": c.at("a page's e-mail") + "@example.org"})
	a = post("/report", map[string]string{"page": "check", "draft": draft(a), "go": "next"})
	text := strings.NewReplacer("<span>", "", "</span>", "", " ", "").Replace(string(a.body))
	receipt := twentyDigits.FindString(text)
	if receipt == "" {
		t.Fatalf("no receipt on the last page: %s", a.body)
	}
	c.words[receipt] = "a page's receipt"
	post("/status", map[string]string{"page": "lookup", "go": "next", "receipt": receipt})
}

// feedDesk does what specialists do, with words of their own.
func (k *killed) feedDesk(t *testing.T, c *canaries, token string) {
	t.Helper()
	bearer := []string{"Authorization", "Bearer " + token}
	var id string
	eventually(t, time.Minute, "a screened report", func() bool {
		for _, r := range k.reports(t, token, "?state=queued") {
			id = r.ID
		}
		return id != ""
	})
	act := func(path string, v any) {
		t.Helper()
		if a := k.ask("POST", k.desk+"/api/v1/reports/"+id+path, v, bearer...); a.status >= 400 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	k.ask("GET", k.desk+"/api/v1/reports/"+id, nil, bearer...)
	k.ask("GET", k.desk+"/api/v1/reports?"+url.Values{"q": {c.at("words searched for")}, "purpose": {c.at("a purpose")}}.Encode(), nil, bearer...)
	act("/claim", map[string]string{})
	act("/messages", map[string]string{"text": c.at("a question")})
	act("/claim", map[string]string{})
	act("/disposition", map[string]string{"kind": "hold", "reason": c.at("a reason")})
}

func (k *killed) feedImport(t *testing.T, c *canaries) {
	t.Helper()
	folder, err := os.MkdirTemp("", "import") // the operator's own file, outside the line's folders
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "old.jsonl")
	line := fmt.Sprintf(`{"text":%q,"place":%q,"identity":{"name":%q}}`, c.at("an imported text")+" is what happened", c.at("an imported place"), c.at("an imported name"))
	if err := os.WriteFile(file, []byte(line+"\n"+`{"text": `+c.at("a broken imported line")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, code := k.try("import", file)
	if code != exitLeftOver {
		t.Errorf("import ended with %d: %s", code, stderr)
	}
	c.searchBytes(t, "what import says", []byte(stderr))
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
}
