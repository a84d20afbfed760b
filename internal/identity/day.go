package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// daysAhead is how many days after today have their keys already, so that a portal works on while the worker is down.
const daysAhead = 2

// Names in the keystore. Each holds the fingerprint of the public half it belongs to, so that two processes which make the
// same day at once, and keys made anew for a further Custodian, never overwrite one that something was sealed to.
func dayPrefix(day string) string { return "day/" + day + "/" }

func transitName(day string, public []byte) string {
	return dayPrefix(day) + "transit." + fingerprint(public)
}

func seedName(day string, public []byte, custodian heed.ID) string {
	return dayPrefix(day) + "identity." + fingerprint(public) + "." + string(custodian)
}

func fingerprint(public []byte) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

// EnsureDays makes the keys of the day to which now belongs and of the two after it, where they are missing: an identity
// key only where there is a Custodian. A day that is still unused gets another one where not every Custodian of now can open it,
// also one that was made before there was any; a used day keeps its key and its Custodians. Where nobody is approved as one any
// more, the identity key is taken out of use. A day whose keys were destroyed before it was over, by an order (heed erase --as-of),
// gets new ones. Cut short anywhere, another run completes it; what it left in the keystore dies with its day. One day's failure
// doesn't keep the others waiting: the errors are joined.
//
// The seeds of keys that are replaced stay until their day dies, so that what a slower process seals to one meanwhile can be
// opened all the same.
func (s *Service) EnsureDays(ctx context.Context, now time.Time) error {
	err := s.steadily(ctx, func(c *circle) error {
		var errs []error
		if err := s.finishRemovals(ctx, c); err != nil {
			errs = append(errs, fmt.Errorf("completing a custodian's removal: %w", err))
		}
		for i := range daysAhead + 1 {
			day := dayOf(now.UTC().AddDate(0, 0, i))
			if err := s.ensureDay(ctx, c, day); err != nil {
				errs = append(errs, fmt.Errorf("those of %s: %w", day, err))
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		return fmt.Errorf("preparing the day keys: %w", err)
	}
	return nil
}

func (s *Service) ensureDay(ctx context.Context, c *circle, day string) error {
	r, err := s.record(ctx, day)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		return s.makeDay(ctx, c, day, heed.Tx.AddDayKey)
	case errors.Is(err, heed.ErrGone):
		return s.renewDay(ctx, c, day)
	case err != nil:
		return err
	case r.Identity != nil && len(c.approved) == 0: // the line takes anonymous reports only; what was sealed before dies with the day
		return s.rotateDay(ctx, c, r)
	}
	return s.remakeDay(ctx, c, r)
}

// renewDay gives new keys to a day whose keys were destroyed before they were due. One whose time was over stays dead,
// although a clock set back says that it has come again.
func (s *Service) renewDay(ctx context.Context, c *circle, day string) error {
	var r *heed.DayKeyRecord
	err := s.store.View(ctx, func(tx heed.Tx) (err error) {
		r, err = tx.DayKey(ctx, day)
		return err
	})
	if err != nil || dead(day, r.DestroyedAt) {
		return err
	}
	return s.makeDay(ctx, c, day, heed.Tx.RenewDayKey)
}

// makeDay stores the private halves first, then the record, by add: a public half that anything could be sealed to always
// has its other.
func (s *Service) makeDay(ctx context.Context, c *circle, day string, add putRecord) error {
	keys := seal.NewDayKeys(len(c.counting()) > 0)
	r := &heed.DayKeyRecord{Day: day, Transit: keys.Transit.Public().Bytes()}
	private := keys.Transit.Bytes()
	defer clear(private)
	transit := transitName(day, r.Transit)
	if err := s.keys.Create(ctx, transit, private); err != nil {
		return err
	}
	return s.putDay(ctx, c, ActDayMade, r, keys.Identity, add, transit)
}

// putRecord is one of the ways in which the store takes a day's record. Each answers heed.ErrConflict where the day is not as it
// was found, because another process was first.
type putRecord func(heed.Tx, context.Context, *heed.DayKeyRecord) error

// putDay keeps the private half of the day's identity key (nil: it has none), wrapped to each Custodian, then signs the record
// and stores it by put. Where another process was first, or the circle is another by now (errMoved), the keys come to nothing and
// are destroyed, those with the other names that were made for them too.
func (s *Service) putDay(ctx context.Context, c *circle, act string, r *heed.DayKeyRecord, key *seal.PrivateKey, put putRecord, others ...string) error {
	custodians := c.counting()
	made, err := s.wrapSeed(ctx, r, key, custodians)
	if err != nil {
		return err
	}
	seal.SignDayKey(s.signer, s.line, r)
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if err := c.stay(ctx, tx); err != nil {
			return err
		}
		if err := put(tx, ctx, r); err != nil {
			return err
		}
		return s.leaf(ctx, tx, act, dayDetails(r, custodians))
	})
	first := errors.Is(err, heed.ErrConflict) // another process was
	if !first && !errors.Is(err, errMoved) {
		return err
	}
	for _, name := range append(made, others...) {
		if err := s.keys.Delete(ctx, name); err != nil {
			return err
		}
	}
	if first {
		return nil
	}
	return err
}

