package desk_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/review"
)

// taken is a picture that says where and with what it was taken (Exif 2.32, 4.6.6).
func (l *line) taken() []byte {
	l.t.Helper()
	var drawn bytes.Buffer
	l.must(jpeg.Encode(&drawn, image.NewGray(image.Rect(0, 0, 64, 48)), nil))
	tiff := "II*\x00\x08\x00\x00\x00" +
		"\x02\x00" + // IFD 0: the camera's model, and where the GPS IFD is
		"\x10\x01\x02\x00\x0b\x00\x00\x00\x26\x00\x00\x00" + "\x25\x88\x04\x00\x01\x00\x00\x00\x32\x00\x00\x00" + "\x00\x00\x00\x00" +
		"canary4711\x00\x00" +
		"\x02\x00" + // GPS: north, 48°
		"\x01\x00\x02\x00\x02\x00\x00\x00N\x00\x00\x00" + "\x02\x00\x05\x00\x03\x00\x00\x00\x50\x00\x00\x00" + "\x00\x00\x00\x00" +
		"\x30\x00\x00\x00\x01\x00\x00\x00\x33\x00\x00\x00\x01\x00\x00\x00\x09\x00\x00\x00\x01\x00\x00\x00"
	segment := "Exif\x00\x00" + tiff
	head := []byte{0xff, 0xd8, 0xff, 0xe1, byte((len(segment) + 2) >> 8), byte(len(segment) + 2)}
	return slices.Concat(head, []byte(segment), drawn.Bytes()[2:])
}

// released is a report whose picture the lead lea released to the Department, with the page that says so.
type released struct {
	report, file heed.ID
	receipt      string
	lea          *browser
	page         page
}

func (l *line) released(department string) released {
	l.t.Helper()
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(l.t.Context(), l.clock()))
	r := released{lea: l.signIn("lea", heed.RoleLead)}
	r.report, r.file, r.receipt = l.sent(l.t, "yard.JPG", l.taken())
	asked := r.lea.asksFor(r.report, r.file).path
	if p := dana.approves(asked); p.status != http.StatusOK {
		l.t.Fatalf("approving answers %d: %s", p.status, p.text())
	}
	r.page = r.lea.post(asked+"/release", "department", department)
	return r
}

// packed refers the report and gives what the Department finds in its package, by name.
func (l *line) packed(report heed.ID, by *browser) map[string][]byte {
	l.t.Helper()
	if p := by.post("/reports/"+string(report)+"/dispose", "kind", "refer", "department", "fire-safety", "reason", "Drums near a school", "source", "B", "certainty", "2"); p.status != http.StatusOK {
		l.t.Fatalf("referring answers %d: %s", p.status, p.text())
	}
	l.wait(review.UndoLife + time.Second)
	ref := l.referralOf(report)
	l.must(l.referral.Prepare(l.t.Context(), ref))
	l.must(l.referral.Prepare(l.t.Context(), ref)) // at least once
	opened, err := age.Decrypt(strings.NewReader(l.signIn("omar", heed.Liaison).post("/referrals/"+string(ref)+"/package").body), l.key)
	l.must(err)
	files := map[string][]byte{}
	for in := tar.NewReader(opened); ; {
		head, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		l.must(err)
		files[head.Name], err = io.ReadAll(in)
		l.must(err)
	}
}

func TestAVoiceIsNamedByItsKindInAPackage(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	sound := call(2)
	report, file, _ := l.sent(t, "a call", []byte(sound))
	lea := l.signIn("lea", heed.RoleLead)
	asked := lea.asksFor(report, file).path
	if p := dana.approves(asked); p.status != http.StatusOK {
		t.Fatalf("approving answers %d: %s", p.status, p.text())
	}
	if p := lea.post(asked+"/release", "department", "fire-safety"); p.status != http.StatusOK {
		t.Fatalf("releasing it answers %d: %s", p.status, p.text())
	}
	files := l.packed(report, lea)
	if string(files["originals/01.au"]) != sound || len(files["attachments/01.mp3"]) == 0 {
		t.Errorf("the voice has %d bytes, its copy %d", len(files["originals/01.au"]), len(files["attachments/01.mp3"]))
	}
}

