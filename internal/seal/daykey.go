package seal

import (
	"fmt"

	heed "github.com/heed-line/heed"
)

// contextDayKey is what the audit key signs a day's public halves under.
const contextDayKey = "day-key/1"

// Identities are padded to steps of this many bytes, so that a sealed one's length says little of a name's.
const identityBucket = 512

// DayKeys are the two key pairs of one day. Identity opens the day's Identities; it is nil where there was no Custodian,
// and lives only until its seed is wrapped to them. Transit opens the keys of the day's files until their safe copies exist.
type DayKeys struct {
	Identity *PrivateKey
	Transit  *PrivateKey
}

// NewDayKeys draws a day's keys; the identity key only where somebody could open it.
func NewDayKeys(withIdentity bool) DayKeys {
	k := DayKeys{Transit: GeneratePrivateKey()}
	if withIdentity {
		k.Identity = GeneratePrivateKey()
	}
	return k
}

// SignDayKey signs r's line, day and public halves with the audit key, into r.Signature.
func SignDayKey(audit *Signer, line string, r *heed.DayKeyRecord) {
	r.Signature = audit.Sign(contextDayKey, dayKeyStatement(line, r))
}

// VerifyDayKey checks r.Signature. ErrInvalid: the audit key never signed these public halves for this line and day.
func VerifyDayKey(audit *Verifier, line string, r *heed.DayKeyRecord) error {
	if err := audit.Verify(contextDayKey, dayKeyStatement(line, r), r.Signature); err != nil {
		return fmt.Errorf("day keys of %s: %w", r.Day, err)
	}
	return nil
}

func dayKeyStatement(line string, r *heed.DayKeyRecord) []byte {
	out := appendString(nil, line)
	out = appendString(out, r.Day)
	out = appendString(out, r.Identity)
	return appendString(out, r.Transit)
}

func daySeedPlace(line, day string, custodian heed.ID) Binding {
	return Binding{Line: line, Field: "day-seed/" + day + "/" + string(custodian), Version: 1}
}

// WrapDaySeed seals the private half of a day's identity key to one Custodian.
func WrapDaySeed(custodianKey *PublicKey, line, day string, custodian heed.ID, identity *PrivateKey) ([]byte, error) {
	seed := identity.Bytes()
	defer clear(seed)
	return custodianKey.Wrap(daySeedPlace(line, day, custodian), seed)
}

// UnwrapDaySeed opens what WrapDaySeed sealed for the same day and Custodian. ErrSealed: it can't be opened.
func UnwrapDaySeed(custodianKey *PrivateKey, line, day string, custodian heed.ID, wrapped []byte) (*PrivateKey, error) {
	seed, err := custodianKey.Unwrap(daySeedPlace(line, day, custodian), wrapped)
	if err != nil {
		return nil, err
	}
	defer clear(seed)
	return ParsePrivateKey(seed)
}

func identityPlace(line string, report heed.ID, day string) Binding {
	return Binding{Line: line, Report: string(report), Field: "identity/" + day, Version: 1}
}

// SealIdentity seals who a reporter is to the day's identity key, padded to steps of 512 bytes.
func SealIdentity(dayIdentity *PublicKey, line string, report heed.ID, day string, who heed.Identity) ([]byte, error) {
	plain, err := padJSON(who)
	if err != nil {
		return nil, fmt.Errorf("sealing an identity: %w", err)
	}
	defer clear(plain)
	return dayIdentity.Wrap(identityPlace(line, report, day), plain)
}

// OpenIdentity opens what SealIdentity sealed for the same report and day. ErrSealed: it can't be opened.
func OpenIdentity(dayIdentity *PrivateKey, line string, report heed.ID, day string, sealed []byte) (heed.Identity, error) {
	var who heed.Identity
	plain, err := dayIdentity.Unwrap(identityPlace(line, report, day), sealed)
	if err != nil {
		return who, err
	}
	defer clear(plain)
	if err := unpadJSON(plain, &who); err != nil {
		return heed.Identity{}, cannotOpen("an identity")
	}
	return who, nil
}

// OpenIdentityBy opens an Identity as one Custodian, with the day's seeds that are wrapped to them: a day whose key was remade has
// several, and one of them opens it. ErrSealed: none does.
func OpenIdentityBy(key *PrivateKey, line string, custodian heed.ID, h heed.SealedIdentity, seeds [][]byte) (heed.Identity, error) {
	err := fmt.Errorf("identity of %s: %w", h.Day, heed.ErrSealed)
	for _, wrapped := range seeds {
		day, failed := UnwrapDaySeed(key, line, h.Day, custodian, wrapped)
		if failed != nil {
			err = failed
			continue
		}
		who, failed := OpenIdentity(day, line, h.Report, h.Day, h.Sealed)
		if failed == nil {
			return who, nil
		}
		err = failed
	}
	return heed.Identity{}, err
}
