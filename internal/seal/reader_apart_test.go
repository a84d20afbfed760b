package seal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

func wrapped(seed octets, place bindingVector, b []byte) ([]byte, error) {
	if len(b) < 1+1120 || b[0] != 0x02 {
		return nil, fmt.Errorf("nothing wrapped: %x", b)
	}
	return openHPKE(seed, place.encode("heed/wrapped/1"), b[1:1121], b[1121:])
}

func readApartRequest(v struct {
	Code      string
	Audit     octets `json:"audit_seed"`
	Custodian octets `json:"custodian_seed"`
	Proof     octets `json:"proof_seed"`
	Identity  json.RawMessage
	Body      octets
	File      octets
}) error {
	r, err := openApart(v.Code, v.Audit, v.Custodian, v.Proof, v.Body, v.File)
	if err != nil {
		return err
	}
	return readApartIdentity(r, v.Custodian, v.Identity)
}

// apartBody is what a request's JSON says, as docs/crypto.md has it.
type apartBody struct {
	Line, Report, Disclosure, Custodian string
	Audit, Proof                        []byte
	Identities                          []struct {
		Day    string
		Sealed []byte
		Seeds  [][]byte
	}
	File *struct {
		ID, Blob, Day string
		Key           []byte
		Seeds         [][]byte
	}
}

func openApart(code string, audit, custodian, proof, body, file octets) (r apartBody, err error) {
	if len(file) < 1+16+12+16 || file[0] != 0x06 {
		return r, fmt.Errorf("no request: %x", file)
	}
	k := hkdf([]byte(code), file[1:17], []byte("heed/apart-request/1"), 32)
	unlocked, err := unseal(k, file[17:29], file[29:], nil)
	if err != nil {
		return r, err
	}
	plain, err := wrapped(custodian, bindingVector{Field: "apart-request", Version: 1}, unlocked)
	if err != nil {
		return r, err
	}
	key := ed25519.NewKeyFromSeed(audit)
	if err := is("the plaintext", plain, join(ed25519.Sign(key, join([]byte("heed apart-request/1\n"), body)), body)); err != nil {
		return r, err
	}
	if err := paddedJSON(body, func(text []byte) error { return json.Unmarshal(text, &r) }); err != nil {
		return r, err
	}
	if err := is("the audit key", r.Audit, key.Public().(ed25519.PublicKey)); err != nil {
		return r, err
	}
	seed, err := wrapped(custodian, bindingVector{Line: r.Line, Report: r.Report, Field: "disclosure-proof/" + r.Disclosure, Version: 1}, r.Proof)
	if err != nil {
		return r, err
	}
	return r, is("the proof's seed", seed, proof)
}

// readApartFile is a request for a file, and its answer.
func readApartFile(v struct {
	Code               string
	Audit              octets `json:"audit_seed"`
	Custodian          octets `json:"custodian_seed"`
	Proof              octets `json:"proof_seed"`
	Public             octets `json:"custodian_public"`
	Asker              octets `json:"asker_seed"`
	Key                octets
	Body, File, Answer octets
}) error {
	r, err := openApart(v.Code, v.Audit, v.Custodian, v.Proof, v.Body, v.File)
	if err != nil {
		return err
	}
	if r.File == nil || r.Identities != nil {
		return fmt.Errorf("it is about no file: %+v", r)
	}
	if err := readApartFileKey(r, v.Custodian, v.Key); err != nil {
		return err
	}
	head := join([]byte{0x07}, str([]byte(r.Disclosure)))
	if len(v.Answer) < len(head)+64 {
		return errShort
	}
	sealed := v.Answer[len(head)+64:]
	message := join([]byte("heed apart-answer/1\n"), str([]byte(r.Line)), str([]byte(r.Report)), str([]byte(r.Disclosure)), str([]byte(r.Custodian)), str(v.Public), sealed)
	if err := is("the answer", v.Answer, join(head, ed25519.Sign(ed25519.NewKeyFromSeed(v.Proof), message), sealed)); err != nil {
		return err
	}
	plain, err := wrapped(v.Asker, bindingVector{Line: r.Line, Report: r.Report, Field: "disclosure-file/" + r.Disclosure + "/" + r.File.ID, Version: 1}, sealed)
	if err != nil {
		return err
	}
	return is("the answered key", plain, v.Key)
}

