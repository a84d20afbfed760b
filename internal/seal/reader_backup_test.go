package seal_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// readBackup reads an age file of one chunk (age-encryption.org/v1) by the line's own stanza.
func readBackup(v struct {
	Seed              octets `json:"content_seed"`
	Plaintext, Sealed octets
}) error {
	head, payload, found := bytes.Cut(v.Sealed, []byte("\n--- "))
	mark, payload, ends := bytes.Cut(payload, []byte("\n"))
	stanza := strings.Split(string(head), "\n-> heed-content\n")
	if !found || !ends || len(stanza) != 2 || !strings.HasPrefix(stanza[0], "age-encryption.org/v1\n-> ") {
		return fmt.Errorf("no header: %.60q", v.Sealed)
	}
	body, err := base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(stanza[1], "\n", ""))
	if err != nil || len(body) < 1121 || body[0] != 0x02 {
		return fmt.Errorf("no wrapped file key: %x, %v", body, err)
	}
	info := bindingVector{Field: "backup", Version: 1}.encode("heed/wrapped/1")
	fileKey, err := openHPKE(v.Seed, info, body[1:1121], body[1121:])
	if err != nil || len(fileKey) != 16 || len(payload) < 16 {
		return fmt.Errorf("no file key of 16 bytes: %v", err)
	}
	want := mac(hkdf(fileKey, nil, []byte("header"), 32), append(append([]byte(nil), head...), "\n---"...))
	if err := is("the header's mark", []byte(base64.RawStdEncoding.EncodeToString(want)), mark); err != nil {
		return err
	}
	cipher, err := chacha20poly1305.New(hkdf(fileKey, payload[:16], []byte("payload"), 32))
	if err != nil {
		return err
	}
	nonce := append(make([]byte, 11), 1) // chunk 0, the last
	plain, err := cipher.Open(nil, nonce, payload[16:], nil)
	if err != nil {
		return err
	}
	return is("the plaintext", plain, v.Plaintext)
}
