package blob

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3Client is what is asked of a bucket's server, each request under the library's name for it. It holds functions and not the library's
// client: templates call methods by name, so that the linker keeps every method of each type that a value in an interface leads to, and
// that client's many methods would make the program two megabytes longer.
type s3Client struct {
	getObject       func(ctx context.Context, bucket, object string, o minio.GetObjectOptions) (io.ReadCloser, minio.ObjectInfo, http.Header, error)
	statObject      func(ctx context.Context, bucket, object string, o minio.StatObjectOptions) (minio.ObjectInfo, error)
	removeObject    func(ctx context.Context, bucket, object string, o minio.RemoveObjectOptions) error
	listObjects     func(ctx context.Context, bucket string, o minio.ListObjectsOptions) iter.Seq[minio.ObjectInfo]
	putObject       func(ctx context.Context, bucket, object string, body io.Reader, size int64, md5, sha256 string, o minio.PutObjectOptions) (minio.UploadInfo, error)
	newUpload       func(ctx context.Context, bucket, object string, o minio.PutObjectOptions) (string, error)
	putPart         func(ctx context.Context, bucket, object, upload string, part int, body io.Reader, size int64, o minio.PutObjectPartOptions) (minio.ObjectPart, error)
	completeUpload  func(ctx context.Context, bucket, object, upload string, parts []minio.CompletePart, o minio.PutObjectOptions) (minio.UploadInfo, error)
	abortUpload     func(ctx context.Context, bucket, object, upload string) error
	listUploads     func(ctx context.Context, bucket, prefix, marker, upload, delimiter string, most int) (minio.ListMultipartUploadsResult, error)
	bucketVersioned func(ctx context.Context, bucket string) (minio.BucketVersioningConfiguration, error)
	bucketPolicy    func(ctx context.Context, bucket string) (string, error)
}

// newClient makes a client that signs by keys. It sends nothing.
func (a Address) newClient(keys *credentials.Credentials) (*s3Client, error) {
	c, err := minio.NewCore(a.Host, &minio.Options{
		Creds: keys, Secure: !a.Plain, Region: a.region(), BucketLookup: a.lookup, MaxRetries: s3Tries, Transport: newTransport(),
	})
	if err != nil {
		return nil, fmt.Errorf("speak to the S3 server at %s: %w", a.Host, err)
	}
	return &s3Client{
		getObject: c.GetObject, statObject: c.StatObject, removeObject: c.RemoveObject, listObjects: c.Client.ListObjectsIter,
		putObject: c.PutObject, newUpload: c.NewMultipartUpload, putPart: c.PutObjectPart, completeUpload: c.CompleteMultipartUpload,
		abortUpload: c.AbortMultipartUpload, listUploads: c.ListMultipartUploads,
		bucketVersioned: c.GetBucketVersioning, bucketPolicy: c.GetBucketPolicy,
	}, nil
}
