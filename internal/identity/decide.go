package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// subject is what a Disclosure is about, as it was asked for: Identities, or one file.
type subject struct {
	held []heed.SealedIdentity
	file *heed.Attachment // nil where it is about who the reporter is
}

// toDecide is the Disclosure that the actor may decide, with what it is about. ErrSealed: it isn't what was asked.
func (c *Custody) toDecide(ctx context.Context, actor *heed.Staff, id heed.ID, action auth.Action) (d *heed.Disclosure, about subject, err error) {
	err = c.store.View(ctx, func(tx heed.Tx) error {
		if d, err = c.ripe(ctx, tx, id, heed.DisclosureAsked, heed.DisclosureExported); err != nil {
			return err
		}
		if err := c.allow(actor, action, auth.Resource{By: d.By}); err != nil {
			return err
		}
		if _, about.file, err = c.words(ctx, tx, d); err != nil {
			return err // by another, for another key, or of another file, than was asked
		}
		about.held, err = tx.Identities(ctx, d.Report)
		return err
	})
	if err == nil {
		err = c.isCustodian(ctx, actor)
	}
	if err != nil {
		return nil, subject{}, fmt.Errorf("deciding a disclosure: %w", err)
	}
	return d, about, nil
}

// isCustodian refuses who has the role and no approval. ErrForbidden.
func (c *Custody) isCustodian(ctx context.Context, actor *heed.Staff) error {
	is, err := c.IsCustodian(ctx, actor.ID)
	if err == nil && !is {
		err = notApproved(actor.ID)
	}
	return err
}

// Approve opens the report's Identity with actor's key, in this process's memory alone, and seals it to who asked.
//
// It returns the errors of auth.Service.CustodianKey, heed.ErrForbidden to who asked, heed.ErrConflict where it was answered,
// lapsed, or taken back by the reporter meanwhile, and a *heed.Problem where the Identity is older than actor's key.
func (c *Custody) Approve(ctx context.Context, actor *heed.Staff, id heed.ID, passphrase string) error {
	d, about, err := c.toDecide(ctx, actor, id, auth.DisclosureDecide)
	if err != nil {
		return err
	}
	key, err := c.secrets.CustodianKey(ctx, actor, passphrase)
	if err != nil {
		return err
	}
	before, err := c.circle(ctx)
	if err != nil {
		return err
	}
	sealed, err := c.sealTo(ctx, key, actor.ID, d, about)
	if err != nil {
		return err
	}
	err = c.store.Update(ctx, func(tx heed.Tx) error {
		circle, err := c.circleIn(ctx, tx, before.era, before.known)
		if err != nil {
			return err
		}
		if !circle.holds(actor.ID, key) { // removed meanwhile, or with a key that nobody approved
			return notApproved(actor.ID)
		}
		key, file := d.Key, d.File
		if d, err = c.ripe(ctx, tx, id, heed.DisclosureAsked, heed.DisclosureExported); err != nil {
			return err
		}
		if string(d.Key) != string(key) || d.File != file { // nobody of ours changes it
			return fmt.Errorf("key of disclosure %s was exchanged: %w", d.ID, heed.ErrConflict)
		}
		if err := c.asSecond(ctx, tx, circle, actor, auth.DisclosureDecide, auth.Resource{Report: d.Report, By: d.By}); err != nil {
			return err
		}
		d.Proof = nil // what another took to a machine apart meanwhile is answered here
		return c.approve(ctx, tx, actor.ID, d, sealed)
	})
	if err != nil {
		return fmt.Errorf("approving a disclosure: %w", err)
	}
	return nil
}

// sealTo opens what is asked for with the key of a Custodian, and seals it to who asked.
func (c *Custody) sealTo(ctx context.Context, key *seal.PrivateKey, custodian heed.ID, d *heed.Disclosure, about subject) ([]byte, error) {
	to, err := seal.ParsePublicKey(d.Key)
	if err != nil {
		return nil, fmt.Errorf("key of disclosure %s: %w", d.ID, err)
	}
	a := about.file
	if a == nil {
		who, err := c.open(ctx, key, custodian, about.held)
		if err != nil {
			return nil, fmt.Errorf("opening an identity: %w", err)
		}
		return seal.SealDisclosure(to, c.line, d.Report, d.ID, who)
	}
	seeds, err := c.seeds(ctx, a.Day, custodian)
	if err != nil {
		return nil, err
	}
	file, err := seal.UnwrapFileKeyBy(key, c.line, custodian, a, seeds)
	if err != nil {
		return nil, fmt.Errorf("opening an original file's key: %w", err)
	}
	defer clear(file[:])
	return seal.SealDisclosedFile(to, c.line, d.Report, d.ID, d.File, file)
}

