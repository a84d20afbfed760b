package media_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/media/mediatest"
)

// listOf is a list that has files, as "heed hash" prints them.
func listOf(t *testing.T, note string, files ...[]byte) *known.List {
	t.Helper()
	var lines []string
	for _, b := range files {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		some, err := media.HashFile(t.Context(), f, note)
		if err := errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, some...)
	}
	l, err := known.Parse("list", strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAFileOnTheHoaxListIsShownWithItsNoteAndOneThatNobodyIsToSeeIsSeenByNobody(t *testing.T) {
	tool(t, "vipsthumbnail")
	hoax, worse, other, letter := photograph(t, 1), photograph(t, 2), photograph(t, 3), loaded("Read this.")
	again := func(b []byte) []byte {
		return made(t, b, "jpeg", "ffmpeg", "-loglevel", "error", "-y", "-i", "FROM", "-vf", "crop=iw*0.94:ih*0.95:iw*0.03:ih*0.02,scale=240:-1", "-q:v", "12", "-f", "mjpeg", "MADE")
	}
	film := made(t, worse, "mp4", "ffmpeg", "-loglevel", "error", "-y", "-loop", "1", "-t", "2", "-i", "FROM", "-vf", "scale=320:240", "-pix_fmt", "yuv420p", "-c:v", "libx264", "MADE")
	l := onOneStore(t)
	lead := &heed.Staff{ID: heed.NewID(l.now), Name: "lea", Roles: []heed.Role{heed.RoleLead}, Language: "en", CreatedAt: l.now}
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.AddStaff(l.Context(), lead) }))
	cfg := l.config
	cfg.Known = media.Known{Hoax: listOf(t, "shark of 2025", hoax), Abuse: listOf(t, "series 7", worse, letter)}
	l.media = media.New(cfg)
	for _, c := range []struct {
		what, name string
		file       []byte
		code       string
		notes      int
	}{
		{"a hoax as it is listed", "a.png", hoax, "", 1},
		{"a hoax encoded anew", "b.jpg", again(hoax), "", 1},
		{"another picture", "c.png", other, "", 0},
		{"what nobody is to see, encoded anew", "d.jpg", again(worse), heed.CopyWithheld, 1},
		{"a letter that nobody is to see", "e.pdf", letter, heed.CopyWithheld, 1},
		{"a film that shows it", "f.mp4", film, heed.CopyWithheld, 1},
	} {
		report, f := l.sent("My neighbour's dog barks the whole night.", c.name, c.file)
		l.copies(f)
		f = l.file(report)
		if f.CopyCode != c.code || len(f.Details.Known) != c.notes || l.leaves(report, audit.FileKnown) != c.notes {
			l.Errorf("%s: %q, known as %q, %d leaves", c.what, f.CopyCode, f.Details.Known, l.leaves(report, audit.FileKnown))
			continue
		}
		told, looks := 0, 0
		l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
			all, err := tx.Announcements(l.Context(), lead.ID, 100)
			for _, a := range all {
				if a.Code == "withheld" && a.About == report {
					told++
				}
			}
			kept, failed := tx.Looks(l.Context(), report)
			looks = len(kept)
			return errors.Join(err, failed)
		}))
		if c.code == "" {
			if told != 0 || looks != 1 || c.notes == 1 && f.Details.Known[0] != "shark of 2025" {
				l.Errorf("%s: the lead is told %d times, %d looks, %q", c.what, told, looks, f.Details.Known)
			}
			continue
		}
		if told != 1 || looks != 0 || f.Copy.Blob != "" || f.Transcript != nil || bytes.Contains(f.Copy.Details, []byte("series")) {
			l.Errorf("%s: the lead is told %d times, %d looks, %+v", c.what, told, looks, f.Copy)
		}
		if _, _, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("%s: its copy: %v", c.what, err)
		}
	}
}

func TestOfAWithheldFileThoseAreToldWhoMayKnowOfItsReport(t *testing.T) {
	l := onOneStore(t)
	ctx := l.Context()
	account := func(name string, role heed.Role, disabled bool, categories ...string) heed.ID {
		s := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: []heed.Role{role}, Language: "en", CreatedAt: l.now, Categories: categories, Disabled: disabled}
		l.must(l.store.Update(ctx, func(tx heed.Tx) error { return tx.AddStaff(ctx, s) }))
		return s.ID
	}
	file := mediatest.Outlook("worse")
	cfg := l.config
	cfg.Known = media.Known{Abuse: listOf(t, "series 7", file)}
	l.media = media.New(cfg)
	told := func(want map[heed.ID]string) {
		t.Helper()
		report, f := l.sent("Somebody sent me this.", "a.msg", file)
		before := map[heed.ID]int{}
		heard := func(each func(id heed.ID, all []*heed.Announcement)) {
			l.must(l.store.View(ctx, func(tx heed.Tx) error {
				staff, err := tx.AllStaff(ctx)
				for _, a := range staff {
					all, failed := tx.Announcements(ctx, a.ID, 100)
					err = errors.Join(err, failed)
					each(a.ID, all)
				}
				return err
			}))
		}
		heard(func(id heed.ID, all []*heed.Announcement) { before[id] = len(all) })
		l.copies(f)
		heard(func(id heed.ID, all []*heed.Announcement) {
			code := want[id]
			if n := len(all) - before[id]; (n == 1) != (code != "") || n > 1 {
				t.Errorf("%s is told %d times", id, n)
			}
			for _, a := range all {
				if about := map[string]heed.ID{"withheld": report, "withheld-unled": ""}[code]; len(all) == 1 && code != "" && (a.Code != code || a.About != about) {
					t.Errorf("%s is told %s of %q", id, a.Code, a.About)
				}
			}
		})
	}
	account("max", heed.RoleLead, false, "corruption")
	account("oda", heed.RoleLead, true)
	admin, overseer := account("ada", heed.Admin, false), account("otto", heed.Overseer, false)
	told(map[heed.ID]string{admin: "withheld-unled", overseer: "withheld-unled"})
	lead := account("lea", heed.RoleLead, false)
	told(map[heed.ID]string{lead: "withheld"})
}
