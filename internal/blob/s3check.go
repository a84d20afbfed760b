package blob

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/heed-line/heed"
)

// Reach asks for a blob that isn't there. An error that isn't ErrUnreachable is one of address, bucket or credentials.
func (s *S3) Reach(ctx context.Context) error {
	r, err := s.get(ctx, newKey(), minio.GetObjectOptions{})
	switch {
	case err == nil:
		return r.Close()
	case errors.Is(err, heed.ErrNotFound):
		return nil
	case codeOf(err) == minio.AccessDenied: // so says AWS of what isn't there where listing isn't allowed
		return fmt.Errorf("these credentials may not read or not list %s: %w", s.at, err)
	}
	return err
}

// Condition is what a bucket's own settings do to what is kept in it.
type Condition struct {
	// Versioned: what is deleted is kept all the same.
	Versioned bool
	// Suspended: what was deleted while versions were kept may still be there.
	Suspended bool
	// Public is what anybody at all may do, as far as was found: list, write, read, or by the bucket's policy.
	Public []string
	// Unknown is what couldn't be asked, with these credentials or of this server.
	Unknown []string
}

// Condition looks at the bucket as its owner and as a stranger. Whether strangers may write is found by one that tries to: an object of
// no bytes, which is deleted at once.
func (s *S3) Condition(ctx context.Context) (Condition, error) {
	var c Condition
	if err := s.versioning(ctx, &c); err != nil {
		return c, err
	}
	if err := s.policy(ctx, &c); err != nil {
		return c, err
	}
	return c, s.asStranger(ctx, &c)
}

func (s *S3) versioning(ctx context.Context, c *Condition) error {
	v, err := s.client.bucketVersioned(ctx, s.at.Bucket)
	switch code := codeOf(err); {
	case err == nil:
		c.Versioned, c.Suspended = v.Enabled(), v.Suspended()
	case code == minio.NotImplemented, code == "VersioningNotConfigured": // a server that knows no versions
	case code == minio.AccessDenied:
		c.Unknown = append(c.Unknown, "versioning")
	default:
		return s.failed("ask whether versions are kept", err)
	}
	return nil
}

func (s *S3) policy(ctx context.Context, c *Condition) error {
	text, err := s.client.bucketPolicy(ctx, s.at.Bucket)
	switch code := codeOf(err); {
	case err == nil:
		if text != "" && allowsAll([]byte(text)) {
			c.Public = append(c.Public, "by its policy")
		}
	case code == minio.NotImplemented, code == minio.NoSuchBucketPolicy:
	case code == minio.AccessDenied, code == minio.MethodNotAllowed:
		c.Unknown = append(c.Unknown, "its policy")
	default:
		return s.failed("ask for the bucket's policy", err)
	}
	return nil
}

// allowsAll says whether a policy allows anything to everybody, without a condition.
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
func allowsAll(text []byte) bool {
	var policy struct {
		Statement []struct {
			Effect       string
			Principal    json.RawMessage
			NotPrincipal json.RawMessage
			Condition    json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		return true // what can't be read may allow anything
	}
	for _, st := range policy.Statement {
		if st.Effect == "Allow" && len(st.Condition) == 0 && (everybody(st.Principal) || len(st.NotPrincipal) > 0) { // all but a few is everybody
			return true
		}
	}
	return false
}

// everybody reads "*", {"AWS": "*"} and {"AWS": ["*", …]}.
func everybody(principal json.RawMessage) bool {
	var one string
	if json.Unmarshal(principal, &one) == nil {
		return one == "*"
	}
	var kinds map[string]json.RawMessage
	if json.Unmarshal(principal, &kinds) != nil {
		return false
	}
	for _, raw := range kinds {
		var many []string
		if json.Unmarshal(raw, &one) == nil {
			many = []string{one}
		} else if json.Unmarshal(raw, &many) != nil {
			return true
		}
		if slices.Contains(many, "*") {
			return true
		}
	}
	return false
}

// asStranger tries to list the bucket, and to read one blob of it, without any credentials.
func (s *S3) asStranger(ctx context.Context, c *Condition) error {
	stranger, err := s.at.newClient(credentials.NewStatic("", "", "", credentials.SignatureAnonymous))
	if err != nil {
		return fmt.Errorf("look at the bucket as a stranger: %w", err)
	}
	first := func(client *s3Client) (string, error) {
		for o := range client.listObjects(ctx, s.at.Bucket, minio.ListObjectsOptions{Prefix: s.at.Prefix, Recursive: true, MaxKeys: 1}) {
			return o.Key, o.Err
		}
		return "", nil
	}
	if _, err := first(stranger); err == nil {
		c.Public = append(c.Public, "list")
	} else if codeOf(err) == "" {
		return s.failed("look at the bucket as a stranger", err)
	}
	if err := s.writes(ctx, stranger, c); err != nil {
		return err
	}
	name, err := first(s.client)
	switch {
	case codeOf(err) == minio.AccessDenied:
		c.Unknown = append(c.Unknown, "whether strangers may read")
		return nil
	case err != nil:
		return s.failed("look for a blob", err)
	case name == "":
		return nil
	}
	r, _, _, err := stranger.getObject(ctx, s.at.Bucket, name, minio.GetObjectOptions{})
	if err == nil {
		c.Public = append(c.Public, "read")
		return r.Close()
	}
	return nil
}

// writes tries whether a stranger may write. A grant to everybody (an ACL) is in no policy, and may allow that alone.
func (s *S3) writes(ctx context.Context, stranger *s3Client, c *Condition) error {
	object := s.object(newKey())
	_, err := stranger.putObject(ctx, s.at.Bucket, object, strings.NewReader(""), 0, "", "", minio.PutObjectOptions{})
	switch code := codeOf(err); {
	case err == nil:
	case code == minio.AccessDenied:
		return nil
	case code == "":
		return s.failed("look whether a stranger may write", err)
	default:
		c.Unknown = append(c.Unknown, "whether strangers may write")
		return nil
	}
	c.Public = append(c.Public, "write")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortPatience)
	defer cancel()
	if err := s.client.removeObject(ctx, s.at.Bucket, object, minio.RemoveObjectOptions{}); err != nil {
		return s.failed("delete what a stranger could write", err)
	}
	return nil
}
