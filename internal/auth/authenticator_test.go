package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// authenticator is a passkey's device and its browser, written from WebAuthn (§5.8.1, §6.1, §6.5) by itself. A test changes a
// field to have it lie.
type authenticator struct {
	t            *testing.T
	key          *ecdsa.PrivateKey
	id, user     []byte
	origin, rpID string
	count        uint32
	verifies     bool
}

// The flags of authenticator data.
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
	hasKey       = 1 << 6
)

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{t: t, key: key, id: []byte(rand.Text()), origin: "https://desk.example", rpID: "desk.example", verifies: true}
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// client is what the browser says of the options: JSON of a purpose.
func (a *authenticator) client(purpose string, options []byte) []byte {
	a.t.Helper()
	var asked struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(options, &asked); err != nil || asked.Challenge == "" {
		a.t.Fatalf("%s: %v", options, err)
	}
	out, err := json.Marshal(map[string]any{"type": purpose, "challenge": asked.Challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

func (a *authenticator) data(flags byte) []byte {
	a.count++
	if flags |= userPresent; a.verifies {
		flags |= userVerified
	}
	of := sha256.Sum256([]byte(a.rpID))
	return binary.BigEndian.AppendUint32(append(of[:], flags), a.count)
}

func (a *authenticator) answer(response map[string]string) []byte {
	a.t.Helper()
	out, err := json.Marshal(map[string]any{"id": encoded(a.id), "rawId": encoded(a.id), "type": "public-key", "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return out
}

// create answers options for a new passkey, without attestation.
func (a *authenticator) create(options []byte) []byte {
	a.t.Helper()
	point, err := a.key.PublicKey.Bytes()
	if err != nil {
		a.t.Fatal(err)
	}
	data := a.data(hasKey)
	data = append(data, make([]byte, 16)...) // of no model
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32) // COSE: EC2, ES256, P-256, x
	data = append(data, point[1:33]...)
	data = append(append(data, 0x22, 0x58, 32), point[33:]...) // y
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return a.answer(map[string]string{
		"clientDataJSON": encoded(a.client("webauthn.create", options)), "attestationObject": encoded(append(object, data...)),
	})
}

// use answers options for a sign-in.
func (a *authenticator) use(options []byte) []byte {
	a.t.Helper()
	data, client := a.data(0), a.client("webauthn.get", options)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, signed[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]string{
		"clientDataJSON": encoded(client), "authenticatorData": encoded(data), "signature": encoded(signature), "userHandle": encoded(a.user),
	})
}

// passkey gives the account one, in the browser.
func (l *line) passkey(t *testing.T, staff *heed.Staff, site auth.Site, browser string) *authenticator {
	t.Helper()
	return l.passkeyOf(t, "desk.example", staff, site, browser)
}

// passkeyOf is passkey at a desk of that host.
func (l *line) passkeyOf(t *testing.T, host string, staff *heed.Staff, site auth.Site, browser string) *authenticator {
	t.Helper()
	a := newAuthenticator(t)
	a.origin, a.rpID = "https://"+host, host
	options, err := l.auth.OfferPasskey(t.Context(), site, browser, string(staff.ID), staff)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.AddPasskey(t.Context(), staff, site, browser, "key", a.create(options)); err != nil {
		t.Fatal(err)
	}
	a.user = []byte(staff.ID)
	return a
}

func (l *line) askPasskey(t *testing.T, site auth.Site, browser string) []byte {
	t.Helper()
	options, err := l.auth.AskPasskey(site, browser)
	if err != nil {
		t.Fatal(err)
	}
	return options
}

func deskSite(t *testing.T) auth.Site {
	t.Helper()
	site, ok := auth.SiteOf("https://desk.example")
	if !ok {
		t.Fatal("passkeys don't work at https://desk.example")
	}
	return site
}

func TestAPasskeysAnswerOpensOneSessionAndNothingThatLiesOpensAny(t *testing.T) {
	l, site, browser := newLine(t), deskSite(t), auth.NewBrowser()
	amira := l.add(t, "amira", heed.Specialist)
	device := l.passkey(t, amira, site, browser)
	refuses := func(what, browser string, response []byte) {
		t.Helper()
		if _, _, err := l.auth.SignInByPasskey(t.Context(), site, browser, response); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%s answers %v", what, err)
		}
	}
	for what, lie := range map[string]func(*authenticator){
		"an unverified holder":  func(a *authenticator) { a.verifies = false },
		"another site's page":   func(a *authenticator) { a.origin = "https://desk.example.evil" },
		"another site's device": func(a *authenticator) { a.rpID = "evil.example" },
		"another key":           func(a *authenticator) { a.key = newAuthenticator(t).key },
		"another account":       func(a *authenticator) { a.user = []byte(heed.NewID(l.clock())) },
		"a passkey of nobody":   func(a *authenticator) { a.id = []byte(rand.Text()) },
	} {
		liar := *device
		lie(&liar)
		refuses(what, browser, liar.use(l.askPasskey(t, site, browser)))
		device.count++
	}
	options := l.askPasskey(t, site, browser)
	refuses("an answer from another browser", auth.NewBrowser(), device.use(options))
	making, err := l.auth.OfferPasskey(t.Context(), site, browser, string(amira.ID), amira)
	if err != nil {
		t.Fatal(err)
	}
	refuses("a challenge for making one", browser, device.use(making))
	response := device.use(options)
	session, staff, err := l.auth.SignInByPasskey(t.Context(), site, browser, response)
	if err != nil || staff.ID != amira.ID {
		t.Fatal(staff, err)
	}
	if _, err := l.auth.Session(t.Context(), session, browser); err != nil {
		t.Error(err)
	}
	refuses("the same answer again", browser, response)
	refuses("another answer to the same challenge", browser, device.use(options))
	late := device.use(l.askPasskey(t, site, browser))
	l.wait(11 * time.Minute)
	refuses("a late answer", browser, late)
	if err := l.auth.SetDisabled(t.Context(), nil, amira.ID, true); err != nil {
		t.Fatal(err)
	}
	refuses("a closed account's passkey", browser, device.use(l.askPasskey(t, site, browser)))
}

func TestAProofByPasskeyIsTheOwnersAndACopyIsAnnounced(t *testing.T) {
	l, site, browser := newLine(t), deskSite(t), auth.NewBrowser()
	amira, bo := l.add(t, "amira", heed.Specialist), l.add(t, "bo", heed.Specialist)
	own, others := l.passkey(t, amira, site, browser), l.passkey(t, bo, site, browser)
	session, _, err := l.auth.SignInByPasskey(t.Context(), site, browser, own.use(l.askPasskey(t, site, browser)))
	if err != nil {
		t.Fatal(err)
	}
	prove := func(a *authenticator) error {
		secret, err := l.auth.ProveByPasskey(t.Context(), session, browser, site, a.use(l.askPasskey(t, site, browser)))
		if err == nil {
			session = secret
		}
		return err
	}
	if err := prove(others); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("another's passkey answers %v", err)
	}
	copied := *own
	if err := prove(own); err != nil {
		t.Fatal(err)
	}
	if err := prove(&copied); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a copy answers %v", err)
	}
	notices, err := l.auth.Notices(t.Context(), amira)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(notices, func(a *heed.Announcement) bool { return a.Code == "passkey-copied" }) {
		t.Error("nobody is told of the copy")
	}
	if !slices.Contains(l.acts(t), "staff.passkey-copied") {
		t.Error("the copy left no leaf")
	}
}
