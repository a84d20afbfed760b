package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// How long a Disclosure waits: for a Custodian, and then for who asked. It never outlives the Identity.
const (
	AnswerFor = 24 * time.Hour
	SeeFor    = 2 * time.Hour
)

// EventDisclosure is the kind of DeskEvent that tells the Custodians of something to decide.
const EventDisclosure = "disclosure.asked"

// note writes the leaf of an act on d.
func (c *Custody) note(ctx context.Context, tx heed.Tx, act string, actor heed.ID, d *heed.Disclosure, text string) error {
	details := audit.DisclosureDetails{Disclosure: d.ID, Reason: d.Reason, Apart: act == ActApproved && d.Proof != nil, File: d.File, Department: d.Department}
	return c.reports.Note(ctx, tx, act, actor, d.Report, details, text)
}

// Ask asks the Custodians to show actor who the report's reporter is. key is the public half of a key whose private half
// actor's browser alone keeps: what is approved is sealed to it.
//
// It returns heed.ErrForbidden, heed.ErrNotFound, heed.ErrGone where nothing is held of the reporter, and a *heed.Problem for
// what is wrong with the reason, where actor asked already, and where no other person is a Custodian.
func (c *Custody) Ask(ctx context.Context, actor *heed.Staff, report heed.ID, reason heed.DisclosureReason, text string, key *seal.PublicKey) (*heed.Disclosure, error) {
	return c.AskFile(ctx, actor, report, "", reason, text, key)
}

// AskFile is Ask for one file of the report as the reporter sent it, of which everybody else has a safe copy: with the voice, or with what
// it tells of who made it. heed.ErrNotFound: the report has no such file.
func (c *Custody) AskFile(ctx context.Context, actor *heed.Staff, report, file heed.ID, reason heed.DisclosureReason, text string, key *seal.PublicKey) (*heed.Disclosure, error) {
	if err := c.allow(actor, auth.DisclosureAsk, auth.Resource{}); err != nil {
		return nil, err
	}
	if !slices.Contains(heed.DisclosureReasons[:], reason) {
		return nil, &heed.Problem{Field: "class", Code: "disclosure-reason"}
	}
	custodians, err := c.custodians(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(custodians, func(s *heed.Staff) bool { return s.ID != actor.ID }) {
		return nil, &heed.Problem{Code: "disclosure-alone"}
	}
	now := c.now()
	d := &heed.Disclosure{ID: heed.NewID(now), Report: report, File: file, State: heed.DisclosureAsked, By: actor.ID, At: now, Reason: reason, Key: key.Bytes()}
	err = c.store.Update(ctx, func(tx heed.Tx) error {
		day, about, missing := c.wanted(ctx, tx, report, file, now)
		if d.SealedReason, err = c.reports.SealReason(ctx, tx, actor, report, seal.RequestAct(d), text, about); err != nil {
			return err // who may not read the report isn't told what is missing
		}
		if missing != nil {
			return missing
		}
		d.Day = day
		d.Until = earlier(now.Add(AnswerFor), deathOf(d.Day))
		earlierOnes, err := tx.Disclosures(ctx, report)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(earlierOnes, func(e *heed.Disclosure) bool { return e.By == actor.ID && e.File == file && e.State.Waiting() }) {
			return &heed.Problem{Code: "disclosure-open"}
		}
		if err := tx.AddDisclosure(ctx, d); err != nil {
			return err
		}
		if err := tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventDisclosure, Report: report, To: string(heed.Custodian)}); err != nil {
			return err
		}
		return c.note(ctx, tx, ActAsked, actor.ID, d, text)
	})
	if err != nil {
		return nil, fmt.Errorf("asking for a disclosure: %w", err)
	}
	return d, nil
}

// wanted is the day with which dies what is asked for, and of a file what it is. ErrGone: it isn't held.
func (c *Custody) wanted(ctx context.Context, tx heed.Tx, report, file heed.ID, now time.Time) (day string, about []byte, err error) {
	if file == "" {
		day, err = c.heldSince(ctx, tx, report, now)
		return day, nil, err
	}
	a, err := c.original(ctx, tx, report, file)
	if err != nil {
		return "", nil, err
	}
	return a.Day, seal.OriginalSum(a), nil
}

