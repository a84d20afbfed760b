package auth

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/heed-line/heed"
)

// Passkeys: credentials of WebAuthn (W3C, Level 3) that are discoverable, so that nobody types a name, and that verify who
// holds the device (a PIN, a finger, a face), so that one of them is a whole sign-in.

// Site is the desk's address as a browser sees it; passkeys belong to it and to no other (WebAuthn §5.1.3).
type Site struct {
	Origin string // "https://desk.example:8443"
	id     string // the RP ID: the host
}

// SiteOf is the site of an origin, and whether passkeys work there: WebAuthn takes domains by HTTPS, and localhost.
func SiteOf(origin string) (Site, bool) {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return Site{}, false
	}
	host := strings.ToLower(u.Hostname())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	if net.ParseIP(host) != nil || u.Scheme != "https" && !(u.Scheme == "http" && local) || protocol.ValidateRPID(host) != nil {
		return Site{}, false
	}
	return Site{u.Scheme + "://" + strings.ToLower(u.Host), host}, true
}

// maxResponse bounds what a browser may answer, in bytes of JSON.
const maxResponse = 16 << 10

// passkeyData is what Factor.Data holds of a Passkey.
type passkeyData struct {
	Site       string   `json:"site"` // RP ID
	Key        []byte   `json:"key"`  // COSE
	Flags      byte     `json:"flags"`
	Transports []string `json:"transports,omitempty"`
}

// holder is an account as the library asks for it.
type holder struct {
	staff    *heed.Staff
	passkeys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return []byte(h.staff.ID) }
func (h *holder) WebAuthnName() string                       { return h.staff.Name }
func (h *holder) WebAuthnDisplayName() string                { return h.staff.Name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.passkeys }

// credentialOf reads a Passkey of the site.
func credentialOf(f *heed.Factor, site Site) (webauthn.Credential, bool) {
	var d passkeyData
	if f.Kind != heed.Passkey || json.Unmarshal(f.Data, &d) != nil || d.Site != site.id {
		return webauthn.Credential{}, false
	}
	c := webauthn.Credential{ID: f.Handle, PublicKey: d.Key, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(d.Flags))}
	c.Authenticator.SignCount = uint32(f.Used)
	for _, t := range d.Transports {
		c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
	}
	return c, true
}

func holderOf(staff *heed.Staff, factors []*heed.Factor, site Site) *holder {
	h := &holder{staff: staff}
	for _, f := range factors {
		if c, ok := credentialOf(f, site); ok {
			h.passkeys = append(h.passkeys, c)
		}
	}
	return h
}

// relying is the library, set to what Heed asks for.
func (s *Service) relying(site Site) (*webauthn.WebAuthn, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: site.id, RPDisplayName: s.title, RPOrigins: []string{site.Origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		// Some password managers answer what nobody asked them; nothing here depends on it.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("preparing passkeys: %w", err)
	}
	return w, nil
}

// The purposes of a passkey's challenge.
const (
	usePasskey = "passkey/use" // to sign in, or to prove who one is
	newPasskey = "passkey/new"
)

func (s *Service) challenge(purpose, browser, subject string) []byte {
	return s.factors.Challenge(purpose, ownMark(browser), subject, s.now().Add(challengeLife))
}

// AskPasskey is what the browser's script asks an authenticator for a sign-in: JSON of PublicKeyCredentialRequestOptions.
// The challenge in it is good once, for a while, in this browser.
func (s *Service) AskPasskey(site Site, browser string) ([]byte, error) {
	w, err := s.relying(site)
	if err != nil {
		return nil, err
	}
	options, _, err := w.BeginDiscoverableLogin(webauthn.WithChallenge(s.challenge(usePasskey, browser, site.id)))
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	return json.Marshal(options.Response)
}

