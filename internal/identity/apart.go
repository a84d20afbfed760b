package identity

import (
	"context"
	"errors"
	"fmt"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// KeyApart reports whether the Custodian's key lies on a machine apart: the line has its public half alone.
func KeyApart(s *heed.Staff) bool { return s.CustodianPublic != nil && s.CustodianPrivate == nil }

// AuditKey is the public half of the key that signs what is taken to a machine apart.
func (c *Custody) AuditKey() []byte { return c.signer.Verifier().Bytes() }

// takeMost is how often one request is taken. The reporter is told of each time, and reads all of them.
const takeMost = 10

// Take makes the file that actor carries to the machine with their key: what is asked, and what that machine needs to open it, sealed
// to the key and under the code. The file opens one report's Identity, or the key of one file as it was sent; docs/adr/0009 says why the
// code is stored nowhere. Taking it again makes an earlier file's answer void.
//
// It returns heed.ErrForbidden to who asked, heed.ErrConflict and heed.ErrGone as Approve, and a *heed.Problem where the key isn't
// apart or is younger than what is asked for, or the request was taken ten times ("disclosure-taken-often").
func (c *Custody) Take(ctx context.Context, actor *heed.Staff, id heed.ID, code seal.ApartCode) ([]byte, error) {
	before, err := c.circle(ctx)
	if err != nil {
		return nil, err
	}
	key, err := before.apartKey(actor.ID)
	if err != nil {
		return nil, err
	}
	asked, about, err := c.toDecide(ctx, actor, id, auth.DisclosureTake)
	if err != nil {
		return nil, err
	}
	request, err := c.apartRequest(ctx, actor.ID, asked, about)
	if err != nil {
		return nil, err
	}
	proof := seal.GenerateSigner()
	seed := proof.Seed()
	defer clear(seed)
	if request.Proof, err = seal.WrapProof(key, c.line, asked.Report, asked.ID, seed); err != nil {
		return nil, err
	}
	file, err := seal.SealApart(c.signer, key, code, request)
	if err != nil {
		return nil, err
	}
	err = c.store.Update(ctx, func(tx heed.Tx) error {
		d, err := c.ripe(ctx, tx, id, heed.DisclosureAsked, heed.DisclosureExported)
		if err != nil {
			return err
		}
		if string(d.Key) != string(asked.Key) || d.File != asked.File {
			return fmt.Errorf("key of disclosure %s was exchanged: %w", d.ID, heed.ErrConflict)
		}
		if err := c.asSecond(ctx, tx, before, actor, auth.DisclosureTake, auth.Resource{Report: d.Report, By: d.By}); err != nil {
			return err
		}
		if 1+len(d.ExportedAgain) >= takeMost {
			return &heed.Problem{Code: "disclosure-taken-often", Args: map[string]any{"Count": takeMost}}
		}
		from := d.State
		d.State, d.SecondBy, d.SecondAt, d.Proof = heed.DisclosureExported, actor.ID, c.now(), proof.Verifier().Bytes()
		if d.ExportedAt.IsZero() {
			d.ExportedAt = d.SecondAt
		} else if err := tx.AddDisclosureExport(ctx, d.ID, d.SecondAt); err != nil {
			return err
		}
		if err := tx.MoveDisclosure(ctx, d, from); err != nil {
			return err
		}
		return c.note(ctx, tx, ActExported, actor.ID, d, "")
	})
	if err != nil {
		return nil, fmt.Errorf("exporting a disclosure: %w", err)
	}
	return file, nil
}

// apartRequest is what the file says, but for its proof.
func (c *Custody) apartRequest(ctx context.Context, custodian heed.ID, d *heed.Disclosure, about subject) (*seal.ApartRequest, error) {
	if about.file == nil && len(about.held) == 0 {
		return nil, fmt.Errorf("exporting a disclosure: %w", heed.ErrGone)
	}
	r := &seal.ApartRequest{
		Line: c.line, LineName: c.lineName, Report: d.Report, Disclosure: d.ID, Custodian: custodian, Class: d.Reason, At: d.At,
		Until: d.Until, Key: d.Key,
	}
	err := c.store.View(ctx, func(tx heed.Tx) (err error) {
		asker, err := tx.Staff(ctx, d.By)
		if err != nil {
			return err
		}
		r.Asker = asker.Name
		if a := about.file; a != nil {
			r.File = &seal.ApartFile{ID: a.ID, Type: a.Type, Size: a.Size, Blob: a.Blob, Day: a.Day, Key: a.DayKey}
			if r.File.Malware, err = c.malware(ctx, tx, d); err != nil {
				return err
			}
		}
		r.Words, _, err = c.reports.OpenReason(ctx, tx, d.Report, seal.RequestAct(d), d.SealedReason)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading who asks: %w", err)
	}
	if a := about.file; a != nil {
		r.File.Seeds, err = c.seeds(ctx, a.Day, custodian)
		return r, err
	}
	for _, h := range about.held {
		seeds, err := c.seeds(ctx, h.Day, custodian)
		if err != nil {
			return nil, err
		}
		r.Identities = append(r.Identities, seal.ApartIdentity{Day: h.Day, Sealed: h.Sealed, Seeds: seeds})
	}
	return r, nil
}

// Bring takes the answer that a machine apart made of the last file that actor took, and gives it to who asked: from here on it is as
// if actor had approved at the desk.
//
// It returns what Approve does, and a *heed.Problem in "answer" where the file is no answer, or not this one.
func (c *Custody) Bring(ctx context.Context, actor *heed.Staff, id heed.ID, file []byte) error {
	answer, err := seal.ParseApartAnswer(file)
	if err != nil {
		return &heed.Problem{Field: "answer", Code: "answer-none"}
	}
	if answer.Disclosure != id {
		return &heed.Problem{Field: "answer", Code: "answer-other"}
	}
	before, err := c.circle(ctx)
	if err != nil {
		return err
	}
	key, err := before.apartKey(actor.ID)
	if err != nil {
		return err
	}
	taken, _, err := c.toDecide(ctx, actor, id, auth.DisclosureTake)
	if err != nil {
		return err
	}
	if taken.State != heed.DisclosureExported || taken.SecondBy != actor.ID {
		return &heed.Problem{Field: "answer", Code: "answer-not-taken"}
	}
	proof, err := seal.ParseVerifier(taken.Proof)
	if err != nil {
		return fmt.Errorf("proof of disclosure %s: %w", id, err)
	}
	place := seal.AnswerPlace{Line: c.line, Report: taken.Report, Disclosure: id, Custodian: actor.ID, Key: key}
	if err := answer.Verify(proof, place); errors.Is(err, heed.ErrInvalid) {
		return &heed.Problem{Field: "answer", Code: "answer-changed"}
	} else if err != nil {
		return err
	}
	err = c.store.Update(ctx, func(tx heed.Tx) error {
		circle, err := c.circleIn(ctx, tx, before.era, before.known)
		if err != nil {
			return err
		}
		if !circle.knows(actor.ID, key) { // removed meanwhile
			return notApproved(actor.ID)
		}
		d, err := c.ripe(ctx, tx, id, heed.DisclosureExported)
		if err != nil {
			return err
		}
		if string(d.Proof) != string(taken.Proof) || string(d.Key) != string(taken.Key) || d.File != taken.File {
			return fmt.Errorf("disclosure %s was taken again: %w", id, heed.ErrConflict)
		}
		if err := c.asSecond(ctx, tx, circle, actor, auth.DisclosureTake, auth.Resource{Report: d.Report, By: d.By}); err != nil {
			return err
		}
		return c.approve(ctx, tx, actor.ID, d, answer.Sealed)
	})
	if err != nil {
		return fmt.Errorf("taking an answer from a machine apart: %w", err)
	}
	return nil
}

// apartKey is the public half of a Custodian's key. ErrForbidden: they aren't one. *heed.Problem: the line has the whole key.
func (c *circle) apartKey(staff heed.ID) (*seal.PublicKey, error) {
	if !c.counts(staff) {
		return nil, notApproved(staff)
	}
	account := c.account(staff)
	if !KeyApart(account) {
		return nil, &heed.Problem{Code: "custodian-key-here"}
	}
	return seal.ParsePublicKey(account.CustodianPublic)
}
