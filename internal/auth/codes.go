package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"

	"github.com/heed-line/heed"
)

// One-time codes as every authenticator app makes them: RFC 6238 over HMAC-SHA-1, six digits, a new one every 30 seconds.
// SHA-1's collisions don't matter to an HMAC, and the apps know nothing else for certain.
const (
	codeDigits = 6
	codeStep   = 30 * time.Second
	codeSlack  = 1 // steps that a clock may be off, either way (RFC 6238 §5.2)
)

// codeAt is the code of one step (RFC 4226 §5.3).
func codeAt(secret []byte, step int64) string {
	h := hmac.New(sha1.New, secret)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", codeDigits, n%1_000_000)
}

// stepOf is the step whose code was typed, of those near now and after the last one used; 0: none.
func stepOf(secret []byte, typed string, now time.Time, used int64) int64 {
	at := now.Unix() / int64(codeStep/time.Second)
	found := int64(0)
	for step := at - codeSlack; step <= at+codeSlack; step++ {
		if step > used && hmac.Equal([]byte(typed), []byte(codeAt(secret, step))) {
			found = step
		}
	}
	return found
}

// digitsOf is what was typed as a one-time code, without what people put between digits, or "" where it can't be one.
func digitsOf(typed string) string {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "-", "").Replace(typed)
	if _, err := strconv.ParseUint(s, 10, 32); err != nil || len(s) != codeDigits {
		return ""
	}
	return s
}

// CodesOffer is a secret of one-time codes that nobody has yet: a page shows it, and takes the first code with Token.
type CodesOffer struct {
	Token  string // goes with the first code
	Secret string // base32 in groups of four, for typing
	URI    string // otpauth://, for devices that have the app
	qr     *qr.Code
}

// Edge is how long a side of the URI's QR code is, in modules, with the four around it that a reader needs (ISO/IEC 18004).
func (o *CodesOffer) Edge() int { return o.qr.Size + 8 }

// Path is the QR code's black modules as an SVG path, the first one's corner at the origin.
func (o *CodesOffer) Path() string {
	var path strings.Builder
	for y := range o.qr.Size {
		for x := range o.qr.Size {
			if o.qr.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return path.String()
}

// offerLife is how long a page with a secret or a passkey's challenge may stay open.
const (
	offerLife     = time.Hour
	challengeLife = 10 * time.Minute
)

// OfferCodes makes a secret for the account of that name. subject is the enrolment link's secret, the half of a sign-in, or
// the id of the staff member: the offer is good for it alone. token, where it isn't "", is an earlier offer's that is shown
// again, if it still is good.
func (s *Service) OfferCodes(name, subject, token string) (*CodesOffer, error) {
	challenge, err := s.offered(subject, token)
	if err != nil {
		challenge = s.factors.Challenge("codes", "", subject, s.now().Add(offerLife))
	}
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.factors.Codes(challenge))
	label := url.PathEscape(s.title) + ":" + url.PathEscape(name)
	o := &CodesOffer{
		Token:  base64.RawURLEncoding.EncodeToString(challenge),
		Secret: grouped(secret),
		URI:    "otpauth://totp/" + label + "?" + url.Values{"secret": {secret}, "issuer": {s.title}}.Encode(),
	}
	o.URI = strings.ReplaceAll(o.URI, "+", "%20") // apps don't read a plus as a space
	o.qr, err = qr.Encode(o.URI, qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing one-time codes' secret: %w", err)
	}
	return o, nil
}

// grouped puts a space after every four characters.
func grouped(s string) string {
	var out strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func (s *Service) offered(subject, token string) ([]byte, error) {
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, fmt.Errorf("reading an offer: %w", heed.ErrSealed)
	}
	_, err = s.factors.Answered("codes", "", subject, challenge, s.now())
	return challenge, err
}

// newCodes is the factor that an offer becomes with its first code.
//
// It returns *heed.Problem in the field "code" where the code is none of the secret's, or the offer is too old.
func (s *Service) newCodes(staff heed.ID, subject, token, typed string) (*heed.Factor, error) {
	challenge, err := s.offered(subject, token)
	if err != nil {
		return nil, &heed.Problem{Field: "code", Code: "codes-offer-old"}
	}
	secret, now := s.factors.Codes(challenge), s.now()
	step := stepOf(secret, digitsOf(typed), now, 0)
	if step == 0 {
		return nil, &heed.Problem{Field: "code", Code: "code-wrong"}
	}
	f := &heed.Factor{
		ID: heed.NewID(now), Staff: staff, Kind: heed.OneTimeCodes, Handle: []byte(staff), Used: step, CreatedAt: now, UsedAt: now,
	}
	f.Data = s.factors.SealCodes(s.line, string(f.ID), secret)
	return f, nil
}

// useCode takes a one-time code of the account, once. heed.ErrForbidden: it is none, or was used.
func (s *Service) useCode(ctx context.Context, tx heed.Tx, factors []*heed.Factor, typed string) error {
	f := ofKind(factors, heed.OneTimeCodes)
	if f == nil || typed == "" {
		return fmt.Errorf("taking a one-time code: %w", heed.ErrForbidden)
	}
	secret, err := s.factors.OpenCodes(s.line, string(f.ID), f.Data)
	if err != nil { // the sign-in key is another, as after a restore: no code is right until the codes are set up anew
		return fmt.Errorf("opening the secret of one-time codes: %w: %w", heed.ErrForbidden, err)
	}
	now, used := s.now(), f.Used
	step := stepOf(secret, typed, now, used)
	if step == 0 {
		return fmt.Errorf("taking a one-time code: %w", heed.ErrForbidden)
	}
	f.Used, f.UsedAt = step, now
	err = tx.UseFactor(ctx, f, used)
	if errors.Is(err, heed.ErrConflict) { // another request used it first
		return fmt.Errorf("taking a one-time code twice: %w", heed.ErrForbidden)
	}
	return err
}
