package seal

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func sealedBackup(t testing.TB, content *PublicKey, recipient, text string) []byte {
	t.Helper()
	recovery, err := ParseRecipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := SealBackup(&out, content, recovery)
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

func openedBackup(o BackupOpener, sealed []byte) (string, error) {
	r, err := o.Open(bytes.NewReader(sealed))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}

func TestABackupOpensForTheLineAndForTheRecoveryKeyAlone(t *testing.T) {
	content, stranger := GeneratePrivateKey(), GeneratePrivateKey()
	for _, hybrid := range []bool{true, false} {
		identity, recipient := GenerateRecipient(hybrid)
		other, _ := GenerateRecipient(hybrid)
		sealed := sealedBackup(t, content.Public(), recipient, "everything")
		recovery, err := RecoveryOpener(identity + "\n")
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := RecoveryOpener(other)
		if err != nil {
			t.Fatal(err)
		}
		for what, o := range map[string]BackupOpener{
			"the line": ContentOpener(content), "the recovery key": recovery, "either": ContentOpener(stranger).Or(recovery),
		} {
			if text, err := openedBackup(o, sealed); err != nil || text != "everything" {
				t.Errorf("hybrid %t, %s: %q, %v", hybrid, what, text, err)
			}
		}
		for what, o := range map[string]BackupOpener{"another line": ContentOpener(stranger), "another key": wrong, "nothing": {}} {
			if text, err := openedBackup(o, sealed); err == nil {
				t.Errorf("hybrid %t, %s: opened %q", hybrid, what, text)
			}
		}
	}
	if _, err := RecoveryOpener("AGE-SECRET-KEY-1NONSENSE"); err == nil || strings.Contains(err.Error(), "NONSENSE") {
		t.Errorf("no identity: %v", err)
	}
}

func TestAChangedBackupDoesNotOpen(t *testing.T) {
	content := GeneratePrivateKey()
	_, recipient := GenerateRecipient(false)
	refuses(t, sealedBackup(t, content.Public(), recipient, "everything"), func(b []byte) error {
		_, err := openedBackup(ContentOpener(content), b)
		return err
	})
}

func TestTheAgeToolOpensABackup(t *testing.T) {
	tool, err := exec.LookPath("age")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the age tool is not installed")
		}
		t.Skip("the age tool is not installed")
	}
	identity, recipient := GenerateRecipient(false)
	file := filepath.Join(t.TempDir(), "recovery.key")
	if err := os.WriteFile(file, []byte(identity+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "--decrypt", "--identity", file)
	cmd.Stdin = bytes.NewReader(sealedBackup(t, GeneratePrivateKey().Public(), recipient, "everything"))
	if out, err := cmd.Output(); err != nil || string(out) != "everything" {
		t.Fatalf("%q, %v", out, err)
	}
}

func TestVectorsOfBackups(t *testing.T) {
	type vector struct {
		Seed   hexBytes `json:"content_seed"`
		Plain  hexBytes `json:"plaintext"`
		Sealed hexBytes `json:"sealed"`
	}
	make := func() []vector {
		seed := newKey(fixed(1))
		k, err := ParsePrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		_, recipient := GenerateRecipient(false)
		return []vector{{seed[:], []byte("everything"), sealedBackup(t, k.Public(), recipient, "everything")}}
	}
	for _, v := range vectors(t, "backup.json", make) {
		k, err := ParsePrivateKey(v.Seed)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := openedBackup(ContentOpener(k), v.Sealed); err != nil || text != string(v.Plain) {
			t.Errorf("%q, %v", text, err)
		}
	}
}

func FuzzOpenBackup(f *testing.F) {
	content := GeneratePrivateKey()
	_, recipient := GenerateRecipient(true)
	whole := sealedBackup(f, content.Public(), recipient, "everything")
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("age-encryption.org/v1\n-> heed-content\n\n--- \n"))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		text, err := openedBackup(ContentOpener(content), sealed)
		if err == nil && text != "everything" {
			t.Errorf("opened %q", text)
		}
	})
}
