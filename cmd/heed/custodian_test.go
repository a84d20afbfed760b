package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

const apartPassphrase = "eleven tin owls over the quay"

// machineApart is a folder with a Custodian's key and a request for it, and whoever sits there.
type machineApart struct {
	t             *testing.T
	dir           string
	code          seal.ApartCode
	audit, proof  *seal.Signer
	asker         *seal.PrivateKey
	request       seal.ApartRequest
	who           heed.Identity
	now           time.Time
	custodian     *seal.PublicKey
	key, file, in string
}

func newMachineApart(t *testing.T) *machineApart {
	t.Helper()
	m := &machineApart{
		t: t, dir: t.TempDir(), code: seal.NewApartCode(), audit: seal.GenerateSigner(), proof: seal.GenerateSigner(), asker: seal.GeneratePrivateKey(),
		who: heed.Identity{Name: "Ada Lovelace\x1b[2J\u202e", Phone: "+44 7700 900123", Address: "12 Mill Lane\nLondon", Text: "My number is 900123"}, now: time.Now(),
	}
	m.key, m.file = filepath.Join(m.dir, "ana.key"), filepath.Join(m.dir, "7k3f-92qx.heed-request")
	m.types(apartPassphrase, apartPassphrase)
	if _, errs, code := m.run("custodian", "key", "new", "--out", m.key); code != exitDone {
		t.Fatal(errs)
	}
	text, err := os.ReadFile(m.key + ".pub")
	m.must(err)
	m.custodian, err = seal.ParseCustodianPublic(text)
	m.must(err)
	day, report, disclosure, account := seal.GeneratePrivateKey(), heed.NewID(m.now), heed.NewID(m.now), heed.NewID(m.now)
	sealed, err := seal.SealIdentity(day.Public(), "city", report, "2026-11-26", m.who)
	m.must(err)
	seed, err := seal.WrapDaySeed(m.custodian, "city", "2026-11-26", account, day)
	m.must(err)
	proof, err := seal.WrapProof(m.custodian, "city", report, disclosure, m.proof.Seed())
	m.must(err)
	m.request = seal.ApartRequest{
		Line: "city", LineName: "City line", Report: report, Disclosure: disclosure, Custodian: account, Asker: "amira\x1b]0;x\x07", Class: heed.ReasonDanger,
		Words: "We must warn them", At: m.now, Until: m.now.Add(time.Hour), Key: m.asker.Public().Bytes(), Proof: proof,
		Identities: []seal.ApartIdentity{{Day: "2026-11-26", Sealed: sealed, Seeds: [][]byte{seed}}},
	}
	m.carry()
	return m
}

func (m *machineApart) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// carry puts the request's file there.
func (m *machineApart) carry() {
	m.t.Helper()
	file, err := seal.SealApart(m.audit, m.custodian, m.code, &m.request)
	m.must(err)
	m.must(os.WriteFile(m.file, file, 0o600))
}

// types is what is going to be typed, a line each.
func (m *machineApart) types(lines ...string) { m.in = strings.Join(lines, "\n") + "\n" }

func (m *machineApart) run(args ...string) (stdout, stderr string, code int) {
	m.t.Helper()
	var out, errs bytes.Buffer
	code = run(context.Background(), &surroundings{
		Args: args, Stdin: strings.NewReader(m.in), Stdout: &out, Stderr: &errs, Now: func() time.Time { return m.now },
	})
	return out.String(), errs.String(), code
}

func (m *machineApart) open(more ...string) (stdout, stderr string, code int) {
	m.t.Helper()
	return m.run(append([]string{"custodian", "open", "--key", m.key, m.file}, more...)...)
}

// refuses opens in vain: in words, without an answer and without a word of who the reporter is.
func (m *machineApart) refuses(what, words string, more ...string) {
	m.t.Helper()
	out, errs, code := m.open(more...)
	if code == exitDone || !strings.Contains(errs, words) {
		m.t.Errorf("%s: code %d\n%s", what, code, errs)
	}
	if out != "" || strings.Contains(errs, "Ada") || strings.Contains(errs, apartPassphrase) {
		m.t.Errorf("%s: it prints %q\n%s", what, out, errs)
	}
	if answers, err := filepath.Glob(filepath.Join(m.dir, "*.heed-answer")); err != nil || len(answers) > 0 {
		m.t.Fatalf("%s: it leaves %v, %v", what, answers, err)
	}
}

