package engine_test

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/profile"
)

// uploaded is what a server of audio transcriptions got.
type uploaded struct {
	fields         map[string]string
	sound          string
	name, kind     string
	length         int64
	authorisedWith string
}

// hears is a server of the protocol that answers with what say gives.
func hears(t *testing.T, say func(uploaded) (int, string)) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/v1/audio/transcriptions" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		u := uploaded{fields: map[string]string{}, length: r.ContentLength, authorisedWith: r.Header.Get("Authorization")}
		form, err := r.MultipartReader()
		for err == nil {
			var part *multipart.Part
			if part, err = form.NextPart(); err != nil {
				break
			}
			b, readErr := io.ReadAll(part)
			if readErr != nil {
				t.Error(readErr)
			}
			if part.FormName() == "file" {
				u.sound, u.name, u.kind = string(b), part.FileName(), part.Header.Get("Content-Type")
				continue
			}
			u.fields[part.FormName()] = string(b)
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("the form: %v", err)
		}
		status, body := say(u)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

func newListener(t *testing.T, cfg profile.Engine) *engine.Listener {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	cfg.Model = "whisper-1"
	l, err := engine.NewListener(cfg, firstLine)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func mp3(sound string) engine.Sound {
	return engine.Sound{Type: "audio/mpeg", Size: int64(len(sound)), Reader: strings.NewReader(sound)}
}

func TestARecordingIsWrittenDownByTheProtocolWithThePlacesOfItsPassages(t *testing.T) {
	const sound = "\xff\xfbnot much of a recording"
	var got uploaded
	s := hears(t, func(u uploaded) (int, string) {
		got = u
		return 200, `{"task":"transcribe","language":"arabic","duration":4.2,"text":" رائحة غاز في الدرج. أسرعوا.","segments":[
			{"id":0,"start":0.0,"end":2.5,"text":" رائحة غاز في الدرج."},{"id":1,"start":2.5,"end":3,"text":" (music)"},{"id":2,"start":3.25,"end":4.2,"text":" أسرعوا."}]}`
	})
	a, err := newListener(t, profile.Engine{URL: s.URL + "/v1/"}).Transcribe(t.Context(), mp3(sound), "ar-EG")
	if err != nil {
		t.Fatal(err)
	}
	first, second := "رائحة غاز في الدرج.", "أسرعوا."
	want := &heed.Transcript{
		Model: "whisper-1", Language: "ar", Text: first + " " + second,
		Passages: []heed.Passage{{Start: 0, End: len(first), At: 0}, {Start: len(first) + 1, End: len(first) + 1 + len(second), At: 3250}},
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("%+v", a)
	}
	fields := map[string]string{"model": "whisper-1", "response_format": "verbose_json", "language": "ar"}
	if !reflect.DeepEqual(got.fields, fields) || got.sound != sound || got.name != "recording.mp3" || got.kind != "audio/mpeg" || got.length <= int64(len(sound)) {
		t.Errorf("the server got %+v", got)
	}
}

func TestALanguageIsToldWhereItIsKnownAndTakenWhereTheServerFindsOne(t *testing.T) {
	var told string
	answer := `{"text":"你好"}`
	s := hears(t, func(u uploaded) (int, string) { told = u.fields["language"]; return 200, answer })
	l := newListener(t, profile.Engine{URL: s.URL + "/v1"})
	for _, c := range []struct{ spoken, answer, told, language string }{
		{"zh-Hans", `{"text":"你好"}`, "zh", "zh"}, {"", `{"text":"hola","language":"es"}`, "", "es"},
		{"und", `{"text":""}`, "", ""}, {"en", `{"text":"olá","language":"pt"}`, "en", "pt"},
	} {
		answer = c.answer
		if a, err := l.Transcribe(t.Context(), mp3("x"), c.spoken); err != nil || told != c.told || a.Language != c.language {
			t.Errorf("%q: told %q, %+v, %v", c.spoken, told, a, err)
		}
	}
}

func TestWhatIsNoTranscriptIsUnavailableAndSaysNothingOfIt(t *testing.T) {
	const canary = "canary-7f3a"
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"refused":    {401, `{"error":"` + canary + `"}`},
		"broken":     {500, canary},
		"no JSON":    {200, canary},
		"no text":    {200, `{"segments":[{"text":"` + canary + `"}]}`},
		"redirected": {307, canary},
		"endless":    {200, `{"text":"` + strings.Repeat(canary, 3_100_000) + `"}`},
	} {
		s := hears(t, func(uploaded) (int, string) { return answer.status, answer.body })
		_, err := newListener(t, profile.Engine{URL: s.URL + "/v1"}).Transcribe(t.Context(), mp3(canary), "en")
		if !errors.Is(err, engine.ErrUnavailable) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
	nobody := httptest.NewServer(nil)
	nobody.Close()
	if _, err := newListener(t, profile.Engine{URL: nobody.URL + "/v1"}).Transcribe(t.Context(), mp3(canary), "en"); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
	large := engine.Sound{Type: "audio/mpeg", Size: 1 << 30, Reader: strings.NewReader("")}
	if _, err := newListener(t, profile.Engine{URL: nobody.URL + "/v1"}).Transcribe(t.Context(), large, ""); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("a recording of a day: %v", err)
	}
}

func TestAServerThatHangsIsGivenUpAndOneOnAnotherNetworkHearsNothing(t *testing.T) {
	release := make(chan struct{})
	s := hears(t, func(uploaded) (int, string) { <-release; return 200, `{"text":"x"}` })
	defer close(release)
	begun := time.Now()
	l := newListener(t, profile.Engine{URL: s.URL + "/v1", Timeout: 200 * time.Millisecond})
	if _, err := l.Transcribe(t.Context(), mp3("x"), "en"); !errors.Is(err, engine.ErrUnavailable) || time.Since(begun) > 30*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newListener(t, profile.Engine{URL: s.URL + "/v1"}).Transcribe(ctx, mp3("x"), "en"); !errors.Is(err, engine.ErrUnavailable) {
		t.Errorf("called off: %v", err)
	}
	if _, err := newListener(t, profile.Engine{URL: "https://203.0.113.7/v1"}).Transcribe(t.Context(), mp3("x"), "en"); !errors.Is(err, engine.ErrForeign) {
		t.Errorf("on the open internet: %v", err)
	}
}

func TestALongTranscriptIsCutAndSaysSo(t *testing.T) {
	s := hears(t, func(uploaded) (int, string) { return 200, `{"text":"` + strings.Repeat("é", 250_000) + `"}` })
	a, err := newListener(t, profile.Engine{URL: s.URL + "/v1"}).Transcribe(t.Context(), mp3("x"), "fr")
	if err != nil || !a.Cut || strings.Count(a.Text, "é") != 200_000 {
		t.Errorf("cut %v, %d characters, %v", a.Cut, len(a.Text)/2, err)
	}
}

func TestTheServerIsAskedWhetherItIsThereWithoutARecording(t *testing.T) {
	s := hears(t, nil)
	if err := newListener(t, profile.Engine{URL: s.URL + "/v1"}).Check(t.Context()); err != nil {
		t.Error(err)
	}
	s.Close()
	if err := newListener(t, profile.Engine{URL: s.URL + "/v1"}).Check(t.Context()); !errors.Is(err, engine.ErrUnavailable) {
		t.Error(err)
	}
}