// SignInByPasskey opens a session for whoever's passkey gave the response, JSON of AuthenticationResponseJSON.
//
// It returns heed.ErrForbidden for whatever isn't a fresh answer of an enabled account's passkey of this site.
func (s *Service) SignInByPasskey(ctx context.Context, site Site, browser string, response []byte) (session string, staff *heed.Staff, err error) {
	copied := false
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		var passkey *heed.Factor
		if staff, passkey, err = s.answered(ctx, tx, site, browser, response); err != nil {
			return err
		}
		if copied = passkey == nil; copied {
			return s.passkeyCopied(ctx, tx, staff)
		}
		session, err = s.openSession(ctx, tx, staff.ID, browser, "passkey")
		return err
	})
	if err == nil && copied {
		err = heed.ErrForbidden
	}
	if err != nil {
		return "", nil, fmt.Errorf("signing in by passkey: %w", err)
	}
	return session, staff, nil
}

// passkeyCopied tells an account's owner of a passkey whose signature counter went backwards: there are two of it.
func (s *Service) passkeyCopied(ctx context.Context, tx heed.Tx, staff *heed.Staff) error {
	if err := s.tellAll(ctx, tx, "passkey-copied", staff.ID, ""); err != nil {
		return err
	}
	return leaf(ctx, tx, s.now(), "", "staff.passkey-copied", facts{"staff": staff.ID})
}

// answered checks a passkey's response and spends its challenge. The factor is nil where the passkey seems to be copied.
func (s *Service) answered(ctx context.Context, tx heed.Tx, site Site, browser string, response []byte) (*heed.Staff, *heed.Factor, error) {
	refused := func(why string) error { return fmt.Errorf("%s: %w", why, heed.ErrForbidden) }
	if len(response) > maxResponse {
		return nil, nil, refused("a long response")
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, nil, refused("a response that is none")
	}
	challenge, err := s.spend(ctx, tx, usePasskey, browser, site.id, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, nil, err
	}
	f, err := tx.FactorByHandle(ctx, heed.Passkey, parsed.RawID)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil, refused("a passkey of nobody")
	}
	if err != nil {
		return nil, nil, err
	}
	staff, err := locked(ctx, tx, f.Staff)
	if err != nil {
		return nil, nil, err
	}
	if staff.Disabled {
		return nil, nil, refused("a disabled account's passkey")
	}
	w, err := s.relying(site)
	if err != nil {
		return nil, nil, err
	}
	credential, err := w.ValidateDiscoverableLogin(
		func(_, _ []byte) (webauthn.User, error) { return holderOf(staff, []*heed.Factor{f}, site), nil },
		webauthn.SessionData{Challenge: challenge, RelyingPartyID: site.id, UserVerification: protocol.VerificationRequired}, parsed)
	if err != nil {
		return nil, nil, refused("a response that doesn't verify")
	}
	if credential.Authenticator.CloneWarning {
		return staff, nil, nil
	}
	was := f.Used
	f.Used, f.UsedAt = int64(credential.Authenticator.SignCount), s.now()
	return staff, f, tx.UseFactor(ctx, f, was)
}

// spend accepts a challenge of ours, in base64url as the browser gives it back, once. heed.ErrForbidden: it is none, or was
// made for something else, or is too old, or was answered before.
func (s *Service) spend(ctx context.Context, tx heed.Tx, purpose, browser, subject, encoded string) (string, error) {
	challenge, err := base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return "", fmt.Errorf("a challenge that is none: %w", heed.ErrForbidden)
	}
	until, err := s.factors.Answered(purpose, ownMark(browser), subject, challenge, s.now())
	if err != nil {
		return "", fmt.Errorf("a challenge not of ours, or too old: %w", heed.ErrForbidden)
	}
	encoded = base64.RawURLEncoding.EncodeToString(challenge)
	err = tx.AddCredential(ctx, &heed.Credential{Hash: hashSecret(encoded), Kind: heed.Spent, CreatedAt: s.now(), SeenAt: s.now(), ExpiresAt: until})
	if errors.Is(err, heed.ErrConflict) {
		return "", fmt.Errorf("a challenge answered twice: %w", heed.ErrForbidden)
	}
	return encoded, err
}