// tells reports whether anything in the package says where and with what the picture was taken.
func tells(files map[string][]byte) bool {
	for name, b := range files {
		if strings.HasPrefix(name, "originals/") || bytes.Contains(b, []byte("canary4711")) || bytes.Contains(b, []byte("Exif")) || bytes.Contains(b, []byte(`"original`)) && name != "README.txt" {
			return true
		}
	}
	return false
}

func TestALeadPutsAnOriginalIntoADepartmentsPackageBesideItsCopyWithTheHashesOfBoth(t *testing.T) {
	onBothStores(t, func(l *line) {
		t := l.t
		r := l.released("fire-safety")
		if r.page.status != http.StatusOK || !strings.Contains(r.page.text(), "into the next package for") || strings.Contains(r.page.body, "/release") || strings.Contains(r.page.body, "/see") {
			t.Fatalf("releasing it answers %d: %s", r.page.status, r.page.text())
		}
		if p := r.lea.post(r.page.path + "/see"); p.status == http.StatusOK || strings.Contains(p.body, "canary4711") {
			t.Errorf("taking what was released answers %d", p.status)
		}
		if got := l.status(r.receipt); len(got.Disclosed) != 1 || !got.Disclosed[0].Department || !got.Disclosed[0].Waits || got.Seen() || !got.CanTakeBack {
			t.Errorf("before the package is made the reporter is told %+v", got.Disclosed)
		}
		files := l.packed(r.report, r.lea)
		if !bytes.Equal(files["originals/01.jpg"], l.taken()) {
			t.Fatalf("the original has %d bytes", len(files["originals/01.jpg"]))
		}
		if b := files["attachments/01.jpg"]; len(b) == 0 || bytes.Contains(b, []byte("canary4711")) {
			t.Errorf("the copy has %d bytes, or says with what it was taken", len(b))
		}
		l.signed(files)
		if got := strings.Join(l.acts(r.report), " "); got != "disclosure.asked disclosure.approved disclosure.released disclosure.handed" {
			t.Errorf("the leaves say %s", got)
		}
		if d := l.disclosure(r.page.path); d.State != heed.DisclosureHanded || d.Sealed != nil || d.Department != "fire-safety" {
			t.Errorf("it is %s for %s and still sealed: %v", d.State, d.Department, d.Sealed != nil)
		}
		if got := l.status(r.receipt); len(got.Disclosed) != 1 || !got.Disclosed[0].Department || got.Disclosed[0].Waits || !got.Seen() {
			t.Errorf("the reporter is told %+v", got.Disclosed)
		}
		if p := r.lea.get("/reports/" + string(r.report)); !strings.Contains(p.text(), "A file went into a department’s package as it was sent") {
			t.Errorf("the report's history: %s", p.text())
		}
	})
}

// signed checks that the line's signature holds over the hashes of the original and of its copy, and that report.json and report.html say the same.
func (l *line) signed(files map[string][]byte) {
	l.t.Helper()
	block, _ := pem.Decode(files["line-key.pem"])
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	l.must(err)
	if !ed25519.Verify(key.(ed25519.PublicKey), append([]byte("heed package/1\n"), files["manifest.json"]...), files["manifest.sig"]) {
		l.t.Error("the manifest's signature doesn't hold")
	}
	var manifest struct {
		Files []struct {
			Name, SHA256 string
			Size         int
			OriginalOf   string `json:"original_of"`
		}
	}
	l.must(json.Unmarshal(files["manifest.json"], &manifest))
	found := 0
	for _, f := range manifest.Files {
		sum := sha256.Sum256(files[f.Name])
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != len(files[f.Name]) || (f.OriginalOf != "") != (f.Name == "originals/01.jpg") || f.OriginalOf != "" && f.OriginalOf != "attachments/01.jpg" {
			l.t.Errorf("the manifest says %+v", f)
		}
		if f.Name == "originals/01.jpg" || f.Name == "attachments/01.jpg" {
			found++
		}
	}
	if found != 2 {
		l.t.Errorf("the manifest lists %d of the two", found)
	}
	sum := sha256.Sum256(l.taken())
	var report struct {
		Attachments []struct {
			File     string
			Copy     bool
			Original struct {
				File, Type, SHA256 string
				Size               int
			}
		}
	}
	l.must(json.Unmarshal(files["report.json"], &report))
	a := report.Attachments[0]
	if o := a.Original; !a.Copy || a.File != "attachments/01.jpg" || o.File != "originals/01.jpg" || o.Type != "image/jpeg" || o.Size != len(l.taken()) || o.SHA256 != hex.EncodeToString(sum[:]) {
		l.t.Errorf("report.json says %+v", a)
	}
	if !bytes.Contains(files["report.html"], []byte(hex.EncodeToString(sum[:]))) {
		l.t.Error("report.html doesn't list the original")
	}
}

