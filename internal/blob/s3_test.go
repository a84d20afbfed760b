package blob_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/blob/s3test"
)

// openS3 opens a bucket of the server with a folder for what is to be sent.
func openS3(t *testing.T, address string) *blob.S3 {
	t.Helper()
	at, err := blob.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	s, err := blob.OpenS3(at, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestABucketKeepsBlobsAsEveryStoreMust(t *testing.T) {
	t.Parallel()
	server, n := s3test.Start(t), 0
	conform(t, func(t *testing.T) blob.Place {
		n++
		address := server.Bucket(fmt.Sprintf("line-%d", n))
		return openS3(t, strings.Replace(address, "?", "/some/prefix?", 1))
	})
}

func TestALargeBlobGoesInPartsAndComesBackWhole(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	s := openS3(t, server.Bucket("line"))
	body := make([]byte, 40<<20)
	rand.Read(body)
	for _, size := range []int{16 << 20, 16<<20 + 1, len(body)} {
		w, err := s.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for rest := body[:size]; len(rest) > 0; rest = rest[min(len(rest), 70_000):] {
			if _, err := w.Write(rest[:min(len(rest), 70_000)]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open(t.Context(), w.Key()); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("before it is whole: %v", err)
		}
		if err := w.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := s.Open(t.Context(), w.Key())
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, body[:size]) {
			t.Errorf("%d bytes came back as %d, %v", size, len(got), err)
		}
	}
	if left := unfinished(t, server, "line"); len(left) > 0 {
		t.Errorf("unfinished: %v", left)
	}
}

// unfinished are the blobs of which the server has parts alone.
func unfinished(t *testing.T, server *s3test.Server, bucket string) (keys []string) {
	t.Helper()
	core := minio.Core{Client: server.Client}
	list, err := core.ListMultipartUploads(t.Context(), bucket, "", "", "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range list.Uploads {
		keys = append(keys, u.Key)
	}
	return keys
}

func TestOfABlobThatWasAbortedTheBucketKeepsNothing(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	s := openS3(t, server.Bucket("line"))
	ctx, leave := context.WithCancel(t.Context())
	w, err := s.Create(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 33<<20)); err != nil {
		t.Fatal(err)
	}
	if left := unfinished(t, server, "line"); len(left) != 1 || left[0] != w.Key() {
		t.Fatalf("under way: %v", left)
	}
	leave() // the sender has gone
	if _, err := w.Write(make([]byte, 33<<20)); !errors.Is(err, context.Canceled) {
		t.Errorf("write: %v", err)
	}
	if err := w.Commit(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	if err := w.Abort(); err != nil {
		t.Errorf("abort: %v", err)
	}
	if left, objects := unfinished(t, server, "line"), server.Objects("line"); len(left)+len(objects) > 0 {
		t.Errorf("it kept %v %v", left, objects)
	}
}

func TestWhatADeadProcessSentIsRemovedADayLater(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	address := strings.Replace(server.Bucket("line"), "?", "/heed?", 1)
	s := openS3(t, address)
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 17<<20)); err != nil { // and then it dies
		t.Fatal(err)
	}
	core := minio.Core{Client: server.Client}
	for _, of := range []string{"others/" + w.Key(), "heed/report.pdf"} {
		if _, err := core.NewMultipartUpload(t.Context(), "line", of, minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	if n, err := s.RemoveAbandoned(t.Context(), now.Add(-24*time.Hour)); n != 0 || err != nil {
		t.Errorf("on the day itself: %d, %v", n, err)
	}
	if n, err := s.RemoveAbandoned(t.Context(), now.Add(24*time.Hour)); n != 1 || err != nil {
		t.Errorf("a day later: %d, %v", n, err)
	}
	if left := unfinished(t, server, "line"); len(left) != 2 {
		t.Errorf("what isn't ours: %v", left)
	}
	if _, err := w.Write(make([]byte, 33<<20)); err == nil {
		t.Error("it goes on all the same")
	}
	if err := w.Abort(); err != nil {
		t.Error(err)
	}
}

func TestADeadServerIsNamedAndLosesNothingThatItTook(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	s := openS3(t, server.Bucket("line"))
	kept := put(t, s, []byte("gas"))
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	var wg sync.WaitGroup
	for doing, do := range map[string]func() error{
		"commit": func() error { return w.Commit(t.Context()) },
		"open":   func() error { _, err := s.Open(t.Context(), kept); return err },
		"size":   func() error { _, err := s.Size(t.Context(), kept); return err },
		"delete": func() error { return s.Delete(t.Context(), kept) },
		"reach":  func() error { return s.Reach(t.Context()) },
	} {
		wg.Go(func() {
			err := do()
			if err == nil || errors.Is(err, heed.ErrNotFound) || !errors.Is(err, blob.ErrUnreachable) || !strings.Contains(err.Error(), "no answer of the S3 server at "+server.Host) {
				t.Errorf("%s: %v", doing, err)
			}
		})
	}
	wg.Wait()
	server.Restart()
	if err := s.Reach(t.Context()); err != nil {
		t.Errorf("reach: %v", err)
	}
	if size, err := s.Size(t.Context(), kept); size != 3 || err != nil {
		t.Errorf("what was kept: %d, %v", size, err)
	}
	if objects := server.Objects("line"); len(objects) != 1 {
		t.Errorf("it has %v", objects)
	}
}

func put(t *testing.T, s blob.Store, body []byte) string {
	t.Helper()
	w, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.Key()
}

func TestAMissingBucketIsNoMissingBlob(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	address := server.Bucket("line")
	key := put(t, openS3(t, address), []byte("gas"))
	s := openS3(t, strings.Replace(address, "/line?", "/lime?", 1))
	_, openErr := s.Open(t.Context(), key)
	_, sizeErr := s.Size(t.Context(), key)
	for doing, err := range map[string]error{"open": openErr, "size": sizeErr, "delete": s.Delete(t.Context(), key), "reach": s.Reach(t.Context())} {
		if err == nil || errors.Is(err, heed.ErrNotFound) || errors.Is(err, blob.ErrUnreachable) {
			t.Errorf("%s: %v", doing, err)
		}
	}
	wrong := t.TempDir() + "/wrong"
	if err := os.WriteFile(wrong, []byte("[default]\naws_access_key_id = heed-tests\naws_secret_access_key = another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := blob.Address{Host: server.Host, Bucket: "line", Plain: true, Credentials: wrong}
	if s, err := blob.OpenS3(at, t.TempDir()); err != nil {
		t.Error(err)
	} else if err := s.Reach(t.Context()); err == nil || errors.Is(err, blob.ErrUnreachable) {
		t.Errorf("another secret: %v", err)
	}
}

func TestTLSIsTheDefaultAndItsCertificateIsVerified(t *testing.T) {
	t.Parallel()
	certificate, key := selfSigned(t)
	server := s3test.Start(t, s3test.TLS(certificate, key))
	for _, tls := range []string{"on", "off"} {
		s := openS3(t, server.Bucket("line-"+tls)+"&tls="+tls)
		if err := s.Reach(t.Context()); err == nil {
			t.Errorf("tls=%s: it takes any certificate, or none", tls)
		} else if tls == "on" && (!strings.Contains(err.Error(), "certificate") || errors.Is(err, blob.ErrUnreachable)) {
			t.Errorf("tls=%s: %v", tls, err)
		}
	}
}

// selfSigned makes a certificate that nobody trusts.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
}

func TestABucketSaysWhetherItIsPrivateAndForgets(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, s3test.Versions())
	sound, open, versioned := server.Bucket("sound"), server.Bucket("open"), server.Bucket("versioned")
	put(t, openS3(t, open), []byte("gas"))
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::open/*"}]}`
	if err := server.Client.SetBucketPolicy(t.Context(), "open", policy); err != nil {
		t.Fatal(err)
	}
	most := server.Bucket("most")
	policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":["somebody"]},"Action":"s3:GetObject","Resource":"arn:aws:s3:::most/*"}]}`
	if err := server.Client.SetBucketPolicy(t.Context(), "most", policy); err != nil {
		t.Fatal(err)
	}
	writable := server.Bucket("writable")
	policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::writable/*"}]}`
	if err := server.Client.SetBucketPolicy(t.Context(), "writable", policy); err != nil {
		t.Fatal(err)
	}
	if err := server.Client.EnableVersioning(t.Context(), "versioned"); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]blob.Condition{
		sound: {}, open: {Public: []string{"by its policy", "read"}}, versioned: {Versioned: true},
		most: {Public: []string{"by its policy"}}, writable: {Public: []string{"by its policy", "write"}},
	} {
		got, err := openS3(t, address).Condition(t.Context())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, %v", address, got, err)
		}
	}
	if left := server.Objects("writable"); len(left) != 0 {
		t.Errorf("of looking whether strangers may write stays %v", left)
	}
	if err := server.Client.SuspendVersioning(t.Context(), "versioned"); err != nil {
		t.Fatal(err)
	}
	if got, err := openS3(t, versioned).Condition(t.Context()); err != nil || !got.Suspended || got.Versioned {
		t.Errorf("suspended: %+v, %v", got, err)
	}
	if _, err := openS3(t, strings.Replace(sound, "/sound?", "/none?", 1)).Condition(t.Context()); err == nil {
		t.Error("a bucket that isn't there has a condition")
	}
}

func TestAnAddressIsReadOrRefusedWithoutQuotingASecret(t *testing.T) {
	for raw, want := range map[string]blob.Address{
		"s3://s3.example/line":                                {Host: "s3.example", Bucket: "line"},
		"s3://s3.example:9000/line/a/b/?region=eu-1&tls=off":  {Host: "s3.example:9000", Bucket: "line", Prefix: "a/b/", Region: "eu-1", Plain: true},
		"s3://127.0.0.1:9000/line":                            {Host: "127.0.0.1:9000", Bucket: "line", Plain: true},
		"s3://localhost/line?tls=on&credentials=/etc/heed/s3": {Host: "localhost", Bucket: "line", Credentials: "/etc/heed/s3"},
		"s3://[::1]:9000/line":                                {Host: "[::1]:9000", Bucket: "line", Plain: true},
	} {
		if got, err := blob.ParseAddress(raw); err != nil || got != want {
			t.Errorf("%s: %+v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{
		"s3://", "s3://host", "s3://host/", "s3:///line", "s3://key:hidden@host/line", "s3://host/line?secret=hidden", "s3://host/line?tls=perhaps",
		"s3://host/line?region=a&region=b", "s3://host/line?region=", "s3://host/Line_", "s3://host/line/../x", "s3://host/line/a//b", "s3://host/line#x", "https://host/line",
		"s3://host/line?path-style=yes", "s3://host/line/%2e%2e/x",
	} {
		if _, err := blob.ParseAddress(raw); !errors.Is(err, heed.ErrInvalid) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if said := (blob.Address{Host: "s3.example", Bucket: "line", Prefix: "a/", Credentials: "/etc/heed/s3"}).String(); said != "s3://s3.example/line/a" {
		t.Error(said)
	}
}