// OfferPasskey is what the browser's script asks an authenticator for a new passkey of the account: JSON of
// PublicKeyCredentialCreationOptions. subject is as in OfferCodes.
func (s *Service) OfferPasskey(ctx context.Context, site Site, browser, subject string, staff *heed.Staff) ([]byte, error) {
	var factors []*heed.Factor
	err := s.store.View(ctx, func(tx heed.Tx) (err error) {
		factors, err = tx.Factors(ctx, staff.ID)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("offering a passkey: %w", err)
	}
	w, err := s.relying(site)
	if err != nil {
		return nil, err
	}
	h := holderOf(staff, factors, site)
	options, _, err := w.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.passkeys).CredentialDescriptors()),
		webauthn.WithCredentialParameters(webauthn.CredentialParametersRecommendedL3()))
	if err != nil {
		return nil, fmt.Errorf("offering a passkey: %w", err)
	}
	options.Response.Challenge = s.challenge(newPasskey, browser, subject)
	return json.Marshal(options.Response)
}

// made checks the response to OfferPasskey, JSON of RegistrationResponseJSON, spends its challenge, and is the new factor.
//
// It returns *heed.Problem for whatever is no such response.
func (s *Service) made(ctx context.Context, tx heed.Tx, site Site, browser, subject string, staff *heed.Staff, name string, response []byte) (*heed.Factor, error) {
	refused := &heed.Problem{Field: "passkey", Code: "passkey-refused"}
	if len(response) > maxResponse {
		return nil, refused
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return nil, refused
	}
	challenge, err := s.spend(ctx, tx, newPasskey, browser, subject, parsed.Response.CollectedClientData.Challenge)
	if errors.Is(err, heed.ErrForbidden) {
		return nil, refused
	}
	if err != nil {
		return nil, err
	}
	// We ask for no attestation; a browser then sends none, or what the device says of itself. The parsers of the others
	// are of no use here.
	if format := parsed.Response.AttestationObject.Format; format != "none" && format != "packed" {
		return nil, refused
	}
	w, err := s.relying(site)
	if err != nil {
		return nil, err
	}
	c, err := w.CreateCredential(&holder{staff: staff}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: site.id, UserID: []byte(staff.ID), UserVerification: protocol.VerificationRequired,
		CredParams: webauthn.CredentialParametersRecommendedL3(),
	}, parsed)
	if err != nil || !bytes.Equal(c.ID, parsed.RawID) {
		return nil, refused
	}
	d := passkeyData{Site: site.id, Key: c.PublicKey, Flags: byte(c.Flags.ProtocolValue())}
	for _, t := range c.Transport {
		d.Transports = append(d.Transports, string(t))
	}
	data, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("encoding a passkey: %w", err)
	}
	now := s.now()
	return &heed.Factor{
		ID: heed.NewID(now), Staff: staff.ID, Kind: heed.Passkey, Name: passkeyName(name), Handle: c.ID, Data: data,
		Used: int64(c.Authenticator.SignCount), CreatedAt: now,
	}, nil
}

// AddPasskey gives the actor one more passkey: response answers OfferPasskey with the actor's id as subject. Who had no
// recovery codes gets some.
//
// It returns *heed.Problem where the response is none, is another account's, or the actor has enough.
func (s *Service) AddPasskey(ctx context.Context, actor *heed.Staff, site Site, browser, name string, response []byte) (recovery []string, err error) {
	err = s.ownFactors(ctx, actor, "passkey-added", func(tx heed.Tx, account *heed.Staff, factors []*heed.Factor) error {
		if countKind(factors, heed.Passkey) >= maxPasskeys {
			return &heed.Problem{Field: "passkey", Code: "passkeys-enough"}
		}
		f, err := s.made(ctx, tx, site, browser, string(account.ID), account, name, response)
		if err != nil {
			return err
		}
		recovery, err = s.equipSecond(ctx, tx, account, factors, f)
		if errors.Is(err, heed.ErrConflict) {
			return &heed.Problem{Field: "passkey", Code: "passkey-refused"}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("adding a passkey: %w", err)
	}
	return recovery, nil
}
