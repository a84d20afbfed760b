package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// safest are the settings that Tor Browser's safest level and its own defaults make in a Firefox, as far as Firefox has them. The rest
// is NoScript's, which refuses at that level what the first ones refuse here.
const safest = `user_pref("javascript.enabled", false);
user_pref("gfx.downloadable_fonts.enabled", false);
user_pref("gfx.font_rendering.graphite.enabled", false);
user_pref("gfx.font_rendering.opentype_svg.enabled", false);
user_pref("svg.disabled", true);
user_pref("mathml.disabled", true);
user_pref("webgl.disabled", true);
user_pref("media.webaudio.enabled", false);
user_pref("javascript.options.wasm", false);
user_pref("javascript.options.ion", false);
user_pref("javascript.options.baselinejit", false);
user_pref("browser.privatebrowsing.autostart", true);
user_pref("network.cookie.cookieBehavior", 1);
user_pref("privacy.firstparty.isolate", true);
user_pref("privacy.resistFingerprinting", true);
user_pref("privacy.resistFingerprinting.letterboxing", true);
user_pref("dom.security.https_only_mode", true);
user_pref("dom.security.https_only_mode.upgrade_local", false);
`

// alone keeps the browser from asking anybody for anything, and lets it be driven: it says where it listens, and takes a file by name.
const alone = `user_pref("marionette.port", 0);
user_pref("network.dns.disabled", true);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("remote.prefs.recommended", false);
user_pref("dom.file.createInChild", true);
`

// firefox is a real Firefox without a screen, driven by Marionette, its own protocol: JSON with its length before it
// (https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).
type firefox struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	sent int
}

// startFirefox starts one with the settings.
func startFirefox(t *testing.T, settings string) *firefox {
	t.Helper()
	path, err := exec.LookPath("firefox-esr")
	if err != nil {
		missing(t, fmt.Errorf("no Firefox here: scripts/install-test-deps installs one"))
	}
	profile := t.TempDir()
	rewrite(t, filepath.Join(profile, "user.js"), []byte(settings+alone))
	command := exec.Command(path, "--headless", "--marionette", "--no-remote", "--profile", profile)
	command.Env = []string{"HOME=" + profile, "PATH=" + os.Getenv("PATH")}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var f *firefox
	t.Cleanup(func() {
		if f != nil {
			f.ask("Marionette:Quit", nil)
			f.conn.Close()
		}
		ended := time.AfterFunc(20*time.Second, func() { command.Process.Kill() })
		command.Wait() // what it ends with says nothing
		ended.Stop()
	})
	var port []byte
	eventually(t, time.Minute, "Firefox listens", func() bool {
		port, err = os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
		return err == nil && len(port) > 0
	})
	conn, err := net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port)))
	if err != nil {
		t.Fatal(err)
	}
	f = &firefox{t: t, conn: conn, in: bufio.NewReader(conn)}
	if _, err := f.read(); err != nil { // it greets
		t.Fatal(err)
	}
	f.ask("WebDriver:NewSession", map[string]any{"capabilities": map[string]any{}})
	return f
}

func (f *firefox) read() (message json.RawMessage, err error) {
	length, err := f.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	message = make([]byte, n)
	_, err = io.ReadFull(f.in, message)
	return message, err
}

// ask sends a command and gives the value of its answer.
func (f *firefox) ask(command string, parameters map[string]any) json.RawMessage {
	f.t.Helper()
	f.sent++
	text, err := json.Marshal([]any{0, f.sent, command, parameters})
	if err == nil {
		err = f.conn.SetDeadline(time.Now().Add(time.Minute))
	}
	if err == nil {
		_, err = fmt.Fprintf(f.conn, "%d:%s", len(text), text)
	}
	var answer [4]json.RawMessage // kind, number, fault, value
	if err == nil {
		var message []byte
		if message, err = f.read(); err == nil {
			err = json.Unmarshal(message, &answer)
		}
	}
	if err == nil && string(answer[2]) != "null" {
		err = errors.New(string(answer[2]))
	}
	if err != nil {
		f.t.Fatalf("%s: %v", command, err)
	}
	var value struct{ Value json.RawMessage }
	if json.Unmarshal(answer[3], &value) == nil && value.Value != nil {
		return value.Value
	}
	return answer[3]
}

