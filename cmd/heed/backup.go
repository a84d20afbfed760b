package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// settingBackup is what the last backup was, as JSON of lastBackup.
const settingBackup = "backup.last"

// lastBackup says of the line's last backup when it was and where its archive of keys lies.
type lastBackup struct {
	At         time.Time `json:"at"`
	KeyArchive string    `json:"key_archive"` // folder
}

// backupCommand copies a line.
type backupCommand struct {
	lineFlags
	File       string `arg:"" help:"The archive of the data, which must not be there yet; or a folder, where it gets a name with the date." type:"path" placeholder:"FILE|DIR"`
	KeyArchive string `help:"Folder for the archive of keys; the default is heed-keys beside FILE. Archives there that are over seven days old are deleted." type:"path" placeholder:"DIR"`
	Recovery   string `help:"Public half of the offline recovery key: age1pq1… (hybrid post-quantum) or age1…." placeholder:"RECIPIENT"`
}

// Help is shown by --help below the flags.
func (c *backupCommand) Help() string {
	return `Two archives are written, both sealed to the recovery key and to the line itself. The one holds the data and may be kept for as long as you like; without the
other it opens nothing. The other holds what opens the reports and the line's own keys: keep it elsewhere, and for seven days at most, so that what was erased
leaves your backups too. Identities, original files and the days' keys are in neither. The line goes on serving.

Make the recovery key on a machine of your own, and keep its file in a safe:
  age-keygen -pq -o recovery.key

Examples:
  heed backup --data /var/lib/heed --recovery age1pq1… --key-archive /mnt/b/heed-keys /mnt/a
  HEED_RECOVERY=age1pq1… heed backup /mnt/a/heed-monday.age`
}

// Run writes both archives, drops those of keys that are over seven days old, and notes when it was.
func (c *backupCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	recovery, err := c.recipient(log)
	if err != nil {
		return err
	}
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	data, err := c.dataFile(s.Now())
	if err != nil {
		return err
	}
	keyArchive := c.KeyArchive
	if keyArchive == "" {
		keyArchive = filepath.Join(filepath.Dir(data), "heed-keys")
	}
	keys := filepath.Join(keyArchive, backup.KeysName(s.Now()))
	made, err := line.backUp(ctx, recovery, data, keys)
	if err != nil {
		return err
	}
	dropped, err := backup.DropExpired(keyArchive, s.Now())
	if err != nil {
		return err
	}
	if err := line.noteBackup(ctx, made, keyArchive); err != nil {
		return err
	}
	out := &printer{w: s.Stdout}
	out.printf("data  %s\nkeys  %s   (until %s)\n", data, keys, made.At.Add(backup.KeysLife).Format(time.RFC3339))
	out.printf("%d reports, %d rows, %d files; %d old archives of keys deleted\n", made.Reports, made.Rows, made.Files, dropped)
	out.printf("audit-key: %s   (note it: it says whose backup this is)\n", keystore.FormatAuditKey(line.ring.Audit.Verifier()))
	return out.err
}

func (c *backupCommand) recipient(log *slog.Logger) (seal.Recipient, error) {
	if c.Recovery == "" {
		return seal.Recipient{}, usagef("--recovery is missing: without an offline key a backup would be lost with the keystore (age-keygen -pq -o recovery.key)")
	}
	recovery, err := seal.ParseRecipient(c.Recovery)
	if err != nil {
		return seal.Recipient{}, usagef("--recovery is no recipient of age's: it is what age-keygen prints after \"public key\"")
	}
	if !recovery.PostQuantum() {
		log.Warn("the recovery key is X25519 alone: a quantum computer could open this backup one day; age-keygen -pq makes a hybrid one")
	}
	return recovery, nil
}

// dataFile is where the archive of the data goes.
func (c *backupCommand) dataFile(now time.Time) (string, error) {
	path := c.File
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		path = filepath.Join(path, "heed-data-"+now.UTC().Format("20060102T150405Z")+".age")
		_, err = os.Stat(path)
	}
	switch {
	case err == nil:
		return "", usagef("%s is there already: a backup replaces nothing", path)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("looking where the backup goes: %w", err)
	}
	return path, nil
}

