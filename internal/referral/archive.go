package referral

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// SignContext stands before the manifest in what is signed: "heed package/1", a line feed, the bytes of manifest.json.
const SignContext = "package/1"

// The package's formats, named in report.json and manifest.json.
const (
	reportFormat   = "heed-report/1"
	manifestFormat = "heed-package/1"
)

// entry is one file of the package as the manifest lists it.
type entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Redacted says that the line covered a part of it.
	Redacted bool `json:"redacted,omitempty"`
	// OriginalOf names the copy of which this is the file as the reporter sent it.
	OriginalOf string `json:"original_of,omitempty"`
}

// manifest is manifest.json: what is in the package, for whom, and under which key it is signed.
type manifest struct {
	Format     string    `json:"format"`
	Line       string    `json:"line"`
	Referral   heed.ID   `json:"referral"` // by which a Department tells a package that it has already
	Report     heed.ID   `json:"report"`
	Department string    `json:"department"`
	MadeAt     time.Time `json:"made_at"`
	SigningKey string    `json:"signing_key"` // Ed25519, base64 of 32 bytes
	Files      []entry   `json:"files"`
}

// archive writes a tar and keeps each file's hash.
type archive struct {
	tar     *tar.Writer
	written *tally // behind tar
	at      time.Time
	entries []entry
}

// add writes one file whose size is known.
func (a *archive) add(name string, size int64, r io.Reader) error {
	head := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.at.Truncate(time.Second), Format: tar.FormatPAX}
	if err := a.tar.WriteHeader(head); err != nil {
		return fmt.Errorf("write a package's %s: %w", kindOf(name), err)
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.tar, h), r); err != nil {
		return fmt.Errorf("write a package's %s: %w", kindOf(name), err)
	}
	a.entries = append(a.entries, entry{Name: name, Size: size, SHA256: hex.EncodeToString(h.Sum(nil))})
	return nil
}

func (a *archive) bytes(name string, b []byte) error {
	return a.add(name, int64(len(b)), bytes.NewReader(b))
}

// kindOf names a package's file in an error: a folder, or one of our own files.
func kindOf(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return name
}

// fileError says which file could not be opened. The package is made again without it.
type fileError struct {
	index    int
	original bool // beside its copy, which can be
	err      error
}

func (e *fileError) Error() string { return "a file of the report: " + e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// write writes the package's tar: the files first, for their hashes stand in report.json; the manifest and its signature
// last, for they list all the others.
func (s *Service) write(ctx context.Context, w io.Writer, m *material) error {
	written := &tally{w: w}
	a := &archive{tar: tar.NewWriter(written), written: written, at: m.made}
	if err := a.bytes("README.txt", []byte(readme)); err != nil {
		return err
	}
	if err := a.bytes("line-key.pem", s.cfg.Signer.Verifier().PEM()); err != nil {
		return err
	}
	doc := s.document(m)
	for i := range m.files {
		listed, err := s.addFile(ctx, a, m, i, &m.files[i])
		if err != nil {
			return err
		}
		doc.Attachments = append(doc.Attachments, listed)
	}
	report, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("encode report.json: %w", err)
	}
	page, err := s.page(doc)
	if err != nil {
		return err
	}
	grading, err := json.MarshalIndent(gradingOf(m.reason.Grading), "", "  ")
	if err != nil {
		return fmt.Errorf("encode grading.json: %w", err)
	}
	for _, x := range []struct {
		name string
		b    []byte
	}{{"report.json", report}, {"report.html", page}, {"grading.json", grading}} {
		if err := a.bytes(x.name, x.b); err != nil {
			return err
		}
	}
	return s.sign(a, m)
}

