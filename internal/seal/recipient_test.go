package seal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
)

func ageFile(t *testing.T, text string, to ...Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := EncryptTo(&out, to...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAPackageOpensForItsDepartmentAlone(t *testing.T) {
	for _, hybrid := range []bool{true, false} {
		identity, recipient := GenerateRecipient(hybrid)
		to, err := ParseRecipient("  " + recipient + "\n")
		if err != nil || to.PostQuantum() != hybrid || to.String() != recipient {
			t.Fatalf("%v, %v, %s", err, to.PostQuantum(), to)
		}
		sealed := ageFile(t, "package", to)
		r, err := OpenAge(bytes.NewReader(sealed), identity)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != "package" {
			t.Fatalf("%q, %v", got, err)
		}
		stranger, _ := GenerateRecipient(hybrid)
		if _, err := OpenAge(bytes.NewReader(sealed), stranger); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("a stranger: %v", err)
		}
		if _, err := OpenAge(bytes.NewReader(sealed), "AGE-SECRET-KEY-1NONSENSE"); !errors.Is(err, heed.ErrInvalid) ||
			strings.Contains(err.Error(), "NONSENSE") {
			t.Fatalf("no identity: %v", err)
		}
	}
}

func TestAPackageForSeveralRecipientsOfOneKindOpensForEach(t *testing.T) {
	var to []Recipient
	var identities []string
	for range 2 {
		identity, recipient := GenerateRecipient(true)
		r, err := ParseRecipient(recipient)
		if err != nil {
			t.Fatal(err)
		}
		to, identities = append(to, r), append(identities, identity)
	}
	sealed := ageFile(t, "package", to...)
	for _, i := range identities {
		if _, err := OpenAge(bytes.NewReader(sealed), i); err != nil {
			t.Error(err)
		}
	}
	_, classic := GenerateRecipient(false)
	r, err := ParseRecipient(classic)
	if err != nil {
		t.Fatal(err)
	}
	for what, to := range map[string][]Recipient{"both kinds": {to[0], r}, "nobody": nil, "an unparsed one": {{}}} {
		if _, err := EncryptTo(io.Discard, to...); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatIsNoPublicKeyIsNoRecipient(t *testing.T) {
	identity, recipient := GenerateRecipient(false)
	for _, s := range []string{"", "age1", identity, recipient[:len(recipient)-1], recipient + "q", strings.ToUpper(recipient[:1]) + recipient[1:],
		"ssh-ed25519 AAAA", recipient + "\n" + recipient, "age1pq1" + recipient[4:]} {
		if _, err := ParseRecipient(s); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%.20q: %v", s, err)
		} else if s == identity && strings.Contains(err.Error(), identity) {
			t.Error("a secret stands in the error")
		}
	}
}

// The plain tool is what a Department has. Its old versions know X25519 alone.
func TestTheAgeToolOpensAPackage(t *testing.T) {
	tool, err := exec.LookPath("age")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal("the age tool is not installed")
	}
	if err != nil {
		t.Skip("the age tool is not installed; its library, which OpenAge uses, is tested above")
	}
	identity, recipient := GenerateRecipient(false)
	to, err := ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(file, []byte(identity+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "--decrypt", "--identity", file)
	cmd.Stdin = bytes.NewReader(ageFile(t, "package", to))
	if out, err := cmd.Output(); err != nil || string(out) != "package" {
		t.Fatalf("%q, %v", out, err)
	}
}
