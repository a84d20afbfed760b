package keystore

import (
	"context"
	"path/filepath"
	"testing"
)

func TestStaffsCodesComeBackWithARestoredKeystore(t *testing.T) {
	ctx := context.Background()
	lost, anew := openDirectory(t, filepath.Join(t.TempDir(), "lost")), openDirectory(t, filepath.Join(t.TempDir(), "anew"))
	ring, err := LoadRing(ctx, lost, nil)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := ExportRecovery(ctx, lost)
	if err != nil {
		t.Fatal(err)
	}
	restored := func(ks Keystore, from Recovery) *Ring {
		t.Helper()
		if err := from.Restore(ctx, ks); err != nil {
			t.Fatal(err)
		}
		r, err := LoadRing(ctx, ks, ring.Fingerprint())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if restored(anew, kept).SignIn != ring.SignIn {
		t.Error("the restored keystore has another sign-in key")
	}
	// A backup from before the key was kept is taken, too; and a newer key stays.
	delete(kept, nameSignIn)
	early := openDirectory(t, filepath.Join(t.TempDir(), "early"))
	made := restored(early, kept).SignIn
	kept[nameSignIn] = randomKey()
	if after := restored(early, kept).SignIn; made == ring.SignIn || after != made {
		t.Error("an early backup's keystore doesn't keep the key that it got")
	}
}
