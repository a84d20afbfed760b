package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
)

// An organisation's own sign-on: an OpenID provider (OpenID Connect Core 1.0) by the authorization code flow with PKCE (RFC
// 7636). It says who somebody is there, as an issuer and a subject; to which account these belong was set by whoever had
// the account, never by a name or an address that the provider tells.

// SignOnConfig is an organisation's OpenID provider, with which the desk is registered.
type SignOnConfig struct {
	Issuer, ClientID string
	Secret           func() (string, error) // the client's; read now and then
	// SecondStep says that a code of ours is asked besides.
	SecondStep bool
}

// ErrandKind is what somebody goes to the organisation's sign-on for.
type ErrandKind string

// The kinds of errand.
const (
	SignInErrand ErrandKind = "sign-in"
	EnrolErrand  ErrandKind = "enrol" // with an enrolment link
	LinkErrand   ErrandKind = "link"  // an account that is signed in
	ProveErrand  ErrandKind = "prove" // again who one is
)

// Errand is why a browser goes to the organisation's sign-on.
type Errand struct {
	Kind ErrandKind `json:"kind"`
	Link string     `json:"link,omitempty"` // the enrolment link's secret, of EnrolErrand
	For  heed.ID    `json:"for,omitempty"`  // the account, of LinkErrand
	To   string     `json:"to,omitempty"`   // where to go afterwards
}

// trip is what the browser keeps while it is away. The state of the request is a challenge for this very trip and browser,
// so neither can be changed, and none of the three is of use without the others.
type trip struct {
	Errand
	Verifier string    `json:"verifier"` // of PKCE: 32 random bytes in base64url
	Callback string    `json:"callback"`
	Begun    time.Time `json:"begun"`
}

const (
	signOnPurpose = "sign-on"
	maxTrip       = 3 << 10 // characters: browsers keep cookies of 4 KiB (RFC 6265bis §5.6)
	maxTo         = 1 << 10
	maxCode       = 4 << 10
)

// question is what the trip asks the provider. The nonce follows from the verifier, so that it isn't kept apart.
func (t *trip) question(state string) question {
	nonce := sha256.Sum256([]byte("heed/desk/sign-on/nonce/1\x00" + t.Verifier))
	return question{t.Callback, state, t.Verifier, base64.RawURLEncoding.EncodeToString(nonce[:])}
}

// TakesSignOn reports whether the line has an organisation's sign-on.
func (s *Service) TakesSignOn() bool { return s.signOn != nil }

// GoToSignOn is the address at the provider to which to send the browser, and what the browser keeps meanwhile. callback is
// the desk's address to which the provider sends it back; the provider knows it.
//
// It returns a *heed.Problem where the provider can't be asked.
func (s *Service) GoToSignOn(ctx context.Context, callback, browser string, errand Errand) (address, kept string, err error) {
	if s.signOn == nil {
		return "", "", fmt.Errorf("going to a sign-on that there isn't: %w", heed.ErrNotFound)
	}
	if len(errand.To) > maxTo {
		errand.To = "/"
	}
	var verifier [32]byte
	rand.Read(verifier[:]) // never fails: it ends the program instead
	t := trip{errand, base64.RawURLEncoding.EncodeToString(verifier[:]), callback, s.now()}
	b, err := json.Marshal(&t)
	if err != nil {
		return "", "", fmt.Errorf("encoding a trip to the sign-on: %w", err)
	}
	var failed error
	var d *discovered
	if err := s.signOn.slots.do(ctx, func() { d, failed = s.signOn.ask(ctx) }); err != nil || failed != nil {
		return "", "", errors.Join(err, failed)
	}
	kept = base64.RawURLEncoding.EncodeToString(b)
	state := base64.RawURLEncoding.EncodeToString(s.challenge(signOnPurpose, browser, kept))
	longest := s.longest
	if errand.Kind == LinkErrand || errand.Kind == ProveErrand {
		longest = 0 // an open sign-on proves who sat here earlier
	}
	return d.address(t.question(state), longest), kept, nil
}

// Answer is what the provider sent the browser back with.
type Answer struct {
	State, Code, Issuer, Error string
}

// SignedOn is who somebody is at the organisation, as its provider says, and what they came for.
type SignedOn struct {
	Errand
	issuer string
	handle []byte
	at     time.Time // when they signed in there; zero: it isn't known
	begun  time.Time // when they went there
}

