package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/profile"
)

//go:embed prompts/*.txt
var prompts embed.FS

// Task is what is asked for. Its prompt is prompts/<task>.txt.
type Task string

// The tasks.
const (
	Summary     Task = "summary"
	Translation Task = "translation"
)

// Tasks are all of them, in the order in which a screen offers them.
var Tasks = [...]Task{Summary, Translation}

// Bounds of what is sent, taken and done at once.
const (
	maxText   = 20_000  // characters of a report; what comes after isn't sent
	maxAnswer = 20_000  // characters of an answer; what comes after isn't shown
	maxBody   = 1 << 20 // bytes of an answer's JSON
	maxTokens = 8192    // that the model is to write at most
	atOnce    = 4       // questions; others wait
)

var (
	// ErrUnavailable says that there is no answer: the engine is off, slow, refused, or said what can't be read.
	ErrUnavailable = errors.New("the engine gives no answer")
	// ErrForeign says that the engine's address isn't on the operator's own network, so nothing was sent.
	ErrForeign = errors.New("the engine is not on the operator's own network")
)

// Answer is what the engine wrote. It is text of a machine that read a stranger's words: to be shown as such, never as markup.
type Answer struct {
	Text  string
	Model string // as the profile names it
	Cut   bool   // the report was longer than is sent, or the answer than is shown
}

// Engine is a language model behind the chat completions of OpenAI's API, which many servers speak. It is safe for concurrent use.
type Engine struct{ *client }

// New makes the engine that a profile names; nil where it names none. secret reads the first line of a file that it names.
//
// It returns an error where the profile's certificates can't be read.
func New(cfg profile.Engine, secret func(file string) (string, error)) (*Engine, error) {
	if cfg.URL == "" {
		return nil, nil
	}
	c, err := newClient(cfg, secret, atOnce)
	if err != nil {
		return nil, err
	}
	return &Engine{c}, nil
}

// Ask has the engine do the task on a report's text, in the language with the BCP 47 tag to. It takes as long as the
// profile allows and is cut short with ctx.
//
// It returns ErrUnavailable or ErrForeign, wrapped; neither error holds anything of the text or of the answer.
func (e *Engine) Ask(ctx context.Context, task Task, text, to string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
	defer cancel()
	done, err := e.turn(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer done()
	text, cut := shorten(text, maxText)
	body, err := e.question(task, text, to)
	if err != nil {
		return Answer{}, err
	}
	said, finish, err := e.complete(ctx, body)
	if err != nil {
		return Answer{}, err
	}
	said, long := shorten(strings.TrimSpace(strings.ToValidUTF8(said, "\uFFFD")), maxAnswer)
	if said == "" {
		return Answer{}, fmt.Errorf("%w: it answers with nothing", ErrUnavailable)
	}
	return Answer{Text: said, Model: e.cfg.Model, Cut: cut || long || finish == "length"}, nil
}

// shorten cuts s after so many characters.
func shorten(s string, limit int) (string, bool) {
	if len(s) <= limit || utf8.RuneCountInString(s) <= limit {
		return s, false
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// The request and the answer of POST /chat/completions, as far as they are used (OpenAI API reference, "Chat completions").
type (
	question struct {
		Model       string    `json:"model"`
		Messages    []message `json:"messages"`
		Temperature float64   `json:"temperature"`
		MaxTokens   int       `json:"max_tokens"`
		Stream      bool      `json:"stream"`
	}
	message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	answer struct {
		Choices []struct {
			Message      message `json:"message"`
			FinishReason string  `json:"finish_reason"`
		} `json:"choices"`
	}
)

// question is the request's body. The mark around the report is drawn for this question alone, so that no text can hold it.
func (e *Engine) question(task Task, text, to string) ([]byte, error) {
	prompt, err := prompts.ReadFile("prompts/" + string(task) + ".txt")
	if err != nil {
		return nil, fmt.Errorf("no such task as %q: %w", task, err)
	}
	mark := "==== " + rand.Text() + " ===="
	return json.Marshal(question{
		Model: e.cfg.Model, MaxTokens: maxTokens,
		Messages: []message{
			{"system", strings.NewReplacer("{{mark}}", mark, "{{language}}", to).Replace(string(prompt))},
			{"user", mark + "\n" + text + "\n" + mark},
		},
	})
}

// complete sends the body and reads what is answered.
func (e *Engine) complete(ctx context.Context, body []byte) (said, finish string, err error) {
	res, err := e.send(ctx, http.MethodPost, "chat/completions", content{"application/json", int64(len(body)), bytes.NewReader(body)})
	if err != nil {
		return "", "", err
	}
	b, err := answered(res, maxBody)
	if err != nil {
		return "", "", err
	}
	var a answer
	if json.Unmarshal(b, &a) != nil || len(a.Choices) == 0 {
		return "", "", fmt.Errorf("%w: its answer is no chat completion", ErrUnavailable) // json's error would quote it
	}
	return a.Choices[0].Message.Content, a.Choices[0].FinishReason, nil
}

// Check asks whether the engine is there and knows its model, without any report's words.
//
// It returns ErrUnavailable or ErrForeign, wrapped.
func (e *Engine) Check(ctx context.Context) error {
	res, err := e.send(ctx, http.MethodGet, "models", content{kind: "application/json", body: http.NoBody})
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, plain(err))
	}
	var list struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if res.StatusCode != http.StatusOK || json.Unmarshal(b, &list) != nil {
		return fmt.Errorf("%w: it doesn't list its models (status %d)", ErrUnavailable, res.StatusCode)
	}
	for _, m := range list.Data {
		if m.ID == e.cfg.Model {
			return nil
		}
	}
	return fmt.Errorf("%w: it has no model %q", ErrUnavailable, e.cfg.Model)
}
