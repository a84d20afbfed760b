package main

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// heedApart runs the built program in an environment and a folder of its own, as on a machine that has neither line nor network.
func heedApart(t *testing.T, dir, typed string, args ...string) string {
	t.Helper()
	path, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Dir, command.Env, command.Stdin = dir, []string{}, strings.NewReader(typed)
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("heed %s: %v\n%s", strings.Join(args, " "), err, &said)
	}
	return string(out)
}

// addCustodianApart makes a Custodian's key in dir, and an account that has its public half alone.
func (l *testLine) addCustodianApart(name, dir string, more ...string) {
	l.t.Helper()
	heedApart(l.t, dir, apartPassphrase+"\n"+apartPassphrase+"\n", "custodian", "key", "new", "--out", name+".key")
	l.addStaff(name, "custodian", append(more, "--custodian-key", filepath.Join(dir, name+".key.pub"))...)
}

func TestAnIdentityIsOpenedOnAMachineApartInABrowser(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		l := startLine(t, store...)
		token := l.addStaff("amira", "specialist")
		stick := t.TempDir()
		l.addCustodianApart("dana", stick)
		views := []view{{320, "en", false}, {1280, "en", true}} // one on each store: the pages don't know which it is
		if os.Getenv("HEED_SOAK") == "" {
			views = views[min(len(store), 1):][:1]
		}
		for _, v := range views {
			t.Run(v.String(), func(t *testing.T) { l.openApart(t, v, token, stick) })
		}
	})
}

func (l *testLine) openApart(t *testing.T, v view, token, stick string) {
	id, receipt := l.named(token, map[string]string{"name": "Ada Lovelace", "phone": "+44 7700 900123"})
	amira, dana := l.sits(t, v, "amira"), l.sits(t, v, "dana")
	amira.open(l.desk + "/reports/" + id + "/disclosures")
	amira.do(chromedp.Click(chromedp.CSS("#class-danger")))
	amira.write("#reason", "We must warn the neighbours tonight")
	amira.press(`main form button`)
	own := amira.address()
	dana.open(l.desk + "/disclosures")
	dana.check("requests for a machine apart")
	if dana.has("input[type=password]") {
		t.Error("the desk asks for a passphrase")
	}
	dana.press(`a[href$="/apart"]`)
	dana.check("a request to take")
	dana.picture(fmt.Sprintf("apart-%d", v.width))
	code, lineKey := dana.text("#apart-code"), dana.text("#line-key")
	request := dana.downloads(stick, func() { dana.do(chromedp.Click(chromedp.CSS(`form[action$="/apart"] button`))) })
	answer := strings.TrimSuffix(request, ".heed-request") + ".heed-answer"
	typed := code + "\n" + apartPassphrase + "\nyes\n"
	if _, err := os.Stat(filepath.Join(stick, "dana.key.line")); err != nil { // the first time the line's key is compared
		typed += "yes\n"
	}
	if out := heedApart(t, stick, typed, "custodian", "open", "--key", "dana.key", request); strings.TrimSpace(out) != filepath.Join(stick, answer) {
		t.Errorf("it answers %q", out)
	}
	if lineKey == "" {
		t.Error("the page shows no key to compare")
	}
	amira.open(l.desk + own)
	amira.check("taken to a machine apart")
	dana.open(l.desk + "/disclosures")
	dana.press(`a[href$="/apart"]`)
	dana.check("an answer to bring")
	dana.do(chromedp.SetUploadFiles(chromedp.CSS("#answer"), []string{filepath.Join(stick, request)}))
	dana.press(`form[action$="/answer"] button`)
	dana.check("no answer")
	if text := dana.text(".error-summary"); !strings.Contains(text, "no answer file") {
		t.Errorf("the request brought back answers %s", text)
	}
	dana.do(chromedp.SetUploadFiles(chromedp.CSS("#answer"), []string{filepath.Join(stick, answer)}))
	dana.press(`form[action$="/answer"] button`)
	dana.check("answered")
	amira.open(l.desk + own)
	amira.press(`main form button`)
	if text := amira.text("#shown"); !strings.Contains(text, "Ada Lovelace") || !amira.has(".watermark text") {
		t.Errorf("shown is %s", text)
	}
	reporter := openTab(t, v)
	reporter.open(l.public + "/status")
	reporter.write("#receipt", receipt)
	reporter.next()
	reporter.check("told")
	if text := reporter.text(".disclosed"); !strings.Contains(text, "machine of their own") || !strings.Contains(text, "saw your name") {
		t.Errorf("the reporter is told %s", text)
	}
}