// words opens the words of who asked, and finds the file of which the original was asked; nil where it was an Identity. ErrSealed: it isn't
// what was asked, or not that file any more. ErrGone, errUnheld: the words are there, the original isn't to be had, or not yet.
func (c *Custody) words(ctx context.Context, tx heed.Tx, d *heed.Disclosure) (words string, file *heed.Attachment, err error) {
	words, about, err := c.reports.OpenReason(ctx, tx, d.Report, seal.RequestAct(d), d.SealedReason)
	if err != nil || d.File == "" {
		return words, nil, err
	}
	file, err = c.original(ctx, tx, d.Report, d.File)
	if errors.Is(err, heed.ErrNotFound) || err == nil && !bytes.Equal(about, seal.OriginalSum(file)) {
		return "", nil, fmt.Errorf("file %s was exchanged: %w", d.File, heed.ErrSealed)
	}
	return words, file, err
}

// malware is what the line's clamd calls the file that a Disclosure is about; "" for nothing, and where it is about no file.
func (c *Custody) malware(ctx context.Context, tx heed.Tx, d *heed.Disclosure) (string, error) {
	if d.File == "" {
		return "", nil
	}
	return c.reports.Malware(ctx, tx, d.Report, d.File)
}

// errUnheld says that the file of a Disclosure wasn't held against the line's list of what nobody is to see, as is done before its copy is made.
var errUnheld = &heed.Problem{Code: "disclosure-unheld"}

// original is a file that the Custodians alone can open as it was sent, or will be able to alone once its copy is made. ErrNotFound: the
// report has none such. ErrGone: it was destroyed, nobody was a Custodian when it came, or nobody is to see it (docs/adr/0026). errUnheld:
// whether that is so isn't known yet.
func (c *Custody) original(ctx context.Context, tx heed.Tx, report, file heed.ID) (*heed.Attachment, error) {
	a, err := tx.Attachment(ctx, file)
	switch {
	case err != nil:
		return nil, err
	case a.Report != report:
		return nil, heed.ErrNotFound
	case len(a.DayKey) == 0 || dead(a.Day, c.now()):
		return nil, heed.ErrGone
	}
	copied, err := tx.SafeCopy(ctx, file)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return nil, err
	}
	switch {
	case copied != nil && copied.Code == heed.CopyWithheld:
		return nil, heed.ErrGone
	case c.shownList && copied != nil && HeldByBytesAlone(a, copied.Code):
		return nil, heed.ErrGone
	case c.listed && !copied.Cleared():
		return nil, errUnheld
	}
	return a, nil
}

// HeldByBytesAlone reports whether what a file shows, whose copy has the code, was held against no list, nor ever will be: a picture or film that no program
// reads to its end.
func HeldByBytesAlone(a *heed.Attachment, code string) bool {
	return heed.Unsafe(code) && (a.Picture() || a.Film())
}

// heldSince is the day of the report's Identity that dies first. ErrGone: nothing is held.
func (c *Custody) heldSince(ctx context.Context, tx heed.Tx, report heed.ID, now time.Time) (string, error) {
	held, err := tx.Identities(ctx, report)
	if err != nil {
		return "", err
	}
	day := ""
	for _, h := range held {
		if dead(h.Day, now) {
			return "", heed.ErrGone // due, and the worker is late
		}
		if day == "" || h.Day < day {
			day = h.Day
		}
	}
	if day == "" {
		return "", heed.ErrGone
	}
	return day, nil
}