// sign ends the package: SHA256SUMS for sha256sum -c, manifest.json and the signature over it.
func (s *Service) sign(a *archive, m *material) error {
	var sums strings.Builder
	for _, e := range a.entries {
		fmt.Fprintf(&sums, "%s  %s\n", e.SHA256, e.Name)
	}
	if err := a.bytes("SHA256SUMS", []byte(sums.String())); err != nil {
		return err
	}
	list, err := json.MarshalIndent(manifest{
		Format: manifestFormat, Line: s.cfg.Line, Referral: m.referral.ID, Report: m.report.ID, Department: m.referral.Department,
		MadeAt: m.made.UTC(), SigningKey: base64.StdEncoding.EncodeToString(s.cfg.Signer.Verifier().Bytes()), Files: a.entries,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest.json: %w", err)
	}
	if err := a.bytes("manifest.json", list); err != nil {
		return err
	}
	if err := a.bytes("manifest.sig", s.cfg.Signer.Sign(SignContext, list)); err != nil {
		return err
	}
	if err := a.tar.Close(); err != nil {
		return fmt.Errorf("end a package: %w", err)
	}
	return a.fill()
}

// fill fills the package up with zeros, which a tar may end with, so that its length tells little of what is in it.
func (a *archive) fill() error {
	left := int64(seal.Padme(uint64(max(leastPackage, a.written.n)))) - a.written.n
	if _, err := io.CopyN(a.written, zeros{}, left); err != nil {
		return fmt.Errorf("fill a package up: %w", err)
	}
	return nil
}

// leastPackage is how many bytes every package has inside at least.
const leastPackage = 64 << 10

// tally counts what is written.
type tally struct {
	w io.Writer
	n int64
}

func (t *tally) Write(p []byte) (int, error) {
	n, err := t.w.Write(p)
	t.n += int64(n)
	return n, err
}

// zeros are zero bytes without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// extension is what a file's own name may lend to its name in the package: that of a picture, sound, film or document,
// never one by which a program or a page would start. Everything else of a name that a stranger chose stays in report.json.
var extension = regexp.MustCompile(`^\.(txt|csv|rtf|pdf|jpe?g|png|gif|webp|hei[cf]|avif|bmp|tiff?|mp3|m4a|wav|og[agv]|opus|aac|flac|amr|mp4|m4v|mov|webm|mkv|avi|3gp|docx?|xlsx?|pptx?|od[tsp])$`)

// copyExtensions end the names of safe copies, by their media types.
var copyExtensions = map[string]string{"audio/mpeg": ".mp3", "image/jpeg": ".jpg", "video/mp4": ".mp4", "application/pdf": ".pdf"}

// addFile streams one attachment into the package.
func (s *Service) addFile(ctx context.Context, a *archive, m *material, index int, f *file) (attachment, error) {
	listed := attachment{Name: f.name, Type: f.Type, Size: f.length, ReceivedAt: f.At.UTC()}
	if f.missing {
		return listed, nil
	}
	r, size, err := s.openFile(ctx, m, f)
	if lost(err) {
		return listed, &fileError{index: index, err: err}
	}
	if err != nil {
		return listed, err
	}
	listed.Type, listed.Size, listed.Copy, listed.Masked, listed.Redacted = f.copied.Type, size, true, f.Sound() || f.Film(), f.redaction != nil
	// What a machine heard or read in all of it says what is covered too.
	if t := f.heard; t != nil && t.Text != "" && !listed.Redacted {
		listed.Transcript = &transcript{t.Model, t.Language, t.Text, t.Cut}
	}
	listed.File = fmt.Sprintf("attachments/%02d%s", index+1, tame(copyExtensions[f.copied.Type]))
	err = a.stream(listed.File, size, r)
	if lost(err) {
		return listed, &fileError{index: index, err: err}
	}
	if err != nil {
		return listed, err
	}
	last := &a.entries[len(a.entries)-1]
	last.Redacted, listed.SHA256 = listed.Redacted, last.SHA256
	listed.Original, err = s.addOriginal(ctx, a, m, index, f, listed.File)
	return listed, err
}

// stream writes one file that must have exactly size bytes, and closes it.
func (a *archive) stream(name string, size int64, r io.ReadCloser) error {
	err := a.add(name, size, &exact{r: r, left: size})
	if closed := r.Close(); err == nil && closed != nil {
		err = fmt.Errorf("close a sealed file: %w", closed)
	}
	return err
}

// tame is a file's own ending where it is one that extension lets pass, else .bin.
func tame(ext string) string {
	if ext = strings.ToLower(ext); extension.MatchString(ext) {
		return ext
	}
	return ".bin"
}

// openFile opens what goes into the package of a file: its copy.
func (s *Service) openFile(ctx context.Context, m *material, f *file) (r io.ReadCloser, size int64, err error) {
	if f.copied == nil || f.copied.State != heed.CopyMade {
		return nil, 0, fmt.Errorf("a file without its copy: %w", heed.ErrNotFound)
	}
	if f.redaction != nil {
		if f.redaction.Copy.State != heed.CopyMade {
			return nil, 0, fmt.Errorf("a file without its redacted copy: %w", heed.ErrNotFound)
		}
		return sized(review.OpenRedactedFile(ctx, s.cfg.Blobs, s.cfg.Line, m.data, f.redaction))
	}
	return sized(review.OpenCopyFile(ctx, s.cfg.Blobs, s.cfg.Line, m.data, f.copied))
}

// sized is an opened copy and its length.
func sized(r *review.Section, err error) (io.ReadCloser, int64, error) {
	if err != nil {
		return nil, 0, err
	}
	return r, r.Size(), nil
}

// lost reports whether a file can't be opened however often it is tried.
func lost(err error) bool {
	return errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrSealed) || errors.Is(err, heed.ErrNotFound)
}

// exact reads exactly as many bytes as the file is known to have: fewer or more are damage.
type exact struct {
	r    io.Reader
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if e.left < 0 || errors.Is(err, io.EOF) && e.left != 0 {
		return 0, fmt.Errorf("a file of another length than was stored: %w", heed.ErrSealed)
	}
	return n, err
}

// readme is the package's README.txt.
const readme = `A REPORT FOR YOUR DEPARTMENT

Open report.html in a browser. report.json holds the same for programs, and attachments/ what the reporter sent.

Handle the attachments with care. Pictures (.jpg), films (.mp4), documents (.pdf) and recordings (.mp3) are copies that the
line made: of what a picture, a film or a page shows, and of what was said, in a masked voice. Where there is a folder
originals/, the line decided that you get those files as the reporter sent them too, unchanged and unmasked: they hold
traces of who sent them, such as where and with what a picture was taken, and they may be dangerous to open. Other originals
stay with the line. Where manifest.json says "redacted", the line has covered a part of the copy, or made it silent. Do not
try to find out who reported: if you need to know more, ask the line, and it asks the reporter.

grading.json says how far the line relies on source and information. What the machine suggested is marked as suggested.
What a machine heard in a recording or read in a file is marked too, and may be wrong: listen and look for yourself.

To make sure that nothing was changed and that it came from the line:

  1. sha256sum --check SHA256SUMS
  2. { printf 'heed package/1\n'; cat manifest.json; } > signed
     openssl pkeyutl -verify -pubin -inkey line-key.pem -rawin -in signed -sigfile manifest.sig

The second proves something only if line-key.pem is the key that the line gave you by another way: compare them once.
manifest.json names every file with its SHA-256, and of an original the copy of which it is ("original_of"); its "referral" is this package's number. A package can reach you twice:
if you have that number already, it is the same one.
`
