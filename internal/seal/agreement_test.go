package seal

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

// toAgree is a request to agree, with the keys of who asks and of who may agree.
func toAgree(t testing.TB) (audit *Signer, custodian *PrivateKey, r AgreementRequest, file []byte) {
	t.Helper()
	var keys [2]*PrivateKey
	for i := range keys {
		seed := newKey(fixed(byte(3 + i)))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k
	}
	audit, custodian = generateSigner(fixed(1)), keys[0]
	r = AgreementRequest{LineName: "City line", Name: "evelina.k", Asker: "operator.r", Agreement: Agreement{
		Line: "city", Act: RemoveCustodian, Era: 7, Staff: someDisclosure, Key: keys[1].Public().Bytes(), Custodian: someCustodian,
		Until: someTime.Add(24 * time.Hour),
	}}
	file, err := SealAgreement(audit, custodian.Public(), r)
	if err != nil {
		t.Fatal(err)
	}
	return audit, custodian, r, file
}

func TestACustodianAgreesOnAMachineApartToWhatTheyAreShown(t *testing.T) {
	audit, custodian, asked, file := toAgree(t)
	if bytes.Contains(file, []byte("evelina.k")) || bytes.Contains(file, []byte("operator.r")) {
		t.Error("the file says about whom it is")
	}
	r, signer, err := ReadAgreement(custodian, file)
	if err != nil || !bytes.Equal(signer.Bytes(), audit.Verifier().Bytes()) {
		t.Fatalf("%v, %v", signer, err)
	}
	asked.Proof = r.Proof
	if !reflect.DeepEqual(r.Agreement, asked.Agreement) || r.Name != "evelina.k" || r.Asker != "operator.r" || r.LineName != "City line" {
		t.Errorf("the machine reads %+v", r)
	}
	answer, err := r.Agree()
	if err != nil || bytes.Contains(answer, []byte("evelina.k")) || bytes.Contains(answer, []byte("operator.r")) {
		t.Fatalf("the answer names somebody, or %v", err)
	}
	if a, err := ReadAgreed(audit.Verifier(), answer); err != nil || !reflect.DeepEqual(*a, r.Agreement) {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestARequestToAgreeOpensForItsCustodianAloneAsTheLineSignedIt(t *testing.T) {
	audit, custodian, r, file := toAgree(t)
	refuses(t, file[1:], func(b []byte) error {
		_, _, err := ReadAgreement(custodian, append([]byte{formatAgreement}, b...))
		return err
	})
	if _, _, err := ReadAgreement(GeneratePrivateKey(), file); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another Custodian's key: %v", err)
	}
	// Anybody can seal to a Custodian's public half: what the line didn't sign is nothing.
	for what, plain := range map[string][]byte{
		"nothing": nil, "no signature": make([]byte, 200), "a signature for another purpose": append(audit.Sign(contextApart, []byte("{}")), "{}"...),
	} {
		wrapped, err := custodian.Public().Wrap(agreementPlace(), plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := ReadAgreement(custodian, append([]byte{formatAgreement}, wrapped...)); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	other, err := SealAgreement(GenerateSigner(), custodian.Public(), r)
	if err != nil {
		t.Fatal(err)
	}
	if _, signer, err := ReadAgreement(custodian, other); err != nil || bytes.Equal(signer.Bytes(), audit.Verifier().Bytes()) {
		t.Errorf("another line's request passes for this one's: %v", err)
	}
}

func TestAnAgreementHoldsAsItWasAskedAndAnsweredAlone(t *testing.T) {
	audit, custodian, r, file := toAgree(t)
	read, _, err := ReadAgreement(custodian, file)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := read.Agree()
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, answer, func(b []byte) error {
		_, err := ReadAgreed(audit.Verifier(), b)
		return sealedOrNone(err)
	})
	if _, err := ReadAgreed(GenerateSigner().Verifier(), answer); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("another line takes it: %v", err)
	}
	// Who has what the line signed, and not the key that only the Custodian could open, answers nothing.
	forger := GenerateSigner()
	forged := append(append([]byte{formatAgreed}, forger.Sign(contextAgreed, read.signed)...), read.signed...)
	if _, err := ReadAgreed(audit.Verifier(), forged); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("signed with another key: %v", err)
	}
	second, err := SealAgreement(audit, custodian.Public(), r)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := ReadAgreement(custodian, second)
	if err != nil {
		t.Fatal(err)
	}
	if mixed := append(bytes.Clone(answer[:65]), again.signed...); bytes.Equal(mixed, answer) {
		t.Error("two requests are one")
	} else if _, err := ReadAgreed(audit.Verifier(), mixed); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("an answer to one request answers another: %v", err)
	}
}

func TestVectorsOfAgreements(t *testing.T) {
	type vector struct {
		Audit     hexBytes `json:"audit_seed"`
		Custodian hexBytes `json:"custodian_seed"`
		Proof     hexBytes `json:"proof_seed"`
		LineName  string   `json:"line_name"`
		Name      string   `json:"name"`
		Asker     string   `json:"asker"`
		Agreement string   `json:"agreement"`
		File      hexBytes `json:"file"`
		Answer    hexBytes `json:"answer"`
	}
	audit, custodian, _, file := toAgree(t)
	vs := vectors(t, "agreement.json", func() []vector {
		r, _, err := ReadAgreement(custodian, file)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := r.Agree()
		if err != nil {
			t.Fatal(err)
		}
		return []vector{{audit.Seed(), custodian.Bytes(), r.seed, r.LineName, r.Name, r.Asker, string(r.signed[64:]), file, answer}}
	})
	r, _, err := ReadAgreement(custodian, vs[0].File)
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := r.Agree(); err != nil || !bytes.Equal(answer, vs[0].Answer) || r.Name != vs[0].Name {
		t.Errorf("%s, %v", r.Name, err)
	}
	if a, err := ReadAgreed(audit.Verifier(), vs[0].Answer); err != nil || a.Era != 7 || a.Act != RemoveCustodian {
		t.Errorf("%+v, %v", a, err)
	}
}

// FuzzAgreement takes any file for a request and for an answer, and anything at all for what was sealed or signed in them.
func FuzzAgreement(f *testing.F) {
	audit, custodian, _, _ := toAgree(f)
	file := vectorFile(f, "agreement.json")
	f.Add(file)
	f.Add([]byte{formatAgreed})
	f.Add([]byte(`{"line":"city","proof":"AAAA"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := ReadAgreement(custodian, b); bytes.Equal(b, file) != (err == nil) || err != nil && !errors.Is(err, heed.ErrSealed) && !errors.Is(err, heed.ErrInvalid) {
			t.Fatal(err)
		}
		wrapped, err := custodian.Public().Wrap(agreementPlace(), append(audit.Sign(contextAgreementFile, b), b...))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, err := ReadAgreement(custodian, append([]byte{formatAgreement}, wrapped...)); !errors.Is(err, heed.ErrInvalid) {
			t.Fatalf("%+v, %v", r, err)
		}
		signed := append(audit.Sign(contextAgreement, b), b...)
		for _, answer := range [][]byte{b, append(make([]byte, 65), signed...), append(append([]byte{formatAgreed}, make([]byte, 64)...), signed...)} {
			if a, err := ReadAgreed(audit.Verifier(), answer); !errors.Is(err, heed.ErrInvalid) {
				t.Fatalf("%+v, %v", a, err)
			}
		}
	})
}
