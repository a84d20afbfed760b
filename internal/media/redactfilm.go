package media

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// redactedMargin is by how much more than was asked for a span is covered at either end, in milliseconds: sounds are encoded in blocks, and an ear or
// eye finds an end only so far.
const redactedMargin = 100

// redactSound writes a recording's copy in which what is marked is silent.
func redactSound(ctx context.Context, copied *io.SectionReader, marks []heed.Mark, to io.Writer) error {
	p := &sandbox.Program{Name: soundProgram, Args: []string{
		"-nostdin", "-loglevel", "quiet", "-protocol_whitelist", "pipe", "-threads", "1", "-f", "mp3", "-i", "pipe:0", "-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn",
		"-af", silence(marks), "-ac", "1", "-ar", strconv.Itoa(maskRate), "-threads", "1", "-c:a", "libmp3lame", "-b:a", strconv.Itoa(soundBits),
		"-write_xing", "0", "-id3v2_version", "0", "-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp3", "pipe:1",
	}, Limits: sandbox.Limits{Memory: 2 << 30, Processor: 15 * time.Minute, Patience: soundPatience, Answer: soundSeconds * soundBits / 8 * 11 / 10}}
	made := &counted{Writer: to}
	if err := p.Run(ctx, copied, made); err != nil {
		return err
	}
	if made.n == 0 {
		return fmt.Errorf("no sound in it: %w", sandbox.ErrUnreadable)
	}
	return nil
}

// silence is the filter that mutes what is marked, in blocks of 16 milliseconds: a filter is switched on and off for whole blocks only.
func silence(marks []heed.Mark) string {
	var when []string
	for _, m := range marks {
		if !m.Box() {
			when = append(when, during(m))
		}
	}
	if when == nil {
		return "anull"
	}
	return "asetnsamples=n=256:p=0,volume=volume=0:enable='" + strings.Join(when, "+") + "'"
}

func during(m heed.Mark) string {
	return fmt.Sprintf("between(t,%s,%s)", seconds(time.Duration(max(0, m.From-redactedMargin))*time.Millisecond), seconds(time.Duration(m.To+redactedMargin)*time.Millisecond))
}

// hiding are the filters that draw the boxes which are marked. A picture that stands for long is repeated first, so that a box begins and
// ends when it is to. What is blurred is made black first as what is covered is, and the blur, in which nothing of that is, laid over it: so
// nothing of what was there shines through (docs/adr/0023-what-is-covered-is-gone-from-a-copy-of-its-own.md).
func (f *film) hiding(marks []heed.Mark) string {
	covered, veiled, where := []string{"fps=30"}, []string(nil), []string{"drawbox=t=fill:c=black"}
	for _, m := range marks {
		switch {
		case m.Box() && m.Blur:
			veiled, where = append(veiled, f.box(m, "black")), append(where, f.box(m, "white"))
		case m.Box():
			covered = append(covered, f.box(m, "black"))
		}
	}
	if veiled == nil {
		return strings.Join(append(covered, "format=yuv420p"), ",")
	}
	return strings.Join(append(covered, "format=yuv420p", "split=3[whole][seen][marked];"+
		"[seen]"+f.blur()+"[blurred];[marked]"+strings.Join(where, ",")), ",") + ",format=gray,lut=c0=255*gt(val\\,127)[where];" +
		"[blurred][where]alphamerge[veil];[whole]" + strings.Join(veiled, ",") + "[under];[under][veil]overlay,format=yuv420p"
}

// box draws one of a colour. It ends on even pixels, as the colours of such a film do.
func (f *film) box(m heed.Mark, colour string) string {
	down := func(side, at int) int { return side * at / heed.Whole / 2 * 2 }
	up := func(side, at int) int { return (side*at + 2*heed.Whole - 1) / heed.Whole / 2 * 2 }
	x, y := down(f.wide, m.Left), down(f.high, m.Top)
	return fmt.Sprintf("drawbox=%d:%d:%d:%d:%s:t=fill:enable='%s'", x, y, up(f.wide, m.Left+m.Width)-x, up(f.high, m.Top+m.Height)-y, colour, during(m))
}

// Of what is blurred stays a colour for each of blurCells by blurCells parts of the whole picture, in steps of blurStep of 256, once in a second.
const blurCells, blurStep = 4, 32

// blur makes a film of which no more than that is left.
func (f *film) blur() string {
	coarse := fmt.Sprintf("'trunc(val/%[1]d)*%[1]d+%[2]d'", blurStep, blurStep/2)
	return fmt.Sprintf("fps=1,scale=%[1]d:%[1]d:flags=area,format=yuv444p,lutyuv=y=%[2]s:u=%[2]s:v=%[2]s,scale=%[3]d:%[4]d:flags=bilinear,fps=30,format=yuv420p",
		blurCells, coarse, f.wide, f.high)
}

// redactFilm writes a film's copy in which what is marked is black, blurred or silent.
func redactFilm(ctx context.Context, copied *io.SectionReader, marks []heed.Mark, to io.Writer) error {
	f := &film{reader: "mov", original: copied}
	if err := f.probe(ctx); err != nil {
		return err
	}
	if f.wide <= 0 || f.high <= 0 {
		return fmt.Errorf("no pictures in a film: %w", sandbox.ErrUnreadable)
	}
	p := f.plan()
	args := append([]string{
		"-nostdin", "-loglevel", "quiet", "-nostats", "-progress", "pipe:2", "-stats_period", "1", "-filter_threads", strconv.Itoa(filmThreads),
	}, f.open()...)
	args = append(args, "-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-t", seconds(filmLongest), "-vf", f.hiding(marks),
		"-c:v", "libx264", "-threads", strconv.Itoa(filmThreads), "-preset", "veryfast", "-crf", "26",
		"-maxrate", strconv.Itoa(p.rate), "-bufsize", strconv.Itoa(2*p.rate), "-g", "60", "-a53cc", "0", "-bsf:v", "filter_units=remove_types=6")
	if f.sound {
		args = append(args, "-map", "0:a:0", "-af", "aresample=async=1:first_pts=0,"+silence(marks), "-ac", "1", "-ar", strconv.Itoa(maskRate), "-c:a", "aac", "-b:a", strconv.Itoa(filmSoundRate))
	}
	args = append(args, "-flags", "+bitexact", "-fflags", "+bitexact", "-movflags", "+frag_custom", "-write_tmcd", "0", "-f", "mp4", "pipe:1")
	going, stop := newProgress(ctx, filmStall)
	defer stop()
	made := &counted{Writer: to}
	maker := &sandbox.Program{Name: filmProgram, Args: args, Served: f.original, Says: going, Limits: sandbox.Limits{
		Memory: filmMemory, Processor: (p.patience * filmThreads).Round(time.Second), Patience: p.patience, Answer: filmBytes,
	}}
	if err := maker.Run(going.ctx, strings.NewReader(""), made); err != nil {
		return err
	}
	if made.n == 0 {
		return fmt.Errorf("no film in it: %w", sandbox.ErrUnreadable)
	}
	return nil
}