func TestARequestIsOpenedOnAMachineApartForWhoAskedAlone(t *testing.T) {
	m := newMachineApart(t)
	m.types(strings.ToLower(m.code.Grouped()), apartPassphrase, "yes", "yes")
	out, errs, code := m.open()
	if code != exitDone {
		t.Fatal(errs)
	}
	for _, shown := range []string{"City line", m.request.Report.Short(), "amira", "somebody's life or health", "We must warn them", seal.Fingerprint(m.audit.Verifier().Bytes())} {
		if !strings.Contains(errs, shown) {
			t.Errorf("it doesn't show %q:\n%s", shown, errs)
		}
	}
	if strings.ContainsAny(errs, "\x1b\x07") || strings.Contains(errs, "Ada") {
		t.Errorf("it steers the terminal, or tells who reported: %q", errs)
	}
	file, err := os.ReadFile(strings.TrimSpace(out))
	m.must(err)
	answer, err := seal.ParseApartAnswer(file)
	m.must(err)
	place := seal.AnswerPlace{Line: "city", Report: m.request.Report, Disclosure: m.request.Disclosure, Custodian: m.request.Custodian, Key: m.custodian}
	m.must(answer.Verify(m.proof.Verifier(), place))
	who, err := seal.OpenDisclosure(m.asker, "city", m.request.Report, m.request.Disclosure, answer.Sealed)
	if err != nil || len(who) != 1 || who[0] != m.who {
		t.Errorf("the answer holds %v, %v", who, err)
	}
	entries, err := os.ReadDir(m.dir)
	m.must(err)
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(m.dir, e.Name()))
		m.must(err)
		for _, secret := range []string{"Ada Lovelace", "900123", "amira", "warn them", apartPassphrase, string(m.code), m.code.Grouped()} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %q", e.Name(), secret)
			}
		}
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", e.Name(), info.Mode(), err)
		}
	}
	// From the second time on the line is known, and an answer that is there stays.
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	if _, errs, code := m.open(); code != exitUsage || !strings.Contains(errs, "is there already") {
		t.Errorf("over an answer: %d\n%s", code, errs)
	}
	if _, errs, code := m.open("--out", filepath.Join(m.dir, "again.heed-answer")); code != exitDone {
		t.Errorf("once more: %s", errs)
	}
}

func TestAnIdentityCanBeShownOnTheMachinesScreenAndNothingElse(t *testing.T) {
	m := newMachineApart(t)
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	out, errs, code := m.open("--show", "--audit-key", keystore.FormatAuditKey(m.audit.Verifier()))
	if code != exitDone || !strings.Contains(out, "Ada Lovelace") || !strings.Contains(out, "12 Mill Lane London") || !strings.Contains(out, "My number is") || strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("%d: %q\n%s", code, out, errs)
	}
	if entries, err := os.ReadDir(m.dir); err != nil || len(entries) != 3 { // the key's two files and the request
		t.Errorf("it leaves %v, %v", entries, err)
	}
}

// asksForAFile has the request be about a file as it was sent; key is of its frames.
func (m *machineApart) asksForAFile() (file heed.ID, key seal.Key) {
	m.t.Helper()
	day := seal.GeneratePrivateKey()
	file, key = heed.NewID(m.now), seal.NewKey()
	wrapped, err := seal.WrapFileKey(day.Public(), "city", &heed.Attachment{ID: file, Report: m.request.Report, Blob: "blobs/one", Day: "2026-11-26"}, seal.ByIdentity, key)
	m.must(err)
	seed, err := seal.WrapDaySeed(m.custodian, "city", "2026-11-26", m.request.Custodian, day)
	m.must(err)
	m.request.Identities = nil
	m.request.File = &seal.ApartFile{ID: file, Type: "audio/basic\x1b[2J", Size: 48000, Blob: "blobs/one", Day: "2026-11-26", Key: wrapped, Seeds: [][]byte{seed}, Malware: "Win.Trojan\x1b[2J"}
	m.carry()
	return file, key
}

