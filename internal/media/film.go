package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// filmProgram makes copies of films; probeProgram, which comes with it, says what is in one.
	filmProgram, probeProgram = "ffmpeg", "ffprobe"
	// filmType is what copies are: MP4 with H.264 and AAC, which every browser, telephone and department's computer plays as it came, and
	// whose index ffmpeg can write to the front of a pipe; that of WebM it can't, and a player that finds none can't leap. VP9 takes half
	// as long again for the same size (docs/media.md).
	filmType = "video/mp4"
	// filmLongest is the longest copy; of a longer film it is the beginning.
	filmLongest = 2 * time.Hour
	// filmBytes is how large a copy may be: it lies in the program's memory until its index is known. Long films get fewer bits.
	filmBytes = 192 << 20
	// filmRate is the most bits a second that pictures get, filmSide the most pixels along a side, filmPixels the most that an original may have.
	filmRate, filmSide, filmPixels = 2_500_000, 1280, 8192 * 4352
	filmSoundRate                  = 48_000
	// filmPatience is how long a film may take that says it has no length, and each second of one that has is filmSlowness more.
	filmPatience, filmSlowness = 25 * time.Second, 10
	// filmStall is how long it may take without getting on.
	filmStall = 25 * time.Second
	// filmGuess is how many bits a second a film has, at least, that doesn't say how long it is, as what browsers record.
	filmGuess   = 250_000
	filmMemory  = 3 << 30
	filmThreads = 2 // of decoder, encoder and filters each
)

// FilmTimeout is how long JobFilm may run: clamd, four hours of copying, and the looking before and after.
const FilmTimeout = 4*time.Hour + 30*time.Minute + clamd.Patience

// readers are ffmpeg's readers of what telephones, cameras and browsers film and record, by the media type that is found in a file's
// first bytes. Each leaps. No other of its readers gets a stranger's film: some open other files and addresses.
func readers() map[string]string {
	return map[string]string{
		"video/mp4": "mov", "video/quicktime": "mov", "video/x-m4v": "mov", "video/3gpp": "mov", "video/3gpp2": "mov",
		"audio/mp4": "mov", "audio/x-m4a": "mov", "audio/3gpp": "mov", "audio/3gpp2": "mov",
		"video/webm": "matroska", "audio/webm": "matroska", "video/matroska": "matroska", "video/x-matroska": "matroska",
		"video/x-msvideo": "avi",
	}
}

// filmDecoders are those that read what is in such films.
const filmDecoders = "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,h263,mjpeg,rawvideo,aac,amrnb,amrwb,opus,libopus,vorbis,mp3,mp3float,ac3,eac3,alac,flac," +
	"pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_mulaw,pcm_alaw,pcm_u8,adpcm_ms,adpcm_ima_qt,adpcm_ima_wav"

// besideDecoders are those of what may stand beside: covers and written words, of which nothing is copied.
const besideDecoders = "png,bmp,gif,webp,mov_text,subrip,srt,ass,ssa,webvtt,text,dvdsub,dvbsub,pgssub,cc_dec"

// film is one that is copied, and what was found of it.
type film struct {
	reader   string // ffmpeg's
	original *io.SectionReader
	pictures bool
	sound    bool
	// How many pixels the first track of pictures has along its sides, before it is turned; a copy's are even and upright.
	wide, high int
	length     time.Duration // as it says; 0 where it doesn't
}

// copyFilm is the maker's. What films nothing but is heard is copied as a recording.
func copyFilm(ctx context.Context, kind string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	kind, _, _ = strings.Cut(kind, ";")
	f := &film{reader: readers()[kind], original: original}
	if f.reader == "" {
		return nil, fmt.Errorf("no film of a kind that is copied: %w", sandbox.ErrUnreadable)
	}
	if err := f.probe(ctx); err != nil {
		return nil, err
	}
	m, err := drawMask(rand.Reader)
	if err != nil {
		return nil, err
	}
	if !f.pictures {
		length, err := maskSound(ctx, kind, original, m, copied)
		if err != nil {
			return nil, err
		}
		d, err := soundBeside(ctx, kind, original, length)
		if err != nil {
			return nil, err
		}
		d.Type = soundType
		return d, nil
	}
	length, err := f.copy(ctx, m, copied)
	if err != nil {
		return nil, err
	}
	d := &heed.CopyDetails{Length: length.Milliseconds(), Cut: length > filmLongest-time.Second}
	return d, f.beside(ctx, length, d)
}

