package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// wrote is what telephones, and people, write into a film.
var wrote = []string{
	"-metadata", "location=+48.8584+002.2945/", "-metadata", "com.apple.quicktime.location.ISO6709=+48.8584+002.2945+035/",
	"-metadata", "make=canary maker", "-metadata", "model=canary model", "-metadata", "com.apple.quicktime.make=canary4711",
	"-metadata", "title=canary title", "-metadata", "artist=canary artist", "-metadata", "comment=canary comment",
	"-metadata", "creation_time=2026-03-04T05:06:07Z", "-metadata:s:v", "handler_name=canary handler", "-metadata:s:v", "language=fra",
	"-metadata:s:a", "handler_name=canary heard", "-metadata:s:a", "language=deu", "-timecode", "01:02:03:04",
}

// tone is heard in every film: one whose mask is seen by its pitch.
const tone = 1000

// filmed is a film of the drawing, with the tone, by ffmpeg, which is told how to write it.
func filmed(t testing.TB, ending string, how ...string) []byte {
	t.Helper()
	args := append([]string{"-v", "error", "-loop", "1", "-framerate", "15", "-t", "2", "-i", "FROM", "-f", "lavfi", "-i", "sine=f=1000:r=16000:d=2", "-shortest"}, how...)
	return made(t, drawing(t), ending, "ffmpeg", append(args, "-y", "MADE")...)
}

// turned is a film that is to be turned clockwise, as telephones write when they are held upright.
func turned(t testing.TB, film []byte, ending string) []byte {
	t.Helper()
	return made(t, film, ending, "ffmpeg", append([]string{"-v", "error", "-i", "FROM", "-c", "copy", "-metadata:s:v", "rotate=270"}, append(slices.Clone(wrote), "-y", "MADE")...)...)
}

// seenIn is what ffprobe finds in a copy.
type seenIn struct {
	Streams []struct {
		Kind  string            `json:"codec_type"`
		Codec string            `json:"codec_name"`
		Wide  int               `json:"width"`
		High  int               `json:"height"`
		Side  []any             `json:"side_data_list"`
		Tags  map[string]string `json:"tags"`
	}
	Chapters []any
	Format   struct {
		Duration string
		Tags     map[string]string
	}
}

