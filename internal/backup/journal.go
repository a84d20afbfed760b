package backup

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/keystore"
)

// KeysLife is how long the archive of keys may be kept and used.
const KeysLife = 7 * 24 * time.Hour

const (
	// journalPrefix begins the names of the journal's entries in the keystore: erased/<day>/<number of the last leaf>-<sum of
	// what it holds>. A restored line gives numbers a second time; without the sum an entry of before would pass for one of since.
	journalPrefix = "erased/"
	// takenBackPrefix begins those of reports whose reporters took their Identity back, and that stay.
	takenBackPrefix = "taken-back/"
	// journalLife is how long an entry stays: no archive of keys that may still be used is older than what it says.
	journalLife = KeysLife + 24*time.Hour
	// settingNoted is the number of the last leaf that the journal knows: 8 bytes, big-endian.
	settingNoted = "erasures.noted"
	// journalBatch is how many leaves are looked at in one transaction; their reports' ids fit into one entry.
	journalBatch = 1000
)

// Journal notes beside the keys which reports were erased, and whose reporters took their Identity back, because a restored store
// doesn't know what came after its backup. An entry is the ids of some reports, a line each.
type Journal struct {
	Store heed.Store
	Keys  keystore.Keystore
	Now   func() time.Time
}

// Note brings the journal up to what the audit says, and deletes what no backup that may still be used can lack. Cut short
// anywhere, the next run completes it.
func (j *Journal) Note(ctx context.Context) error {
	for more := true; more; {
		var err error
		if more, err = j.noteSome(ctx); err != nil {
			return fmt.Errorf("noting erasures: %w", err)
		}
	}
	if err := j.prune(ctx); err != nil {
		return fmt.Errorf("forgetting noted erasures: %w", err)
	}
	return nil
}

func (j *Journal) noteSome(ctx context.Context) (more bool, err error) {
	var before []byte
	var last int64
	noted := map[string][]string{} // reports, by the beginning of the entry's name
	err = j.Store.View(ctx, func(tx heed.Tx) error {
		if before, err = tx.Setting(ctx, settingNoted); err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		if len(before) == 8 {
			last = int64(binary.BigEndian.Uint64(before))
		}
		leaves, err := tx.Leaves(ctx, last, "", journalBatch)
		if err != nil {
			return err
		}
		more = len(leaves) == journalBatch
		for _, l := range leaves {
			last = l.Seq
			prefix, err := noteOf(ctx, tx, l)
			if err != nil {
				return err
			}
			if prefix != "" && l.At.After(j.Now().Add(-journalLife)) {
				day := prefix + l.At.UTC().Format(time.DateOnly)
				noted[day] = append(noted[day], string(l.Report))
			}
		}
		return nil
	})
	if err != nil {
		return false, err
	}
	for day, ids := range noted {
		text := []byte(strings.Join(ids, "\n"))
		sum := sha256.Sum256(text)
		name := fmt.Sprintf("%s/%020d-%x", day, last, sum[:8])
		// ErrConflict: an earlier run, or another node, noted the same and was cut short after that.
		if err := j.Keys.Create(ctx, name, text); err != nil && !errors.Is(err, heed.ErrConflict) {
			return false, err
		}
	}
	upTo := binary.BigEndian.AppendUint64(nil, uint64(last))
	if string(upTo) == string(before) || last == 0 {
		return false, nil
	}
	err = j.Store.Update(ctx, func(tx heed.Tx) error { return tx.SwapSetting(ctx, settingNoted, before, upTo) })
	if errors.Is(err, heed.ErrConflict) {
		return false, nil // another node went on
	}
	return more, err
}

// noteOf begins the name of the entry that notes what the leaf's act did to its report; "" where there is nothing to note.
func noteOf(ctx context.Context, tx heed.Tx, l *heed.AuditLeaf) (prefix string, err error) {
	switch l.Act {
	case audit.IdentityTakenBack:
		return takenBackPrefix, nil
	case audit.ReportErased, audit.ReportDisposed, audit.ReportApproved, audit.ReportWithdrawn:
	default:
		return "", nil
	}
	r, err := tx.Report(ctx, l.Report)
	if errors.Is(err, heed.ErrNotFound) {
		return "", nil
	}
	// What its reporter took back is erased a moment later, and must not return if the line is lost in that moment.
	if err == nil && (r.State == heed.Erased || r.State == heed.Withdrawn) {
		prefix = journalPrefix
	}
	return prefix, err
}

func (j *Journal) prune(ctx context.Context) error {
	oldest := j.Now().Add(-journalLife).UTC().Format(time.DateOnly)
	for _, prefix := range []string{journalPrefix, takenBackPrefix} {
		names, err := j.Keys.List(ctx, prefix)
		if err != nil {
			return err
		}
		for _, name := range names {
			if name >= prefix+oldest {
				break // they are sorted
			}
			if err := j.Keys.Delete(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// Noted lists the reports that the journal in the keystore says are erased.
func Noted(ctx context.Context, keys keystore.Keystore) ([]heed.ID, error) {
	return noted(ctx, keys, journalPrefix)
}

// NotedTakenBack lists the reports of which the journal in the keystore says that the Identity was taken back.
func NotedTakenBack(ctx context.Context, keys keystore.Keystore) ([]heed.ID, error) {
	return noted(ctx, keys, takenBackPrefix)
}

func noted(ctx context.Context, keys keystore.Keystore, prefix string) ([]heed.ID, error) {
	names, err := keys.List(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("reading the journal of erasures: %w", err)
	}
	var ids []heed.ID
	for _, name := range names {
		text, err := keys.Get(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("reading the journal of erasures: %w", err)
		}
		for _, id := range strings.Split(string(text), "\n") {
			ids = append(ids, heed.ID(id))
		}
	}
	return ids, nil
}
