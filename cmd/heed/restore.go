package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

// restoreCommand makes a line of a backup.
type restoreCommand struct {
	lineFlags
	File        string `arg:"" help:"The archive of the data." type:"path" placeholder:"FILE"`
	KeyArchive  string `help:"The archive of keys, or the folder with the archives, of which the newest is taken; the default is heed-keys beside FILE." type:"path" placeholder:"FILE|DIR"`
	RecoveryKey string `help:"File with the offline recovery key. It isn't needed where the line's keystore still exists." type:"path" placeholder:"FILE"`
	AuditKey    string `help:"The line's audit key, as heed backup printed it: archives that another signed are refused." placeholder:"KEY"`
	Erased      string `help:"File with ids of reports that were erased after the backup, one a line, beside those that the keystore knows." type:"path" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *restoreCommand) Help() string {
	return `The data folder must have no database yet, or the PostgreSQL database no table. Nothing is written before both archives were read to their ends, found whole
and signed. An archive of keys over seven days old is refused. Then whatever was erased after the backup is erased again: what is due by now, what the archive
of keys lacks where it is younger than the data, what the keystore has noted, and what --erased lists. Only then may the line serve.

People sign in anew and programs need new tokens. Identities and original files don't come back.

Examples:
  heed restore --data /var/lib/heed --recovery-key recovery.key --audit-key … /mnt/a/heed-data-20261126T020000Z.age
  heed restore --data /var/lib/heed --keystore /keys --key-archive /mnt/b/heed-keys /mnt/a/heed-monday.age`
}

// restore is one run.
type restore struct {
	*restoreCommand
	s          *surroundings
	log        *slog.Logger
	keystore   keystore.Keystore
	open       seal.BackupOpener
	pinned     *seal.Verifier // nil: whoever signed the archive of keys
	keyArchive string
	data, keys *backup.Checked
	erased     []heed.ID
	jobs       []heed.Job
}

// Run checks everything, then fills, then erases.
func (c *restoreCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) (err error) {
	r := &restore{restoreCommand: c, s: s, log: log}
	if err := r.prepare(); err != nil {
		return err
	}
	if err := r.wantNoBlobs(ctx); err != nil {
		return err
	}
	if r.keystore, err = c.openKeystore(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeKeystore(r.keystore)) }()
	if err := r.chooseKeys(ctx); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	if err := r.fill(ctx); err != nil {
		return err
	}
	if err := r.keys.Recovery.Restore(ctx, r.keystore); err != nil {
		return err
	}
	return r.finish(ctx)
}

// prepare looks at what can be looked at before anything is opened.
func (r *restore) prepare() error {
	if r.Store == "" {
		if _, err := os.Stat(r.databaseFile()); err == nil {
			return usagef("%s is there already: a restore replaces nothing", r.databaseFile())
		}
	}
	if r.keyArchive = r.KeyArchive; r.keyArchive == "" {
		r.keyArchive = filepath.Join(filepath.Dir(r.File), "heed-keys")
	}
	info, err := os.Stat(r.keyArchive)
	if err != nil {
		return usagef("finding the archive of keys: %w", err)
	}
	if info.IsDir() {
		if r.keyArchive, err = backup.NewestKeys(r.keyArchive); err != nil {
			return usagef("finding the archive of keys: %w", err)
		}
	}
	if r.AuditKey != "" {
		if r.pinned, err = keystore.ParseAuditKey(r.AuditKey); err != nil {
			return usagef("--audit-key is none: heed backup prints it")
		}
	}
	if r.Erased != "" {
		if r.erased, err = readIDs(r.Erased); err != nil {
			return usagef("--erased: %w", err)
		}
	}
	if err := makeFolder(r.Data); err != nil {
		return err
	}
	return nil
}

// wantNoBlobs refuses to restore beside sealed files that are there. It makes the folder where there is none.
func (r *restore) wantNoBlobs(ctx context.Context) error {
	blobs, err := r.openBlobs()
	if err != nil {
		return err
	}
	empty, err := blobs.Empty(ctx)
	if err != nil {
		return err
	}
	if !empty {
		return usagef("%s holds sealed files already: empty it, for nothing there can be opened any more but what the backup brings", r.blobsName())
	}
	return nil
}

// readIDs reads reports' ids, one a line; blank lines and what follows a # are passed over.
func readIDs(path string) (ids []heed.ID, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for i, l := range strings.Split(string(text), "\n") {
		l, _, _ = strings.Cut(l, "#")
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		id, err := heed.ParseID(l)
		if err != nil {
			return nil, fmt.Errorf("line %d of %s is no report's id", i+1, path)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// chooseKeys finds what opens the archives: the content key of a keystore that still exists, the recovery key, or both.
func (r *restore) chooseKeys(ctx context.Context) error {
	there, err := keystore.HasRing(ctx, r.keystore)
	if err != nil {
		return fmt.Errorf("looking into the keystore: %w", err)
	}
	if there {
		kept, err := keystore.ExportRecovery(ctx, r.keystore)
		if err != nil {
			return err
		}
		ring, err := kept.Ring()
		if err != nil {
			return err
		}
		r.open = seal.ContentOpener(ring.Content)
		if r.pinned != nil && !keystore.SameVerifier(r.pinned, ring.Audit.Verifier()) {
			return usagef("the keystore's audit key is not the one that --audit-key pins")
		}
		r.pinned = ring.Audit.Verifier()
	}
	if r.RecoveryKey == "" && !there {
		return usagef("%s has no keys: give the offline recovery key with --recovery-key", r.keystoreName())
	}
	if r.RecoveryKey == "" {
		return nil
	}
	text, err := os.ReadFile(r.RecoveryKey)
	if err != nil {
		return usagef("reading the recovery key: %w", err)
	}
	recovery, err := seal.RecoveryOpener(string(text))
	clear(text)
	if err != nil {
		return usagef("%s holds no identity of age's", r.RecoveryKey)
	}
	r.open = r.open.Or(recovery)
	return nil
}

// check reads both archives to their ends and compares them with each other and with what is known.
func (r *restore) check() (err error) {
	if r.keys, err = r.checkOne("checking the keys", r.keyArchive, heed.PartKeys, r.pinned); err != nil {
		return err
	}
	if r.data, err = r.checkOne("checking the data", r.File, heed.PartData, r.keys.Audit); err != nil {
		return err
	}
	age := r.s.Now().Sub(r.keys.At)
	switch {
	case r.keys.Line != r.data.Line || string(r.keys.Ring) != string(r.data.Ring):
		return usagef("%s and %s are of two lines", r.File, r.keyArchive)
	case r.keys.At.Before(r.data.At):
		return usagef("the archive of keys (%s) is older than the data (%s): it lacks the keys of what came between",
			r.keys.At.Format(time.RFC3339), r.data.At.Format(time.RFC3339))
	case age > backup.KeysLife:
		return usagef("the archive of keys is of %s. One over seven days old would bring back what was erased since, and is refused; delete it", r.keys.At.Format(time.RFC3339))
	case age < -time.Hour:
		return usagef("the archive of keys is of %s, which is yet to come: set this machine's clock", r.keys.At.Format(time.RFC3339))
	}
	return nil
}

func (r *restore) checkOne(doing, path string, part heed.Part, audit *seal.Verifier) (checked *backup.Checked, err error) {
	err = r.reading(doing, path, func(file io.Reader) error {
		checked, err = backup.Check(file, part, r.open, audit)
		return err
	})
	switch {
	case errors.Is(err, heed.ErrSealed):
		return nil, &exitError{exitFailed, fmt.Errorf("%s can't be opened: it is damaged, cut off, or sealed to other keys than those given: %w", path, err)}
	case errors.Is(err, heed.ErrInvalid):
		return nil, &exitError{exitFailed, fmt.Errorf("%s is refused: %w", path, err)}
	}
	return checked, err
}

// reading opens a file and shows how far it was read.
func (r *restore) reading(doing, path string, use func(io.Reader) error) error {
	file, err := os.Open(path)
	if err != nil {
		return usagef("opening the backup: %w", err)
	}
	defer file.Close() // nothing was written to it
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("measuring %s: %w", path, err)
	}
	progress := newProgress(r.s, 0, info.Size(), func() string { return doing })
	defer progress.done()
	return use(&countedReader{file, 0, progress})
}

// countedReader tells a progress how far it was read.
type countedReader struct {
	io.Reader
	read     int64
	progress *progress
}

// Read implements io.Reader.
func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += int64(n)
	r.progress.reach(r.read)
	return n, err
}

// fill takes both archives into an empty store, the files into the folder of blobs, and the profile into the data folder.
func (r *restore) fill(ctx context.Context) error {
	blobs, err := r.openBlobs()
	if err != nil {
		return err
	}
	take := func(put func(*heed.CopiedRow) error) error {
		taker := &backup.Taker{Put: put, Blobs: blobs, Profile: r.keepProfile}
		for _, archive := range []struct {
			doing, path string
			checked     *backup.Checked
		}{{"restoring the data", r.File, r.data}, {"restoring the keys", r.keyArchive, r.keys}} {
			err := r.reading(archive.doing, archive.path, func(file io.Reader) error { return taker.Take(ctx, file, r.open, archive.checked) })
			if err != nil {
				return err
			}
		}
		r.jobs = taker.Jobs
		return nil
	}
	if r.Store != "" {
		err = postgres.TakeIn(ctx, r.Store, r.data.Schema, take)
	} else {
		err = sqlite.TakeIn(ctx, r.databaseFile(), r.data.Schema, take)
	}
	if errors.Is(err, heed.ErrConflict) {
		return usagef("%s holds something already: a restore replaces nothing: %w", r.storeName(), err)
	}
	return err
}

// keepProfile writes the profile where there is none.
func (r *restore) keepProfile(text []byte) error {
	path := r.profileFile()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		r.log.Warn("the profile that is there was kept, not that of the backup", "profile", path)
		return nil
	}
	if err == nil {
		_, err = file.Write(text)
		err = errors.Join(err, file.Sync(), file.Close())
	}
	if err != nil {
		return fmt.Errorf("restoring the profile: %w", err)
	}
	return nil
}
