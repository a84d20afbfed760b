package keystore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// portalOf makes a line's ring and a portal's keystore of it.
func portalOf(t *testing.T) (*Ring, *Directory, *Directory) {
	t.Helper()
	full := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	ring, err := LoadRing(t.Context(), full, nil)
	if err != nil {
		t.Fatal(err)
	}
	portal := openDirectory(t, filepath.Join(t.TempDir(), "portal"))
	if err := ring.ExportPortal(t.Context(), portal, "01line", bytes.Repeat([]byte{7}, saltSize)); err != nil {
		t.Fatal(err)
	}
	return ring, full, portal
}

func TestAPortalSealsWithItsOwnKeystoreWhatTheLineOpens(t *testing.T) {
	ring, _, dir := portalOf(t)
	portal, err := LoadPortalRing(t.Context(), dir, ring.Audit.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := seal.NewReportKeys().Wrap(portal.Content, portal.Line, "report")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.UnwrapReportKeys(ring.Content, "01line", "report", wrapped); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(portal.Pepper, ring.Pepper) || !reflect.DeepEqual(portal.Draft, ring.Draft) || portal.Line != "01line" || portal.Salt[0] != 7 {
		t.Error("the portal would derive other receipts' keys, or not read the drafts of the others")
	}
}

func TestAPortalsKeystoreHoldsNoPrivateHalf(t *testing.T) {
	ctx := context.Background()
	ring, full, dir := portalOf(t)
	var held []byte
	names, err := dir.List(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != len(portalNames()) {
		t.Errorf("it holds %v", names)
	}
	for _, n := range names {
		b, err := dir.Get(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, b...)
	}
	for _, n := range []string{nameContent, nameMatching, nameAudit, namePackage, nameBrowser} {
		secret, err := full.Get(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(held, secret) {
			t.Errorf("it holds %s", n)
		}
	}
	if portal, err := LoadPortalRing(ctx, dir, ring.Audit.Verifier()); err != nil {
		t.Error(err)
	} else if out := fmt.Sprintf("%v %+v %#v", portal, portal, portal); strings.Contains(out, fmt.Sprint(portal.Pepper)) {
		t.Error("the portal's ring prints its pepper")
	}
}

func TestNoFieldOfAPortalsRingCouldHoldAPrivateKey(t *testing.T) {
	private := []reflect.Type{reflect.TypeFor[seal.PrivateKey](), reflect.TypeFor[seal.Signer](), reflect.TypeFor[seal.MatchingKey](), reflect.TypeFor[Ring]()}
	var look func(reflect.Type, string)
	look = func(typ reflect.Type, path string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		for _, p := range private {
			if typ == p {
				t.Errorf("%s is a %v", path, p)
			}
		}
		if typ.Kind() == reflect.Struct && strings.HasSuffix(typ.PkgPath(), "internal/keystore") {
			for i := range typ.NumField() {
				look(typ.Field(i).Type, path+"."+typ.Field(i).Name)
			}
		}
	}
	look(reflect.TypeFor[PortalRing](), "PortalRing")
}

func TestAPortalRefusesAKeystoreThatHoldsMore(t *testing.T) {
	ctx := context.Background()
	ring, full, dir := portalOf(t)
	if _, err := LoadPortalRing(ctx, full, ring.Audit.Verifier()); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("the line's own: %v", err)
	}
	for _, name := range []string{nameContent, nameAudit, "day/2026-11-23/transit.aa", "anything"} {
		if err := dir.Put(ctx, name, []byte("secret")); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPortalRing(ctx, dir, ring.Audit.Verifier()); !errors.Is(err, heed.ErrForbidden) || !strings.Contains(err.Error(), name) {
			t.Errorf("with %s: %v", name, err)
		}
		if err := ring.ExportPortal(ctx, dir, "01line", make([]byte, saltSize)); !errors.Is(err, heed.ErrConflict) {
			t.Errorf("export beside %s: %v", name, err)
		}
		if err := dir.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := ring.ExportPortal(ctx, full, "01line", make([]byte, saltSize)); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("export into the line's own: %v", err)
	}
}

func TestAPortalsKeystoreThatLacksSomethingIsRefusedAndNothingIsMade(t *testing.T) {
	ctx := context.Background()
	for _, name := range portalNames() {
		ring, _, dir := portalOf(t)
		if err := dir.Delete(ctx, name); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPortalRing(ctx, dir, ring.Audit.Verifier()); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("without %s: %v", name, err)
		}
		if _, err := dir.Get(ctx, name); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("%s was made: %v", name, err)
		}
		if err := dir.Put(ctx, name, []byte("cut")); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadPortalRing(ctx, dir, ring.Audit.Verifier()); name != namePortalLine && !errors.Is(err, heed.ErrSealed) {
			t.Errorf("with a damaged %s: %v", name, err)
		}
	}
}

func TestAnExportCanBeRepeatedInPlace(t *testing.T) {
	ring, _, dir := portalOf(t)
	if err := ring.ExportPortal(t.Context(), dir, "01line", bytes.Repeat([]byte{8}, saltSize)); err != nil {
		t.Fatal(err)
	}
	portal, err := LoadPortalRing(t.Context(), dir, ring.Audit.Verifier())
	if err != nil || portal.Salt[0] != 8 {
		t.Errorf("%v", err)
	}
	if err := ring.ExportPortal(t.Context(), dir, "", make([]byte, saltSize)); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("no line: %v", err)
	}
}

func TestAPinnedAuditKeyIsReadAsItWasWritten(t *testing.T) {
	v := seal.GenerateSigner().Verifier()
	got, err := ParseAuditKey(" " + FormatAuditKey(v) + "\n")
	if err != nil || !SameVerifier(got, v) {
		t.Fatalf("%v", err)
	}
	if SameVerifier(v, seal.GenerateSigner().Verifier()) {
		t.Error("two keys are one")
	}
	for _, text := range []string{"", "nonsense", "AAAA", FormatAuditKey(v) + "AAAA", strings.TrimRight(FormatAuditKey(v), "=")} {
		if _, err := ParseAuditKey(text); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzParseAuditKey(f *testing.F) {
	f.Add(FormatAuditKey(seal.GenerateSigner().Verifier()))
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseAuditKey(text)
		if (err == nil) != (v != nil) {
			t.Fatalf("%v, %v", v, err)
		}
	})
}