// wrapSeed says under which names it keeps the key.
func (s *Service) wrapSeed(ctx context.Context, r *heed.DayKeyRecord, key *seal.PrivateKey, custodians []*heed.Staff) (names []string, err error) {
	if key == nil {
		return nil, nil
	}
	r.Identity = key.Public().Bytes()
	for _, c := range custodians {
		public, err := seal.ParsePublicKey(c.CustodianPublic)
		if err != nil {
			return nil, fmt.Errorf("key of custodian %s: %w", c.ID, err)
		}
		wrapped, err := seal.WrapDaySeed(public, s.line, r.Day, c.ID, key)
		if err != nil {
			return nil, err
		}
		name := seedName(r.Day, r.Identity, c.ID)
		if err := s.keys.Create(ctx, name, wrapped); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (s *Service) transit(ctx context.Context, r *heed.DayKeyRecord) (*seal.PrivateKey, error) {
	b, err := s.keys.Get(ctx, transitName(r.Day, r.Transit))
	if err != nil {
		return nil, err
	}
	defer clear(b)
	return seal.ParsePrivateKey(b)
}

// remakeDay gives an unused day an identity key that every Custodian of now can open, if it has none. The transit key
// stays: files may be wrapped to it already. Where something was sealed to the old key meanwhile, that stays.
func (s *Service) remakeDay(ctx context.Context, c *circle, old *heed.DayKeyRecord) error {
	settled, err := s.settled(ctx, old, c.counting())
	if err != nil || settled {
		return err
	}
	r := &heed.DayKeyRecord{Day: old.Day, Transit: old.Transit}
	return s.putDay(ctx, c, ActDayRemade, r, seal.GeneratePrivateKey(), heed.Tx.ReplaceDayKey)
}

// rotateDay gives a day an identity key that exactly the Custodians of now open, also where something was sealed to the one
// before, which stays in the keystore until the day dies; and none where nobody is one. A day that was destroyed meanwhile stays so.
func (s *Service) rotateDay(ctx context.Context, c *circle, old *heed.DayKeyRecord) error {
	r := &heed.DayKeyRecord{Day: old.Day, Transit: old.Transit}
	var key *seal.PrivateKey
	if len(c.counting()) > 0 {
		key = seal.GeneratePrivateKey()
	}
	return s.putDay(ctx, c, ActDayRemade, r, key, heed.Tx.RotateDayKey)
}

// settled reports whether the day's identity key is to stay: an Identity was sealed to it, every Custodian can open it, or
// there is none who could.
func (s *Service) settled(ctx context.Context, r *heed.DayKeyRecord, custodians []*heed.Staff) (bool, error) {
	if len(custodians) == 0 {
		return true, nil
	}
	var used bool
	err := s.store.View(ctx, func(tx heed.Tx) (err error) {
		used, err = inUse(ctx, tx, r.Day)
		return err
	})
	if err != nil || used || r.Identity == nil {
		return used, err
	}
	names, err := s.keys.List(ctx, dayPrefix(r.Day))
	if err != nil {
		return false, err
	}
	for _, c := range custodians {
		if !slices.Contains(names, seedName(r.Day, r.Identity, c.ID)) {
			return false, nil
		}
	}
	return true, nil
}

func inUse(ctx context.Context, tx heed.IdentityTx, day string) (bool, error) {
	n, err := tx.CountIdentities(ctx)
	return n[day] > 0, err
}

// madeDetails are the details of ActDayMade and ActDayRemade: which public halves, and who can open the day.
type madeDetails struct {
	Day        string    `json:"day"`
	Identity   string    `json:"identity"` // SHA-256 of the public half; "" without a Custodian
	Transit    string    `json:"transit"`
	Custodians []heed.ID `json:"custodians"`
}

func dayDetails(r *heed.DayKeyRecord, custodians []*heed.Staff) madeDetails {
	d := madeDetails{Day: r.Day, Transit: seal.Digest(r.Transit), Custodians: []heed.ID{}}
	if r.Identity != nil {
		d.Identity = seal.Digest(r.Identity)
	}
	for _, c := range custodians {
		d.Custodians = append(d.Custodians, c.ID)
	}
	return d
}

func (s *Service) leaf(ctx context.Context, tx heed.Tx, act string, details any) error {
	l, err := audit.Leaf(act, "", "", s.now(), details)
	if err != nil {
		return err
	}
	return tx.AddLeaf(ctx, l)
}
