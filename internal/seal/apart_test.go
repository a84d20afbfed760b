package seal

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

const someCustodian = heed.ID("0123456789abcdefghjkmnpqrv")

// apart is one request with the keys of everybody who has a part in it.
type apart struct {
	audit, proof     *Signer
	custodian, asker *PrivateKey
	code             ApartCode
	request          ApartRequest
	who              []heed.Identity
}

func newApart(t testing.TB) *apart {
	t.Helper()
	key := func(seed byte) *PrivateKey {
		s := newKey(fixed(seed))
		k, err := ParsePrivateKey(s[:])
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	a := &apart{
		audit: generateSigner(fixed(1)), proof: generateSigner(fixed(2)), custodian: key(3), asker: key(4), code: newApartCode(fixed(5)),
		who: []heed.Identity{{Name: "Ada", Phone: "+44 7700 900123"}},
	}
	day, older := key(6), key(7)
	sealed, err := SealIdentity(day.Public(), "city", someReport, someDay, a.who[0])
	seed, err2 := WrapDaySeed(a.custodian.Public(), "city", someDay, someCustodian, day)
	other, err3 := WrapDaySeed(a.custodian.Public(), "city", someDay, someCustodian, older)
	proof, err4 := WrapProof(a.custodian.Public(), "city", someReport, someDisclosure, a.proof.Seed())
	if err := errors.Join(err, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	a.request = ApartRequest{
		Line: "city", LineName: "City line", Report: someReport, Disclosure: someDisclosure, Custodian: someCustodian, Asker: "amira",
		Class: heed.ReasonDanger, Words: "We must warn them", At: someTime, Until: someTime.Add(24 * time.Hour),
		Key: a.asker.Public().Bytes(), Proof: proof, Identities: []ApartIdentity{{Day: someDay, Sealed: sealed, Seeds: [][]byte{other, seed}}},
	}
	return a
}

func (a *apart) file(t testing.TB) []byte {
	t.Helper()
	file, err := SealApart(a.audit, a.custodian.Public(), a.code, &a.request)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// read is everything that a machine apart does with a request.
func (a *apart) read(file []byte) (*ApartRequest, error) {
	unlocked, err := UnlockApart(a.code, file)
	if err != nil {
		return nil, err
	}
	r, audit, err := ReadApart(a.custodian, unlocked)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(audit.Bytes(), a.audit.Verifier().Bytes()) {
		return nil, errors.New("another line's")
	}
	return r, nil
}

func (a *apart) answer(t testing.TB) []byte {
	t.Helper()
	r, err := a.read(a.file(t))
	if err != nil {
		t.Fatal(err)
	}
	who, err := r.Open(a.custodian)
	if err != nil || !reflect.DeepEqual(who, a.who) {
		t.Fatalf("%v, %v", who, err)
	}
	answer, err := r.Answer(a.custodian, who)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func (a *apart) place() AnswerPlace {
	return AnswerPlace{Line: "city", Report: someReport, Disclosure: someDisclosure, Custodian: someCustodian, Key: a.custodian.Public()}
}

func TestARequestGoesToAMachineApartAndItsAnswerComesBack(t *testing.T) {
	a := newApart(t)
	answer, err := ParseApartAnswer(a.answer(t))
	if err != nil || answer.Disclosure != someDisclosure {
		t.Fatalf("%+v, %v", answer, err)
	}
	if err := answer.Verify(a.proof.Verifier(), a.place()); err != nil {
		t.Fatal(err)
	}
	if who, err := OpenDisclosure(a.asker, "city", someReport, someDisclosure, answer.Sealed); err != nil || !reflect.DeepEqual(who, a.who) {
		t.Errorf("%v, %v", who, err)
	}
}

func TestARequestFileOpensWithItsCodeAndItsCustodiansKeyAlone(t *testing.T) {
	a := newApart(t)
	file := a.file(t)
	refuses(t, file[1:], func(b []byte) error {
		_, err := UnlockApart(a.code, append([]byte{formatApart}, b...))
		return sealedOrNone(err)
	})
	for _, secret := range []string{"amira", "warn", string(someReport), "Ada"} {
		if bytes.Contains(file, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
	if _, err := UnlockApart(NewApartCode(), file); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another code: %v", err)
	}
	unlocked, err := UnlockApart(a.code, file)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(unlocked, []byte("amira")) {
		t.Error("without the custodian's key it says who asks")
	}
	if _, _, err := ReadApart(GeneratePrivateKey(), unlocked); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another custodian's key: %v", err)
	}
	if _, err := UnlockApart(a.code, nil); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := UnlockApart(a.code, a.answer(t)); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("an answer: %v", err)
	}
}

// sealedOrNone takes both of UnlockApart's errors for ErrSealed: what is too short to be a file is none.
func sealedOrNone(err error) error {
	if errors.Is(err, heed.ErrInvalid) {
		return heed.ErrSealed
	}
	return err
}

// Whoever knows a Custodian's public half can make such a file, with a code of their own; what they can't do is sign it.
func TestARequestThatTheAuditKeyDidNotSignIsRefused(t *testing.T) {
	a := newApart(t)
	seal := func(plain []byte) error {
		wrapped, err := a.custodian.Public().Wrap(apartPlace(), plain)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = ReadApart(a.custodian, wrapped)
		return err
	}
	body, err := padJSON(a.request)
	if err != nil {
		t.Fatal(err)
	}
	a.request.Audit = a.audit.Verifier().Bytes()
	named, err := padJSON(a.request)
	if err != nil {
		t.Fatal(err)
	}
	good := append(a.audit.Sign(contextApart, named), named...)
	if err := seal(good); err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(good, []byte("amira"), []byte("trudy"), 1)
	for what, plain := range map[string][]byte{
		"nothing": nil, "a signature alone": good[:64], "one that names no key": append(a.audit.Sign(contextApart, body), body...),
		"one with another asker": changed, "another's signature": append(generateSigner(fixed(9)).Sign(contextApart, named), named...),
		"another purpose's": append(a.audit.Sign(contextDayKey, named), named...),
	} {
		if err := seal(plain); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnAnswerHoldsForItsRequestItsCustodianAndItsContentAlone(t *testing.T) {
	a := newApart(t)
	file := a.answer(t)
	for i := range file {
		if i > 128 && i < len(file)-32 && i%37 != 0 {
			continue
		}
		changed := bytes.Clone(file)
		changed[i] ^= 1 << (i % 8)
		answer, err := ParseApartAnswer(changed)
		if err == nil && answer.Disclosure == someDisclosure {
			err = answer.Verify(a.proof.Verifier(), a.place())
		}
		if err == nil && answer.Disclosure == someDisclosure {
			t.Fatalf("byte %d changed and nobody notices", i)
		}
	}
	answer, err := ParseApartAnswer(file)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := func(change func(*AnswerPlace)) error {
		p := a.place()
		change(&p)
		return answer.Verify(a.proof.Verifier(), p)
	}
	for what, err := range map[string]error{
		"another line":         elsewhere(func(p *AnswerPlace) { p.Line = "town" }),
		"another report":       elsewhere(func(p *AnswerPlace) { p.Report = someDisclosure }),
		"another disclosure":   elsewhere(func(p *AnswerPlace) { p.Disclosure = someReport }),
		"another custodian":    elsewhere(func(p *AnswerPlace) { p.Custodian = someReport }),
		"a key that was since": elsewhere(func(p *AnswerPlace) { p.Key = GeneratePrivateKey().Public() }),
		"another's proof":      answer.Verify(generateSigner(fixed(9)).Verifier(), a.place()),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnIdentityOfAnotherReportOrDayDoesNotOpenFromARequest(t *testing.T) {
	a := newApart(t)
	for what, change := range map[string]func(*ApartRequest){
		"another report": func(r *ApartRequest) { r.Report = someDisclosure },
		"another day": func(r *ApartRequest) {
			r.Identities = []ApartIdentity{{"2026-11-22", r.Identities[0].Sealed, r.Identities[0].Seeds}}
		},
		"another custodian": func(r *ApartRequest) { r.Custodian = someReport },
		"no seed":           func(r *ApartRequest) { r.Identities = []ApartIdentity{{someDay, r.Identities[0].Sealed, nil}} },
		"no identity":       func(r *ApartRequest) { r.Identities = nil },
	} {
		r := a.request
		change(&r)
		if who, err := r.Open(a.custodian); !errors.Is(err, heed.ErrSealed) || who != nil {
			t.Errorf("%s: %v, %v", what, who, err)
		}
	}
}

func TestACodeIsReadHoweverItWasTyped(t *testing.T) {
	code := ApartCode("0123456789ABCDEFGHJK")
	for _, typed := range []string{code.Grouped(), "0123 4567 89ab cdef ghjk", "o1234-56789-abcde-fghjk", " 0i23456789ABCDEFGHJK\n"} {
		if got, err := ParseApartCode(typed); err != nil || got != code {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for _, typed := range []string{"", "0123", "0123-4567-89AB-CDEF-GHJK-1", "0123-4567-89AB-CDEF-GHJU", "0123-4567-89AB-CDEF-GHJé"} {
		if _, err := ParseApartCode(typed); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if a, b := NewApartCode(), NewApartCode(); a == b || len(a) != codeLength {
		t.Error("codes repeat")
	}
}

func TestVectorsOfRequestsForAMachineApart(t *testing.T) {
	type vector struct {
		Code      string          `json:"code"`
		Audit     hexBytes        `json:"audit_seed"`
		Custodian hexBytes        `json:"custodian_seed"`
		Proof     hexBytes        `json:"proof_seed"`
		Identity  json.RawMessage `json:"identity"`
		Body      hexBytes        `json:"body"`
		File      hexBytes        `json:"file"`
	}
	a := newApart(t)
	vs := vectors(t, "apart-request.json", func() []vector {
		r := a.request
		r.Audit = a.audit.Verifier().Bytes()
		body, err := padJSON(r)
		file, err2 := sealApart(fixed(8), a.audit, a.custodian.Public(), a.code, &a.request)
		who, err3 := json.Marshal(a.who[0])
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		return []vector{{string(a.code), a.audit.Seed(), a.custodian.Bytes(), a.proof.Seed(), who, body, file}}
	})
	r, err := a.read(vs[0].File)
	if err != nil {
		t.Fatal(err)
	}
	if who, err := r.Open(a.custodian); err != nil || !reflect.DeepEqual(who, a.who) || r.Words != a.request.Words {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestVectorsOfAnswersFromAMachineApart(t *testing.T) {
	type vector struct {
		Proof      hexBytes `json:"proof_seed"`
		Line       string   `json:"line"`
		Report     heed.ID  `json:"report"`
		Disclosure heed.ID  `json:"disclosure"`
		Custodian  heed.ID  `json:"custodian"`
		Public     hexBytes `json:"custodian_public"`
		Asker      hexBytes `json:"asker_seed"`
		Plain      hexBytes `json:"plaintext"`
		File       hexBytes `json:"file"`
	}
	a := newApart(t)
	vs := vectors(t, "apart-answer.json", func() []vector {
		plain, err := padJSON(a.who)
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{a.proof.Seed(), "city", someReport, someDisclosure, someCustodian, a.custodian.Public().Bytes(), a.asker.Bytes(), plain, a.answer(t)}}
	})
	answer, err := ParseApartAnswer(vs[0].File)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Verify(a.proof.Verifier(), a.place()); err != nil {
		t.Error(err)
	}
}

func TestVectorsOfCustodiansFiles(t *testing.T) {
	type vector struct {
		Public      hexBytes `json:"public"`
		Sealed      hexBytes `json:"sealed"`
		Key         string   `json:"key_file"`
		Half        string   `json:"public_file"`
		Fingerprint string   `json:"fingerprint"`
	}
	same(t, "custodian-file.json", func() []vector {
		seed := newKey(fixed(1))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		public, sealed := k.Public().Bytes(), sealCustodianKey(fixed(2), realPassphraseCost(), k, "Zürich déjà-vu")
		return []vector{{public, sealed, string(FormatCustodianKey(public, sealed)), string(FormatCustodianPublic(public)), Fingerprint(public)}}
	})
}

func TestACustodiansPublicHalfIsTakenWholeOrNotAtAll(t *testing.T) {
	public, sealed := NewCustodianKey("a passphrase of mine")
	text := string(FormatCustodianPublic(public))
	for what, pasted := range map[string]string{
		"as it is": text, "with Windows' line ends": strings.ReplaceAll(text, "\n", "\r\n"), "with space around": "\n  " + text + "\n\n", "without the last line end": strings.TrimSpace(text),
	} {
		if key, err := ParseCustodianPublic([]byte(pasted)); err != nil || !bytes.Equal(key.Bytes(), public) {
			t.Errorf("%s: %v", what, err)
		}
	}
	i := strings.LastIndexAny(text[:len(text)-60], "ABCDEFGH")
	for what, pasted := range map[string]string{
		"nothing": "", "half of it": text[:len(text)/2], "a letter changed": text[:i] + "z" + text[i+1:], "the private half": string(FormatCustodianKey(public, sealed)),
		"twice": text + text, "words before it": "Here is my key:\n" + text,
	} {
		if _, err := ParseCustodianPublic([]byte(pasted)); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if p, s, err := ParseCustodianKey(FormatCustodianKey(public, sealed)); err != nil || !bytes.Equal(p, public) || !bytes.Equal(s, sealed) {
		t.Error(err)
	}
	if _, _, err := ParseCustodianKey([]byte(text)); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("a public half as a key: %v", err)
	}
}

// FuzzApartRequest takes any file for a request, and anything at all for what was sealed in it.
func FuzzApartRequest(f *testing.F) {
	a := newApart(f)
	file := vectorFile(f, "apart-request.json")
	f.Add(file)
	f.Add([]byte{})
	f.Add([]byte(`{"line":"city","audit":"AAAA"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := a.read(b); bytes.Equal(b, file) != (err == nil) || err != nil && (r != nil || !errors.Is(err, heed.ErrSealed) && !errors.Is(err, heed.ErrInvalid)) {
			t.Fatal(err)
		}
		for _, plain := range [][]byte{b, append(a.audit.Sign(contextApart, b), b...)} {
			wrapped, err := a.custodian.Public().Wrap(apartPlace(), plain)
			if err != nil {
				t.Fatal(err)
			}
			r, _, err := ReadApart(a.custodian, wrapped)
			if err != nil {
				if !errors.Is(err, heed.ErrInvalid) || len(b) > 8 && strings.Contains(err.Error(), string(b)) {
					t.Fatal(err)
				}
				continue
			}
			if who, err := r.Open(a.custodian); err == nil && len(who) > 0 {
				t.Fatalf("it opens as %v", who)
			}
		}
	})
}

func FuzzApartAnswer(f *testing.F) {
	a := newApart(f)
	file := vectorFile(f, "apart-answer.json")
	f.Add(file)
	f.Add([]byte{})
	f.Add([]byte("\x07\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		answer, err := ParseApartAnswer(b)
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) || answer != nil {
				t.Fatal(err)
			}
			return
		}
		if err := answer.Verify(a.proof.Verifier(), a.place()); (err == nil) && answer.Disclosure == someDisclosure != bytes.Equal(b, file) {
			t.Fatal(err)
		}
	})
}

func FuzzCustodianFiles(f *testing.F) {
	public, sealed := NewCustodianKey("a passphrase of mine")
	f.Add(FormatCustodianKey(public, sealed))
	f.Add(FormatCustodianPublic(public))
	f.Add([]byte("-----BEGIN HEED CUSTODIAN PUBLIC KEY-----\nA: b\n\nAAAA\n-----END HEED CUSTODIAN PUBLIC KEY-----"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, s, err := ParseCustodianKey(b); err != nil && !errors.Is(err, heed.ErrInvalid) || err == nil && (len(p) != publicKeySize || len(s) == 0) {
			t.Fatal(err)
		}
		if k, err := ParseCustodianPublic(b); err != nil && !errors.Is(err, heed.ErrInvalid) || err == nil && k == nil {
			t.Fatal(err)
		}
		if c, err := ParseApartCode(string(b)); err != nil && !errors.Is(err, heed.ErrInvalid) || err == nil && len(c) != codeLength {
			t.Fatal(err)
		}
	})
}

// vectorFile is the field "file" of the first vector.
func vectorFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var vs []struct{ File hexBytes }
	if err := json.Unmarshal(b, &vs); err != nil {
		t.Fatal(err)
	}
	return vs[0].File
}
