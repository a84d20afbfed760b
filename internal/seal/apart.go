package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	heed "github.com/heed-line/heed"
)

// What a Custodian takes to a machine apart, and the answer that they bring back (docs/adr/0009). The request opens with three
// things at once: the file, the Custodian's key, and a code that stood on a page of the desk and is stored nowhere.

const (
	formatApart  = 0x06
	formatAnswer = 0x07

	labelApart = "heed/apart-request/1"

	// contextApart is what the audit key signs a request under, contextAnswer the request's own key an answer.
	contextApart  = "apart-request/1"
	contextAnswer = "apart-answer/1"

	apartSalt = 16

	// MaxApart bounds both files, in bytes: an Identity holds at most a report's full text (200,000 characters, six bytes each in
	// JSON, four thirds of that in base64).
	MaxApart = 4 << 20
)

// A code has 100 random bits: with the file and the Custodian's key in a thief's hands there is nothing else to guess.
const (
	codeLength = 20
	// codeAlphabet has no character that is mistaken for another (Crockford's base 32).
	codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
)

// ApartCode is the code of one request file: 20 characters of Crockford's base 32. It prints and logs as "[key]".
type ApartCode string

// NewApartCode draws a code.
func NewApartCode() ApartCode { return newApartCode(rand.Reader) }

func newApartCode(random io.Reader) ApartCode {
	b := make([]byte, (codeLength*5+7)/8)
	draw(random, b)
	return ApartCode(base32.NewEncoding(codeAlphabet).WithPadding(base32.NoPadding).EncodeToString(b)[:codeLength])
}

// ParseApartCode reads a code however it was typed. ErrInvalid: it can't be one.
func ParseApartCode(typed string) (ApartCode, error) {
	s := strings.ToUpper(strings.Join(strings.FieldsFunc(typed, func(r rune) bool { return strings.ContainsRune("-  \t\r\n", r) }), ""))
	s = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s)
	if len(s) != codeLength || strings.Trim(s, codeAlphabet) != "" {
		return "", fmt.Errorf("code of a request file: %w", heed.ErrInvalid)
	}
	return ApartCode(s), nil
}

// Grouped is the code as people read and type it: five groups of four.
func (c ApartCode) Grouped() string {
	groups := make([]string, 0, codeLength/4)
	for i := 0; i+4 <= len(c); i += 4 {
		groups = append(groups, string(c[i:i+4]))
	}
	return strings.Join(groups, "-")
}

// ApartRequest is all that a machine without a network needs to show what is asked, and to answer it.
type ApartRequest struct {
	Line       string                `json:"line"` // id
	LineName   string                `json:"line_name"`
	Audit      []byte                `json:"audit"` // public half of the key that signed this
	Report     heed.ID               `json:"report"`
	Disclosure heed.ID               `json:"disclosure"`
	Custodian  heed.ID               `json:"custodian"`
	Asker      string                `json:"asker"` // name
	Class      heed.DisclosureReason `json:"class"`
	Words      string                `json:"words"` // the asker's
	At         time.Time             `json:"at"`
	Until      time.Time             `json:"until"` // when the desk takes no answer any more
	Key        []byte                `json:"key"`   // public half of what the answer is sealed to
	Proof      []byte                `json:"proof"` // WrapProof of the seed that signs the answer
	Identities []ApartIdentity       `json:"identities,omitempty"`
	File       *ApartFile            `json:"file,omitempty"` // in their place, where a file as it was sent is asked for
}

// ApartIdentity is one sealed Identity of the report, and the seeds of its day that are wrapped to the Custodian.
type ApartIdentity struct {
	Day    string   `json:"day"`
	Sealed []byte   `json:"sealed"`
	Seeds  [][]byte `json:"seeds"`
}

// ApartFile is the sealed key of a file's frames, and the seeds of its day that are wrapped to the Custodian. The file itself stays where it is.
type ApartFile struct {
	ID   heed.ID `json:"id"`
	Type string  `json:"type"` // media type as found in the bytes
	Size int64   `json:"size"` // bytes
	// Malware is the name of clamd's signature that the file fits; "" for none.
	Malware string   `json:"malware,omitempty"`
	Blob    string   `json:"blob"`
	Day     string   `json:"day"`
	Key     []byte   `json:"key"` // wrapped to the day's identity key
	Seeds   [][]byte `json:"seeds"`
}