func TestAReleasedOriginalStaysOutOfThePackageOnceItIsNotToBeHandedOnAnyMore(t *testing.T) {
	for name, c := range map[string]struct {
		before func(l *line, r released)
		state  heed.DisclosureState
	}{
		"its day is erased": {func(l *line, r released) {
			l.wait(l.clock().UTC().Truncate(24*time.Hour).AddDate(0, 0, 7).Add(time.Minute).Sub(l.clock()))
			_, err := l.days.EraseDue(l.t.Context(), l.clock())
			l.must(err)
			r.lea.post("/sign-in", "name", "lea", "passphrase", passphrase)
		}, heed.DisclosureLapsed},
		"its reporter took it back": {func(l *line, r released) {
			m, err := l.intake.Open(l.t.Context(), r.receipt)
			l.must(err)
			l.must(m.TakeBack(l.t.Context()))
		}, heed.DisclosureTakenBack},
		"a part of it is covered": {func(l *line, r released) {
			lea := l.account("lea")
			l.must(l.review.Redact(l.t.Context(), lea, r.report, r.file, 0, []heed.Mark{{Width: heed.Whole / 2, Height: heed.Whole}}))
			args, err := json.Marshal(review.RedactArgs{Attachment: r.file, Version: 1})
			l.must(err)
			l.must(l.media.HandleRedact(l.t.Context(), args))
		}, heed.DisclosureReleased},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			r := l.released("fire-safety")
			if r.page.status != http.StatusOK || l.disclosure(r.page.path).State != heed.DisclosureReleased {
				t.Fatalf("releasing it answers %d: %s", r.page.status, r.page.text())
			}
			c.before(l, r)
			files := l.packed(r.report, r.lea)
			if len(files["attachments/01.jpg"]) == 0 || tells(files) {
				t.Error("the package has it, or not even the copy")
			}
			if d := l.disclosure(r.page.path); d.State != c.state || (d.Sealed != nil) != (c.state == heed.DisclosureReleased) {
				t.Errorf("it is %s, sealed %v", d.State, d.Sealed != nil)
			}
		})
	}
}

