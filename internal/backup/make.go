package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// Source is a line that is to be backed up. Every field is needed.
type Source struct {
	Line     string
	Store    heed.Copier
	Blobs    blob.Store
	Keys     keystore.Keystore
	Ring     *keystore.Ring
	Profile  []byte // the line profile, as it is
	Recovery seal.Recipient
	Now      func() time.Time
	// Progress, where it is set, is called often with what was copied so far.
	Progress func(Made)
}

// Made says what a backup holds.
type Made struct {
	At      time.Time
	Reports int
	Rows    int
	Files   int
	Missing int // files that were deleted while the copy ran
}

// Make writes both archives. It copies as of one moment, while the line serves, and keeps about two mebibytes in memory, and the
// names of the files. Nothing counts until it returned nil.
func Make(ctx context.Context, from Source, data, keys io.Writer) (Made, error) {
	schema, err := from.Store.SchemaVersion(ctx)
	if err != nil {
		return Made{}, err
	}
	made := Made{At: from.Now().UTC().Truncate(time.Millisecond)}
	head := Head{Format: format, Line: from.Line, At: made.At, Schema: schema, Ring: from.Ring.Fingerprint()}
	parts := map[heed.Part]*writer{}
	for part, w := range map[heed.Part]io.Writer{heed.PartData: data, heed.PartKeys: keys} {
		head.Part = part
		if parts[part], err = newWriter(w, head, from.Ring.Content.Public(), from.Recovery); err != nil {
			return made, err
		}
	}
	ring, err := keystore.ExportRecovery(ctx, from.Keys)
	if err != nil {
		return made, err
	}
	if err := parts[heed.PartKeys].addJSON(nameRing, map[string][]byte(ring)); err != nil {
		return made, err
	}
	if err := parts[heed.PartData].add(nameProfile, int64(len(from.Profile)), bytes.NewReader(from.Profile)); err != nil {
		return made, err
	}
	if err := from.copyAll(ctx, parts, &made); err != nil {
		return made, err
	}
	for _, a := range parts {
		if err := a.close(from.Ring.Audit); err != nil {
			return made, err
		}
	}
	return made, nil
}

// copyAll copies the rows, and then the files that they name.
func (from *Source) copyAll(ctx context.Context, parts map[heed.Part]*writer, made *Made) error {
	var blobs []string
	err := from.Store.CopyOut(ctx, func(row *heed.CopiedRow) error {
		made.Rows++
		if row.Table == "reports" {
			made.Reports++
		}
		if row.Blob != "" {
			blobs = append(blobs, row.Blob)
		}
		from.tell(*made)
		return parts[row.Part].row(row)
	})
	if err != nil {
		return fmt.Errorf("copy the store: %w", err)
	}
	if err := parts[heed.PartData].flush(); err != nil {
		return err
	}
	for _, key := range blobs {
		err := from.copyBlob(ctx, parts[heed.PartData], key)
		switch {
		case errors.Is(err, heed.ErrNotFound):
			made.Missing++
		case err != nil:
			return fmt.Errorf("copy a file: %w", err)
		default:
			made.Files++
		}
		from.tell(*made)
	}
	return nil
}

func (from *Source) tell(made Made) {
	if from.Progress != nil {
		from.Progress(made)
	}
}

// copyBlob copies one file. Its size is asked of the open file's store first: a sealed file never changes.
func (from *Source) copyBlob(ctx context.Context, to *writer, key string) (err error) {
	size, err := from.Blobs.Size(ctx, key)
	if err != nil {
		return err
	}
	content, err := from.Blobs.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	return to.add(blobsDir+key, size, content)
}
