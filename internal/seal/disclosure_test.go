package seal

import (
	"bytes"
	"encoding/hex"
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

const (
	someReport     = "0123456789abcdefghjkmnpqrs"
	someDisclosure = "0123456789abcdefghjkmnpqrt"
)

type disclosureVector struct {
	What       string   `json:"what"`
	Seed       hexBytes `json:"seed"`
	Line       string   `json:"line"`
	Report     heed.ID  `json:"report"`
	Disclosure heed.ID  `json:"disclosure"`
	Plain      hexBytes `json:"plaintext"`
	Sealed     hexBytes `json:"sealed"`
}

func TestVectorsOfDisclosures(t *testing.T) {
	who := []heed.Identity{{Name: "Ada", Phone: "+44 7700 900123"}, {Email: "ada@example.org"}}
	token := bytes.Repeat([]byte{7}, 32)
	seed := newKey(fixed(1))
	k, err := ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	make := func() (vs []disclosureVector) {
		plain, err := padJSON(who)
		sealed, err2 := SealDisclosure(k.Public(), "city", someReport, someDisclosure, who)
		proof, err3 := WrapProof(k.Public(), "city", someReport, someDisclosure, token)
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		return []disclosureVector{
			{"disclosure", seed[:], "city", someReport, someDisclosure, plain, sealed},
			{"proof", seed[:], "city", someReport, someDisclosure, token, proof},
		}
	}
	vs := vectors(t, "disclosure.json", make)
	got, err := OpenDisclosure(k, vs[0].Line, vs[0].Report, vs[0].Disclosure, vs[0].Sealed)
	if err != nil || !reflect.DeepEqual(got, who) || len(vs[0].Plain)%identityBucket != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := UnwrapProof(k, vs[1].Line, vs[1].Report, vs[1].Disclosure, vs[1].Sealed); err != nil || !bytes.Equal(got, vs[1].Plain) {
		t.Errorf("%x, %v", got, err)
	}
}

func TestADisclosureOpensForItsReportItsAskerAndItselfAlone(t *testing.T) {
	k := GeneratePrivateKey()
	sealed, err := SealDisclosure(k.Public(), "line", "report", "one", []heed.Identity{{Name: "Ada"}})
	if err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func() error{
		"another's key": func() error {
			_, err := OpenDisclosure(GeneratePrivateKey(), "line", "report", "one", sealed)
			return err
		},
		"another line":       func() error { _, err := OpenDisclosure(k, "other", "report", "one", sealed); return err },
		"another report":     func() error { _, err := OpenDisclosure(k, "line", "other", "one", sealed); return err },
		"another disclosure": func() error { _, err := OpenDisclosure(k, "line", "report", "two", sealed); return err },
		"as a file's key":    func() error { _, err := OpenDisclosedFile(k, "line", "report", "one", "", sealed); return err },
		"as its proof":       func() error { _, err := UnwrapProof(k, "line", "report", "one", sealed); return err },
		"as an identity":     func() error { _, err := OpenIdentity(k, "line", "report", someDay, sealed); return err },
	} {
		if err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range sealed {
		if i%97 != 0 && i > 8 {
			continue
		}
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x10
		if _, err := OpenDisclosure(k, "line", "report", "one", bad); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

func TestACustodiansApprovalHoldsForItsAccountKeyEraAndLineAlone(t *testing.T) {
	s := generateSigner(fixed(1))
	a := heed.CustodianApproval{Staff: "dana", By: "bo", At: time.UnixMilli(1_795_000_000_000)}
	public := []byte("public")
	SignCustodian(s, "city", 3, &a, public)
	if err := VerifyCustodian(s.Verifier(), "city", 3, &a, public); err != nil {
		t.Fatal(err)
	}
	change := func(fn func(*heed.CustodianApproval)) *heed.CustodianApproval {
		c := a
		fn(&c)
		return &c
	}
	for what, err := range map[string]error{
		"another era":      VerifyCustodian(s.Verifier(), "city", 4, &a, public),
		"another line":     VerifyCustodian(s.Verifier(), "town", 3, &a, public),
		"another key":      VerifyCustodian(s.Verifier(), "city", 3, &a, []byte("publik")),
		"another signer":   VerifyCustodian(generateSigner(fixed(2)).Verifier(), "city", 3, &a, public),
		"another account":  VerifyCustodian(s.Verifier(), "city", 3, change(func(c *heed.CustodianApproval) { c.Staff = "eve" }), public),
		"another approver": VerifyCustodian(s.Verifier(), "city", 3, change(func(c *heed.CustodianApproval) { c.By = "" }), public),
		"another time":     VerifyCustodian(s.Verifier(), "city", 3, change(func(c *heed.CustodianApproval) { c.At = c.At.Add(time.Hour) }), public),
	} {
		if !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestVectorsOfCustodiansApprovals(t *testing.T) {
	type vector struct {
		Seed      hexBytes `json:"seed"`
		Line      string   `json:"line"`
		Era       uint64   `json:"era"`
		Staff     heed.ID  `json:"staff"`
		Public    hexBytes `json:"public"`
		By        heed.ID  `json:"by"`
		At        int64    `json:"at"` // milliseconds since 1970
		Message   hexBytes `json:"message"`
		Signature hexBytes `json:"signature"`
	}
	same(t, "approval.json", func() (vs []vector) {
		s := generateSigner(fixed(1))
		for _, v := range []vector{
			{Line: "city", Era: 1, Staff: someReport, Public: []byte("public half"), At: 1_795_000_000_000},
			{Line: "city", Era: 2, Staff: someDisclosure, Public: []byte("another"), By: someReport, At: 1_795_000_000_001},
		} {
			a := &heed.CustodianApproval{Staff: v.Staff, By: v.By, At: time.UnixMilli(v.At)}
			SignCustodian(s, v.Line, v.Era, a, v.Public)
			v.Seed, v.Message, v.Signature = s.Seed(), custodianStatement(v.Line, v.Era, a, v.Public), a.Signature
			vs = append(vs, v)
		}
		return vs
	})
}

// FuzzOpenDisclosure opens anything at all, and anything that who knows the asker's public half sealed in the right place.
func FuzzOpenDisclosure(f *testing.F) {
	b, err := os.ReadFile(filepath.Join("testdata", "disclosure.json"))
	if err != nil {
		f.Fatal(err)
	}
	var vs []disclosureVector
	if err := json.Unmarshal(b, &vs); err != nil {
		f.Fatal(err)
	}
	k, err := ParsePrivateKey(vs[0].Seed)
	if err != nil {
		f.Fatal(err)
	}
	for _, v := range vs {
		f.Add([]byte(v.Sealed))
		f.Add([]byte(v.Plain))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := OpenDisclosure(k, "city", someReport, someDisclosure, b)
		_, err2 := UnwrapProof(k, "city", someReport, someDisclosure, b)
		if bytes.Equal(b, vs[0].Sealed) != (err == nil) || bytes.Equal(b, vs[1].Sealed) != (err2 == nil) {
			t.Fatal(err, err2)
		}
		sealed, err := k.Public().Wrap(disclosurePlace("line", "report", "one"), b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenDisclosure(k, "line", "report", "one", sealed); err != nil && (!errors.Is(err, heed.ErrSealed) || len(b) > 8 && strings.Contains(err.Error(), string(b))) {
			t.Fatal(err)
		}
	})
}

func TestADisclosedFilesKeyOpensForItsReportItsAskerItselfAndItsFileAlone(t *testing.T) {
	k, key := GeneratePrivateKey(), NewKey()
	sealed, err := SealDisclosedFile(k.Public(), "line", "report", "one", "file", key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenDisclosedFile(k, "line", "report", "one", "file", sealed); err != nil || got != key {
		t.Errorf("its own: %v", err)
	}
	for what, open := range map[string]func() (Key, error){
		"another's key": func() (Key, error) {
			return OpenDisclosedFile(GeneratePrivateKey(), "line", "report", "one", "file", sealed)
		},
		"another line":       func() (Key, error) { return OpenDisclosedFile(k, "other", "report", "one", "file", sealed) },
		"another report":     func() (Key, error) { return OpenDisclosedFile(k, "line", "other", "one", "file", sealed) },
		"another disclosure": func() (Key, error) { return OpenDisclosedFile(k, "line", "report", "two", "file", sealed) },
		"another file":       func() (Key, error) { return OpenDisclosedFile(k, "line", "report", "one", "other", sealed) },
	} {
		if _, err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	asked := &heed.Disclosure{ID: "one", By: "amira", Reason: heed.ReasonDanger, Key: k.Public().Bytes()}
	act := RequestAct(asked)
	if asked.File = "file"; RequestAct(asked) == act {
		t.Error("the words of a request are sealed the same for a file and for an Identity")
	}
}

func TestWhatAFileWasWhenItWasAskedForIsAnothersWhereAnythingOfItIsExchanged(t *testing.T) {
	file := func() *heed.Attachment {
		return &heed.Attachment{ID: "file", Report: "report", Blob: "blob", Type: "audio/basic", Size: 40, Day: "2026-11-23", SealedName: []byte("name"), DayKey: []byte("key")}
	}
	was := OriginalSum(file())
	if got := hex.EncodeToString(was); got != "d52372febd971263559f3f1ddf7798cda84075be4e1b4bd3527cfb30c17500c0" {
		t.Errorf("its sum is %s", got)
	}
	for what, exchange := range map[string]func(a *heed.Attachment){
		"id": func(a *heed.Attachment) { a.ID = "other" }, "report": func(a *heed.Attachment) { a.Report = "other" },
		"blob": func(a *heed.Attachment) { a.Blob = "other" }, "type": func(a *heed.Attachment) { a.Type = "image/png" },
		"size": func(a *heed.Attachment) { a.Size++ }, "day": func(a *heed.Attachment) { a.Day = "2026-11-24" },
		"name": func(a *heed.Attachment) { a.SealedName = nil }, "key": func(a *heed.Attachment) { a.DayKey = []byte("kez") },
		"a border": func(a *heed.Attachment) { a.Blob, a.Day = "blob2", "026-11-23" },
	} {
		a := file()
		if exchange(a); bytes.Equal(OriginalSum(a), was) {
			t.Errorf("with another %s it is the same", what)
		}
	}
	a := file()
	if a.TransitKey = []byte("gone once it has its copy"); !bytes.Equal(OriginalSum(a), was) {
		t.Error("it isn't the same after its copy was made")
	}
}

type disclosedFileVector struct {
	Seed       hexBytes `json:"seed"`
	Line       string   `json:"line"`
	Report     heed.ID  `json:"report"`
	Disclosure heed.ID  `json:"disclosure"`
	File       heed.ID  `json:"file"`
	Plain      hexBytes `json:"plaintext"`
	Sealed     hexBytes `json:"sealed"`
}

func TestVectorsOfDisclosedFiles(t *testing.T) {
	seed, key := newKey(fixed(1)), newKey(fixed(2))
	k, err := ParsePrivateKey(seed[:])
	if err != nil {
		t.Fatal(err)
	}
	make := func() []disclosedFileVector {
		sealed, err := SealDisclosedFile(k.Public(), "city", someReport, someDisclosure, "0123456789abcdefghjkmnpqrv", key)
		if err != nil {
			t.Fatal(err)
		}
		return []disclosedFileVector{{seed[:], "city", someReport, someDisclosure, "0123456789abcdefghjkmnpqrv", key[:], sealed}}
	}
	for _, v := range vectors(t, "disclosed-file.json", make) {
		got, err := OpenDisclosedFile(k, v.Line, v.Report, v.Disclosure, v.File, v.Sealed)
		if err != nil || !bytes.Equal(got[:], v.Plain) {
			t.Errorf("%v", err)
		}
	}
}
