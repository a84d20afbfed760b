package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
)

const someDay = "2026-11-23"

func TestACustodianOpensWhatWasSealedToTheDayTheyKeep(t *testing.T) {
	public, sealed := NewCustodianKey("a long passphrase")
	parsed, err := ParsePublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	day := NewDayKeys(true)
	wrapped, err := WrapDaySeed(parsed, "line", someDay, "custodian", day.Identity)
	if err != nil {
		t.Fatal(err)
	}
	who := heed.Identity{Name: "Иван Петров", Phone: "+44 7700 900123", Email: "ivan@example.org", Address: strings.Repeat("x", 600)}
	identity, err := SealIdentity(day.Identity.Public(), "line", "report", someDay, who)
	if err != nil {
		t.Fatal(err)
	}

	custodian, err := OpenCustodianKey(public, sealed, "a long passphrase")
	if err != nil {
		t.Fatal(err)
	}
	seed, err := UnwrapDaySeed(custodian, "line", someDay, "custodian", wrapped)
	if err != nil {
		t.Fatal(err)
	}
	got, err := OpenIdentity(seed, "line", "report", someDay, identity)
	if err != nil || got != who {
		t.Fatalf("%+v, %v", got, err)
	}

	for what, open := range map[string]func() error{
		"another day's seed": func() error {
			_, err := UnwrapDaySeed(custodian, "line", "2026-11-24", "custodian", wrapped)
			return err
		},
		"another custodian's": func() error { _, err := UnwrapDaySeed(custodian, "line", someDay, "other", wrapped); return err },
		"another line's":      func() error { _, err := UnwrapDaySeed(custodian, "other", someDay, "custodian", wrapped); return err },
		"a stranger": func() error {
			_, err := UnwrapDaySeed(GeneratePrivateKey(), "line", someDay, "custodian", wrapped)
			return err
		},
		"another report's":         func() error { _, err := OpenIdentity(seed, "line", "other", someDay, identity); return err },
		"under another day's name": func() error { _, err := OpenIdentity(seed, "line", "report", "2026-11-24", identity); return err },
		"with the transit key":     func() error { _, err := OpenIdentity(day.Transit, "line", "report", someDay, identity); return err },
	} {
		if err := open(); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAnIdentitysLengthTellsLittleOfIt(t *testing.T) {
	day := NewDayKeys(true)
	var lengths []int
	for _, who := range []heed.Identity{{Name: "Al"}, {Name: "Wolfeschlegelsteinhausenbergerdorff", Phone: "+44 7700 900123",
		Email: "wolfeschlegelsteinhausenbergerdorff@example.org", Address: "Flat 3, 221 The Long Street, Old Town"}} {
		sealed, err := SealIdentity(day.Identity.Public(), "line", "report", someDay, who)
		if err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, len(sealed))
	}
	if lengths[0] != lengths[1] {
		t.Fatal(lengths)
	}
}

func TestAWrongPassphraseOrAnotherPublicHalfOpensNoCustodiansKey(t *testing.T) {
	k, other := GeneratePrivateKey(), GeneratePrivateKey()
	sealed := sealCustodianKey(fixed(5), cheap, k, "Zürich déjà-vu")
	public := k.Public().Bytes()
	for _, same := range []string{"Zürich déjà-vu", "Zu\u0308rich de\u0301ja\u0300-vu", "Zürich\u00a0déjà-vu", "Zürich\u3000déjà-vu"} {
		if got, err := openCustodianKey(cheap, public, sealed, same); err != nil || !bytes.Equal(got.Bytes(), k.Bytes()) {
			t.Errorf("%q: %v", same, err)
		}
	}
	for _, wrong := range []string{"", "zürich déjà-vu", "Zürich déjà-vu ", "Zurich deja-vu"} {
		if _, err := openCustodianKey(cheap, public, sealed, wrong); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := openCustodianKey(cheap, other.Public().Bytes(), sealed, "Zürich déjà-vu"); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another's public half: %v", err)
	}
	refuses(t, sealed, func(b []byte) error {
		_, err := openCustodianKey(cheap, public, b, "Zürich déjà-vu")
		return err
	})
	anew := SealCustodianKey(k, "another passphrase")
	if got, err := OpenCustodianKey(public, anew, "another passphrase"); err != nil || !bytes.Equal(got.Bytes(), k.Bytes()) {
		t.Fatal(err)
	}
}

func TestADayKeyThatTheAuditKeyNeverSignedIsRefused(t *testing.T) {
	audit, day := GenerateSigner(), NewDayKeys(true)
	r := heed.DayKeyRecord{Day: someDay, Identity: day.Identity.Public().Bytes(), Transit: day.Transit.Public().Bytes()}
	SignDayKey(audit, "line", &r)
	if err := VerifyDayKey(audit.Verifier(), "line", &r); err != nil {
		t.Fatal(err)
	}
	attacker := NewDayKeys(true)
	for what, change := range map[string]func(*heed.DayKeyRecord){
		"another day":      func(r *heed.DayKeyRecord) { r.Day = "2026-11-24" },
		"another identity": func(r *heed.DayKeyRecord) { r.Identity = attacker.Identity.Public().Bytes() },
		"no identity":      func(r *heed.DayKeyRecord) { r.Identity = nil },
		"another transit":  func(r *heed.DayKeyRecord) { r.Transit = attacker.Transit.Public().Bytes() },
		"halves exchanged": func(r *heed.DayKeyRecord) { r.Identity, r.Transit = r.Transit, r.Identity },
		"no signature":     func(r *heed.DayKeyRecord) { r.Signature = nil },
		"the attacker's":   func(r *heed.DayKeyRecord) { SignDayKey(GenerateSigner(), "line", r) },
	} {
		changed := r
		change(&changed)
		if err := VerifyDayKey(audit.Verifier(), "line", &changed); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := VerifyDayKey(audit.Verifier(), "other", &r); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("another line: %v", err)
	}
}