// backUp writes both archives under names that count only when both are whole.
func (l *line) backUp(ctx context.Context, recovery seal.Recipient, data, keys string) (made backup.Made, err error) {
	store, ok := underlying(l.store).(heed.Copier)
	if !ok {
		return made, errors.New("this store can't be copied")
	}
	profile, err := os.ReadFile(l.flags.profileFile())
	if err != nil {
		return made, fmt.Errorf("reading the profile: %w", err)
	}
	var files [2]*archiveFile
	for i, path := range []string{data, keys} {
		if files[i], err = newArchiveFile(path); err != nil {
			return made, err
		}
		defer func() { err = errors.Join(err, files[i].abandon()) }()
	}
	shown := l.showCopying(ctx)
	made, err = backup.Make(ctx, backup.Source{
		Line: l.id, Store: store, Blobs: l.blobs, Keys: l.keys, Ring: l.ring, Profile: profile, Recovery: recovery, Now: l.s.Now,
		Progress: func(made backup.Made) { shown.reach(int64(made.Rows)) },
	}, files[0], files[1])
	shown.done()
	if err != nil {
		return made, err
	}
	return made, errors.Join(files[0].keep(), files[1].keep())
}

// showCopying shows how far a backup has come. A report has about six rows: itself, its content, key and Receipt, and two leaves.
func (l *line) showCopying(ctx context.Context) *count {
	reports := 0
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		reports, err = tx.CountReports(ctx, heed.ReportQuery{}, 1<<30)
		return err
	})
	if err != nil {
		l.log.Warn("the reports couldn't be counted", "error", err)
	}
	return newCount(l.s.Stderr, "rows", int64(6*reports))
}

// backedUpDetails are in the leaf of a backup.
type backedUpDetails struct {
	At      string `json:"at"`
	Reports int    `json:"reports"`
	Files   int    `json:"files"`
}

// noteBackup notes the backup, for the doctor and in the audit: a copy of everything left the line.
func (l *line) noteBackup(ctx context.Context, made backup.Made, keyArchive string) error {
	text, err := json.Marshal(lastBackup{At: made.At, KeyArchive: keyArchive})
	if err != nil {
		return fmt.Errorf("noting the backup: %w", err)
	}
	details := backedUpDetails{At: made.At.Format(time.RFC3339), Reports: made.Reports, Files: made.Files}
	leaf, err := audit.Leaf(audit.LineBackedUp, "", "", l.s.Now(), details)
	if err == nil {
		err = l.store.Update(ctx, func(tx heed.Tx) error {
			return errors.Join(tx.PutSetting(ctx, settingBackup, text), tx.AddLeaf(ctx, leaf))
		})
	}
	if err != nil {
		return fmt.Errorf("noting the backup: %w", err)
	}
	return nil
}

// readLastBackup is nil where there was none.
func readLastBackup(ctx context.Context, tx heed.SettingTx) (*lastBackup, error) {
	text, err := tx.Setting(ctx, settingBackup)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var last lastBackup
	if err := json.Unmarshal(text, &last); err != nil {
		return nil, fmt.Errorf("what the last backup was: %w", err)
	}
	return &last, nil
}

// archiveFile is an archive in the making, under a name of its own until it is whole.
type archiveFile struct {
	*os.File
	final string
	kept  bool
}

// newArchiveFile begins an archive that will be called path. Two backups at once never write one file: the second to come is
// refused, and so is one that follows a backup which was cut short, whose remains the operator must have seen.
func newArchiveFile(path string) (*archiveFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the backup's folder: %w", err)
	}
	file, err := os.OpenFile(path+backup.Unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, usagef("%s is there: another backup is writing it, or one was cut short; if none runs, delete it", path+backup.Unfinished)
	}
	if err != nil {
		return nil, fmt.Errorf("making the backup's file: %w", err)
	}
	f := &archiveFile{File: file, final: path}
	// Another backup may have ended between the first look and now; from here on none can.
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(usagef("%s is there already: a backup replaces nothing", path), f.abandon())
	}
	return f, nil
}

// keep makes the archive durable and gives it its name.
func (f *archiveFile) keep() error {
	err := f.Sync()
	if err == nil {
		err = os.Rename(f.Name(), f.final)
	}
	if err == nil {
		f.kept = true
		err = errors.Join(f.Close(), syncFolder(filepath.Dir(f.final)))
	}
	if err != nil {
		return fmt.Errorf("keeping the backup: %w", err)
	}
	return nil
}

// abandon deletes what wasn't kept.
func (f *archiveFile) abandon() error {
	if f.kept {
		return nil
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
