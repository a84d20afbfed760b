package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/blob/s3test"
)

func TestALineInPartsKeepsItsFilesInABucket(t *testing.T) {
	server := s3test.Start(t)
	s := startSplitAt(t, server.Bucket("line"))
	profile := s.testLine.args[len(s.testLine.args)-1]
	other := startProcess(t, filepath.Join(t.TempDir(), "other"), s.portalArgs(profile, s.auditKey)...)

	// A film comes by two portals, and its server dies meanwhile.
	content := longStory(9 << 20)
	path := s.portal.beginUpload("story.txt", len(content))
	s.portal.sendOn(path, 0, content[:5<<20])
	server.Kill()
	refused := other.tus("PATCH", other.public+path, content[5<<20:], "Upload-Offset", "5242880")
	if refused.status != http.StatusInsufficientStorage || !strings.Contains(string(refused.body), "no room for files") {
		t.Errorf("without the bucket: %d %s", refused.status, refused.body)
	}
	if a := s.ask("POST", s.public+"/api/v1/reports", map[string]any{"text": "The lift in Mill Lane falls a floor whenever somebody leaves it."}); a.status != http.StatusCreated {
		t.Errorf("words alone, without the bucket: %d %s", a.status, a.body)
	}
	if said, _, code := s.try("doctor"); code != exitFailed || !strings.Contains(said, "no answer of the S3 server at "+server.Host) {
		t.Errorf("the doctor, without the bucket: %d\n%s", code, said)
	}
	server.Restart()
	if at := other.uploadedTo(path); at != 5<<20 {
		t.Fatalf("it goes on at %d", at)
	}
	other.sendOn(path, 5<<20, content[5<<20:])
	token := s.addStaff("amira", "specialist")
	eventually(t, time.Minute, "the words in the queue", func() bool { return len(s.reports(t, token, "?state=queued")) == 1 })
	before := s.reports(t, token, "?state=queued")[0].ID

	// The picture comes in a form, so that the report has both.
	body, contentType := form(t, map[string]string{"text": told, "uploads": path}, namedFile{"cabinet.png", photograph("maker 4711")})
	if a := s.ask("POST", s.public+"/api/v1/reports", bytes.NewReader(body), "Content-Type", contentType); a.status != http.StatusCreated {
		t.Fatalf("%d %s", a.status, a.body)
	}
	id := ""
	eventually(t, time.Minute, "the report in the queue", func() bool {
		for _, r := range s.reports(t, token, "?list=review") { // in quarantine for its story, of which no copy can be made
			if r.ID != before {
				id = r.ID
			}
		}
		return id != ""
	})
	amira := colleague{s.testLine, t, token}
	copied := amira.copyOf(id, "cabinet.png")
	story := amira.attachment(id, "story.txt")
	if got, err := io.ReadAll(s.original(t, story.ID)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("another story of %d bytes arrived: %v", len(got), err)
	}
	if said, _, code := s.try("doctor"); code != exitDone || !strings.Contains(said, server.Host+"/line answers") || !strings.Contains(said, "private, and it forgets") {
		t.Errorf("the doctor: %d\n%s", code, said)
	}

	// A backup brings the copies to a line with another bucket.
	b, kept := s.backUp(t), len(server.Objects("line"))
	if kept == 0 {
		t.Fatal("the bucket is empty")
	}
	if _, said, code := s.try(append([]string{"restore", b.data, "--key-archive", b.keys}, withValue("--blobs", s.testLine.args)...)...); code != exitUsage || !strings.Contains(said, "holds sealed files already") {
		t.Errorf("beside files that are there: %d %s", code, said)
	}
	again, _ := b.restored(t, time.Now, append(anotherStore(t, []string{"--store"}), "--blobs", server.Bucket("restored"), "--profile", profile), "--key-archive", b.keys, "--recovery-key", b.recovery)
	amira = colleague{again, t, again.addStaff("nora", "specialist")}
	if got := amira.copyOf(id, "cabinet.png"); !bytes.Equal(got, copied) {
		t.Errorf("after the restore: %d bytes, then %d", len(copied), len(got))
	}
}

// attached is a file of a report, as the staff API tells of it.
type attached struct {
	ID, Name string
	Size     int
	View     *string
}

func (c colleague) attachment(report, name string) attached {
	c.t.Helper()
	var full struct{ Attachments []attached }
	c.ask("GET", "/reports/"+report, nil).into(c.t, &full)
	for _, a := range full.Attachments {
		if a.Name == name {
			return a
		}
	}
	c.t.Fatalf("%s isn't among %+v", name, full.Attachments)
	return attached{}
}

// copyOf waits for the safe copy of a report's file and gives it.
func (c colleague) copyOf(report, name string) []byte {
	c.t.Helper()
	var file attached
	eventually(c.t, time.Minute, "the copy of "+name, func() bool {
		file = c.attachment(report, name)
		return file.View != nil
	})
	a := c.l.ask("GET", c.l.desk+*file.View, nil, "Authorization", "Bearer "+c.token)
	if a.status != http.StatusOK || len(a.body) == 0 {
		c.t.Fatalf("%d %s", a.status, a.body)
	}
	return a.body
}

func TestPartsOfFilesWaitInMemoryOnlyWhereTheyCanWaitNowhereElse(t *testing.T) {
	const memory = "/dev/shm"
	if !inMemory(memory) {
		if os.Getenv("CI") == "true" {
			t.Fatal(memory + " is no folder in memory")
		}
		t.Skip(memory + " is no folder in memory")
	}
	disk := ""
	for _, folder := range []string{os.TempDir(), "/var/tmp", "."} {
		made, err := os.MkdirTemp(folder, "heed-")
		if err != nil {
			continue
		}
		t.Cleanup(func() { os.Remove(made) })
		if !inMemory(made) {
			disk = made
			break
		}
	}
	if disk == "" {
		t.Skip("no folder outside of memory may be written")
	}
	for _, c := range [][3]string{{memory, "/nowhere", memory}, {memory, disk, disk}, {disk, memory, disk}, {memory, memory, memory}} {
		if got := spoolIn(c[0], c[1]); got != c[2] {
			t.Errorf("beside %s and %s they wait in %s", c[0], c[1], got)
		}
	}
	t.Setenv("TMPDIR", memory)
	if got := (&lineFlags{Data: t.TempDir()}).spoolDir(); got != memory {
		t.Errorf("where the operator said, they wait in %s", got)
	}
}
