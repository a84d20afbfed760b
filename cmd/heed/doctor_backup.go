package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/backup"
)

// backupSoon is how old the last backup may be before somebody should look.
const backupSoon = 48 * time.Hour

// examineBackup says when the last backup was, and whether archives of keys are kept for too long where that one put its own.
func (d *doctor) examineBackup(ctx context.Context, tx heed.Tx) error {
	begun, err := tx.Setting(ctx, heed.SettingRestoring)
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("looking whether the line was restored whole: %w", err)
	}
	if len(begun) > 0 {
		d.fault("restore", "was not finished: the line can't serve; empty the store and run heed restore again")
	}
	last, err := readLastBackup(ctx, tx)
	if err != nil {
		return fmt.Errorf("looking for the last backup: %w", err)
	}
	if last == nil {
		d.note("backup", "none was made yet (heed backup)")
		return nil
	}
	switch age := d.s.Now().Sub(last.At); {
	case age > backup.KeysLife:
		d.fault("backup", "the last one is of %s: its archive of keys may not be used any more", last.At.Format(time.RFC3339))
	case age > backupSoon:
		d.note("backup", "the last one is of %s", last.At.Format(time.RFC3339))
	default:
		d.ok("backup", "the last one is of %s", last.At.Format(time.RFC3339))
	}
	old, err := backup.Expired(last.KeyArchive, d.s.Now())
	if err != nil {
		d.note("archives of keys", "%v", err)
		return nil
	}
	if len(old) > 0 {
		d.fault("archives of keys", "these are over seven days old and hold what was erased since; delete them: %s", strings.Join(old, ", "))
	}
	return nil
}
