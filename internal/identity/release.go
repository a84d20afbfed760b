package identity

import (
	"context"
	"errors"
	"fmt"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// Release puts the file of an approved Disclosure, as the reporter sent it, into the Department's next package, in place of giving it to actor:
// the file's key, which key opens, is wrapped anew to the transit key of its day, with which it dies, and waits there for the worker
// (docs/adr/0029). department is one of the line's.
//
// It returns heed.ErrForbidden to everybody but a lead who asked, heed.ErrConflict where it isn't approved (any more) or is about no file,
// heed.ErrGone where the file is destroyed, taken back or withheld, and a *heed.Problem where the key is another ("disclosure-browser"),
// a part of the file isn't handed on ("release-redacted"), or it has no safe copy to go beside ("release-uncopied").
func (c *Custody) Release(ctx context.Context, actor *heed.Staff, id heed.ID, key *seal.PrivateKey, department string) error {
	var wrapped []byte
	release := func(ctx context.Context, tx heed.Tx, d *heed.Disclosure) (act string, err error) {
		// As it now stands: who takes it back or covers a part meanwhile comes first.
		if _, _, err := c.words(ctx, tx, d); err != nil {
			return "", err
		}
		if err := whole(ctx, tx, d.File); err != nil {
			return "", err
		}
		d.State, d.Department, d.SeenAt, d.Until, d.Sealed = heed.DisclosureReleased, department, c.now(), deathOf(d.Day), wrapped
		return ActReleased, nil
	}
	_, err := c.use(ctx, actor, id, auth.DisclosureRelease, release, func(d *heed.Disclosure) error {
		return c.openFile(ctx, d, key, func(a *heed.Attachment, file seal.Key) error {
			day, err := c.record(ctx, a.Day)
			if err != nil {
				return err
			}
			wrapped, err = c.wrapFileKey(day, day.Transit, a, seal.ReleasedTo(department), file)
			return err
		})
	})
	return err
}

// whole refuses a file that a package carries covered in part, or not at all. *heed.Problem.
func whole(ctx context.Context, tx heed.Tx, file heed.ID) error {
	copied, err := tx.SafeCopy(ctx, file)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return err
	}
	if copied == nil || copied.State != heed.CopyMade {
		return &heed.Problem{Code: "release-uncopied"}
	}
	redaction, err := tx.Redaction(ctx, file)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("looking a file's redaction up: %w", err)
	}
	if !redaction.None() {
		return &heed.Problem{Code: "release-redacted"}
	}
	return nil
}
