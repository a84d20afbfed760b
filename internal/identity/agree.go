package identity

import (
	"context"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// AgreeFor is how long the answer to a request to agree is taken. A change of the circle ends it at once.
const AgreeFor = 24 * time.Hour

// TakeApproval makes the file by which actor, whose key lies on a machine apart, can approve there who waits to be a Custodian with
// the key that was shown. Nothing is noted yet: the file opens nothing, and has no effect before BringAgreement.
//
// It returns what ApproveCustodian does, and a *heed.Problem where actor's key isn't apart.
func (c *Custody) TakeApproval(ctx context.Context, actor *heed.Staff, newcomer heed.ID, shown string) ([]byte, error) {
	if err := c.allow(actor, auth.CustodianApprove, auth.Resource{Staff: newcomer}); err != nil {
		return nil, err
	}
	now, err := c.circle(ctx)
	if err != nil {
		return nil, err
	}
	account, err := now.waiting(newcomer, shown)
	if err != nil {
		return nil, err
	}
	return c.takeAgreement(now, actor, account, seal.AgreementRequest{Agreement: seal.Agreement{Act: seal.ApproveCustodian, Until: c.now().Add(AgreeFor)}})
}

// TakeRemoval makes the file by which actor can agree on a machine apart to a removal that somebody else wished for.
//
// It returns what RemoveCustodian does, and a *heed.Problem where actor's key isn't apart.
func (c *Custody) TakeRemoval(ctx context.Context, actor *heed.Staff, staff heed.ID) ([]byte, error) {
	wish, err := c.mayRemove(ctx, actor, staff)
	if err != nil {
		return nil, err
	}
	now, err := c.circle(ctx)
	if err != nil {
		return nil, err
	}
	account, err := now.removable(staff)
	if err != nil {
		return nil, err
	}
	r := seal.AgreementRequest{Agreement: seal.Agreement{Act: seal.RemoveCustodian, Until: earlier(c.now().Add(AgreeFor), wish.ExpiresAt)}}
	if asker := now.account(wish.By); asker != nil {
		r.Asker = asker.Name
	}
	return c.takeAgreement(now, actor, account, r)
}

func (c *Custody) takeAgreement(now *circle, actor, account *heed.Staff, r seal.AgreementRequest) ([]byte, error) {
	key, err := now.apartKey(actor.ID)
	if err != nil {
		return nil, err
	}
	r.Line, r.LineName, r.Era, r.Custodian = c.line, c.lineName, now.era, actor.ID
	r.Staff, r.Name, r.Key = account.ID, account.Name, account.CustodianPublic
	return seal.SealAgreement(c.signer, key, r)
}

// BringAgreement takes the answer that a machine apart made of what actor took, and does what actor agreed to there.
//
// Who is approved so has part in what comes from now on, today's later Identities included. What was given before stays with those
// who can open it: to share it, the seeds of all days that live would have to travel (docs/adr/0013).
//
// It returns what ApproveCustodian and RemoveCustodian do, but for a passphrase, and a *heed.Problem in "answer" where the file is no
// answer, another's, or one that counts no more.
func (c *Custody) BringAgreement(ctx context.Context, actor *heed.Staff, staff heed.ID, file []byte) error {
	a, err := seal.ReadAgreed(c.audit, file)
	if err != nil {
		return &heed.Problem{Field: "answer", Code: "agreement-none"}
	}
	if a.Line != c.line || a.Staff != staff || a.Custodian != actor.ID {
		return &heed.Problem{Field: "answer", Code: "answer-other"}
	}
	over := &heed.Problem{Field: "answer", Code: "agreement-over"}
	if !c.now().Before(a.Until) {
		return over
	}
	agreed := word{actor.ID, func(now *circle) error {
		if !now.counts(actor.ID) {
			return notApproved(actor.ID)
		}
		if now.era != a.Era {
			return over
		}
		return nil
	}}
	switch a.Act {
	case seal.ApproveCustodian:
		if err := c.allow(actor, auth.CustodianApprove, auth.Resource{Staff: staff}); err != nil {
			return err
		}
		if err := c.admit(ctx, staff, KeyName(a.Key), agreed); err != nil {
			return err
		}
		if err := c.rotate(ctx); err != nil {
			return fmt.Errorf("making the days' keys anew for a further custodian: %w", err)
		}
		return c.EnsureDays(ctx, c.now())
	case seal.RemoveCustodian:
		if _, err := c.mayRemove(ctx, actor, staff); err != nil {
			return err
		}
		return c.remove(ctx, staff, agreed, c.agrees(actor, staff))
	}
	return &heed.Problem{Field: "answer", Code: "agreement-none"} // of a newer program
}
