package media

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// sealedBlob is one of the blob store.
type sealedBlob struct {
	key  string // its name there
	size int64  // bytes, filled up
	sum  []byte // SHA-256 of the sealed bytes
}

// sealBlob has write write what is sealed in frames into a blob, which no record names yet. It returns write's error as it is; nothing is left of
// the blob then.
func (s *Service) sealBlob(ctx context.Context, key seal.Key, place seal.Binding, write func(io.Writer) error) (made sealedBlob, err error) {
	to, err := s.cfg.Blobs.Create(ctx)
	if err != nil {
		return made, fmt.Errorf("create a blob: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, to.Abort())
		}
	}()
	// Noted first: a blob that nobody names can always be found and swept.
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddStaged(ctx, to.Key(), s.cfg.Now()) }); err != nil {
		return made, fmt.Errorf("note a staged blob: %w", err)
	}
	sum := sha256.New()
	frames, err := seal.NewPaddedWriter(io.MultiWriter(to, sum), key, place)
	if err != nil {
		return made, fmt.Errorf("seal a blob: %w", err)
	}
	content := &counted{Writer: frames}
	if err := write(content); err != nil {
		return made, err
	}
	if err := frames.Close(); err != nil {
		return made, fmt.Errorf("seal a blob's end: %w", err)
	}
	if err := to.Commit(ctx); err != nil {
		return made, fmt.Errorf("store a blob: %w", err)
	}
	return sealedBlob{to.Key(), seal.PaddedSize(content.n), sum.Sum(nil)}, nil
}
