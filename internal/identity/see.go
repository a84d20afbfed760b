package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// See opens what was approved with the private half that the asker's browser kept, and ends it: nobody sees it twice. It is
// noted before it is shown, so that nobody sees it unnoted.
//
// It returns heed.ErrForbidden to everybody but who asked, heed.ErrConflict where it isn't approved (any more) or is about a file, and a
// *heed.Problem where the key is another.
func (c *Custody) See(ctx context.Context, actor *heed.Staff, id heed.ID, key *seal.PrivateKey) (*heed.Disclosure, []heed.Identity, error) {
	var who []heed.Identity
	d, err := c.use(ctx, actor, id, auth.DisclosureSee, c.seen, func(d *heed.Disclosure) (err error) {
		if d.File != "" {
			return fmt.Errorf("it is about a file: %w", heed.ErrConflict)
		}
		who, err = seal.OpenDisclosure(key, c.line, d.Report, d.ID, d.Sealed)
		return err
	})
	return d, who, err
}

// SeeFile is See for a Disclosure of a file. begin gets the file and the key of its frames before anything is noted: where it fails,
// nothing was seen. Its errors come back as they are.
func (c *Custody) SeeFile(ctx context.Context, actor *heed.Staff, id heed.ID, key *seal.PrivateKey, begin func(*heed.Attachment, seal.Key) error) (*heed.Disclosure, error) {
	return c.use(ctx, actor, id, auth.DisclosureSee, c.seen, func(d *heed.Disclosure) error { return c.openFile(ctx, d, key, begin) })
}

// openFile gives begin the file of an approved Disclosure, which is what was asked, and the key of its frames.
func (c *Custody) openFile(ctx context.Context, d *heed.Disclosure, key *seal.PrivateKey, begin func(*heed.Attachment, seal.Key) error) error {
	if d.File == "" {
		return fmt.Errorf("it is about no file: %w", heed.ErrConflict)
	}
	file, err := seal.OpenDisclosedFile(key, c.line, d.Report, d.ID, d.File, d.Sealed)
	if err != nil {
		return err
	}
	defer clear(file[:])
	var a *heed.Attachment
	err = c.store.View(ctx, func(tx heed.Tx) error {
		_, a, err = c.words(ctx, tx, d)
		return err
	})
	if err != nil {
		return err
	}
	return begin(a, file)
}

// seen is what becomes of a Disclosure that its asker saw.
func (c *Custody) seen(_ context.Context, _ heed.Tx, d *heed.Disclosure) (act string, err error) {
	d.State, d.SeenAt, d.Until, d.Sealed = heed.DisclosureSeen, c.now(), time.Time{}, nil
	return ActSeen, nil
}

// use ends an approved Disclosure as end says, once open has opened it.
func (c *Custody) use(ctx context.Context, actor *heed.Staff, id heed.ID, action auth.Action, end func(context.Context, heed.Tx, *heed.Disclosure) (act string, err error), open func(*heed.Disclosure) error) (*heed.Disclosure, error) {
	var d *heed.Disclosure
	var r *heed.Report
	err := c.store.View(ctx, func(tx heed.Tx) (err error) {
		if d, err = c.ripe(ctx, tx, id, heed.DisclosureApproved); err == nil {
			r, err = tx.Report(ctx, d.Report)
		}
		return err
	})
	if err == nil {
		err = c.allow(actor, action, auth.Resource{Report: r.ID, Category: r.Category, By: d.By})
	}
	if err != nil {
		return nil, fmt.Errorf("seeing a disclosure: %w", err)
	}
	if err := open(d); errors.Is(err, heed.ErrSealed) {
		return nil, &heed.Problem{Code: "disclosure-browser"}
	} else if err != nil {
		return nil, fmt.Errorf("seeing a disclosure: %w", err)
	}
	err = c.store.Update(ctx, func(tx heed.Tx) error {
		if d, err = c.ripe(ctx, tx, id, heed.DisclosureApproved); err != nil {
			return err
		}
		act, err := end(ctx, tx, d)
		if err != nil {
			return err
		}
		if err := tx.MoveDisclosure(ctx, d, heed.DisclosureApproved); err != nil {
			return err
		}
		if err := heed.WantScrub(ctx, tx, c.now()); err != nil {
			return err
		}
		return c.note(ctx, tx, act, actor.ID, d, "")
	})
	if err != nil {
		return nil, fmt.Errorf("noting that a disclosure was seen: %w", err)
	}
	return d, nil
}
