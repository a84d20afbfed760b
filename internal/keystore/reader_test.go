package keystore_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// This file is a second reader of what docs/crypto.md says of the keystore's files, written from that page: it shares no code
// with the package and imports the standard library alone.

// readers has for each file of vectors the function that reads one vector by that page. A new form's row stands here before its
// vectors can.
func readers() map[string]func(json.RawMessage) error {
	return map[string]func(json.RawMessage) error{"file.json": readFile, "ring.json": readRing, "portal.json": readPortal}
}

func TestEveryFormOfTheKeystoreHasASecondReader(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	unread := readers()
	for _, file := range files {
		read := unread[filepath.Base(file)]
		delete(unread, filepath.Base(file))
		if read == nil {
			t.Errorf("no second reader reads %s: describe the form in docs/crypto.md, write a reader from that page alone and give it a row in readers", file)
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vs []json.RawMessage
		if err := json.Unmarshal(b, &vs); err != nil || len(vs) == 0 {
			t.Errorf("%s: %d vectors, %v", file, len(vs), err)
		}
		for i, v := range vs {
			if err := read(v); err != nil {
				t.Errorf("%s, vector %d: %v", file, i, err)
			}
		}
	}
	for name := range unread {
		t.Errorf("testdata/%s is gone: what was stored once must be read for ever", name)
	}
}

type octets []byte

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = hex.DecodeString(string(text))
	return err
}

func strictly(raw json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// openFile reads 0x01 ‖ check[16] ‖ value, the file of a name.
func openFile(name string, b []byte) ([]byte, error) {
	if len(b) < 17 || b[0] != 0x01 {
		return nil, fmt.Errorf("%s: no key's file: %x", name, b)
	}
	sum := sha256.Sum256([]byte("heed/keystore/1\x00" + name + "\x00" + string(b[17:])))
	if !bytes.Equal(sum[:16], b[1:17]) {
		return nil, fmt.Errorf("%s: the check is another's", name)
	}
	return b[17:], nil
}

func readFile(raw json.RawMessage) error {
	var v struct {
		Name, File   string
		Value, Bytes octets
	}
	if err := strictly(raw, &v); err != nil {
		return err
	}
	value, err := openFile(v.Name, v.Bytes)
	if err != nil {
		return err
	}
	if !bytes.Equal(value, v.Value) || strings.ReplaceAll(v.Name, "/", "=") != v.File {
		return fmt.Errorf("%s holds %x", v.File, value)
	}
	if _, err := openFile(v.Name+"x", v.Bytes); err == nil {
		return fmt.Errorf("%s is read as another name's too", v.File)
	}
	return nil
}

func readRing(raw json.RawMessage) error {
	var v struct {
		Content                       octets `json:"content_public"`
		Audit                         octets `json:"audit_seed"`
		Package                       octets `json:"package_seed"`
		Matching, Pepper, Fingerprint octets
	}
	if err := strictly(raw, &v); err != nil {
		return err
	}
	commitment := func(name string, key []byte) []byte {
		sum := sha256.Sum256([]byte("heed/ring/" + name + "/1\x00" + string(key)))
		return sum[:]
	}
	var sums []byte
	for _, part := range [][]byte{v.Content, publicOf(v.Audit), publicOf(v.Package), commitment("matching", v.Matching), commitment("pepper", v.Pepper)} {
		sum := sha256.Sum256(part)
		sums = append(sums, sum[:]...)
	}
	if sum := sha256.Sum256(sums); !bytes.Equal(sum[:], v.Fingerprint) {
		return fmt.Errorf("the fingerprint is %x", sum)
	}
	return nil
}

func publicOf(seed []byte) []byte { return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey) }

func readPortal(raw json.RawMessage) error {
	var v struct {
		Content             octets `json:"content_public"`
		Audit               octets `json:"audit_seed"`
		Line, Pin           string
		Salt, Pepper, Draft octets
		Files               map[string]octets
	}
	if err := strictly(raw, &v); err != nil {
		return err
	}
	want := map[string][]byte{"portal/content": v.Content, "portal/line": []byte(v.Line), "portal/salt": v.Salt, "pepper": v.Pepper, "draft": v.Draft}
	for file, b := range v.Files {
		name := strings.ReplaceAll(file, "=", "/")
		value, err := openFile(name, b)
		if err != nil {
			return err
		}
		if wanted, ok := want[name]; !ok || !bytes.Equal(value, wanted) {
			return fmt.Errorf("%s holds %x", name, value)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		return fmt.Errorf("missing: %d files", len(want))
	}
	if pin := base64.StdEncoding.EncodeToString(publicOf(v.Audit)); pin != v.Pin {
		return fmt.Errorf("the pin is %s", pin)
	}
	return nil
}