func (f *firefox) open(url string) {
	f.t.Helper()
	f.ask("WebDriver:Navigate", map[string]any{"url": url})
}

// find is the handle of the one element that is selected.
func (f *firefox) find(selector string) map[string]any {
	f.t.Helper()
	var element map[string]string
	if err := json.Unmarshal(f.ask("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector}), &element); err != nil || len(element) != 1 {
		f.t.Fatalf("%s: %v, %v", selector, element, err)
	}
	for _, id := range element {
		return map[string]any{"id": id}
	}
	return nil
}

func (f *firefox) text(selector string) (text string) {
	f.t.Helper()
	if err := json.Unmarshal(f.ask("WebDriver:GetElementText", f.find(selector)), &text); err != nil {
		f.t.Fatal(err)
	}
	return text
}

func (f *firefox) write(selector, text string) {
	f.t.Helper()
	element := f.find(selector)
	element["text"] = text
	f.ask("WebDriver:ElementSendKeys", element)
}

func (f *firefox) press(selector string) {
	f.t.Helper()
	f.ask("WebDriver:ElementClick", f.find(selector))
}

// Firefox is what Tor Browser is made of, and no relation of Chromium's.
func TestAFirefoxSetLikeTorBrowserAtItsSafestReportsAndComesBack(t *testing.T) {
	l := startLine(t)
	l.addStaff("dana", "custodian")
	token := l.addStaff("amira", "specialist")
	f := startFirefox(t, safest)
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><p>nothing ran</p><script>document.querySelector("p").textContent = "a script ran"</script>`)
	}))
	defer elsewhere.Close()
	f.open(elsewhere.URL)
	if said := f.text("p"); said != "nothing ran" {
		t.Fatalf("the browser isn't set as it should be: %s", said)
	}
	for _, language := range []string{"en", "ar"} {
		f.open(l.public + "/?lang=" + language)
		f.press(`a.button[href^="/report"]`)
		f.write("#text", told)
		f.write("#place", "Mill Lane")
		f.press(`main button[name=go][value=next]`)
		file := filepath.Join(t.TempDir(), "cabinet.png")
		rewrite(t, file, picture(4000))
		f.write("#files", file)
		f.press(`main button[name=go][value=next]`)
		f.press("#named")
		f.write("#name", "Ada Lovelace")
		f.press(`main button[name=go][value=next]`)
		if checked := f.text("dl.summary"); !strings.Contains(checked, "Grey smoke") || !strings.Contains(checked, "cabinet.png") || !strings.Contains(checked, "Ada Lovelace") {
			t.Errorf("%s: the answers to check are %q", language, checked)
		}
		f.press(`main button[name=go][value=next]`)
		receipt := strings.Join(strings.Fields(f.text("#receipt")), "")
		if len(receipt) != 20 {
			t.Fatalf("%s: the receipt reads %q", language, receipt)
		}
		f.open(l.public + "/status?lang=" + language)
		f.write("#receipt", receipt)
		f.press(`main button[name=go][value=next]`)
		f.text("ol.stages")
		f.write("#text", "The smoke is black now.")
		f.press(`main button[name=go][value=next]`)
		if said := f.text(".messages"); !strings.Contains(said, "black now") {
			t.Errorf("%s: what was added isn't shown: %q", language, said)
		}
		if cookies := string(f.ask("WebDriver:GetCookies", nil)); cookies != "[]" {
			t.Errorf("%s: it keeps cookies: %s", language, cookies)
		}
	}
	eventually(t, time.Minute, "both at the desk", func() bool { return len(l.reports(t, token, "?state=queued")) == 2 })
}
