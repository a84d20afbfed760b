package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// helperProgram is a program of others.
type helperProgram struct{ program, debian, use string }

// voiceProgram speaks to callers.
var voiceProgram = helperProgram{"espeak-ng", "espeak-ng", "spoken prompts of the telephone channel"}

// outlookModule reads mails of Outlook's. It is a module of Perl's.
var outlookModule = helperProgram{"Email::Outlook::Message", "libemail-outlook-message-perl", "copies of Outlook's mails (.msg): without it they wait unseen, and are lost with their day"}

// helperPrograms are used where they are there; the line works without them.
var helperPrograms = []helperProgram{
	{"ffmpeg", "ffmpeg", "masking voices: without it recordings wait unheard, and are lost with their day"},
	{"vipsthumbnail", "libvips-tools", "copies of pictures: without it pictures wait unseen, and are lost with their day"},
	{"tesseract", "tesseract-ocr", "words in pictures and scanned documents (and a package for each language, such as tesseract-ocr-ara)"},
	{"pdftoppm", "poppler-utils", "copies of documents: without it they wait unseen, and are lost with their day"},
	{"soffice", "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui", "copies of office documents: without it they wait unseen, and are lost with their day"},
	voiceProgram,
	{"clamd", "clamav-daemon", "a malware scan of files"},
}

// examineRoom makes the room in which helper programs read what strangers sent, as the account that asks: ask as the worker's.
func (d *doctor) examineRoom(ctx context.Context) {
	if err := sandbox.Check(ctx); err != nil {
		d.note("room", "%v: no helper program reads a file, and recordings, pictures and documents are lost with their day (docs/media.md)", err)
		return
	}
	d.ok("room", "bubblewrap shuts in what reads strangers' files")
}

func (d *doctor) examineHelpers() {
	for _, h := range helperPrograms {
		d.examineHelper(h)
	}
}

// examineOutlook has Perl find outlookModule.
func (d *doctor) examineOutlook(ctx context.Context) {
	switch err := media.OutlookAble(ctx); {
	case err == nil:
		d.ok(outlookModule.program, "Perl has it")
	case !errors.Is(err, sandbox.ErrNoRoom): // which is told of all of them
		d.note(outlookModule.program, "not usable (%v; package %s); it is for %s", err, outlookModule.debian, outlookModule.use)
	}
}

func (d *doctor) examineHelper(h helperProgram) {
	if path, err := exec.LookPath(h.program); err == nil {
		d.ok(h.program, "%s", path)
	} else if d.calls && h == voiceProgram {
		d.fault(h.program, "not installed (package %s): callers hear nothing but your own recordings, and no Receipt without them", h.debian)
	} else {
		d.note(h.program, "not installed (package %s); it is for %s", h.debian, h.use)
	}
}

// Free space below which the line is in danger, and below which somebody should look.
const (
	diskFault = 1 << 30
	diskNote  = 10 << 30
)

func (d *doctor) examineDisk() {
	var disk unix.Statfs_t
	if err := unix.Statfs(d.flags.Data, &disk); err != nil {
		d.note("disk", "can't be measured: %v", err)
		return
	}
	free := int64(disk.Bavail) * int64(disk.Bsize)
	switch {
	case free < diskFault:
		d.fault("disk", "%d MiB free: a report could soon not be stored", free>>20)
	case free < diskNote:
		d.note("disk", "%d GiB free", free>>30)
	default:
		d.ok("disk", "%d GiB free", free>>30)
	}
}

// Copy-on-write file systems (statfs(2)) keep the old bytes when a key is overwritten.
var copyOnWrite = map[int64]string{0x9123683e: "btrfs", 0x2fc12fc1: "zfs", 0xca451a4e: "bcachefs"}

func (d *doctor) examineKeyPlace(dir string) {
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return // examineKeys says that it isn't there
	}
	if name, found := copyOnWrite[int64(disk.Type)]; found {
		d.note("key place", "%s keeps overwritten bytes: put the keystore on another file system (--keystore), and out of snapshots", name)
		return
	}
	d.ok("key place", "its file system overwrites in place; keep it out of snapshots and backups")
}

func (d *doctor) examineSwap() {
	text, err := os.ReadFile("/proc/swaps")
	if err != nil {
		d.note("swap", "can't be read: %v", err)
		return
	}
	var clear []string
	for _, entry := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		// A mapped device may be encrypted and zram never leaves memory; any other swap writes what memory held to a disk.
		if name, _, _ := strings.Cut(entry, " "); !strings.HasPrefix(name, "/dev/dm-") && !strings.HasPrefix(name, "/dev/mapper/") && !strings.HasPrefix(name, "/dev/zram") {
			clear = append(clear, strings.Fields(name)[0])
		}
	}
	if len(clear) > 0 {
		d.note("swap", "%s isn't encrypted: what a reporter writes could reach it; turn it off or encrypt it", strings.Join(clear, ", "))
		return
	}
	d.ok("swap", "no clear one")
}

func (d *doctor) examineClock() {
	// A clock before this program was written would give identities a wrong day.
	if written := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); d.s.Now().Before(written) {
		d.fault("clock", "it says %s", d.s.Now().UTC().Format(time.RFC3339))
		return
	}
	var state unix.Timex
	kernel, err := unix.Adjtimex(&state)
	if err != nil || kernel == unix.TIME_ERROR {
		d.note("clock", "%s, kept in step by nobody the system knows of: identities are erased by it, so run NTP", d.s.Now().UTC().Format(time.RFC3339))
		return
	}
	d.ok("clock", "%s, kept in step", d.s.Now().UTC().Format(time.RFC3339))
}

// certificateNotice is how long before its end a certificate is spoken of.
const certificateNotice = 14 * 24 * time.Hour

func (d *doctor) examineTLS() {
	if d.tlsCert == "" {
		d.note("TLS", "no --tls-cert given to look at; without one or a proxy the line answers on loopback only")
		return
	}
	certificate, err := readCertificate(d.tlsCert)
	if err != nil {
		d.fault("TLS", "%v", err)
		return
	}
	left := certificate.NotAfter.Sub(d.s.Now())
	switch {
	case left <= 0:
		d.fault("TLS", "the certificate ended on %s", certificate.NotAfter.Format(time.DateOnly))
	case left < certificateNotice:
		d.note("TLS", "the certificate ends on %s", certificate.NotAfter.Format(time.DateOnly))
	default:
		d.ok("TLS", "the certificate holds until %s", certificate.NotAfter.Format(time.DateOnly))
	}
}

func readCertificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	// The key may lie where only the service can read it; the certificate alone tells its end.
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
	return nil, fmt.Errorf("%s holds no certificate", file)
}

// examineFolder checks that the data folder is there and its owner's alone.
func (d *doctor) examineFolder() bool {
	info, err := os.Stat(d.flags.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fault("data", "%s isn't there: heed serve creates it", d.flags.Data)
		return false
	case err != nil:
		d.fault("data", "%v", err)
		return false
	case info.Mode().Perm()&0o077 != 0:
		d.fault("data", "%s can be entered by others (%v): chmod 700 it", d.flags.Data, info.Mode().Perm())
	default:
		d.ok("data", "%s", d.flags.Data)
	}
	return true
}
