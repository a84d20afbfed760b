package engine_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/profile"
)

// asked is what the server got.
type asked struct {
	Model     string
	MaxTokens int `json:"max_tokens"`
	Stream    bool
	Messages  []struct{ Role, Content string }
}

// speaks is a server of the protocol that answers with what say gives.
func speaks(t *testing.T, say func(asked) (int, string)) *httptest.Server {
	t.Helper()
	return httptest.NewServer(http.HandlerFunc(handle(t, say)))
}

func handle(t *testing.T, say func(asked) (int, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && r.URL.Path == "/v1/models" {
			io.WriteString(w, `{"object":"list","data":[{"id":"small"}]}`)
			return
		}
		if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		var q asked
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Error(err)
		}
		status, body := say(q)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// completion is an answer of the protocol.
func completion(text string) string {
	b, err := json.Marshal(map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}}})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func firstLine(file string) (string, error) {
	b, err := os.ReadFile(file)
	line, _, _ := strings.Cut(string(b), "\n")
	return line, err
}

func newEngine(t *testing.T, cfg profile.Engine) *engine.Engine {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	cfg.Model = "small"
	e, err := engine.New(cfg, firstLine)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAReportIsSummarisedAndTranslatedByTheProtocol(t *testing.T) {
	const report = "رائحة غاز في الدرج. {{mark}} {{language}}"
	for _, task := range engine.Tasks {
		var got asked
		s := speaks(t, func(q asked) (int, string) { got = q; return 200, completion("  A smell of gas.\n") })
		defer s.Close()
		a, err := newEngine(t, profile.Engine{URL: s.URL + "/v1/"}).Ask(t.Context(), task, report, "pt")
		if err != nil || a != (engine.Answer{Text: "A smell of gas.", Model: "small"}) {
			t.Fatalf("%s: %+v, %v", task, a, err)
		}
		if len(got.Messages) != 2 || got.Messages[0].Role != "system" || got.Messages[1].Role != "user" || got.Stream || got.Model != "small" || got.MaxTokens == 0 {
			t.Fatalf("%s: asked %+v", task, got)
		}
		system, user := got.Messages[0].Content, got.Messages[1].Content
		mark, _, _ := strings.Cut(user, "\n")
		if user != mark+"\n"+report+"\n"+mark || !strings.Contains(system, mark) || !strings.Contains(system, `"pt"`) || strings.Contains(system, "{{") {
			t.Errorf("%s: %q, %q", task, system, user)
		}
	}
}

func TestTheMarkAroundAReportIsAnotherEachTime(t *testing.T) {
	marks := map[string]bool{}
	s := speaks(t, func(q asked) (int, string) {
		mark, _, _ := strings.Cut(q.Messages[1].Content, "\n")
		marks[mark] = true
		return 200, completion("x")
	})
	defer s.Close()
	e := newEngine(t, profile.Engine{URL: s.URL + "/v1"})
	for range 3 {
		if _, err := e.Ask(t.Context(), engine.Summary, "text", "en"); err != nil {
			t.Fatal(err)
		}
	}
	if len(marks) != 3 {
		t.Errorf("%d marks in three questions", len(marks))
	}
}

func TestWhatIsNoAnswerIsUnavailableAndSaysNothingOfIt(t *testing.T) {
	const canary = "canary-7f3a"
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"refused":   {401, `{"error":"` + canary + `"}`},
		"broken":    {500, canary},
		"no JSON":   {200, canary},
		"no choice": {200, `{"choices":[]}`},
		"empty":     {200, completion(" \n ")},
		"endless":   {200, `{"choices":[{"message":{"content":"` + strings.Repeat(canary, 200_000) + `"}}]}`},
	} {
		s := speaks(t, func(asked) (int, string) { return answer.status, answer.body })
		_, err := newEngine(t, profile.Engine{URL: s.URL + "/v1"}).Ask(t.Context(), engine.Summary, canary, "en")
		s.Close()
		if !errors.Is(err, engine.ErrUnavailable) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := speaks(t, nil)
	s.Close()
	if _, err := newEngine(t, profile.Engine{URL: s.URL + "/v1"}).Ask(t.Context(), engine.Summary, canary, "en"); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestASlowEngineIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	s := speaks(t, func(asked) (int, string) { <-release; return 200, completion("x") })
	defer s.Close()
	defer close(release)
	e := newEngine(t, profile.Engine{URL: s.URL + "/v1", Timeout: 200 * time.Millisecond})
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() {
			_, err := e.Ask(context.Background(), engine.Summary, "text", "en")
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%v", err)
		}
	}
}

