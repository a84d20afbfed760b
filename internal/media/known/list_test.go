package known_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/media/look"
)

func TestAListIsReadLineByLineAndItsFaultsNameTheirLine(t *testing.T) {
	sum := sha256.Sum256([]byte("a file"))
	eye, g := look.NewEye(), &look.Grey{}
	for i := range g {
		g[i] = byte(i*i/64 ^ i*7)
	}
	print, err := eye.Keep(g).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# of this year\n\nsha256 " + strings.ToUpper(hex.EncodeToString(sum[:])) + " the shark on the motorway\r\n  heed-p1 " + hex.EncodeToString(print) + "\n")
	l, err := known.Load(path)
	if err != nil || l.Size() != 2 || !l.HasPictures() {
		t.Fatalf("%d hashes: %v", l.Size(), err)
	}
	if e, found := l.File(sum[:]); !found || e.Note != "the shark on the motorway" || e.Share != 1 {
		t.Errorf("the file is %+v, %v", e, found)
	}
	if e, found := l.Shown(eye.Ask(g, true)); !found || e.Note != "" || e.Share < 0.99 {
		t.Errorf("the picture is %+v, %v", e, found)
	}
	sum[0]++
	if _, found := l.File(sum[:]); found {
		t.Error("another file is found")
	}

	canary := strings.Repeat("ab", 31) + "zz"
	write("sha256 " + canary + "\nmd5 00\nsha256 00\n# fine\nheed-p1 00\nheed-p1 " + strings.Repeat("00", look.PictureSize) + "\nsha256 " + strings.Repeat("00", 32) + " turned \u202e round\n")
	_, err = known.Load(path)
	var faults *known.Faults
	if !errors.As(err, &faults) || !errors.Is(err, heed.ErrInvalid) || len(faults.List) != 6 || strings.Contains(err.Error(), canary) {
		t.Fatalf("%v", err)
	}
	for i, line := range []int{1, 2, 3, 5, 6, 7} {
		if faults.List[i].Line != line {
			t.Errorf("fault %d is at line %d: %s", i, faults.List[i].Line, faults.List[i].Message)
		}
	}
	write("# fine\n\n" + strings.Repeat("x", 1<<20))
	if _, err := known.Load(path); !errors.As(err, &faults) || len(faults.List) != 1 || faults.List[0].Line != 3 {
		t.Errorf("an endless line: %v", err)
	}
	if none, err := known.Load(""); err != nil || none.Size() != 0 || none.HasPictures() {
		t.Errorf("no list: %v", err)
	}
}