// readApartFileKey opens the file's key with one of the day's seeds.
func readApartFileKey(r apartBody, custodian, want octets) error {
	for _, s := range r.File.Seeds {
		day, err := wrapped(custodian, bindingVector{Line: r.Line, Field: "day-seed/" + r.File.Day + "/" + r.Custodian, Version: 1}, s)
		if err != nil {
			return err
		}
		for _, place := range []bindingVector{
			{Line: r.Line, Report: r.Report, Field: "file-key/identity/" + r.File.Day + "/" + r.File.ID + "/" + r.File.Blob, Version: 2},
			{Line: r.Line, Field: "file-key/identity/" + r.File.Day + "/" + r.File.Blob, Version: 1},
		} {
			if key, err := wrapped(day, place, r.File.Key); err == nil {
				return is("the file's key", key, want)
			}
		}
	}
	return fmt.Errorf("none of %d seeds opens the file's key", len(r.File.Seeds))
}

func readApartIdentity(r apartBody, custodian octets, identity json.RawMessage) error {
	i := r.Identities[0]
	for _, s := range i.Seeds {
		day, err := wrapped(custodian, bindingVector{Line: r.Line, Field: "day-seed/" + i.Day + "/" + r.Custodian, Version: 1}, s)
		if err != nil {
			return err
		}
		plain, err := wrapped(day, bindingVector{Line: r.Line, Report: r.Report, Field: "identity/" + i.Day, Version: 1}, i.Sealed)
		if err != nil {
			continue // a key of the day that was made anew
		}
		return paddedJSON(plain, func(who []byte) error {
			var want bytes.Buffer
			if err := json.Compact(&want, identity); err != nil {
				return err
			}
			return is("the identity", who, want.Bytes())
		})
	}
	return fmt.Errorf("none of %d seeds opens the identity", len(i.Seeds))
}

func readApartAnswer(v struct {
	Proof                               octets `json:"proof_seed"`
	Line, Report, Disclosure, Custodian string
	Public                              octets `json:"custodian_public"`
	Asker                               octets `json:"asker_seed"`
	Plaintext, File                     octets
}) error {
	head := join([]byte{0x07}, str([]byte(v.Disclosure)))
	if len(v.File) < len(head)+64 {
		return errShort
	}
	sealed := v.File[len(head)+64:]
	message := join([]byte("heed apart-answer/1\n"), str([]byte(v.Line)), str([]byte(v.Report)), str([]byte(v.Disclosure)), str([]byte(v.Custodian)), str(v.Public), sealed)
	if err := is("the file", v.File, join(head, ed25519.Sign(ed25519.NewKeyFromSeed(v.Proof), message), sealed)); err != nil {
		return err
	}
	plain, err := wrapped(v.Asker, bindingVector{Line: v.Line, Report: v.Report, Field: "disclosure/" + v.Disclosure, Version: 1}, sealed)
	if err != nil {
		return err
	}
	return is("the plaintext", plain, v.Plaintext)
}

func readCustodianFile(v struct {
	Public, Sealed octets
	Key            string `json:"key_file"`
	Half           string `json:"public_file"`
	Fingerprint    string
}) error {
	sum := sha256.Sum256(join([]byte("heed/custodian-public/1\x00"), v.Public))
	if err := is("the key's file", []byte(v.Key), pemOf("HEED CUSTODIAN KEY", join(v.Public, v.Sealed))); err != nil {
		return err
	}
	if err := is("the public half's file", []byte(v.Half), pemOf("HEED CUSTODIAN PUBLIC KEY", join(v.Public, sum[:8]))); err != nil {
		return err
	}
	sum = sha256.Sum256(v.Public)
	return is("the fingerprint", []byte(strings.ReplaceAll(v.Fingerprint, " ", "")), []byte(hex.EncodeToString(sum[:16])))
}

// pemOf is RFC 7468's encoding: base64 in lines of 64.
func pemOf(kind string, b []byte) []byte {
	out := "-----BEGIN " + kind + "-----\n"
	for text := base64.StdEncoding.EncodeToString(b); text != ""; {
		n := min(64, len(text))
		out, text = out+text[:n]+"\n", text[n:]
	}
	return []byte(out + "-----END " + kind + "-----\n")
}
