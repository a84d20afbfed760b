package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/language"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
)

// Bounds of what is heard.
const (
	maxSound    = 128 << 20 // bytes of a recording that is sent
	maxHeard    = 200_000   // characters of a transcript: four hours of somebody who speaks fast
	maxPassages = 20_000
	maxBetween  = 1000     // bytes of text between two of its passages
	maxListing  = 32 << 20 // bytes of the answer's JSON, which also holds the model's own tokens
)

// Listener writes down what is said, behind the audio transcriptions of OpenAI's API, which Whisper's servers speak. It is safe for
// concurrent use; it hears one recording at a time, since servers share one processor among all of them.
type Listener struct{ *client }

// NewListener makes the engine that a profile names; nil where it names none. secret reads the first line of a file that it names.
//
// It returns an error where the profile's certificates can't be read.
func NewListener(cfg profile.Engine, secret func(file string) (string, error)) (*Listener, error) {
	if cfg.URL == "" {
		return nil, nil
	}
	c, err := newClient(cfg, secret, 1)
	if err != nil {
		return nil, err
	}
	return &Listener{c}, nil
}

// Sound is a recording: Size bytes of the media type Type.
type Sound struct {
	Type string
	Size int64
	io.Reader
}

// Transcribe writes down what is said in a recording, in whatever language it is. spoken is the BCP 47 tag of the one to expect; "" where
// nobody knows. It takes as long as the profile allows and is cut short with ctx.
//
// It returns ErrUnavailable or ErrForeign, wrapped, and the error of reading the sound; none holds anything of what was said.
func (l *Listener) Transcribe(ctx context.Context, sound Sound, spoken string) (*heed.Transcript, error) {
	if sound.Size > maxSound {
		return nil, fmt.Errorf("%w: the recording is longer than %d bytes", ErrUnavailable, maxSound)
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timeout)
	defer cancel()
	done, err := l.turn(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	expected := base(spoken)
	sent, err := l.form(sound, expected)
	if err != nil {
		return nil, err
	}
	res, err := l.send(ctx, http.MethodPost, "audio/transcriptions", sent)
	if err != nil {
		return nil, err
	}
	b, err := answered(res, maxListing)
	if err != nil {
		return nil, err
	}
	return l.read(b, expected)
}

// base is the primary language of a tag in two letters, as Whisper calls languages; "" where there is none.
func base(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return ""
	}
	if b, confidence := t.Base(); confidence == language.Exact && len(b.String()) == 2 {
		return b.String()
	}
	return ""
}

// form is a recording as multipart/form-data (RFC 7578). Its length is known beforehand: some servers take nothing else. The file's name
// says what it is and nothing more.
func (l *Listener) form(sound Sound, spoken string) (content, error) {
	var around bytes.Buffer
	form := multipart.NewWriter(&around)
	fields := [][2]string{{"model", l.cfg.Model}, {"response_format", "verbose_json"}}
	if spoken != "" {
		fields = append(fields, [2]string{"language", spoken})
	}
	for _, f := range fields {
		if err := form.WriteField(f[0], f[1]); err != nil {
			return content{}, fmt.Errorf("write a form: %w", err)
		}
	}
	_, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="file"; filename="recording` + extension(sound.Type) + `"`}, "Content-Type": {sound.Type},
	})
	if err != nil {
		return content{}, fmt.Errorf("write a form: %w", err)
	}
	head := around.Len()
	if err := form.Close(); err != nil {
		return content{}, fmt.Errorf("end a form: %w", err)
	}
	whole := around.Bytes()
	return content{
		kind: form.FormDataContentType(), size: int64(len(whole)) + sound.Size,
		body: io.MultiReader(bytes.NewReader(whole[:head]), io.LimitReader(sound, sound.Size), bytes.NewReader(whole[head:])),
	}, nil
}

// extension is what servers tell a recording's format by.
func extension(kind string) string {
	if kind == "audio/mpeg" {
		return ".mp3"
	}
	return ""
}

// listing is the answer of POST /audio/transcriptions in the format verbose_json, as far as it is used (OpenAI API reference, "Create
// transcription"). Language is there by its English name, or by its code, by the server; only a code is believed.
type listing struct {
	Text     *string `json:"text"`
	Language string  `json:"language"`
	Segments []struct {
		Start float64 `json:"start"` // seconds
		Text  string  `json:"text"`
	} `json:"segments"`
}

// read makes a Transcript of an answer.
func (l *Listener) read(b []byte, expected string) (*heed.Transcript, error) {
	var a listing
	if json.Unmarshal(b, &a) != nil || a.Text == nil {
		return nil, fmt.Errorf("%w: its answer is no transcription", ErrUnavailable) // json's error would quote it
	}
	t := &heed.Transcript{Model: l.cfg.Model, Language: expected}
	if found := base(a.Language); found != "" {
		t.Language = found
	}
	t.Text, t.Cut = shorten(strings.TrimSpace(strings.ToValidUTF8(*a.Text, string(utf8.RuneError))), maxHeard)
	at := 0
	for _, s := range a.Segments {
		said := strings.TrimSpace(strings.ToValidUTF8(s.Text, string(utf8.RuneError)))
		near := t.Text[at:min(len(t.Text), at+len(said)+maxBetween)]
		i := strings.Index(near, said)
		if said == "" || i < 0 || !(s.Start >= 0 && s.Start < maxSeconds) {
			continue
		}
		if len(t.Passages) == maxPassages {
			break
		}
		start := at + i
		at = start + len(said)
		t.Passages = append(t.Passages, heed.Passage{Start: start, End: at, At: int64(s.Start * 1000)})
	}
	return t, nil
}

// maxSeconds is where no recording goes on any more: what stands there is no time.
const maxSeconds = 1_000_000

// Check asks whether the server is there, without any recording. Few of them list their models.
//
// It returns ErrUnavailable or ErrForeign, wrapped.
func (l *Listener) Check(ctx context.Context) error {
	res, err := l.send(ctx, http.MethodGet, "models", content{kind: "application/json", body: http.NoBody})
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, plain(err))
	}
	if res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden || res.StatusCode >= 500 {
		return fmt.Errorf("%w: status %d", ErrUnavailable, res.StatusCode)
	}
	return nil
}
