package seal

import (
	"crypto/rand"
	"strings"
	"testing"
)

func TestAPassphraseIsKnownAgainHoweverItIsTyped(t *testing.T) {
	encoded := hashPassphrase(rand.Reader, realPassphraseCost(), "Crème brûlée 7")
	if !strings.HasPrefix(encoded, "$argon2id$v=19$m=65536,t=2,p=1$") {
		t.Fatal(encoded)
	}
	if encoded == hashPassphrase(rand.Reader, realPassphraseCost(), "Crème brûlée 7") {
		t.Fatal("two hashes share a salt")
	}
	for p, want := range map[string]bool{"Crème brûlée 7": true, "Cre\u0300me bru\u0302le\u0301e 7": true,
		"Crème\u00a0brûlée\u20027": true, "crème brûlée 7": false, "Creme brulee 7": false, "": false, "Crème brûlée 7 ": false} {
		if VerifyPassphrase(encoded, p) != want {
			t.Errorf("%q: %v", p, !want)
		}
	}
}

func TestWhatIsNoEncodedPassphraseIsNeverRight(t *testing.T) {
	good := hashPassphrase(fixed(6), cheap, "p")
	if !VerifyPassphrase(good, "p") {
		t.Fatal(good)
	}
	for _, bad := range []string{"", "$", "$argon2id$v=19$m=64,t=1,p=1$$", strings.Replace(good, "argon2id", "argon2i", 1),
		strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=64", "m=999999999", 1), strings.Replace(good, "m=64", "m=-1", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "t=1", "t=9999", 1), strings.Replace(good, "p=1", "p=0", 1),
		strings.Replace(good, "p=1", "p=300", 1), strings.Replace(good, "p=1", "p=1,x=2", 1), strings.Replace(good, "m=64", "m=064", 1),
		good + "$", good[:len(good)-1], good[:len(good)-30], good + "="} {
		if VerifyPassphrase(bad, "p") {
			t.Errorf("%q", bad)
		}
	}
}

func BenchmarkPassphrase(b *testing.B) {
	for b.Loop() {
		hashPassphrase(rand.Reader, realPassphraseCost(), "a long passphrase")
	}
}