// downloads does what sends a file, and gives the file's name in dir.
func (b *tab) downloads(dir string, press func()) string {
	b.t.Helper()
	before, err := filepath.Glob(filepath.Join(dir, "*.heed-request"))
	if err != nil {
		b.t.Fatal(err)
	}
	call(b, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: dir,
	})
	press()
	var name string
	eventually(b.t, time.Minute, "the file", func() bool {
		after, err := filepath.Glob(filepath.Join(dir, "*.heed-request"))
		if err != nil || len(after) == len(before) {
			return false
		}
		for _, path := range after {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 && !slices.Contains(before, path) {
				name = filepath.Base(path)
			}
		}
		return name != ""
	})
	return name
}

// The stick is searched too: what lies on it stays long after the seven days.
func TestNoStateOfAnExportLeavesAnIdentityOrItsCodeInClear(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		folder, stick := t.TempDir(), t.TempDir()
		places := append([]string{folder, stick}, databaseFolders(t, store)...)
		c := &canaries{words: map[string]string{}}
		k := startProcess(t, filepath.Join(folder, "line"), store...)
		k.addCustodianApart("dana", stick)
		token := k.addStaff("amira", "specialist")
		name := c.at("the name")
		id, _ := k.named(token, map[string]string{"name": name, "phone": "+44 20 7946 0123 " + c.at("the phone"), "email": c.at("the e-mail") + "@example.org"})
		c.words[apartPassphrase] = "the key's passphrase"
		look := func(when string) {
			t.Helper()
			writeOut(t, store)
			c.search(t, when, places...)
			c.searchBytes(t, "the log, "+when, []byte(k.logs.String()))
		}
		amira, dana := k.signIn(t, "amira"), k.signIn(t, "dana")
		amira.post("/reports/"+id+"/disclosures", url.Values{"class": {"danger"}, "reason": {"We must warn " + c.at("a reason")}})
		asked := ownDisclosure.FindString(string(amira.get("/reports/" + id)))
		code := apartCode.FindStringSubmatch(string(dana.get(asked + "/apart")))[1]
		c.words[code], c.words[strings.ReplaceAll(code, "-", "")] = "the code", "the code"
		request := filepath.Join(stick, "a.heed-request")
		if err := os.WriteFile(request, dana.post(asked+"/apart", url.Values{"code": {code}}), 0o600); err != nil {
			t.Fatal(err)
		}
		look("taken")
		heedApart(t, stick, code+"\n"+apartPassphrase+"\nyes\nyes\n", "custodian", "open", "--key", "dana.key", request)
		look("opened on the machine apart")
		dana.sends(asked+"/apart/answer", "answer", filepath.Join(stick, "a.heed-answer"))
		look("brought")
		if body := amira.post(asked+"/see", nil); !strings.Contains(string(body), name) {
			t.Fatalf("it isn't shown: %s", body)
		}
		look("seen")
	})
}

var apartCode = regexp.MustCompile(`name="code" value="([^"]+)"`)

// sends uploads a file.
func (v *visitor) sends(path, field, file string) {
	v.t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		v.t.Fatal(err)
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile(field, filepath.Base(file))
	if err == nil {
		_, err = part.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		v.t.Fatal(err)
	}
	response, err := v.http.Post(v.base+path, w.FormDataContentType(), &body)
	if err != nil {
		v.t.Fatal(err)
	}
	v.read(path, response)
}
