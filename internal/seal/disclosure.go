package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	heed "github.com/heed-line/heed"
)

// A Disclosure's Identities on their way from the Custodian to who asked, and the proof of one that was opened elsewhere.

// RequestAct names the act under which the words of who asked are sealed (ReasonPlace). It holds who asked, about which
// class of reason and for which key, and of which file, so that whoever can write to the store, but hasn't the report's data key, can't
// exchange one of them and have the answer sealed to a key of their own. What that file is stands in OriginalSum, sealed with the words.
func RequestAct(d *heed.Disclosure) heed.ID {
	var out []byte
	for _, part := range []string{string(d.ID), string(d.By), string(d.Reason), string(d.Key)} {
		out = appendString(out, part)
	}
	if d.File != "" {
		out = appendString(out, string(d.File))
	}
	sum := sha256.Sum256(out)
	return heed.ID(string(d.ID) + "/" + hex.EncodeToString(sum[:]))
}

// OriginalSum is the SHA-256 of what decides which bytes an approved Disclosure of the file gives, as what, and from when on no more:
// where they lie, the key that opens them, wrapped, and its day. It is sealed with the words of who asked, so that whoever can write to the
// store can't put another file's bytes in the place of those that were asked for.
func OriginalSum(a *heed.Attachment) []byte {
	var out []byte
	for _, part := range []string{string(a.ID), string(a.Report), a.Blob, a.Day, string(a.DayKey), a.Type, string(a.SealedName)} {
		out = appendString(out, part)
	}
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(out, uint64(a.Size)))
	return sum[:]
}

func disclosurePlace(line string, report, disclosure heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "disclosure/" + string(disclosure), Version: 1}
}

// SealDisclosure seals what a reporter told of themselves, at one time or several, to the key of who asked to see it, padded
// to steps of 512 bytes.
func SealDisclosure(to *PublicKey, line string, report, disclosure heed.ID, who []heed.Identity) ([]byte, error) {
	plain, err := padJSON(who)
	if err != nil {
		return nil, fmt.Errorf("sealing a disclosure: %w", err)
	}
	defer clear(plain)
	return to.Wrap(disclosurePlace(line, report, disclosure), plain)
}

// OpenDisclosure opens what SealDisclosure sealed for the same report and Disclosure. ErrSealed: it can't be opened.
func OpenDisclosure(k *PrivateKey, line string, report, disclosure heed.ID, sealed []byte) ([]heed.Identity, error) {
	plain, err := k.Unwrap(disclosurePlace(line, report, disclosure), sealed)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	var who []heed.Identity
	if err := unpadJSON(plain, &who); err != nil {
		return nil, cannotOpen("a disclosure")
	}
	return who, nil
}

func disclosedFilePlace(line string, report, disclosure, file heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "disclosure-file/" + string(disclosure) + "/" + string(file), Version: 1}
}

// SealDisclosedFile seals the key of a file's frames to the key of who asked for the file as it was sent.
func SealDisclosedFile(to *PublicKey, line string, report, disclosure, file heed.ID, key Key) ([]byte, error) {
	return to.Wrap(disclosedFilePlace(line, report, disclosure, file), key[:])
}

// OpenDisclosedFile opens what SealDisclosedFile sealed for the same report, Disclosure and file. ErrSealed: it can't be opened.
func OpenDisclosedFile(k *PrivateKey, line string, report, disclosure, file heed.ID, sealed []byte) (Key, error) {
	plain, err := k.Unwrap(disclosedFilePlace(line, report, disclosure, file), sealed)
	if err != nil {
		return Key{}, err
	}
	defer clear(plain)
	if len(plain) != keySize {
		return Key{}, cannotOpen("the key of a disclosed file")
	}
	return Key(plain), nil
}

func proofPlace(line string, report, disclosure heed.ID) Binding {
	return Binding{Line: line, Report: string(report), Field: "disclosure-proof/" + string(disclosure), Version: 1}
}

// WrapProof seals the token by which a Custodian shows that they opened an exported Disclosure.
func WrapProof(custodian *PublicKey, line string, report, disclosure heed.ID, token []byte) ([]byte, error) {
	return custodian.Wrap(proofPlace(line, report, disclosure), token)
}

// UnwrapProof opens what WrapProof sealed for the same report and Disclosure. ErrSealed: it can't be opened.
func UnwrapProof(custodian *PrivateKey, line string, report, disclosure heed.ID, wrapped []byte) ([]byte, error) {
	return custodian.Unwrap(proofPlace(line, report, disclosure), wrapped)
}

// contextCustodian is what the audit key signs a Custodian's approval under.
const contextCustodian = "custodian/1"

// SignCustodian signs with the audit key, into a.Signature, that the account a.Staff with that public key is a Custodian in
// the era.
func SignCustodian(audit *Signer, line string, era uint64, a *heed.CustodianApproval, public []byte) {
	a.Signature = audit.Sign(contextCustodian, custodianStatement(line, era, a, public))
}

// VerifyCustodian checks a.Signature. ErrInvalid: the audit key never signed this account with this key for this era.
func VerifyCustodian(audit *Verifier, line string, era uint64, a *heed.CustodianApproval, public []byte) error {
	return audit.Verify(contextCustodian, custodianStatement(line, era, a, public), a.Signature)
}

func custodianStatement(line string, era uint64, a *heed.CustodianApproval, public []byte) []byte {
	out := appendString(nil, line)
	out = binary.BigEndian.AppendUint64(out, era)
	out = appendString(out, string(a.Staff))
	out = appendString(out, public)
	out = appendString(out, string(a.By))
	return binary.BigEndian.AppendUint64(out, uint64(a.At.UnixMilli()))
}

// padJSON is the JSON of v behind its length, with zeros up to a multiple of identityBucket.
func padJSON(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	plain := make([]byte, padded(4+len(text), identityBucket, identityBucket))
	binary.BigEndian.PutUint32(plain, uint32(len(text)))
	copy(plain[4:], text)
	return plain, nil
}

// unpadJSON reads what padJSON made. Its error says nothing of the text, which json's own words would quote.
func unpadJSON(plain []byte, v any) error {
	if len(plain) < 4 || uint64(binary.BigEndian.Uint32(plain)) > uint64(len(plain)-4) {
		return heed.ErrSealed
	}
	if err := json.Unmarshal(plain[4:4+binary.BigEndian.Uint32(plain)], v); err != nil {
		return heed.ErrSealed
	}
	return nil
}