// apartPlace names no report: what is inside says itself what it belongs to, under the audit key's signature.
func apartPlace() Binding { return Binding{Field: "apart-request", Version: 1} }

// SealApart makes the request file: signed with the audit key, sealed to the Custodian's key, and that under the code.
func SealApart(audit *Signer, custodian *PublicKey, code ApartCode, r *ApartRequest) ([]byte, error) {
	return sealApart(rand.Reader, audit, custodian, code, r)
}

func sealApart(random io.Reader, audit *Signer, custodian *PublicKey, code ApartCode, r *ApartRequest) ([]byte, error) {
	signed := *r
	signed.Audit = audit.Verifier().Bytes()
	body, err := padJSON(signed)
	if err != nil {
		return nil, fmt.Errorf("sealing a request for a machine apart: %w", err)
	}
	wrapped, err := custodian.Wrap(apartPlace(), append(audit.Sign(contextApart, body), body...))
	if err != nil {
		return nil, err
	}
	out := make([]byte, 1+apartSalt+nonceSize, 1+apartSalt+nonceSize+len(wrapped)+tagSize)
	out[0] = formatApart
	draw(random, out[1:])
	return newGCM(code.key(out[1:1+apartSalt])).Seal(out, out[1+apartSalt:], wrapped, nil), nil
}

func (c ApartCode) key(salt []byte) Key {
	return Key(expand([]byte(c), salt, labelApart, keySize))
}

// UnlockApart takes the code's layer off a request file; what is under it, ReadApart reads. ErrInvalid: it is no such file.
// ErrSealed: the code is another file's, or the file was changed.
func UnlockApart(code ApartCode, file []byte) ([]byte, error) {
	const head = 1 + apartSalt + nonceSize
	if len(file) < head+tagSize || len(file) > MaxApart || file[0] != formatApart {
		return nil, fmt.Errorf("request file of %d bytes: %w", len(file), heed.ErrInvalid)
	}
	wrapped, err := newGCM(code.key(file[1:1+apartSalt])).Open(nil, file[1+apartSalt:head], file[head:], nil)
	if err != nil {
		return nil, cannotOpen("a request file")
	}
	return wrapped, nil
}

// ReadApart opens what UnlockApart gave with the Custodian's key, and gives the key that signed it: the caller compares that with
// the line's, for anybody can sign.
//
// ErrSealed: it was sealed to another key. ErrInvalid: the key in it didn't sign it, or what is in it is no request.
func ReadApart(custodian *PrivateKey, unlocked []byte) (*ApartRequest, *Verifier, error) {
	plain, err := custodian.Unwrap(apartPlace(), unlocked)
	if err != nil {
		return nil, nil, err
	}
	broken := fmt.Errorf("what a request file holds: %w", heed.ErrInvalid)
	if len(plain) < ed25519.SignatureSize {
		return nil, nil, broken
	}
	var r ApartRequest
	signature, body := plain[:ed25519.SignatureSize], plain[ed25519.SignatureSize:]
	if unpadJSON(body, &r) != nil {
		return nil, nil, broken
	}
	audit, err := ParseVerifier(r.Audit)
	if err != nil {
		return nil, nil, broken
	}
	if err := audit.Verify(contextApart, body, signature); err != nil {
		return nil, nil, err
	}
	return &r, audit, nil
}

// Open opens the Identities that the request holds. ErrSealed: one can't be opened, or there is none.
func (r *ApartRequest) Open(custodian *PrivateKey) ([]heed.Identity, error) {
	if len(r.Identities) == 0 || r.File != nil {
		return nil, cannotOpen("a request without an identity, or with a file besides")
	}
	out := make([]heed.Identity, 0, len(r.Identities))
	for _, i := range r.Identities {
		who, err := OpenIdentityBy(custodian, r.Line, r.Custodian, heed.SealedIdentity{Report: r.Report, Day: i.Day, Sealed: i.Sealed}, i.Seeds)
		if err != nil {
			return nil, err
		}
		out = append(out, who)
	}
	return out, nil
}