func look(t testing.TB, film []byte) (s seenIn) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "copy.mp4")
	if err := os.WriteFile(file, film, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool(t, "ffprobe"), "-v", "error", "-show_streams", "-show_format", "-show_chapters", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// wantNothingBesideFilm wants a copy to be pictures and sound and no more.
func wantNothingBesideFilm(t testing.TB, film []byte) {
	t.Helper()
	for _, word := range []string{"canary", "48.8", "002.29", "Lavf", "2026", "x264 -", "ISO6709"} {
		if bytes.Contains(film, []byte(word)) {
			t.Errorf("the copy says %q", word)
		}
	}
	s := look(t, film)
	if len(s.Chapters) != 0 {
		t.Errorf("chapters: %v", s.Chapters)
	}
	for _, x := range s.Streams {
		if x.Kind != "video" && x.Kind != "audio" || len(x.Side) != 0 {
			t.Errorf("the copy has %s, beside it %v", x.Kind, x.Side)
		}
		for name, value := range x.Tags {
			if !slices.Contains([]string{"language und", "handler_name VideoHandler", "handler_name SoundHandler", "vendor_id [0][0][0][0]", "encoder Lavc libx264"}, name+" "+value) {
				t.Errorf("the copy has %s, %q", name, value)
			}
		}
	}
	for name, value := range s.Format.Tags {
		if !slices.Contains([]string{"major_brand", "minor_version", "compatible_brands"}, name) {
			t.Errorf("the copy has %s, %q", name, value)
		}
	}
}

// wantMaskedTone wants the tone in a copy as far off as a mask takes a voice.
func wantMaskedTone(t testing.TB, sound []byte) {
	t.Helper()
	all, crossed := samples(t, sound), 0
	all = all[len(all)/4 : len(all)*3/4]
	for i := 1; i < len(all); i++ {
		if all[i-1] < 0 && all[i] >= 0 {
			crossed++
		}
	}
	by := float64(crossed) * hertz / float64(len(all)) / tone
	if by < 0.74 || by > 1.37 || math.Abs(by-1) < 0.1 {
		t.Errorf("the tone is heard at %.2f of its pitch", by)
	}
}

func TestAFilmsCopyShowsItUprightWithAMaskedVoiceAndSaysNothingBeside(t *testing.T) {
	note := filepath.Join(t.TempDir(), "canary.txt")
	if err := os.WriteFile(note, []byte("canary of an attachment"), 0o600); err != nil {
		t.Fatal(err)
	}
	h264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-crf", "12"}
	with := func(first []string, more ...string) []string { return append(slices.Clone(first), more...) }
	type kept struct {
		kind  string
		film  []byte
		first int // which of corners is seen at the upper left
	}
	films := map[string]kept{
		"MOV of HEVC, lying, its index at the end": {"video/quicktime", turned(t, filmed(t, "mov",
			"-c:v", "libx265", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-x265-params", "log-level=none", "-c:a", "aac"), "mov"), 3},
		"MP4":                    {"video/mp4", filmed(t, "mp4", with(with(h264, wrote...), "-c:a", "aac")...), 0},
		"3GP":                    {"video/3gpp", filmed(t, "3gp", with(wrote[:12], "-c:v", "mpeg4", "-q:v", "2", "-c:a", "aac", "-ar", "8000", "-ac", "1")...), 0},
		"WebM":                   {"video/webm", filmed(t, "webm", with(wrote, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "4M", "-c:a", "libopus", "-live", "1")...), 0},
		"MKV with an attachment": {"video/matroska", filmed(t, "mkv", with(with(h264, wrote...), "-c:a", "libvorbis", "-attach", note, "-metadata:s:t", "mimetype=text/plain")...), 0},
	}
	if soak() {
		films["AVI"] = kept{"video/x-msvideo", filmed(t, "avi", with(wrote[:16], "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")...), 0}
	}
	for name, c := range films {
		t.Run(name, func(t *testing.T) {
			tool(t, "bwrap")
			if !bytes.Contains(c.film, []byte("canary")) {
				t.Fatal("nothing is written in the original")
			}
			seen, details, err := media.CopyFile(t.Context(), c.kind, bytes.NewReader(c.film))
			if err != nil {
				t.Fatal(err)
			}
			wantNothingBesideFilm(t, seen)
			wantMaskedTone(t, seen)
			s := look(t, seen)
			if len(s.Streams) != 2 || s.Streams[0].Codec != "h264" || s.Streams[1].Codec != "aac" {
				t.Errorf("the copy is %+v", s)
			}
			if index := bytes.Index(seen, []byte("moov")); index < 0 || index > bytes.Index(seen, []byte("mdat")) {
				t.Error("its index isn't first")
			}
			wantCorners(t, made(t, seen, "jpg", "ffmpeg", "-v", "error", "-ss", "1", "-i", "FROM", "-frames:v", "1", "-q:v", "1", "-pix_fmt", "yuvj444p", "-y", "MADE"), c.first)
			if details.Type != "" || details.Cut || details.Length < 1800 || details.Length > 2300 || len(details.Frames) < 3 || len(details.Waveform) < 200 || slices.Max(details.Waveform) < 20 {
				t.Errorf("beside it: %d ms, %d pictures, %d of sound", details.Length, len(details.Frames), len(details.Waveform))
			}
			for _, f := range details.Frames {
				wantNothingBeside(t, f.JPEG)
			}
		})
	}
}

func TestAFilmWithoutPicturesIsARecording(t *testing.T) {
	silent := []string{"-map", "1:a"}
	for name, c := range map[string]struct {
		kind string
		file []byte
	}{
		"WebM": {"video/webm", filmed(t, "webm", append(silent, "-c:a", "libopus")...)},
		"3GP":  {"video/3gpp", filmed(t, "3gp", append(silent, "-c:a", "aac", "-ar", "8000")...)},
		"MP4 with a cover": {"video/mp4", made(t, drawing(t), "mp4", "ffmpeg", "-v", "error", "-i", "FROM", "-f", "lavfi", "-i", "sine=f=1000:r=16000:d=2",
			"-map", "1:a", "-map", "0:v", "-c:a", "aac", "-c:v", "png", "-disposition:v", "attached_pic", "-y", "MADE")},
	} {
		heard, details, err := media.CopyFile(t.Context(), c.kind, bytes.NewReader(c.file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		wantMaskedTone(t, heard)
		if s := look(t, heard); details == nil || details.Type != "audio/mpeg" || details.Length < 1800 || details.Length > 2300 || len(details.Waveform) < 200 || len(s.Streams) != 1 || s.Streams[0].Codec != "mp3" || len(s.Streams[0].Tags) != 0 {
			t.Errorf("%s: %+v, %+v", name, details, s)
		}
	}
	seen, details, err := media.CopyFile(t.Context(), "video/mp4", bytes.NewReader(made(t, drawing(t), "mp4", "ffmpeg", "-v", "error", "-loop", "1", "-t", "1", "-i", "FROM", "-pix_fmt", "yuv420p", "-y", "MADE")))
	if err != nil || len(details.Waveform) != 0 || len(look(t, seen).Streams) != 1 {
		t.Errorf("a film without sound: %v, %+v", err, details)
	}
}

func TestALargeFilmIsMadeSmallerAndAFastOneSlower(t *testing.T) {
	film := made(t, nil, "mp4", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1080x1920:r=60:d=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-y", "MADE")
	seen, details, err := media.CopyFile(t.Context(), "video/mp4", bytes.NewReader(film))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool(t, "ffprobe"), "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", stored(t, seen)).Output()
	if s := look(t, seen).Streams[0]; err != nil || s.Wide != 720 || s.High != 1280 || strings.TrimSpace(string(out)) != "30" {
		t.Errorf("%d by %d, %s pictures, %+v, %v", s.Wide, s.High, out, details.Length, err)
	}
}

func stored(t testing.TB, b []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stored")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestABombOrBrokenFilmEndsInAClearState(t *testing.T) {
	mov := filmed(t, "mov", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
	webm := filmed(t, "webm", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
	index := bytes.Index(mov, []byte("moov"))
	lists := "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:8080/\nfile:///etc/passwd\n"
	hours := made(t, nil, "webm", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=16x16:r=1/3600:d=360000", "-c:v", "libvpx", "-y", "MADE")
	wide := made(t, nil, "mkv", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=16000x1000:d=0.04,tile=1x15", "-c:v", "ffv1", "-frames:v", "1", "-f", "matroska", "-y", "MADE")
	type bombed struct {
		kind   string
		file   []byte
		mended bool
	}
	bombs := map[string]bombed{
		"a MOV without its index":       {"video/quicktime", mov[:index-4], false},
		"a MOV whose index is cut off":  {"video/quicktime", mov[:len(mov)-200], true},
		"a WebM that is cut off":        {"video/webm", webm[:len(webm)/2], true},
		"a list of other files":         {"video/mp4", []byte(lists), false},
		"a text that begins as a WebM":  {"video/webm", []byte("\x1aE\xdf\xa3" + strings.Repeat("canary", 999)), false},
		"a film of a hundred hours":     {"video/webm", hours, true},
		"a film of 240 million pixels":  {"video/matroska", wide, false},
		"a WebM that says it is a MOV":  {"video/quicktime", webm, false},
		"boxes in boxes":                {"video/mp4", nested(2000), false},
		"a film of a kind nobody sends": {"video/x-flv", []byte("FLV\x01"), false},
	}
	if soak() {
		for i, broken := range breakages(mov) {
			bombs["MOV, breakage "+string(rune('0'+i))] = bombed{"video/quicktime", broken, true}
		}
		for i, broken := range breakages(webm) {
			bombs["WebM, breakage "+string(rune('0'+i))] = bombed{"video/webm", broken, true}
		}
	}
	for name, b := range bombs {
		began := time.Now()
		seen, _, err := media.CopyFile(t.Context(), b.kind, bytes.NewReader(b.file))
		took := time.Since(began)
		t.Logf("%s (%d bytes): %v, %d bytes, %v", name, len(b.file), err, len(seen), took.Round(time.Millisecond))
		if err != nil && !errors.Is(err, sandbox.ErrUnreadable) && !errors.Is(err, sandbox.ErrTooMuch) || err == nil && !b.mended || took > 60*time.Second {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
}

// nested are boxes of ISO base media in each other.
func nested(deep int) (b []byte) {
	for range deep {
		n := len(b) + 8
		b = append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 't', 'r', 'a', 'k'}, b...)
	}
	n := len(b) + 8
	return append([]byte("\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"+string([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})+"moov"), b...)
}