func TestAFilesKeyIsGivenOnAMachineApartForWhoAskedAloneAndIsNeverShown(t *testing.T) {
	m := newMachineApart(t)
	file, key := m.asksForAFile()
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	m.refuses("to be shown", "isn't shown here", "--show", "--audit-key", keystore.FormatAuditKey(m.audit.Verifier()))
	m.types(m.code.Grouped(), apartPassphrase, "no")
	m.refuses("a no", "", "--audit-key", keystore.FormatAuditKey(m.audit.Verifier()))
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	out, errs, code := m.open("--audit-key", keystore.FormatAuditKey(m.audit.Verifier()))
	if code != exitDone || !strings.Contains(errs, "a file as the reporter sent it") || !strings.Contains(errs, "48000 bytes") || !strings.Contains(errs, "knows it as Win.Trojan") || strings.Contains(errs, "\x1b") {
		t.Fatalf("%d: %q", code, errs)
	}
	text, err := os.ReadFile(strings.TrimSpace(out))
	m.must(err)
	answer, err := seal.ParseApartAnswer(text)
	m.must(err)
	place := seal.AnswerPlace{Line: "city", Report: m.request.Report, Disclosure: m.request.Disclosure, Custodian: m.request.Custodian, Key: m.custodian}
	m.must(answer.Verify(m.proof.Verifier(), place))
	if got, err := seal.OpenDisclosedFile(m.asker, "city", m.request.Report, m.request.Disclosure, file, answer.Sealed); err != nil || got != key {
		t.Errorf("the answer: %v", err)
	}
	if bytes.Contains(text, key[:]) {
		t.Error("the answer holds the key in clear")
	}
	m.must(os.Remove(strings.TrimSpace(out)))
	m.request.File.Blob = "blobs/two"
	m.carry()
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	m.refuses("another file's key", "can't be opened with your key", "--audit-key", keystore.FormatAuditKey(m.audit.Verifier()))
}

func TestAMachineApartOpensNothingWithoutCodePassphraseLineAndWord(t *testing.T) {
	m := newMachineApart(t)
	auditKey := keystore.FormatAuditKey(m.audit.Verifier())
	m.types("0123", apartPassphrase)
	m.refuses("what is no code", "no code")
	m.types(seal.NewApartCode().Grouped(), apartPassphrase)
	m.refuses("another file's code", "code of its own")
	m.types(m.code.Grouped(), "another passphrase than that")
	m.refuses("a wrong passphrase", "passphrase doesn't open")
	m.types(m.code.Grouped(), apartPassphrase, "no")
	m.refuses("a line that isn't ours", "nothing was done")
	m.types(m.code.Grouped(), apartPassphrase, "no")
	m.refuses("a no", "nothing was done", "--audit-key", auditKey)
	m.types(m.code.Grouped(), apartPassphrase)
	m.refuses("no word at all", "nobody answered", "--audit-key", auditKey)
	m.types(m.code.Grouped(), apartPassphrase, "yes")
	m.refuses("another line than --audit-key", "another line", "--audit-key", keystore.FormatAuditKey(seal.GenerateSigner().Verifier()))
	m.must(os.WriteFile(m.key+".line", []byte(keystore.FormatAuditKey(seal.GenerateSigner().Verifier())+"\n"), 0o600))
	m.refuses("another line than before", "another line than those")
	m.must(os.Remove(m.key + ".line"))
	m.now = m.request.Until
	m.refuses("a request that lapsed", "lapsed", "--audit-key", auditKey)
	m.now = m.request.At
	m.request.Identities[0].Seeds = nil
	m.carry()
	m.refuses("an identity without a seed", "can't be opened with your key", "--audit-key", auditKey)
	m.custodian = seal.GeneratePrivateKey().Public()
	m.carry()
	m.refuses("another's request", "another key than yours", "--audit-key", auditKey)
	m.must(os.WriteFile(m.file, []byte("something else"), 0o600))
	m.refuses("another file", "no request")
	m.must(os.WriteFile(m.file, bytes.Repeat([]byte{6}, seal.MaxApart+10), 0o600))
	m.refuses("a long file", "no request")
	m.must(os.WriteFile(m.key, []byte("something else"), 0o600))
	m.refuses("another key file", "holds no Custodian's key")
}
