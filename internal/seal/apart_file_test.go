package seal

import (
	"errors"
	"testing"

	heed "github.com/heed-line/heed"
)

const someFile = heed.ID("0123456789abcdefghjkmnpqrw")

// newApartFile is a request for a file as it was sent, and the key of its frames.
func newApartFile(t testing.TB) (*apart, Key) {
	t.Helper()
	a, file := newApart(t), newKey(fixed(10))
	seed := newKey(fixed(6)) // of the day, as newApart has it
	day, err := ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := WrapFileKey(day.Public(), "city", &heed.Attachment{ID: someFile, Report: someReport, Blob: "blobs/one", Day: someDay}, ByIdentity, file)
	if err != nil {
		t.Fatal(err)
	}
	a.request.File = &ApartFile{ID: someFile, Type: "audio/basic", Size: 4096, Blob: "blobs/one", Day: someDay, Key: wrapped, Seeds: a.request.Identities[0].Seeds}
	a.request.Identities, a.who = nil, nil
	return a, file
}

// answerFile is everything that a machine apart does with a request for a file.
func (a *apart) answerFile(t testing.TB, file []byte, want Key) []byte {
	t.Helper()
	r, err := a.read(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := r.OpenFile(a.custodian)
	if err != nil || key != want {
		t.Fatalf("the file's key: %v", err)
	}
	answer, err := r.AnswerFile(a.custodian, key)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestTheKeyOfAFileGoesToAMachineApartAndComesBackForWhoAsked(t *testing.T) {
	a, file := newApartFile(t)
	answer, err := ParseApartAnswer(a.answerFile(t, a.file(t), file))
	if err != nil || answer.Disclosure != someDisclosure {
		t.Fatalf("%+v, %v", answer, err)
	}
	if err := answer.Verify(a.proof.Verifier(), a.place()); err != nil {
		t.Fatal(err)
	}
	if key, err := OpenDisclosedFile(a.asker, "city", someReport, someDisclosure, someFile, answer.Sealed); err != nil || key != file {
		t.Errorf("who asked: %v", err)
	}
	if _, err := OpenDisclosedFile(a.asker, "city", someReport, someDisclosure, someReport, answer.Sealed); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("for another file: %v", err)
	}
	if who, err := OpenDisclosure(a.asker, "city", someReport, someDisclosure, answer.Sealed); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("as an identity: %v, %v", who, err)
	}
}

func TestAFileOfAnotherReportBlobOrDayDoesNotOpenFromARequest(t *testing.T) {
	a, _ := newApartFile(t)
	identities := newApart(t).request.Identities
	for what, change := range map[string]func(*ApartRequest, *ApartFile){
		"another report":    func(r *ApartRequest, _ *ApartFile) { r.Report = someDisclosure },
		"another file":      func(_ *ApartRequest, f *ApartFile) { f.ID = someDisclosure },
		"another blob":      func(_ *ApartRequest, f *ApartFile) { f.Blob = "blobs/two" },
		"another day":       func(_ *ApartRequest, f *ApartFile) { f.Day = "2026-11-22" },
		"another line":      func(r *ApartRequest, _ *ApartFile) { r.Line = "town" },
		"another custodian": func(r *ApartRequest, _ *ApartFile) { r.Custodian = someReport },
		"no seed":           func(_ *ApartRequest, f *ApartFile) { f.Seeds = nil },
		"an identity too":   func(r *ApartRequest, _ *ApartFile) { r.Identities = identities },
	} {
		r, f := a.request, *a.request.File
		r.File = &f
		change(&r, &f)
		if key, err := r.OpenFile(a.custodian); !errors.Is(err, heed.ErrSealed) || key != (Key{}) {
			t.Errorf("%s: %v", what, err)
		}
		if who, err := r.Open(a.custodian); !errors.Is(err, heed.ErrSealed) || who != nil {
			t.Errorf("%s, as an identity: %v, %v", what, who, err)
		}
	}
	r := newApart(t).request
	if _, err := r.OpenFile(a.custodian); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("of a request for an identity: %v", err)
	}
	if _, err := r.AnswerFile(a.custodian, newKey(fixed(1))); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("answering a request for an identity with a file: %v", err)
	}
}

func TestVectorsOfRequestsForAFileOnAMachineApart(t *testing.T) {
	type vector struct {
		Code      string   `json:"code"`
		Audit     hexBytes `json:"audit_seed"`
		Custodian hexBytes `json:"custodian_seed"`
		Proof     hexBytes `json:"proof_seed"`
		Public    hexBytes `json:"custodian_public"`
		Asker     hexBytes `json:"asker_seed"`
		Key       hexBytes `json:"key"`
		Body      hexBytes `json:"body"`
		File      hexBytes `json:"file"`
		Answer    hexBytes `json:"answer"`
	}
	a, file := newApartFile(t)
	vs := vectors(t, "apart-file.json", func() []vector {
		r := a.request
		r.Audit = a.audit.Verifier().Bytes()
		body, err := padJSON(r)
		request, err2 := sealApart(fixed(8), a.audit, a.custodian.Public(), a.code, &a.request)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return []vector{{string(a.code), a.audit.Seed(), a.custodian.Bytes(), a.proof.Seed(), a.custodian.Public().Bytes(), a.asker.Bytes(), file[:], body, request, a.answerFile(t, request, file)}}
	})
	for _, v := range vs { // the first is of before a file's key named its report
		a.answerFile(t, v.File, file)
		answer, err := ParseApartAnswer(v.Answer)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Verify(a.proof.Verifier(), a.place()); err != nil {
			t.Error(err)
		}
		if key, err := OpenDisclosedFile(a.asker, "city", someReport, someDisclosure, someFile, answer.Sealed); err != nil || key != file {
			t.Error(err)
		}
	}
}