// asSecond refuses who is no other person than on.By, where another Custodian could be.
func (c *Custody) asSecond(ctx context.Context, tx heed.Tx, now *circle, actor *heed.Staff, action auth.Action, on auth.Resource) error {
	return auth.AsSecond(ctx, tx, actor, action, on, func(a *heed.Staff) bool { return now.counts(a.ID) }, c.now())
}

// approve gives who asked what was sealed to them.
func (c *Custody) approve(ctx context.Context, tx heed.Tx, custodian heed.ID, d *heed.Disclosure, sealed []byte) error {
	from, now := d.State, c.now()
	d.State, d.SecondBy, d.SecondAt, d.Sealed = heed.DisclosureApproved, custodian, now, sealed
	d.Until = earlier(now.Add(SeeFor), deathOf(d.Day))
	if err := tx.MoveDisclosure(ctx, d, from); err != nil {
		return err
	}
	return c.note(ctx, tx, ActApproved, custodian, d, "")
}

// open opens sealed Identities with the key of a Custodian. ErrGone: a day is destroyed. *heed.Problem: the Custodian has no
// part in a day.
func (c *Custody) open(ctx context.Context, key *seal.PrivateKey, custodian heed.ID, held []heed.SealedIdentity) ([]heed.Identity, error) {
	if len(held) == 0 {
		return nil, heed.ErrGone
	}
	out := make([]heed.Identity, 0, len(held))
	for _, h := range held {
		seeds, err := c.seeds(ctx, h.Day, custodian)
		if err != nil {
			return nil, err
		}
		who, err := seal.OpenIdentityBy(key, c.line, custodian, h, seeds)
		if err != nil {
			return nil, err
		}
		out = append(out, who)
	}
	return out, nil
}

// seeds are the day's seeds as they are wrapped to one Custodian. heed.ErrGone: the day is destroyed. *heed.Problem: the Custodian
// has no part in it.
func (s *Service) seeds(ctx context.Context, day string, custodian heed.ID) ([][]byte, error) {
	if dead(day, s.now()) {
		return nil, fmt.Errorf("identity keys of %s: %w", day, heed.ErrGone)
	}
	names, err := s.keys.List(ctx, dayPrefix(day)+"identity.")
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, n := range names {
		if !strings.HasSuffix(n, "."+string(custodian)) {
			continue
		}
		b, err := s.keys.Get(ctx, n)
		if destroyed(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		return nil, &heed.Problem{Code: "custodian-later"}
	}
	return out, nil
}

// Refuse declines, with words that stand in the report's history.
//
// It returns heed.ErrForbidden, heed.ErrConflict as Approve, and a *heed.Problem for what is wrong with the words.
func (c *Custody) Refuse(ctx context.Context, actor *heed.Staff, id heed.ID, words string) error {
	if strings.TrimSpace(words) == "" {
		return &heed.Problem{Field: "reason", Code: "reason-missing"}
	}
	if _, _, err := c.toDecide(ctx, actor, id, auth.DisclosureDecide); err != nil {
		return err
	}
	err := c.store.Update(ctx, func(tx heed.Tx) error {
		d, err := c.ripe(ctx, tx, id, heed.DisclosureAsked, heed.DisclosureExported)
		if err != nil {
			return err
		}
		from := d.State
		d.State, d.SecondBy, d.SecondAt, d.Until = heed.DisclosureRefused, actor.ID, c.now(), time.Time{}
		if err := tx.MoveDisclosure(ctx, d, from); err != nil {
			return err
		}
		return c.note(ctx, tx, ActRefused, actor.ID, d, words)
	})
	if err != nil {
		return fmt.Errorf("refusing a disclosure: %w", err)
	}
	return nil
}
