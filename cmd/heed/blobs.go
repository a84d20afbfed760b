package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
)

// blobsDir is the folder of sealed files; it means nothing where they lie in a bucket.
func (f *lineFlags) blobsDir() string { return f.in(f.Blobs, "blobs") }

// blobsName names the place of sealed files for people.
func (f *lineFlags) blobsName() string {
	if !blob.OnS3(f.Blobs) {
		return f.blobsDir()
	}
	at, err := blob.ParseAddress(f.Blobs)
	if err != nil { // AfterApply has refused it
		return "S3"
	}
	return at.String()
}

// openBlobs opens the place of sealed files: a folder, which it makes where there is none, or a bucket, which it doesn't ask yet.
//
// It returns a usageError where there are no credentials for the bucket.
func (f *lineFlags) openBlobs() (blob.Place, error) {
	if !blob.OnS3(f.Blobs) {
		return blob.OpenDirectory(f.blobsDir())
	}
	at, err := blob.ParseAddress(f.Blobs)
	if err != nil {
		return nil, usagef("--blobs: %w", err)
	}
	s, err := blob.OpenS3(at, f.spoolDir())
	if err != nil {
		return nil, usagef("--blobs: %w", err)
	}
	return s, nil
}

// spoolDir is where parts of files wait on their way to a bucket: the folder for temporary files or, where that lies in memory and nobody
// named it (TMPDIR), the data folder if there is one to write in. A portal by itself has none.
func (f *lineFlags) spoolDir() string {
	if os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	return spoolIn(os.TempDir(), f.Data)
}

func spoolIn(temporary, data string) string {
	if inMemory(temporary) && !inMemory(data) && unix.Access(data, unix.W_OK) == nil {
		return data
	}
	return temporary
}

// inMemory says whether what lies in a folder takes memory.
func inMemory(dir string) bool {
	var disk unix.Statfs_t
	return unix.Statfs(dir, &disk) == nil && (disk.Type == unix.TMPFS_MAGIC || int64(uint32(disk.Type)) == unix.RAMFS_MAGIC)
}

// reachPatience is how long a start waits for a bucket.
const reachPatience = 20 * time.Second

// reachBlobs asks the bucket, where there is one, before the line serves. One that doesn't answer keeps nobody from reporting in words.
//
// It returns a usageError where its address, its name or its credentials are wrong.
func (l *place) reachBlobs(ctx context.Context) error {
	bucket, ok := l.blobs.(*blob.S3)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, reachPatience)
	defer cancel()
	err := bucket.Reach(ctx)
	if errors.Is(err, blob.ErrUnreachable) {
		l.log.Error("no file can be taken or shown until the bucket answers", "error", err)
		return nil
	}
	if err != nil {
		return usagef("--blobs: %w", err)
	}
	return nil
}

// What files that come in leave free of the disk that they pass. A database, most often on the same disk as a folder of sealed files,
// needs it for the texts; on the way to a bucket only parts of files wait there.
const (
	reservedDisk  = 512 << 20
	reservedSpool = 64 << 20
)

// leastStaged is what files of all senders together may have at the least while they wait for their reports; three whole reports' is more:
// one network may have half of it, and a whole report's files take a little more than their bytes (intake.Room).
const leastStaged = 10 << 30

// room bounds what waits for its report.
func (l *place) room() intake.Room {
	staged := max(leastStaged, 3*l.profile.Limits.ReportBytes)
	if blob.OnS3(l.flags.Blobs) {
		return intake.Room{Staged: staged, Reserve: reservedSpool, Free: func() (int64, error) { return freeDisk(l.flags.spoolDir()) }}
	}
	return intake.Room{Staged: staged, Reserve: reservedDisk, Free: func() (int64, error) { return freeDisk(l.flags.blobsDir()) }}
}

// examineBlobs looks at the bucket; a folder of sealed files is looked at with its disk.
func (d *doctor) examineBlobs(ctx context.Context) {
	if !blob.OnS3(d.flags.Blobs) {
		return
	}
	const check = "sealed files"
	place, err := d.flags.openBlobs()
	if err != nil {
		d.fault(check, "%v", err)
		return
	}
	bucket := place.(*blob.S3)
	ctx, cancel := context.WithTimeout(ctx, reachPatience)
	defer cancel()
	if err := bucket.Reach(ctx); err != nil {
		d.fault(check, "%v", err)
		return
	}
	d.ok(check, "%s answers", d.flags.blobsName())
	condition, err := bucket.Condition(ctx)
	if err != nil {
		d.fault(check, "%v", err)
		return
	}
	d.judge(condition)
	spool := d.flags.spoolDir()
	if free, err := freeDisk(spool); err != nil {
		d.fault(check, "%v", err)
	} else if free < 2*reservedSpool {
		d.fault(check, "%d MB are free in %s, through which files go to the bucket (TMPDIR names another folder)", free>>20, spool)
	}
	if inMemory(spool) {
		d.note(check, "%s, through which files go to the bucket, lies in memory: each that comes in takes up to 16 MiB of it (TMPDIR names another folder)", spool)
	}
}

// judge says what a bucket's own settings mean for a line.
func (d *doctor) judge(c blob.Condition) {
	switch {
	case c.Versioned:
		d.fault("bucket", "it keeps versions: what was erased stays in it. Turn versioning off for good, with a bucket that never had it")
	case c.Suspended:
		d.note("bucket", "it kept versions once: what was erased then may still be in it")
	}
	if len(c.Public) > 0 {
		d.fault("bucket", "it isn't private: anybody may use it (%s)", strings.Join(c.Public, ", "))
	}
	if len(c.Unknown) > 0 {
		d.note("bucket", "these credentials can't ask for: %s", strings.Join(c.Unknown, ", "))
	}
	if !c.Versioned && !c.Suspended && len(c.Public)+len(c.Unknown) == 0 {
		d.ok("bucket", "private, and it forgets what is deleted")
	}
}