// BackFromSignOn takes the provider's answer, once, and asks the provider whose it is. kept is what the browser kept, also
// where it returns an error.
//
// It returns a *heed.Problem: "sign-on-over" for an answer that is too old, was used, or is another browser's,
// "sign-on-declined" where the provider let nobody in, "sign-on-refused" for what proves nothing, and "sign-on-away".
func (s *Service) BackFromSignOn(ctx context.Context, browser, kept string, a Answer) (*SignedOn, error) {
	over := func(why string) error { return fmt.Errorf("%s: %w", why, &heed.Problem{Code: "sign-on-over"}) }
	t, ok := readTrip(kept)
	if s.signOn == nil || !ok {
		return nil, over("an answer of the sign-on that nobody asked for")
	}
	// On its own: the answer is used up whatever comes of it.
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		_, err := s.spend(ctx, tx, signOnPurpose, browser, kept, a.State)
		return err
	})
	if errors.Is(err, heed.ErrForbidden) {
		return nil, over("an answer of the sign-on that nobody waits for")
	}
	if err != nil {
		return nil, fmt.Errorf("coming back from the sign-on: %w", err)
	}
	if a.Issuer != "" && a.Issuer != s.signOn.Issuer { // RFC 9207 §2.4
		return nil, refused("another issuer answered")
	}
	if a.Error != "" || a.Code == "" || len(a.Code) > maxCode {
		return nil, fmt.Errorf("the organisation's sign-on let nobody in: %w", &heed.Problem{Code: "sign-on-declined"})
	}
	w, err := s.signOn.redeem(ctx, t.question(a.State), a.Issuer, a.Code)
	if err != nil {
		return nil, err
	}
	return &SignedOn{Errand: t.Errand, issuer: s.signOn.Issuer, handle: signOnHandle(s.signOn.Issuer, w.subject), at: w.at, begun: t.Begun}, nil
}

func readTrip(kept string) (t trip, ok bool) {
	if len(kept) > maxTrip {
		return t, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(kept)
	return t, err == nil && json.Unmarshal(b, &t) == nil
}

// signOnHandle is by what the store knows somebody's account at the provider. The provider's addresses hold no NUL.
func signOnHandle(issuer, subject string) []byte {
	h := sha256.Sum256([]byte("heed/desk/sign-on/1\x00" + issuer + "\x00" + subject))
	return h[:]
}

// bySignOn is the enabled account that is linked to who signed on, locked, with its factor.
//
// It returns a *heed.Problem where there is none: nobody becomes anybody by the provider's word alone.
func (s *Service) bySignOn(ctx context.Context, tx heed.Tx, who *SignedOn) (*heed.Staff, *heed.Factor, error) {
	unlinked := fmt.Errorf("signing on: %w", &heed.Problem{Code: "sign-on-unlinked"})
	f, err := tx.FactorByHandle(ctx, heed.SignOn, who.handle)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil, unlinked
	}
	if err != nil {
		return nil, nil, err
	}
	staff, err := locked(ctx, tx, f.Staff)
	if err != nil {
		return nil, nil, err
	}
	if staff.Disabled {
		return nil, nil, unlinked
	}
	f.UsedAt = s.now()
	return staff, f, tx.UseFactor(ctx, f, f.Used)
}

// SignInBySignOn opens a session for the account that is linked to who signed on. It counts as proved when they proved
// themselves at the provider.
//
// It returns *SecondStep where the line asks for a code of its own, and a *heed.Problem where no account is linked.
func (s *Service) SignInBySignOn(ctx context.Context, browser string, who *SignedOn) (session string, staff *heed.Staff, err error) {
	if who.Kind != SignInErrand {
		return "", nil, fmt.Errorf("signing in who came for something else: %w", heed.ErrForbidden)
	}
	half := ""
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if staff, _, err = s.bySignOn(ctx, tx, who); err != nil {
			return err
		}
		if s.signOn.SecondStep {
			half, err = s.openHalf(ctx, tx, staff.ID, browser, "sign-on")
			return err
		}
		session, err = s.openSessionProved(ctx, tx, staff.ID, browser, "sign-on", who.at)
		return err
	})
	if err != nil {
		return "", nil, fmt.Errorf("signing in by the organisation's sign-on: %w", err)
	}
	if half != "" {
		return "", nil, &SecondStep{half}
	}
	return session, staff, nil
}

