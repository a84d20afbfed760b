package referral_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// tool finds a standard tool that a Department would use. Where CI is set, its absence is a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// unpack reads a package's tar.
func unpack(t *testing.T, plain io.Reader) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(h.Name, "..") || strings.HasPrefix(h.Name, "/") {
			t.Errorf("a file is called %q", h.Name)
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheAgeToolOpensAPackageAndStandardToolsCheckIt(t *testing.T) {
	age, openssl, untar, sums := tool(t, "age"), tool(t, "openssl"), tool(t, "tar"), tool(t, "sha256sum")
	l := newLine(t)
	report, _ := l.report("en")
	f := l.refer(report, "fire")
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		l.must(os.WriteFile(path, b, 0o600))
		return path
	}
	sealed := write("package.age", l.fetch(l.fire, f.ID))
	key := write("key.txt", []byte(l.secret["fire"]+"\n"))
	run := func(name string, args ...string) {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	run(age, "--decrypt", "-i", key, "-o", "package.tar", sealed)
	run(untar, "-xf", "package.tar")
	run(sums, "--check", "--strict", "SHA256SUMS")
	run("sh", "-c", "{ printf 'heed package/1\\n'; cat manifest.json; } > signed && "+
		openssl+" pkeyutl -verify -pubin -inkey line-key.pem -rawin -in signed -sigfile manifest.sig")
	text, err := os.ReadFile(filepath.Join(dir, "attachments", "01.pdf"))
	l.must(err)
	if !bytes.Equal(text, page) {
		t.Errorf("the attachment has %d bytes, want %d", len(text), len(page))
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	l.must(err)
	for _, command := range []string{"sha256sum --check SHA256SUMS", "openssl pkeyutl -verify -pubin -inkey line-key.pem -rawin -in signed -sigfile manifest.sig", "{ printf 'heed package/1\\n'; cat manifest.json; } > signed"} {
		if !bytes.Contains(readme, []byte(command)) {
			t.Errorf("README.txt doesn't say %q", command)
		}
	}
}

func TestAPackagesLengthIsOneOfFew(t *testing.T) {
	l := newLine(t)
	lengths := map[int64]int{}
	for i := range 3 {
		report, _ := l.reportOf("en", story+strings.Repeat(" And then more of it.", 7*i))
		f := l.refer(report, "water")
		lengths[f.Size]++
		plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.water, f.ID)), l.secret["water"])
		l.must(err)
		n, err := io.Copy(io.Discard, plain)
		l.must(err)
		if uint64(n) != seal.Padme(uint64(n)) || n < 64<<10 {
			t.Errorf("a package has %d bytes inside", n)
		}
	}
	if len(lengths) != 1 {
		t.Errorf("packages of nearly one length are told apart: %v", lengths)
	}
}

func TestAHybridPackageHoldsTheReportTheManifestAndNothingOfTheReporter(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("ar")
	f := l.refer(report, "water")
	sealed := l.fetch(l.water, f.ID)
	if sum := sha256.Sum256(sealed); !bytes.Equal(sum[:], f.SHA256) || int64(len(sealed)) != f.Size {
		t.Error("the referral's hash or size is not that of its package")
	}
	if _, err := seal.OpenAge(bytes.NewReader(sealed), l.secret["fire"]); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another department opens it: %v", err)
	}
	plain, err := seal.OpenAge(bytes.NewReader(sealed), l.secret["water"])
	l.must(err)
	files := unpack(t, plain)

	var doc map[string]any
	l.must(json.Unmarshal(files["report.json"], &doc))
	if doc["text"] != story || doc["place"] != "Mill Lane 4" || doc["reason"] != "it burns near a school" || doc["referral"] != string(f.ID) {
		t.Errorf("%s", files["report.json"])
	}
	var grading map[string]any
	l.must(json.Unmarshal(files["grading.json"], &grading))
	if grading["graded"] != true || grading["value"] != "B2" {
		t.Errorf("%s", files["grading.json"])
	}
	page := string(files["report.html"])
	if strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "http://") || strings.Contains(page, "https://") {
		t.Error("the page runs what a stranger wrote, or needs something from elsewhere")
	}
	var manifest struct {
		Referral heed.ID
		Files    []struct{ Name, SHA256 string }
	}
	l.must(json.Unmarshal(files["manifest.json"], &manifest))
	if manifest.Referral != f.ID || len(manifest.Files) != len(files)-2 {
		t.Errorf("the manifest lists %d of %d files", len(manifest.Files), len(files)-2)
	}
	for _, e := range manifest.Files {
		if sum := sha256.Sum256(files[e.Name]); hex.EncodeToString(sum[:]) != e.SHA256 {
			t.Errorf("%s has another hash", e.Name)
		}
	}
	l.must(l.signer.Verifier().Verify(referral.SignContext, files["manifest.json"], files["manifest.sig"]))
	for name, b := range files {
		if bytes.Contains(b, []byte(l.ann.ID)) {
			t.Errorf("%s says who at the line decided", name)
		}
	}
}

func TestAPackageMarksWhatIsOnlyAboutWhoSomebodyIs(t *testing.T) {
	l := newLine(t)
	const act, aside = "The cellar of number 12 is burning and people are trapped. ", "They are all muslims and pray all day, something is off with those people."
	report, _ := l.reportOf("en", act+aside)
	f := l.refer(report, "water")
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.water, f.ID)), l.secret["water"])
	l.must(err)
	files := unpack(t, plain)
	var doc struct {
		Text      string
		Suggested struct {
			Asides []struct{ Start, End int }
		} `json:"suggested_by_machine"`
	}
	l.must(json.Unmarshal(files["report.json"], &doc))
	if a := doc.Suggested.Asides; doc.Text != act+aside || len(a) != 1 || doc.Text[a[0].Start:a[0].End] != aside {
		t.Errorf("%s", files["report.json"])
	}
	if page := string(files["report.html"]); !strings.Contains(page, act+`<span class="aside">[`+aside+"]</span>") || !strings.Contains(page, "no ground to act") {
		t.Errorf("%s", page)
	}
}

