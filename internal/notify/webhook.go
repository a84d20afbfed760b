package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// SignatureHeader holds "t=<unix seconds>,v1=<hex>", where v1 is the HMAC-SHA256 of "<unix seconds>.<body>" under the
// shared secret. A receiver compares in constant time and refuses an old t.
const SignatureHeader = "Heed-Signature"

// body is what a webhook gets.
type body struct {
	Line  string    `json:"line"` // its name
	Kind  string    `json:"kind"` // deadline, referral, clock
	Level int       `json:"level,omitempty"`
	Count int       `json:"count"`
	Desk  string    `json:"desk,omitempty"`
	At    time.Time `json:"at"`
}

// Sign is the value of SignatureHeader.
func Sign(secret, body []byte, at time.Time) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

var errRefused = errors.New("the receiver did not take it")

// post calls the webhook once.
func (s *Service) post(ctx context.Context, n Notice) error {
	hook := s.cfg.Profile.Notify.Webhook
	secret, err := s.secret(hook.SecretFile)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	name := s.cfg.Profile.Line.Name.In(s.cfg.Profile.Languages[0])
	b, err := json.Marshal(body{Line: name, Kind: n.Kind, Level: n.Level, Count: n.Count, Desk: s.desk(), At: now.UTC()})
	if err != nil {
		return fmt.Errorf("encode a notice: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "heed")
	req.Header.Set(SignatureHeader, Sign(secret, b, now))
	res, err := s.http.Do(req)
	if err != nil {
		return err
	}
	// What it answers doesn't matter, but the connection can be used again once it is read.
	_, readErr := io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if err := errors.Join(readErr, res.Body.Close()); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return fmt.Errorf("status %d: %w", res.StatusCode, errRefused)
	}
	return nil
}
