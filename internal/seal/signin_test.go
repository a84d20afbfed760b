package seal

import (
	"bytes"
	"errors"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
)

func TestVectorsOfSigningIn(t *testing.T) {
	type vector struct {
		Key       hexBytes `json:"key"`
		Purpose   string   `json:"purpose"`
		Browser   string   `json:"browser"`
		Subject   string   `json:"subject"`
		Until     int64    `json:"until_ms"`
		Challenge hexBytes `json:"challenge"`
		Codes     hexBytes `json:"codes_secret"`
		Recovery  string   `json:"recovery_code"`
		Handle    hexBytes `json:"recovery_handle"`
		Sealed    hexBytes `json:"sealed_codes_secret"`
	}
	same(t, "signin.json", func() (vs []vector) {
		for i, subject := range []string{"", "0123456789abcdefghjkmnpqrs"} {
			raw := newKey(fixed(byte(i)))
			k := NewSignInKey(raw)
			until := time.UnixMilli(1_795_000_000_000)
			challenge := k.challengeOf(fixed(byte(50+i)), "sign-in", "mark", subject, until)
			secret := k.Codes(challenge)
			const code = "ABCDEFGHJKMNPQRS"
			vs = append(vs, vector{raw[:], "sign-in", "mark", subject, until.UnixMilli(), challenge, secret, code,
				k.RecoveryHandle(subject, code), k.codes.seal(fixed(byte(90+i)), codesPlace("city", "f"), secret)})
		}
		return vs
	})
}

func TestAChallengeIsAcceptedWhereAndWhileItWasMadeAndNowhereElse(t *testing.T) {
	k := NewSignInKey(NewKey())
	now := time.UnixMilli(1_795_000_000_000)
	c := k.Challenge("sign-in", "mark", "staff", now.Add(time.Minute))
	if until, err := k.Answered("sign-in", "mark", "staff", c, now); err != nil || !until.Equal(now.Add(time.Minute)) {
		t.Fatal(until, err)
	}
	if _, err := k.Answered("sign-in", "mark", "staff", c, now.Add(time.Minute)); !errors.Is(err, heed.ErrGone) {
		t.Errorf("after its time: %v", err)
	}
	for what, p := range map[string][3]string{
		"another purpose": {"enrol", "mark", "staff"}, "another browser": {"sign-in", "other", "staff"},
		"another subject": {"sign-in", "mark", "other"}, "other borders": {"sign-inm", "ark", "staff"},
	} {
		if _, err := k.Answered(p[0], p[1], p[2], c, now); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range c {
		changed := bytes.Clone(c)
		changed[i] ^= 1
		if _, err := k.Answered("sign-in", "mark", "staff", changed, now); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if _, err := NewSignInKey(NewKey()).Answered("sign-in", "mark", "staff", c, now); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("under another key: %v", err)
	}
	if bytes.Equal(c, k.Challenge("sign-in", "mark", "staff", now.Add(time.Minute))) {
		t.Error("two challenges are one")
	}
}

func TestASecretOfCodesOpensForItsFactorOfItsLineAlone(t *testing.T) {
	k := NewSignInKey(NewKey())
	secret := k.Codes(k.Challenge("codes", "", "", time.Now()))
	sealed := k.SealCodes("city", "factor", secret)
	if got, err := k.OpenCodes("city", "factor", sealed); err != nil || !bytes.Equal(got, secret) || len(secret) != CodesSize {
		t.Fatal(got, err)
	}
	for _, place := range [][2]string{{"city", "other"}, {"town", "factor"}} {
		if _, err := k.OpenCodes(place[0], place[1], sealed); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("at %v: %v", place, err)
		}
	}
	if bytes.Equal(k.RecoveryHandle("a", "bc"), k.RecoveryHandle("ab", "c")) {
		t.Error("two recovery codes have one handle")
	}
}

func FuzzAnswered(f *testing.F) {
	k := NewSignInKey(newKey(fixed(1)))
	now := time.UnixMilli(1_795_000_000_000)
	good := k.challengeOf(fixed(2), "sign-in", "mark", "", now.Add(time.Minute))
	f.Add(good)
	f.Add(good[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := k.Answered("sign-in", "mark", "", b, now)
		if bytes.Equal(b, good) != (err == nil) || (err != nil && !errors.Is(err, heed.ErrSealed)) {
			t.Fatal(err)
		}
	})
}