func TestNobodyButALeadWhoAskedInThatBrowserReleasesAnOriginalAndNoneOfWhichAPartIsCovered(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	report, file, _ := l.sent(t, "yard.jpg", l.taken())
	amira, lea, lou := l.signIn("amira", heed.Specialist), l.signIn("lea", heed.RoleLead), l.signIn("lou", heed.RoleLead)
	hers, leas := amira.asksFor(report, file).path, lea.asksFor(report, file).path
	if p := lea.get(leas); strings.Contains(p.body, "/release") {
		t.Error("it is offered before it is approved")
	}
	for _, path := range []string{hers, leas} {
		if p := dana.approves(path); p.status != http.StatusOK {
			t.Fatalf("approving answers %d: %s", p.status, p.text())
		}
	}
	if p := amira.get(hers); p.status != http.StatusOK || strings.Contains(p.body, "/release") {
		t.Errorf("a specialist's page answers %d, or offers it", p.status)
	}
	if p := amira.post(hers+"/release", "department", "fire-safety"); p.status != http.StatusForbidden {
		t.Errorf("a specialist's release answers %d", p.status)
	}
	if p := lou.post(leas+"/release", "department", "fire-safety"); p.status != http.StatusNotFound {
		t.Errorf("another lead's release answers %d", p.status)
	}
	if p := lea.get(leas); !strings.Contains(p.body, leas+"/release") || !strings.Contains(p.text(), "It holds traces of who sent it") {
		t.Errorf("the lead's page answers %d: %s", p.status, p.text())
	}
	for _, none := range []string{"", "nowhere"} {
		if p := lea.post(leas+"/release", "department", none); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#department"`) {
			t.Errorf("releasing it to %q answers %d: %s", none, p.status, p.text())
		}
	}
	elsewhere := l.browser()
	elsewhere.post("/sign-in", "name", "lea", "passphrase", passphrase)
	if p := elsewhere.post(leas+"/release", "department", "fire-safety"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "Only the browser in which you asked") {
		t.Errorf("releasing it in another browser answers %d: %s", p.status, p.text())
	}
	refused := func(when, why string) {
		t.Helper()
		p := lea.post(leas+"/release", "department", "fire-safety")
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), why) || !strings.Contains(p.body, `value="fire-safety" selected`) {
			t.Errorf("%s releasing it answers %d: %s", when, p.status, p.text())
		}
		if d := l.disclosure(leas); d.State != heed.DisclosureApproved || d.Department != "" {
			t.Errorf("%s it is %s", when, d.State)
		}
	}
	l.must(l.review.Redact(t.Context(), l.account("lea"), report, file, 0, []heed.Mark{{Width: heed.Whole / 2, Height: heed.Whole}}))
	refused("covered in part", "A part of this file is covered")
	l.must(l.review.Redact(t.Context(), l.account("lea"), report, file, 1, nil))
	var copied *heed.SafeCopy
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		copied, err = tx.SafeCopy(t.Context(), file)
		return err
	}))
	put := func(c heed.SafeCopy) {
		c.Attachment, c.Report = file, report
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.PutSafeCopy(t.Context(), &c) }))
	}
	put(heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyUnreadable})
	refused("without a copy", "no safe copy")
	put(heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyMalware})
	refused("with malware", "no safe copy")
	put(heed.SafeCopy{State: heed.CopyFailed, Code: heed.CopyWithheld})
	if p := lea.post(leas+"/release", "department", "fire-safety"); p.status == http.StatusOK || l.disclosure(leas).State != heed.DisclosureApproved {
		t.Errorf("withheld, releasing it answers %d", p.status)
	}
	put(*copied)
	if p := lea.post(leas+"/release", "department", "fire-safety"); p.status != http.StatusOK || l.disclosure(leas).State != heed.DisclosureReleased {
		t.Errorf("whole again, releasing it answers %d: %s", p.status, p.text())
	}
}

// meanwhile does something once when a blob is opened.
type meanwhile struct {
	blob.Store
	of string
	do func()
}

func (m *meanwhile) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	if do := m.do; key == m.of && do != nil {
		m.do = nil
		do()
	}
	return m.Store.Open(ctx, key)
}

func TestAnOriginalThatIsTakenBackOrCoveredWhileThePackageIsMadeIsNotInIt(t *testing.T) {
	for name, do := range map[string]func(l *line, r released){
		"taken back": func(l *line, r released) {
			m, err := l.intake.Open(l.t.Context(), r.receipt)
			l.must(err)
			l.must(m.TakeBack(l.t.Context()))
		},
		"covered": func(l *line, r released) {
			l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
				mark := &heed.Redaction{Attachment: r.file, Report: r.report, By: "lea", At: l.clock(), Marks: []byte("sealed")}
				if err := tx.PutRedaction(l.t.Context(), mark); err != nil {
					return err
				}
				return tx.FinishRedaction(l.t.Context(), mark.Version, &heed.SafeCopy{Attachment: r.file, Report: r.report, State: heed.CopyFailed, Code: heed.CopyUnreadable})
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			blobs := &meanwhile{}
			l := newLine(t, func(l *line) { l.wrap = func(s blob.Store) blob.Store { blobs.Store = s; return blobs } })
			r := l.released("fire-safety")
			blobs.of, blobs.do = l.attachment(r.file).Blob, func() { do(l, r) }
			files := l.packed(r.report, r.lea)
			if blobs.do != nil || tells(files) || len(files["report.json"]) == 0 {
				t.Errorf("the package has the original, or nobody opened that: %v", blobs.do != nil)
			}
		})
	}
}

// Whoever can write to the store, and to nothing else, sends what was released to another Department.
func TestForWhomAnOriginalIsReleasedIsNotExchangedInTheStore(t *testing.T) {
	l, exchange := newLineToWriteTo(t)
	r := l.released("police-liaison")
	exchange(l.disclosure(r.page.path).ID, "department", "fire-safety")
	if files := l.packed(r.report, r.lea); tells(files) || len(files["attachments/01.jpg"]) == 0 {
		t.Error("another department has it, or the package lacks the copy")
	}
}
