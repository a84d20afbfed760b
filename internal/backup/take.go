package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// Checked is an archive that was read to its end: whole, and signed by Audit.
type Checked struct {
	Head
	Audit    *seal.Verifier
	Recovery keystore.Recovery // the line's long-lived keys; nil in the data
}

// Check reads an archive of the part to its end and changes nothing. audit is the key that must have signed it; nil takes the key that the
// archive of keys itself brings, which proves that the archive is whole but not whose it is.
//
// ErrSealed: it can't be opened with what there is, or it is damaged or cut off. ErrInvalid: it is no such archive, not whole, or another key
// signed it.
func Check(r io.Reader, part heed.Part, open seal.BackupOpener, audit *seal.Verifier) (*Checked, error) {
	c := &Checked{Audit: audit}
	head, total, signature, err := read(r, open, func(head Head, e *entry) error {
		if head.Part != part {
			return fmt.Errorf("this is the archive of the %s, not of the %s: %w", head.Part, part, heed.ErrInvalid)
		}
		if head.Part != heed.PartKeys || e.name != nameRing {
			return nil
		}
		text, err := e.whole()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(text, &c.Recovery); err != nil {
			return fmt.Errorf("the line's keys: %w", heed.ErrInvalid)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("checking the archive of the %s: %w", part, err)
	}
	c.Head = head
	if c.Recovery != nil {
		ring, err := c.Recovery.Ring()
		if err != nil {
			return nil, fmt.Errorf("checking the archive of the %s: %w", part, err)
		}
		if c.Audit == nil {
			c.Audit = ring.Audit.Verifier()
		}
		if !bytes.Equal(ring.Fingerprint(), head.Ring) {
			return nil, fmt.Errorf("checking the archive of the %s: it brings other keys than it was made with: %w", part, heed.ErrInvalid)
		}
	}
	if c.Audit == nil {
		return nil, fmt.Errorf("checking the archive of the %s: by no key: %w", part, heed.ErrInvalid)
	}
	if err := seal.VerifyBackup(c.Audit, total.signed(), signature); err != nil {
		return nil, fmt.Errorf("checking the archive of the %s: %w", part, err)
	}
	return c, nil
}

// Taker takes an archive in.
type Taker struct {
	Put     func(*heed.CopiedRow) error // into the store
	Blobs   blob.Store
	Profile func(text []byte) error
	Jobs    []heed.Job // what waited, to be enqueued when the store is whole
}

// Take takes in an archive that was checked: it reads it again, and fails where it isn't the same.
func (t *Taker) Take(ctx context.Context, r io.Reader, open seal.BackupOpener, checked *Checked) error {
	_, total, signature, err := read(r, open, func(head Head, e *entry) error { return t.entry(ctx, head, e) })
	if err == nil {
		err = seal.VerifyBackup(checked.Audit, total.signed(), signature)
	}
	if err != nil {
		return fmt.Errorf("taking in the archive of the %s: %w", checked.Part, err)
	}
	return nil
}

func (t *Taker) entry(ctx context.Context, head Head, e *entry) error {
	if key, is := strings.CutPrefix(e.name, blobsDir); is {
		return t.blob(ctx, key, e)
	}
	table := strings.HasPrefix(e.name, tablesDir)
	if !table && e.name != nameProfile {
		return nil
	}
	text, err := e.whole()
	if err != nil {
		return err
	}
	if !table {
		return t.Profile(text)
	}
	return readChunk(head.Part, text, func(row *heed.CopiedRow) error {
		if row.Table == heed.CopiedJobs {
			return t.job(row)
		}
		return t.Put(row)
	})
}

// job keeps a job. Its moment stands for "not before": one that is over runs at once.
func (t *Taker) job(row *heed.CopiedRow) error {
	var j heed.Job
	for i, name := range row.Columns {
		ok := true
		switch name {
		case "kind":
			j.Kind, ok = row.Values[i].(string)
		case "args":
			j.Args, ok = row.Values[i].([]byte)
		case "queue":
			j.Queue, ok = row.Values[i].(string)
		case "at":
			var at int64
			at, ok = row.Values[i].(int64)
			j.At = time.UnixMilli(at).UTC()
		}
		if !ok {
			return fmt.Errorf("a job's %s: %w", name, heed.ErrInvalid)
		}
	}
	t.Jobs = append(t.Jobs, j)
	return nil
}

func (t *Taker) blob(ctx context.Context, key string, content io.Reader) (err error) {
	w, err := t.Blobs.CreateAs(ctx, key)
	if err != nil {
		return fmt.Errorf("restore a file: %w", err)
	}
	defer func() { err = errors.Join(err, w.Abort()) }() // after a commit it does nothing
	if _, err := io.Copy(w, content); err != nil {
		return fmt.Errorf("restore a file: %w", err)
	}
	return w.Commit(ctx)
}