// open are the arguments by which a program opens the film.
func (f *film) open(more ...string) []string {
	return append(append([]string{
		"-protocol_whitelist", "http,tcp", "-codec_whitelist", filmDecoders + "," + besideDecoders, "-max_pixels", strconv.Itoa(filmPixels), "-threads", strconv.Itoa(filmThreads),
	}, more...), "-f", f.reader, "-i", sandbox.Address)
}

// plan is what a film of a length gets.
type plan struct {
	rate, side int
	patience   time.Duration
}

// plan is by what the film says of itself: where it lies, its copy grows too large or takes too long.
func (f *film) plan() plan {
	length := f.length
	if length <= 0 {
		length = time.Duration(float64(f.original.Size()) * 8 / filmGuess * float64(time.Second))
	}
	length = min(length, filmLongest)
	p := plan{rate: filmRate, side: filmSide, patience: filmPatience + filmSlowness*length}
	if seconds := length.Seconds(); seconds > 0 {
		p.rate = min(p.rate, int(filmBytes*8*9/10/seconds)-filmSoundRate)
	}
	switch {
	case p.rate < 400_000:
		p.side = filmSide / 2
	case p.rate < 1_000_000:
		p.side = filmSide * 2 / 3
	}
	p.patience = min(p.patience, FilmTimeout-clamd.Patience-30*time.Minute)
	return p
}

// copy writes the film's copy and says how long it is. It returns the errors of sandbox.Program.Run.
func (f *film) copy(ctx context.Context, m mask, copied io.Writer) (time.Duration, error) {
	p := f.plan()
	args := append([]string{
		"-nostdin", "-loglevel", "quiet", "-nostats", "-progress", "pipe:2", "-stats_period", "1", "-filter_threads", strconv.Itoa(filmThreads),
	}, f.open()...)
	args = append(args, "-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-t", seconds(filmLongest),
		// No more than some thirty pictures a second, upright, as they come.
		"-vf", fmt.Sprintf(`select=isnan(prev_selected_t)+gte(t-prev_selected_t\,1/32),scale=w=min(%d\,iw):h=min(%d\,ih):force_original_aspect_ratio=decrease:force_divisible_by=2,format=yuv420p`, p.side, p.side),
		"-fps_mode", "vfr", "-c:v", "libx264", "-threads", strconv.Itoa(filmThreads), "-preset", "veryfast", "-crf", "26",
		"-maxrate", strconv.Itoa(p.rate), "-bufsize", strconv.Itoa(2*p.rate), "-g", "60", "-a53cc", "0",
		// Nor what stands beside the pictures in their stream: captions, the encoder's settings.
		"-bsf:v", "filter_units=remove_types=6")
	if f.sound {
		args = append(args, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0,"+m.filters(), "-ac", "1", "-ar", strconv.Itoa(maskRate), "-c:a", "aac", "-b:a", strconv.Itoa(filmSoundRate))
	}
	// One fragment, which is the film: so the index comes first, on a pipe.
	args = append(args, "-flags", "+bitexact", "-fflags", "+bitexact", "-movflags", "+frag_custom", "-write_tmcd", "0", "-f", "mp4", "pipe:1")
	going, stop := newProgress(ctx, filmStall)
	defer stop()
	made := &counted{Writer: copied}
	maker := &sandbox.Program{Name: filmProgram, Args: args, Served: f.original, Says: going, Limits: sandbox.Limits{
		Memory: filmMemory, Processor: (p.patience * filmThreads).Round(time.Second), Patience: p.patience, Answer: filmBytes,
	}}
	if err := maker.Run(going.ctx, strings.NewReader(""), made); err != nil {
		return 0, err
	}
	length := going.reached()
	if made.n == 0 || length <= 0 {
		return 0, fmt.Errorf("no film in it: %w", sandbox.ErrUnreadable)
	}
	return length, nil
}

// filmAble is sandbox.ErrNoProgram where this machine's ffmpeg can't make copies, for want of an encoder.
func filmAble(ctx context.Context) error {
	p := &sandbox.Program{Name: filmProgram, Limits: sandbox.Limits{Memory: 1 << 30, Processor: 10 * time.Second, Patience: filmPatience, Answer: 1 << 20}, Args: []string{
		"-nostdin", "-loglevel", "quiet", "-f", "lavfi", "-i", "color=s=64x64:d=0.1", "-f", "lavfi", "-i", "anullsrc=r=16000:d=0.1",
		"-c:v", "libx264", "-threads", "1", "-c:a", "aac", "-movflags", "+frag_custom", "-f", "mp4", "pipe:1",
	}}
	err := p.Run(ctx, strings.NewReader(""), io.Discard)
	if errors.Is(err, sandbox.ErrUnreadable) {
		err = fmt.Errorf("an encoder of films is missing: %w", sandbox.ErrNoProgram)
	}
	return err
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
