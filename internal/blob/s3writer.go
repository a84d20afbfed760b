package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/heed-line/heed"
)

const (
	// partBytes is how much of a blob is sent at a time: 10,000 parts at most, so blobs of 160 GB.
	partBytes = 16 << 20
	// abortPatience is how long a server may take to forget what was sent, whoever has gone meanwhile.
	abortPatience = 30 * time.Second
)

// s3Writer writes one blob: in one request, or in parts where it is larger than one. What is to be sent next waits in a file, so that
// any number of slow senders take no memory; each part is sent under its hash, so that the server keeps what was written or nothing.
type s3Writer struct {
	store  *S3
	ctx    context.Context // of Create: parts are sent while the blob is written
	key    string
	spool  *os.File // without a name
	filled int64    // bytes of the next part
	sum    hash.Hash
	upload string // "" until there is more than one part
	parts  []minio.CompletePart
	failed error // sticks
	ended  bool
}

// Create implements Store. ctx must live until the blob is committed or aborted.
func (s *S3) Create(ctx context.Context) (Writer, error) { return s.CreateAs(ctx, newKey()) }

// CreateAs implements Store. ctx as in Create.
func (s *S3) CreateAs(ctx context.Context, key string) (Writer, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	spool, err := os.CreateTemp(s.spool, "heed-*")
	if err != nil {
		return nil, fmt.Errorf("create a blob: %w", err)
	}
	if err := os.Remove(spool.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("create a blob: %w", err), spool.Close())
	}
	return &s3Writer{store: s, ctx: ctx, key: key, spool: spool, sum: sha256.New()}, nil
}

// Key implements Writer.
func (w *s3Writer) Key() string { return w.key }

// Write implements Writer.
func (w *s3Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		if w.ended {
			return written, fmt.Errorf("write to a blob that has ended: %w", heed.ErrConflict)
		}
		if w.failed == nil && w.filled == partBytes {
			w.failed = w.sendPart(w.ctx)
		}
		if w.failed != nil {
			return written, w.failed
		}
		n, err := w.spool.WriteAt(p[:min(int64(len(p)), partBytes-w.filled)], w.filled)
		w.sum.Write(p[:n])
		w.filled += int64(n)
		written, p = written+n, p[n:]
		if err != nil {
			w.failed = fmt.Errorf("keep what is to be sent: %w", err)
		}
	}
	return written, nil
}

// next is what waits to be sent, and its SHA-256 in hexadecimal. Requests are signed over that sum. (Without DisableContentSha256 the library
// would, in clear, sign each chunk besides, and some servers take a short body's last chunk for the next request.)
func (w *s3Writer) next() (io.Reader, string) {
	return io.NewSectionReader(w.spool, 0, w.filled), hex.EncodeToString(w.sum.Sum(nil))
}

// sendPart sends what waits as the next part.
func (w *s3Writer) sendPart(ctx context.Context) (err error) {
	s := w.store
	if w.upload == "" {
		w.upload, err = s.client.newUpload(ctx, s.at.Bucket, s.object(w.key), minio.PutObjectOptions{ContentType: sealedType})
		if err != nil {
			return s.failed("begin a blob", err)
		}
	}
	body, sum := w.next()
	number := len(w.parts) + 1
	part, err := s.client.putPart(ctx, s.at.Bucket, s.object(w.key), w.upload, number, body, w.filled, minio.PutObjectPartOptions{Sha256Hex: sum, DisableContentSha256: true})
	if err != nil {
		return s.failed("send a part of a blob", err)
	}
	w.parts = append(w.parts, minio.CompletePart{PartNumber: number, ETag: part.ETag})
	w.filled = 0
	w.sum.Reset()
	return nil
}

// sealedType is what a server is told of a blob.
const sealedType = "application/octet-stream"

// Commit implements Writer.
func (w *s3Writer) Commit(ctx context.Context) error {
	switch {
	case w.ended:
		return fmt.Errorf("commit a blob twice: %w", heed.ErrConflict)
	case w.failed != nil:
		return errors.Join(w.failed, w.Abort())
	}
	if err := w.commit(ctx); err != nil {
		return errors.Join(err, w.Abort())
	}
	w.ended = true
	if err := w.spool.Close(); err != nil {
		return fmt.Errorf("commit a blob: %w", err)
	}
	return nil
}

func (w *s3Writer) commit(ctx context.Context) error {
	s := w.store
	if w.upload == "" {
		body, sum := w.next()
		_, err := s.client.putObject(ctx, s.at.Bucket, s.object(w.key), body, w.filled, "", sum, minio.PutObjectOptions{ContentType: sealedType, DisableContentSha256: true})
		if err != nil {
			return s.failed("send a blob", err)
		}
		return nil
	}
	if err := w.sendPart(ctx); err != nil {
		return err
	}
	_, err := s.client.completeUpload(ctx, s.at.Bucket, s.object(w.key), w.upload, w.parts, minio.PutObjectOptions{})
	if err != nil {
		return s.failed("put a blob's parts together", err)
	}
	return nil
}

// Abort implements Writer. It works although whoever was sending has gone.
func (w *s3Writer) Abort() error {
	if w.ended {
		return nil
	}
	w.ended = true
	errs := []error{w.spool.Close()}
	if w.upload != "" {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), abortPatience)
		defer cancel()
		err := w.store.client.abortUpload(ctx, w.store.at.Bucket, w.store.object(w.key), w.upload)
		if err != nil && codeOf(err) != minio.NoSuchUpload {
			errs = append(errs, w.store.failed("forget an unfinished blob", err))
		}
	}
	return errors.Join(errs...)
}
