package seal

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
)

// A Custodian whose key lies on a machine apart agrees there to what is done to the circle (docs/adr/0013). Neither file holds
// anything of an Identity or of a day's keys, so no code is needed as for a Disclosure's: there is nothing for a file that stays
// behind to open.

const (
	formatAgreement = 0x08
	formatAgreed    = 0x09

	// contextAgreement is what the audit key signs an Agreement under, contextAgreementFile all that a Custodian is shown with it,
	// and contextAgreed the Agreement's own key the answer.
	contextAgreement     = "agreement/1"
	contextAgreementFile = "agreement-file/1"
	contextAgreed        = "agreed/1"
)

// CircleAct is what is done to the circle of Custodians.
type CircleAct string

// The acts to which a Custodian agrees.
const (
	ApproveCustodian CircleAct = "approve"
	RemoveCustodian  CircleAct = "remove"
)

// Agreement is an act on the circle that one Custodian may agree to.
type Agreement struct {
	Line      string    `json:"line"` // id
	Act       CircleAct `json:"act"`
	Era       uint64    `json:"era"`       // it is void in every other one
	Staff     heed.ID   `json:"staff"`     // whose part in the circle it is
	Key       []byte    `json:"key"`       // public half of their key
	Custodian heed.ID   `json:"custodian"` // who agrees
	Until     time.Time `json:"until"`     // when the desk takes no answer any more
	Proof     []byte    `json:"proof"`     // public half of the key that signs the answer
}

// AgreementRequest is an Agreement with what a machine without a network shows beside it.
type AgreementRequest struct {
	Agreement
	LineName string
	Name     string // of whose part it is
	Asker    string // who asks for a removal; "" where nobody but the Custodian has to
	signed   []byte // the Agreement with the audit key's signature before it
	seed     []byte // of Proof
}

// agreementBody is what the request's file holds.
type agreementBody struct {
	LineName string `json:"line_name"`
	Audit    []byte `json:"audit"` // public half of the key that signed this
	Name     string `json:"name"`
	Asker    string `json:"asker"`
	Signed   []byte `json:"signed"`
	Seed     []byte `json:"seed"`
}

// agreementPlace names no line: what is inside says itself what it belongs to, under the audit key's signature.
func agreementPlace() Binding { return Binding{Field: "agreement", Version: 1} }

// SealAgreement makes the request's file, and the key in r.Proof that its answer must be signed with: signed with the audit key and
// sealed to the Custodian's.
func SealAgreement(audit *Signer, custodian *PublicKey, r AgreementRequest) ([]byte, error) {
	proof := GenerateSigner()
	seed := proof.Seed()
	defer clear(seed)
	r.Proof = proof.Verifier().Bytes()
	agreement, err := json.Marshal(r.Agreement)
	if err != nil {
		return nil, fmt.Errorf("sealing a request to agree: %w", err)
	}
	body, err := padJSON(agreementBody{
		LineName: r.LineName, Audit: audit.Verifier().Bytes(), Name: r.Name, Asker: r.Asker, Seed: seed,
		Signed: append(audit.Sign(contextAgreement, agreement), agreement...),
	})
	if err != nil {
		return nil, fmt.Errorf("sealing a request to agree: %w", err)
	}
	defer clear(body)
	wrapped, err := custodian.Wrap(agreementPlace(), append(audit.Sign(contextAgreementFile, body), body...))
	return append([]byte{formatAgreement}, wrapped...), err
}

// IsAgreement reports whether the file claims to be what SealAgreement made, and no request for an Identity.
func IsAgreement(file []byte) bool { return len(file) > 0 && file[0] == formatAgreement }

// ReadAgreement opens a request's file with the Custodian's key, and gives the key that signed it: the caller compares that with the
// line's, for anybody can sign.
//
// ErrSealed: it was sealed to another key. ErrInvalid: the key in it didn't sign it, or it is no such file.
func ReadAgreement(custodian *PrivateKey, file []byte) (*AgreementRequest, *Verifier, error) {
	broken := fmt.Errorf("request to agree of %d bytes: %w", len(file), heed.ErrInvalid)
	if !IsAgreement(file) {
		return nil, nil, broken
	}
	plain, err := custodian.Unwrap(agreementPlace(), file[1:])
	if err != nil {
		return nil, nil, err
	}
	if len(plain) < ed25519.SignatureSize {
		return nil, nil, broken
	}
	var b agreementBody
	signature, body := plain[:ed25519.SignatureSize], plain[ed25519.SignatureSize:]
	if unpadJSON(body, &b) != nil {
		return nil, nil, broken
	}
	audit, err := ParseVerifier(b.Audit)
	if err != nil || audit.Verify(contextAgreementFile, body, signature) != nil {
		return nil, nil, broken
	}
	agreement, err := readAgreement(audit, b.Signed)
	if err != nil {
		return nil, nil, err
	}
	return &AgreementRequest{Agreement: *agreement, LineName: b.LineName, Name: b.Name, Asker: b.Asker, signed: b.Signed, seed: b.Seed}, audit, nil
}

func readAgreement(audit *Verifier, signed []byte) (*Agreement, error) {
	broken := fmt.Errorf("agreement of %d bytes: %w", len(signed), heed.ErrInvalid)
	if len(signed) < ed25519.SignatureSize {
		return nil, broken
	}
	signature, text := signed[:ed25519.SignatureSize], signed[ed25519.SignatureSize:]
	var a Agreement
	if audit.Verify(contextAgreement, text, signature) != nil || json.Unmarshal(text, &a) != nil {
		return nil, broken
	}
	return &a, nil
}

// Agree makes the answer's file: only who could open the request can. It names nobody but by ids. ErrSealed: the request's own key is
// none.
func (r *AgreementRequest) Agree() ([]byte, error) {
	proof, err := ParseSigner(r.seed)
	if err != nil {
		return nil, err
	}
	return append(append([]byte{formatAgreed}, proof.Sign(contextAgreed, r.signed)...), r.signed...), nil
}

// ReadAgreed gives to what an answer's file agrees, where the line itself asked it and who could open the request answered.
// ErrInvalid: it is no answer, or a byte of it was changed.
func ReadAgreed(audit *Verifier, file []byte) (*Agreement, error) {
	const head = 1 + ed25519.SignatureSize
	if len(file) < head || file[0] != formatAgreed {
		return nil, fmt.Errorf("agreement's answer of %d bytes: %w", len(file), heed.ErrInvalid)
	}
	a, err := readAgreement(audit, file[head:])
	if err != nil {
		return nil, err
	}
	proof, err := ParseVerifier(a.Proof)
	if err != nil {
		return nil, fmt.Errorf("agreement's proof: %w", heed.ErrInvalid)
	}
	if err := proof.Verify(contextAgreed, file[head:], file[1:head]); err != nil {
		return nil, err
	}
	return a, nil
}