// OpenFile opens the key of the file that the request is about. ErrSealed: it can't be opened, or the request is about none.
func (r *ApartRequest) OpenFile(custodian *PrivateKey) (Key, error) {
	f := r.File
	if f == nil || len(r.Identities) > 0 {
		return Key{}, cannotOpen("a request without a file, or with an identity besides")
	}
	a := &heed.Attachment{ID: f.ID, Report: r.Report, Blob: f.Blob, Day: f.Day, DayKey: f.Key}
	return UnwrapFileKeyBy(custodian, r.Line, r.Custodian, a, f.Seeds)
}

// Answer makes the answer file: the Identities sealed to who asked, signed with a key that nobody has but who opened the request.
// ErrSealed: the request's own keys are none, or not for this Custodian.
func (r *ApartRequest) Answer(custodian *PrivateKey, who []heed.Identity) ([]byte, error) {
	return r.answer(custodian, func(to *PublicKey) ([]byte, error) { return SealDisclosure(to, r.Line, r.Report, r.Disclosure, who) })
}

// AnswerFile is Answer with the key of the file that the request is about.
func (r *ApartRequest) AnswerFile(custodian *PrivateKey, file Key) ([]byte, error) {
	if r.File == nil {
		return nil, cannotOpen("a request without a file")
	}
	return r.answer(custodian, func(to *PublicKey) ([]byte, error) {
		return SealDisclosedFile(to, r.Line, r.Report, r.Disclosure, r.File.ID, file)
	})
}

func (r *ApartRequest) answer(custodian *PrivateKey, sealTo func(*PublicKey) ([]byte, error)) ([]byte, error) {
	seed, err := UnwrapProof(custodian, r.Line, r.Report, r.Disclosure, r.Proof)
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	proof, err := ParseSigner(seed)
	if err != nil {
		return nil, err
	}
	to, err := ParsePublicKey(r.Key)
	if err != nil {
		return nil, err
	}
	sealed, err := sealTo(to)
	if err != nil {
		return nil, err
	}
	place := AnswerPlace{Line: r.Line, Report: r.Report, Disclosure: r.Disclosure, Custodian: r.Custodian, Key: custodian.Public()}
	out := appendString([]byte{formatAnswer}, string(r.Disclosure))
	out = append(out, proof.Sign(contextAnswer, place.statement(sealed))...)
	return append(out, sealed...), nil
}

// ApartAnswer is what an answer file says. Nothing of it is to be believed before Verify.
type ApartAnswer struct {
	Disclosure heed.ID
	Sealed     []byte // as SealDisclosure or SealDisclosedFile made it
	signature  []byte
}

// ParseApartAnswer takes an answer file apart. ErrInvalid: it is none.
func ParseApartAnswer(file []byte) (*ApartAnswer, error) {
	broken := fmt.Errorf("answer file of %d bytes: %w", len(file), heed.ErrInvalid)
	if len(file) < 5 || len(file) > MaxApart || file[0] != formatAnswer {
		return nil, broken
	}
	size, rest := uint64(binary.BigEndian.Uint32(file[1:5])), file[5:]
	if size > uint64(len(rest)) || uint64(len(rest))-size <= ed25519.SignatureSize {
		return nil, broken
	}
	id, err := heed.ParseID(string(rest[:size]))
	if err != nil {
		return nil, broken
	}
	rest = rest[size:]
	return &ApartAnswer{Disclosure: id, signature: rest[:ed25519.SignatureSize], Sealed: rest[ed25519.SignatureSize:]}, nil
}

// AnswerPlace is what an answer must be for: Key is the public half of the Custodian's key.
type AnswerPlace struct {
	Line                          string
	Report, Disclosure, Custodian heed.ID
	Key                           *PublicKey
}

func (p AnswerPlace) statement(sealed []byte) []byte {
	out := appendString(nil, p.Line)
	for _, id := range []heed.ID{p.Report, p.Disclosure, p.Custodian} {
		out = appendString(out, string(id))
	}
	return append(appendString(out, p.Key.Bytes()), sealed...)
}

// Verify checks that the answer is for the place and was made by who could open the request whose proof has that public half.
// ErrInvalid: it isn't.
func (a *ApartAnswer) Verify(proof *Verifier, p AnswerPlace) error {
	return proof.Verify(contextAnswer, p.statement(a.Sealed), a.signature)
}
