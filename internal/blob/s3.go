package blob

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/heed-line/heed"
)

const (
	// tries of a request that can be sent again, about two seconds in all: a server that is started anew is waited for by whoever asked.
	s3Tries = 4
	// s3Connect is how long a server may take to be reached.
	s3Connect = 10 * time.Second
	// s3Stall is how long a connection may stand still. Putting a large file's parts together is what takes servers longest.
	s3Stall = 2 * time.Minute
)

// ErrUnreachable is that of a bucket whose server can't be reached or is out of order, and may answer later.
var ErrUnreachable = errors.New("no answer of the S3 server")

// S3 is a Store in a bucket of any server that speaks S3 and, as the protocol's own has it since 2020, shows at once what was
// written. A blob is an object of the prefix and its key; it is there once it is whole.
type S3 struct {
	at     Address
	client *s3Client
	spool  string
}

// OpenS3 makes ready to use a bucket. It sends nothing: Reach does. spool is the folder in which a part of a blob, sealed like all of it,
// waits to be sent, under no name; "" is the system's own for temporary files.
func OpenS3(at Address, spool string) (*S3, error) {
	keys, err := at.signer()
	if err != nil {
		return nil, err
	}
	client, err := at.newClient(keys)
	if err != nil {
		return nil, err
	}
	return &S3{at: at, client: client, spool: spool}, nil
}

// newTransport makes connections that end where nothing moves any more.
func newTransport() http.RoundTripper {
	dialer := &net.Dialer{Timeout: s3Connect}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &movingConn{c}, nil
		},
		TLSHandshakeTimeout: s3Connect, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
		DisableCompression: true, // what is sealed comes as it is
		ForceAttemptHTTP2:  true,
	}
}

// movingConn fails once nothing moved for s3Stall, in either direction.
type movingConn struct{ net.Conn }

// Read implements net.Conn.
func (c *movingConn) Read(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(s3Stall)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write implements net.Conn.
func (c *movingConn) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(s3Stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (s *S3) object(key string) string { return s.at.Prefix + key }

// codeOf is the S3 error code that a server answered with; "" where it didn't answer, or err is nil.
func codeOf(err error) string {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// failed wraps a request's error, with who was asked. ErrUnreachable: that it failed is nobody's mistake.
func (s *S3) failed(doing string, err error) error {
	switch codeOf(err) {
	case minio.NoSuchKey:
		return fmt.Errorf("%s: %w", doing, heed.ErrNotFound)
	case "":
		if errors.Is(err, context.Canceled) || errors.As(err, new(*tls.CertificateVerificationError)) {
			return fmt.Errorf("%s: %w", doing, err)
		}
		return fmt.Errorf("%s: %w at %s: %w", doing, ErrUnreachable, s.at.Host, err)
	case "SlowDown", "ServiceUnavailable", minio.InternalError:
		return fmt.Errorf("%s: %w at %s: %w", doing, ErrUnreachable, s.at.Host, err)
	}
	return fmt.Errorf("%s: the S3 server at %s refuses: %w", doing, s.at.Host, err)
}

// Open implements Store. ctx must live until the blob is read.
func (s *S3) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	return s.get(ctx, key, minio.GetObjectOptions{})
}

// OpenRange implements Store. ctx must live until the part is read.
func (s *S3) OpenRange(ctx context.Context, key string, from, length int64) (io.ReadCloser, error) {
	if err := checkRange(from, length); err != nil {
		return nil, err
	}
	if length == 0 {
		if _, err := s.Size(ctx, key); err != nil {
			return nil, err
		}
		return http.NoBody, nil
	}
	var wanted minio.GetObjectOptions
	if err := wanted.SetRange(from, from+length-1); err != nil {
		return nil, fmt.Errorf("read a part of a blob: %w", err)
	}
	r, err := s.get(ctx, key, wanted)
	if codeOf(err) == minio.InvalidRange { // it ends before
		return http.NoBody, nil
	}
	return r, err
}

func (s *S3) get(ctx context.Context, key string, wanted minio.GetObjectOptions) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	r, _, headers, err := s.client.getObject(ctx, s.at.Bucket, s.object(key), wanted)
	if err != nil {
		return nil, s.failed("open a blob", err)
	}
	if wanted.Header().Get("Range") != "" && headers.Get("Content-Range") == "" {
		return nil, errors.Join(fmt.Errorf("read a part of a blob: the S3 server at %s sends the whole", s.at.Host), r.Close())
	}
	return r, nil
}

// Size implements Store.
func (s *S3) Size(ctx context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	info, err := s.client.statObject(ctx, s.at.Bucket, s.object(key), minio.StatObjectOptions{})
	if codeOf(err) == minio.NoSuchKey {
		return 0, s.missing(ctx, key)
	}
	if err != nil {
		return 0, s.failed("measure a blob", err)
	}
	return info.Size, nil
}

// missing says why there is no such blob. An answer to HEAD has no text, and so doesn't tell a missing bucket from a missing object.
func (s *S3) missing(ctx context.Context, key string) error {
	r, err := s.get(ctx, key, minio.GetObjectOptions{})
	if err == nil { // it came this moment
		err = errors.Join(heed.ErrNotFound, r.Close())
	}
	return err
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if _, err := s.Size(ctx, key); err != nil { // to S3 it is all one whether there was anything
		return err
	}
	if err := s.client.removeObject(ctx, s.at.Bucket, s.object(key), minio.RemoveObjectOptions{}); err != nil {
		return s.failed("delete a blob", err)
	}
	return nil
}

// Empty implements Place.
func (s *S3) Empty(ctx context.Context) (bool, error) {
	for o := range s.client.listObjects(ctx, s.at.Bucket, minio.ListObjectsOptions{Prefix: s.at.Prefix, Recursive: true, MaxKeys: 1}) {
		if o.Err != nil {
			return false, s.failed("look for blobs", o.Err)
		}
		return false, nil
	}
	return true, nil
}

// RemoveAbandoned implements Place.
func (s *S3) RemoveAbandoned(ctx context.Context, before time.Time) (int, error) {
	removed, marker, upload := 0, "", ""
	for {
		list, err := s.client.listUploads(ctx, s.at.Bucket, s.at.Prefix, marker, upload, "", math.MaxInt16)
		if err != nil {
			return removed, s.failed("look for unfinished blobs", err)
		}
		for _, u := range list.Uploads {
			if len(u.Key) <= len(s.at.Prefix) || checkKey(u.Key[len(s.at.Prefix):]) != nil || !u.Initiated.Before(before) {
				continue
			}
			err := s.client.abortUpload(ctx, s.at.Bucket, u.Key, u.UploadID)
			if err != nil && codeOf(err) != minio.NoSuchUpload {
				return removed, s.failed("remove an unfinished blob", err)
			}
			removed++
		}
		if !list.IsTruncated {
			return removed, nil
		}
		marker, upload = list.NextKeyMarker, list.NextUploadIDMarker
	}
}