// deathOf is when a day's keys must be destroyed.
func deathOf(day string) time.Time {
	d, err := time.Parse(dayForm, day)
	if err != nil {
		return time.Time{} // no day: nothing outlives it
	}
	return d.AddDate(0, 0, lifeDays)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Request is a Disclosure with the words of who asked.
type Request struct {
	heed.Disclosure
	Words string
	// Exchanged says that it isn't what was asked: somebody wrote to the store. It can't be approved.
	Exchanged bool
	// Malware is the name of clamd's signature that the file fits which is asked for; "" for none.
	Malware string
}

// waitingAtOnce is how many requests are listed at once; who decides about one sees the next.
const waitingAtOnce = 200

// Waiting lists what Custodians have to decide, the oldest first.
func (c *Custody) Waiting(ctx context.Context, actor *heed.Staff) ([]Request, error) {
	if err := c.allow(actor, auth.DisclosureList, auth.Resource{}); err != nil {
		return nil, err
	}
	if is, err := c.IsCustodian(ctx, actor.ID); err != nil || !is {
		return nil, err // who waits to be approved sees nobody's words
	}
	var out []Request
	err := c.store.View(ctx, func(tx heed.Tx) error {
		out = nil
		waiting, err := tx.WaitingDisclosures(ctx, c.now(), waitingAtOnce)
		if err != nil {
			return err
		}
		for _, d := range waiting {
			words, _, err := c.words(ctx, tx, d)
			exchanged := errors.Is(err, heed.ErrSealed)
			if err != nil && !exchanged && !errors.Is(err, heed.ErrGone) && !errors.Is(err, errUnheld) {
				return err
			}
			malware, err := c.malware(ctx, tx, d)
			if err != nil {
				return err
			}
			out = append(out, Request{*d, words, exchanged, malware})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing disclosures: %w", err)
	}
	return out, nil
}

// One is the Disclosure, with the words of who asked, for who asked and for the Custodians. ErrNotFound: to everybody else, and to who
// waits to be approved as a Custodian.
func (c *Custody) One(ctx context.Context, actor *heed.Staff, id heed.ID) (*Request, error) {
	decides := c.allow(actor, auth.DisclosureList, auth.Resource{}) == nil
	if decides {
		is, err := c.IsCustodian(ctx, actor.ID)
		if err != nil {
			return nil, err
		}
		decides = is
	}
	var out *Request
	err := c.store.View(ctx, func(tx heed.Tx) error {
		d, err := tx.Disclosure(ctx, id)
		if err != nil {
			return err
		}
		if !decides && c.allow(actor, auth.DisclosureSee, auth.Resource{By: d.By}) != nil {
			return heed.ErrNotFound
		}
		words, _, err := c.reports.OpenReason(ctx, tx, d.Report, seal.RequestAct(d), d.SealedReason)
		if err != nil {
			return err
		}
		malware, err := c.malware(ctx, tx, d)
		out = &Request{Disclosure: *d, Words: words, Malware: malware}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking a disclosure up: %w", err)
	}
	return out, nil
}

// Of lists the report's Disclosures, oldest first, for who may ask for one; held says whether there is anything to show.
func (c *Custody) Of(ctx context.Context, actor *heed.Staff, report *heed.Report) (all []*heed.Disclosure, held bool, err error) {
	if err := c.allow(actor, auth.DisclosureAsk, auth.Resource{Report: report.ID, Category: report.Category}); err != nil {
		return nil, false, err
	}
	err = c.store.View(ctx, func(tx heed.Tx) error {
		if all, err = tx.Disclosures(ctx, report.ID); err != nil {
			return err
		}
		_, err := c.heldSince(ctx, tx, report.ID, c.now())
		if held = err == nil; errors.Is(err, heed.ErrGone) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("listing a report's disclosures: %w", err)
	}
	return all, held, nil
}

// ripe is the Disclosure where it is still in one of the states and in time. ErrConflict: it isn't.
func (c *Custody) ripe(ctx context.Context, tx heed.Tx, id heed.ID, in ...heed.DisclosureState) (*heed.Disclosure, error) {
	d, err := tx.Disclosure(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(in, d.State) || !c.now().Before(d.Until) || dead(d.Day, c.now()) {
		return nil, fmt.Errorf("disclosure %s is %s: %w", id, d.State, heed.ErrConflict)
	}
	return d, nil
}