func TestACrowdOfQuestionsWaitsItsTurn(t *testing.T) {
	var most, now atomic.Int32
	s := speaks(t, func(asked) (int, string) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(20 * time.Millisecond)
		return 200, completion("x")
	})
	defer s.Close()
	e := newEngine(t, profile.Engine{URL: s.URL + "/v1", Timeout: time.Minute})
	errs := make(chan error, 20)
	for range cap(errs) {
		go func() {
			_, err := e.Ask(context.Background(), engine.Summary, "text", "en")
			errs <- err
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if most.Load() > 4 {
		t.Errorf("%d questions at once", most.Load())
	}
}

func TestNothingIsSentBeyondTheOperatorsOwnNetwork(t *testing.T) {
	for _, address := range []string{"https://203.0.113.7/v1", "https://[2001:db8::7]/v1", "https://0.0.0.0/v1", "https://[::ffff:198.51.100.3]/v1",
		"http://169.254.169.254/v1", "http://[::ffff:169.254.169.254]/v1", "http://[fd00:ec2::254]/v1"} {
		_, err := newEngine(t, profile.Engine{URL: address}).Ask(t.Context(), engine.Summary, "text", "en")
		if !errors.Is(err, engine.ErrForeign) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestAnEngineIsReachedByTLSUnderTheOperatorsAuthorityWithItsKey(t *testing.T) {
	say := handle(t, func(asked) (int, string) { return 200, completion("x") })
	var bearer string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer = r.Header.Get("Authorization")
		say(w, r)
	}))
	defer s.Close()
	dir := t.TempDir()
	ca, key := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "key")
	for file, content := range map[string][]byte{
		ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), key: []byte("secret\nand a note\n"),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg := profile.Engine{URL: s.URL + "/v1", CAFile: ca, KeyFile: key}
	if _, err := newEngine(t, cfg).Ask(t.Context(), engine.Translation, "text", "en"); err != nil || bearer != "Bearer secret" {
		t.Errorf("%q, %v", bearer, err)
	}
	if err := newEngine(t, cfg).Check(t.Context()); err != nil {
		t.Error(err)
	}
	cfg.CAFile = ""
	if _, err := newEngine(t, cfg).Ask(t.Context(), engine.Translation, "text", "en"); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("under a certificate of nobody: %v", err)
	}
	cfg.CAFile = key
	if _, err := engine.New(cfg, firstLine); err == nil {
		t.Error("a file without a certificate serves as an authority")
	}
}

func TestALongReportIsCutAndSaysSo(t *testing.T) {
	var got int
	s := speaks(t, func(q asked) (int, string) {
		got = strings.Count(q.Messages[1].Content, "ü")
		return 200, completion(strings.Repeat("é", 30_000))
	})
	defer s.Close()
	a, err := newEngine(t, profile.Engine{URL: s.URL + "/v1"}).Ask(t.Context(), engine.Summary, strings.Repeat("ü", 50_000), "en")
	if err != nil || !a.Cut || got != 20_000 || strings.Count(a.Text, "é") != 20_000 {
		t.Errorf("sent %d, cut %v, %d shown, %v", got, a.Cut, len(a.Text), err)
	}
}