func TestAPackageHasTheNormalFormsOfDetails(t *testing.T) {
	l := newLine(t)
	report, _ := l.reportOf("en", "Yesterday a man at 312-555-0143 asked me for 3 million euros, he said his name is Marcus Dellwood, come on Monday.")
	f := l.refer(report, "water")
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.water, f.ID)), l.secret["water"])
	l.must(err)
	var doc struct {
		At        time.Time `json:"received_at"`
		Suggested struct {
			Details []struct{ Type, Text, Normal string }
		} `json:"suggested_by_machine"`
	}
	l.must(json.Unmarshal(unpack(t, plain)["report.json"], &doc))
	want := map[string]string{
		"Yesterday": doc.At.In(l.profile.Zone()).AddDate(0, 0, -1).Format(time.DateOnly), "312-555-0143": "+13125550143",
		"3 million euros": "3000000.00 EUR", "Marcus Dellwood": "", "Monday": "",
	}
	for _, d := range doc.Suggested.Details {
		if form, known := want[d.Text]; known && form != d.Normal {
			t.Errorf("%+v", d)
		}
		delete(want, d.Text)
	}
	if want["Yesterday"] != "" || want["312-555-0143"] != "" || want["3 million euros"] != "" {
		t.Errorf("not found: %v", want)
	}
}

func TestAnUndoneReferralIsNeverPrepared(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	d, err := l.review.Dispose(t.Context(), l.ann, report, review.Decision{Kind: heed.Refer, Department: "fire", Reason: "by mistake", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"}})
	l.must(err)
	f := l.of(d)
	l.must(l.review.Undo(t.Context(), l.ann, report))
	l.must(l.Prepare(t.Context(), f.ID))
	if f = l.of(d); f.State != heed.ReferralCancelled || f.Blob != "" {
		t.Errorf("%+v", f)
	}
	_, _, err = l.OpenPackage(t.Context(), l.fire, f.ID)
	l.wantErr(err, heed.ErrConflict)
}

func TestAFileThatCannotBeOpenedDoesNotKeepTheReportFromItsDepartment(t *testing.T) {
	l := newLine(t)
	report, _ := l.report("en")
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		copies, err := tx.SafeCopies(t.Context(), report)
		return errors.Join(err, l.blobs.Delete(t.Context(), copies[0].Blob))
	}))
	f := l.refer(report, "fire")
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, f.ID)), l.secret["fire"])
	l.must(err)
	files := unpack(t, plain)
	if len(files["attachments/01.pdf"]) != 0 || !bytes.Contains(files["report.html"], []byte("could not be included")) {
		t.Error("the package doesn't say that a file is missing")
	}
}

func TestAPackageTakesNoFileAlongThatWasNotHeldAgainstTheLinesList(t *testing.T) {
	l := newLine(t)
	l.profile.KnownFiles.Abuse = "list"
	for _, c := range []struct {
		held   *heed.SafeCopy
		waits  bool
		within bool
	}{
		{nil, false, true}, // its copy is made
		{&heed.SafeCopy{State: heed.CopyWaiting}, true, false},
		{&heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyWithheld}, false, false},
		{&heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyLost}, false, false},
	} {
		report, _ := l.report("en")
		if c.held != nil {
			l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
				files, err := tx.Attachments(t.Context(), report)
				c.held.Attachment, c.held.Report = files[0].ID, report
				return errors.Join(err, tx.PutSafeCopy(t.Context(), c.held))
			}))
		}
		d, err := l.review.Dispose(t.Context(), l.ann, report, review.Decision{
			Kind: heed.Refer, Department: "fire", Reason: "it burns near a school", Grading: &review.Grading{Scheme: "admiralty", Value: "B2"},
		})
		l.must(err)
		l.now = l.now.Add(review.UndoLife)
		if err := l.Prepare(t.Context(), l.of(d).ID); (err != nil) != c.waits {
			t.Errorf("%+v: %v", c.held, err)
		}
		l.now = l.now.Add(10 * time.Minute)
		l.must(l.Prepare(t.Context(), l.of(d).ID))
		plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, l.of(d).ID)), l.secret["fire"])
		l.must(err)
		if files := unpack(t, plain); (len(files["attachments/01.pdf"]) > 0) != c.within {
			t.Errorf("%+v: %d bytes of it", c.held, len(files["attachments/01.pdf"]))
		}
	}
}

func TestAFilesNameNeverMakesTheDepartmentStartIt(t *testing.T) {
	l := newLine(t)
	var files []intake.StagedFile
	for _, name := range []string{"invoice.pdf.exe", "page.HTML", "photo.JPEG"} {
		f, err := l.in.Stage(t.Context(), name, bytes.NewReader(mediatest.Outlook("only text, whatever its name says")))
		l.must(err)
		files = append(files, f)
	}
	a, err := l.in.Submit(t.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: story}, Files: files})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	l.copied(a.Report)
	f := l.refer(a.Report, "fire")
	plain, err := seal.OpenAge(bytes.NewReader(l.fetch(l.fire, f.ID)), l.secret["fire"])
	l.must(err)
	got := unpack(t, plain)
	kinds := map[string]int{}
	for name := range got {
		if strings.HasPrefix(name, "attachments/") {
			kinds[filepath.Ext(name)]++
		}
	}
	if kinds[".pdf"] != 3 || len(kinds) != 1 {
		t.Errorf("%v", kinds)
	}
}
