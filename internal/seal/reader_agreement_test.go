package seal_test

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
)

func readAgreement(v struct {
	Audit     octets `json:"audit_seed"`
	Custodian octets `json:"custodian_seed"`
	Proof     octets `json:"proof_seed"`
	LineName  string `json:"line_name"`
	Name      string
	Asker     string
	Agreement string
	File      octets
	Answer    octets
}) error {
	if len(v.File) < 1 || v.File[0] != 0x08 {
		return fmt.Errorf("no request to agree: %x", v.File)
	}
	plain, err := wrapped(v.Custodian, bindingVector{Field: "agreement", Version: 1}, v.File[1:])
	if err != nil {
		return err
	}
	if len(plain) < 64 {
		return errShort
	}
	audit, proof := ed25519.NewKeyFromSeed(v.Audit), ed25519.NewKeyFromSeed(v.Proof)
	body := plain[64:]
	if err := is("the signature", plain[:64], ed25519.Sign(audit, join([]byte("heed agreement-file/1\n"), body))); err != nil {
		return err
	}
	agreement := []byte(v.Agreement)
	signed := join(ed25519.Sign(audit, join([]byte("heed agreement/1\n"), agreement)), agreement)
	if err := is("the answer", v.Answer, join([]byte{0x09}, ed25519.Sign(proof, join([]byte("heed agreed/1\n"), signed)), signed)); err != nil {
		return err
	}
	return paddedJSON(body, func(text []byte) error {
		var r struct {
			LineName    string `json:"line_name"`
			Name, Asker string
			Audit       []byte
			Signed      []byte
			Seed        []byte
		}
		if err := json.Unmarshal(text, &r); err != nil {
			return err
		}
		if r.LineName != v.LineName || r.Name != v.Name || r.Asker != v.Asker {
			return fmt.Errorf("it says %q, %q and %q", r.LineName, r.Name, r.Asker)
		}
		for what, pair := range map[string][2][]byte{
			"the audit key": {r.Audit, audit.Public().(ed25519.PublicKey)}, "the proof's seed": {r.Seed, v.Proof}, "what was signed": {r.Signed, signed},
		} {
			if err := is(what, pair[0], pair[1]); err != nil {
				return err
			}
		}
		var a struct{ Proof []byte }
		if err := json.Unmarshal(agreement, &a); err != nil {
			return err
		}
		return is("the proof's public half", a.Proof, proof.Public().(ed25519.PublicKey))
	})
}