// EnrolBySignOn is Enrol with the organisation's sign-on in the place of passphrase and codes, by the link of the errand. A
// custodian's key needs a passphrase, so a custodian enrols with one.
//
// It returns *heed.Problem for a custodian and where another account is linked, and heed.ErrNotFound where the link isn't.
func (s *Service) EnrolBySignOn(ctx context.Context, browser string, who *SignedOn) (*Enrolled, error) {
	if who.Kind != EnrolErrand {
		return nil, fmt.Errorf("enrolling who came for something else: %w", heed.ErrForbidden)
	}
	staff, err := s.invitedPerson(ctx, who.Link)
	if err != nil {
		return nil, err
	}
	if staff.Has(heed.Custodian) {
		return nil, &heed.Problem{Code: "custodian-passphrase"}
	}
	out := &Enrolled{}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := s.begin(ctx, tx, who.Link, staff.ID, staff.Passphrase)
		if err != nil {
			return err
		}
		account.Passphrase = ""
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		out.Staff = account
		return s.enterNew(ctx, tx, out, browser, "sign-on", s.signOnFactor(account.ID, who))
	})
	if err = taken(err); err != nil {
		return nil, fmt.Errorf("enrolling by the organisation's sign-on: %w", err)
	}
	return out, nil
}

// AddSignOn links the actor's account to who signed on, in place of whom it was linked to. It is for the caller to ask for
// a proof of who the actor is (Proven).
//
// It returns *heed.Problem where another account is linked, or where who signed on did so before they were sent there.
func (s *Service) AddSignOn(ctx context.Context, actor *heed.Staff, who *SignedOn) error {
	if who.Kind != LinkErrand || who.For != idOf(actor) {
		return fmt.Errorf("linking what somebody else began: %w", heed.ErrForbidden)
	}
	if !who.fresh() {
		return &heed.Problem{Code: "sign-on-stale"}
	}
	err := s.ownFactors(ctx, actor, "sign-on-linked", func(tx heed.Tx, account *heed.Staff, _ []*heed.Factor) error {
		if err := tx.DeleteFactors(ctx, account.ID, heed.SignOn); err != nil {
			return err
		}
		return tx.AddFactor(ctx, s.signOnFactor(account.ID, who))
	})
	if err = taken(err); err != nil {
		return fmt.Errorf("linking the organisation's sign-on: %w", err)
	}
	return nil
}

// ProveBySignOn is Prove by signing on anew. It returns *heed.Problem where the account isn't linked to who signed on, or
// they did so before they were sent there, and heed.ErrNotFound where the session is over.
func (s *Service) ProveBySignOn(ctx context.Context, secret, browser string, who *SignedOn) (session string, err error) {
	staff, c, err := s.session(ctx, secret, browser)
	if err != nil {
		return "", err
	}
	if who.Kind != ProveErrand {
		return "", fmt.Errorf("proving who one is by what one came for otherwise: %w", heed.ErrForbidden)
	}
	if !who.fresh() {
		return "", &heed.Problem{Code: "sign-on-stale"}
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		whose, _, err := s.bySignOn(ctx, tx, who)
		if err != nil {
			return err
		}
		if whose.ID != staff.ID {
			return &heed.Problem{Code: "sign-on-unlinked"}
		}
		session, err = s.renewSession(ctx, tx, c)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("proving who one is: %w", err)
	}
	return session, nil
}

// fresh reports whether they proved themselves at the provider after they were sent there.
func (who *SignedOn) fresh() bool { return !who.at.Before(who.begun.Add(-maxClockSkew)) }

func (s *Service) signOnFactor(staff heed.ID, who *SignedOn) *heed.Factor {
	now := s.now()
	return &heed.Factor{ID: heed.NewID(now), Staff: staff, Kind: heed.SignOn, Handle: who.handle, Data: []byte(who.issuer), CreatedAt: now}
}

// linked reports whether the account is linked to the provider that the line has now.
func (s *Service) linked(factors []*heed.Factor) bool {
	f := ofKind(factors, heed.SignOn)
	return s.signOn != nil && f != nil && hmac.Equal(f.Data, []byte(s.signOn.Issuer))
}

// taken says in people's words that somebody else's account is linked.
func taken(err error) error {
	if errors.Is(err, heed.ErrConflict) {
		return &heed.Problem{Code: "sign-on-taken"}
	}
	return err
}
