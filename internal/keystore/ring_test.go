package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

func TestARingIsMadeOnceAndLoadedFromThenOn(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	first, err := LoadRing(ctx, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadRing(ctx, d, first.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Fingerprint(), second.Fingerprint()) || !bytes.Equal(first.Pepper, second.Pepper) {
		t.Fatal("the second start has other keys")
	}
	wrapped, err := seal.NewReportKeys().Wrap(first.Public().Content, "line", "report")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.UnwrapReportKeys(second.Content, "line", "report", wrapped); err != nil {
		t.Fatal(err)
	}
}

func TestAFirstStartCutShortIsCompletedAndReplacesNothing(t *testing.T) {
	ctx := context.Background()
	names := []string{nameContent, nameMatching, nameAudit, namePackage, namePepper, nameDraft, nameBrowser}
	for made := range names {
		d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
		if _, err := LoadRing(ctx, d, nil); err != nil {
			t.Fatal(err)
		}
		kept := map[string][]byte{}
		for i, n := range names {
			b, err := d.Get(ctx, n)
			if err != nil {
				t.Fatal(err)
			}
			if kept[n] = b; i > made {
				delete(kept, n)
				if err := d.Delete(ctx, n); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := LoadRing(ctx, d, nil); err != nil {
			t.Fatal(err)
		}
		for n, want := range kept {
			if b, err := d.Get(ctx, n); err != nil || !bytes.Equal(b, want) {
				t.Fatalf("%s was replaced (%v)", n, err)
			}
		}
	}
}

func TestAKeyThatReportsDependOnIsNeverMadeAnew(t *testing.T) {
	ctx := context.Background()
	for _, name := range []string{nameContent, nameMatching, nameAudit, namePackage, namePepper} {
		d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
		ring, err := LoadRing(ctx, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadRing(ctx, d, ring.Fingerprint()); !errors.Is(err, heed.ErrNotFound) || !strings.Contains(err.Error(), name) {
			t.Fatalf("%s missing: %v", name, err)
		}
		if names, err := d.List(ctx, name); err != nil || len(names) > 0 {
			t.Fatalf("made %v, %v", names, err)
		}
	}
}

func TestALostDraftKeyOnlyEmptiesOpenForms(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	ring, err := LoadRing(ctx, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, nameDraft); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadRing(ctx, d, ring.Fingerprint()); err != nil {
		t.Fatal(err)
	}
}

func TestARingFromBeforeBrowsersWereMarkedGetsTheKeyAndKeepsIt(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	ring, err := LoadRing(ctx, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, nameBrowser); err != nil {
		t.Fatal(err)
	}
	first, err := LoadRing(ctx, d, ring.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadRing(ctx, d, ring.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	if first.Browser != second.Browser || first.Browser == ring.Browser || first.Browser == (seal.Key{}) {
		t.Error("the next start has another key")
	}
}

func TestARingFromBeforeSecondStepsGetsTheirKeyAndKeepsIt(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	ring, err := LoadRing(ctx, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Delete(ctx, nameSignIn); err != nil {
		t.Fatal(err)
	}
	first, err := LoadRing(ctx, d, ring.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	second, err := LoadRing(ctx, d, ring.Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	if first.SignIn != second.SignIn || first.SignIn == ring.SignIn || first.SignIn == (seal.SignInKey{}) {
		t.Error("the next start has another key")
	}
}

func TestAnotherLinesKeystoreIsRefused(t *testing.T) {
	ctx := context.Background()
	mine := openDirectory(t, filepath.Join(t.TempDir(), "mine"))
	other := openDirectory(t, filepath.Join(t.TempDir(), "other"))
	ring, err := LoadRing(ctx, mine, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadRing(ctx, other, nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{nameContent, nameMatching, nameAudit, namePackage, namePepper} {
		saved, err := mine.Get(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := other.Get(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := mine.Put(ctx, name, foreign); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadRing(ctx, mine, ring.Fingerprint()); !errors.Is(err, heed.ErrConflict) {
			t.Fatalf("with another line's %s: %v", name, err)
		}
		if err := mine.Put(ctx, name, saved); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARingPrintsNoSecret(t *testing.T) {
	ctx := context.Background()
	d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	ring, err := LoadRing(ctx, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{nameContent, nameMatching, nameAudit, namePackage, namePepper, nameDraft, nameBrowser} {
		secret, err := d.Get(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			for _, v := range []any{ring, ring.Public()} {
				out := fmt.Sprintf(verb, v)
				for _, shown := range []string{string(secret), fmt.Sprintf("%x", secret), strings.Trim(fmt.Sprint(secret), "[]")} {
					if strings.Contains(out, shown) {
						t.Errorf("%s prints with %s", name, verb)
					}
				}
			}
		}
	}
}
