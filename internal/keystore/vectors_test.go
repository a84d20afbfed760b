package keystore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// hexBytes stand in the vectors in hexadecimal.
type hexBytes []byte

func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// same fails unless what the code makes today is what stands in testdata/name. HEED_WRITE_VECTORS=1 writes it first, where it
// isn't there yet: what was stored once must be read for ever.
func same[T any](t *testing.T, name string, made []T) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if _, err := os.Stat(path); err != nil && os.Getenv("HEED_WRITE_VECTORS") == "1" {
		b, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var kept []T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&kept); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(made, kept) {
		t.Errorf("%s: the form has changed:\n got %+v\nwant %+v", name, made, kept)
	}
}

// bytesOf are 32 that are no other's, in a vector.
func bytesOf(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func TestVectorsOfKeyFiles(t *testing.T) {
	type vector struct {
		Name  string   `json:"name"`
		Value hexBytes `json:"value"`
		File  string   `json:"file"`
		Bytes hexBytes `json:"bytes"`
	}
	var made []vector
	for name, n := range map[string]byte{"pepper": 1, "day/2026-11-23/transit.0123456789abcdef": 2} {
		d := openDirectory(t, filepath.Join(t.TempDir(), "keys"))
		if err := d.Create(t.Context(), name, bytesOf(n)); err != nil {
			t.Fatal(err)
		}
		for file, b := range filesOf(t, d) {
			made = append(made, vector{name, bytesOf(n), file, b})
		}
	}
	if made[0].Name != "pepper" {
		made[0], made[1] = made[1], made[0]
	}
	same(t, "file.json", made)
}

// filesOf are the files of the keys in a directory, the lock left out.
func filesOf(t *testing.T, d *Directory) map[string]hexBytes {
	t.Helper()
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]hexBytes{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if files[e.Name()], err = os.ReadFile(filepath.Join(d.dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// ringOf is a ring whose keys are all known, as vectors need it.
func ringOf(t *testing.T) *Ring {
	t.Helper()
	r, err := parseRing(bytesOf(1), bytesOf(2), bytesOf(3), bytesOf(4), bytesOf(5), bytesOf(6), bytesOf(7), bytesOf(9))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVectorsOfRings(t *testing.T) {
	type vector struct {
		Content     hexBytes `json:"content_public"`
		Audit       hexBytes `json:"audit_seed"`
		Package     hexBytes `json:"package_seed"`
		Matching    hexBytes `json:"matching"`
		Pepper      hexBytes `json:"pepper"`
		Fingerprint hexBytes `json:"fingerprint"`
	}
	r := ringOf(t)
	same(t, "ring.json", []vector{{r.Content.Public().Bytes(), bytesOf(3), bytesOf(4), bytesOf(2), bytesOf(5), r.Fingerprint()}})
}

func TestVectorsOfPortalsKeystores(t *testing.T) {
	type vector struct {
		Content hexBytes            `json:"content_public"`
		Line    string              `json:"line"`
		Salt    hexBytes            `json:"salt"`
		Pepper  hexBytes            `json:"pepper"`
		Draft   hexBytes            `json:"draft"`
		Files   map[string]hexBytes `json:"files"`
		Audit   hexBytes            `json:"audit_seed"`
		Pin     string              `json:"pin"` // of the audit key
	}
	r, d := ringOf(t), openDirectory(t, filepath.Join(t.TempDir(), "keys"))
	if err := r.ExportPortal(t.Context(), d, "city", bytesOf(8)); err != nil {
		t.Fatal(err)
	}
	same(t, "portal.json", []vector{{r.Content.Public().Bytes(), "city", bytesOf(8), bytesOf(5), bytesOf(6), filesOf(t, d),
		bytesOf(3), FormatAuditKey(r.Audit.Verifier())}})
}
