package blob

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/heed-line/heed"
)

// s3Scheme begins the address of a bucket.
const s3Scheme = "s3://"

// Address says where a bucket is and how it is spoken to:
//
//	s3://HOST[:PORT]/BUCKET[/PREFIX][?region=…&path-style=true|false&tls=on|off&credentials=FILE]
//
// It never holds a secret.
type Address struct {
	Host        string // with its port, where it names one
	Bucket      string
	Prefix      string // of every object's name; "" or ending in a slash
	Region      string // "" is what the host's name says, else us-east-1
	Plain       bool   // HTTP without TLS
	Credentials string // file in the format of AWS's; "" is the environment, then the file that it names
	lookup      minio.BucketLookupType
}

// OnS3 says whether a place of blobs is a bucket's address and not a folder.
func OnS3(place string) bool { return strings.HasPrefix(place, s3Scheme) }

// prefixForm are prefixes whose names every server takes as they are.
var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$`)

// ParseAddress reads a bucket's address. heed.ErrInvalid: it is none, and the text says why without quoting it.
func ParseAddress(raw string) (Address, error) {
	u, err := url.Parse(raw)
	if err != nil || !OnS3(raw) {
		return Address{}, fmt.Errorf("a bucket is s3://HOST[:PORT]/BUCKET[/PREFIX]: %w", heed.ErrInvalid)
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	a := Address{Host: u.Host, Bucket: bucket, Plain: loopback(u.Hostname())}
	switch {
	case u.User != nil:
		return Address{}, fmt.Errorf("credentials are given by the environment or a file, never in the address: %w", heed.ErrInvalid)
	case u.Hostname() == "" || bucket == "":
		return Address{}, fmt.Errorf("a bucket is s3://HOST[:PORT]/BUCKET[/PREFIX]: %w", heed.ErrInvalid)
	case s3utils.CheckValidBucketNameStrict(bucket) != nil:
		return Address{}, fmt.Errorf("%q is no bucket's name: %w", bucket, heed.ErrInvalid)
	case prefix != "" && !prefixForm.MatchString(prefix):
		return Address{}, fmt.Errorf("a prefix is made of letters, digits, dots, hyphens and slashes: %w", heed.ErrInvalid)
	case u.Fragment != "":
		return Address{}, fmt.Errorf("a bucket's address has no #: %w", heed.ErrInvalid)
	}
	if prefix != "" {
		a.Prefix = prefix + "/"
	}
	if err := a.parameters(u.RawQuery); err != nil {
		return Address{}, err
	}
	return a, nil
}

// parameters reads what follows the question mark.
func (a *Address) parameters(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the parameters of a bucket's address can't be read: %w", heed.ErrInvalid)
	}
	for name, all := range values {
		value := all[0]
		known := len(all) == 1
		switch name + "=" + value {
		case "path-style=true":
			a.lookup = minio.BucketLookupPath
		case "path-style=false":
			a.lookup = minio.BucketLookupDNS
		case "tls=on":
			a.Plain = false
		case "tls=off":
			a.Plain = true
		default:
			switch name {
			case "region":
				a.Region = value
			case "credentials":
				a.Credentials = value
			default:
				known = false
			}
		}
		if !known || value == "" {
			return fmt.Errorf("a bucket's address takes region=…, path-style=true|false, tls=on|off and credentials=FILE, each once: %w", heed.ErrInvalid)
		}
	}
	return nil
}

// String is the address for people: where, and nothing of how.
func (a Address) String() string {
	return s3Scheme + path.Join(a.Host, a.Bucket, a.Prefix)
}

// loopback says whether a host is this machine, so that nobody listens between.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// region is the region that requests are signed for.
func (a Address) region() string {
	if a.Region != "" {
		return a.Region
	}
	if r := s3utils.GetRegionFromURL(url.URL{Host: a.Host}); r != "" {
		return r
	}
	return "us-east-1"
}

// errNoCredentials ends the opening of a bucket for which there is no key.
var errNoCredentials = errors.New("no credentials for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file by AWS_SHARED_CREDENTIALS_FILE or credentials= in its address")

// signer finds the credentials. An incomplete pair is none. What ends is renewed where its source can.
func (a Address) signer() (*credentials.Credentials, error) {
	sources := []credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}}
	if a.Credentials != "" {
		sources = []credentials.Provider{&credentials.FileAWSCredentials{Filename: a.Credentials, Profile: "default"}}
	}
	for _, source := range sources {
		value, err := source.RetrieveWithCredContext(&credentials.CredContext{Client: http.DefaultClient})
		if err != nil && a.Credentials != "" {
			return nil, fmt.Errorf("read the credentials for the bucket: %w", err)
		}
		if err == nil && value.AccessKeyID != "" && value.SecretAccessKey != "" {
			return credentials.New(source), nil
		}
	}
	return nil, errNoCredentials
}
