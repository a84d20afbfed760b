package desk

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
)

// Watched reports whether the file's copy is a film; a film without pictures is heard as a recording.
func (f fileView) Watched() bool {
	return f.Film() && (f.CopyCode != "" || f.Copy != nil && strings.HasPrefix(f.Copy.Type, "video/"))
}

// still is a picture from a film.
type still struct {
	Number int // from 0 on
	At     int64
	Label  string // as a player says it
}

// Stills are the pictures that stand below a film.
func (f fileView) Stills() (all []still) {
	for i, k := range f.Details.Frames {
		all = append(all, still{i, k.At, playTime(time.Duration(k.At) * time.Millisecond)})
	}
	return all
}

// playTime is as players write it: 0:07, 1:02:03.
func playTime(d time.Duration) string {
	s := int(d / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// Wave draws how loud a film or a recording is, as the path of an SVG whose view is WaveWidth wide and 64 high.
func (f fileView) Wave() string {
	var path strings.Builder
	for x, loud := range f.Details.Waveform {
		high := max(1, int(loud)/8)
		fmt.Fprintf(&path, "M%d %dv%d", x, 32-high, 2*high)
	}
	return path.String()
}

// WaveWidth: see Wave.
func (f fileView) WaveWidth() int { return len(f.Details.Waveform) }

// filmStill sends a picture from a film.
func (d *Desk) filmStill(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := recordID(r.PathValue("file"))
	if err != nil {
		return err
	}
	number, err := strconv.Atoi(r.PathValue("still"))
	if err != nil {
		return heed.ErrNotFound
	}
	c, jpg, err := d.Review.OpenStill(r.Context(), me, id, file, number)
	if err != nil {
		return err
	}
	d.sendCopy(w, r, c, "image/jpeg", whole{strings.NewReader(string(jpg))})
	return nil
}

// whole is what lies in memory.
type whole struct{ io.ReadSeeker }

// Close implements io.Closer.
func (whole) Close() error { return nil }
