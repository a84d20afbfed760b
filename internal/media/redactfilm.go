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

// blackness are the filters that draw the boxes which are marked. A picture that stands for long is repeated first, so that a box begins and
// ends when it is to; and boxes end on even pixels, as the colours of such a film do.
func blackness(marks []heed.Mark) string {
	filters := []string{"fps=30"}
	for _, m := range marks {
		if m.Box() {
			filters = append(filters, fmt.Sprintf("drawbox=x='floor(iw*%[1]d/%[5]d/2)*2':y='floor(ih*%[2]d/%[5]d/2)*2':w='ceil(iw*%[3]d/%[5]d/2)*2-floor(iw*%[1]d/%[5]d/2)*2':h='ceil(ih*%[4]d/%[5]d/2)*2-floor(ih*%[2]d/%[5]d/2)*2':color=black:t=fill:enable='%[6]s'",
				m.Left, m.Top, m.Left+m.Width, m.Top+m.Height, heed.Whole, during(m)))
		}
	}
	return strings.Join(append(filters, "format=yuv420p"), ",")
}

// redactFilm writes a film's copy in which what is marked is black, or silent.
func redactFilm(ctx context.Context, copied *io.SectionReader, marks []heed.Mark, to io.Writer) error {
	f := &film{reader: "mov", original: copied}
	if err := f.probe(ctx); err != nil {
		return err
	}
	p := f.plan()
	args := append([]string{
		"-nostdin", "-loglevel", "quiet", "-nostats", "-progress", "pipe:2", "-stats_period", "1", "-filter_threads", strconv.Itoa(filmThreads),
	}, f.open()...)
	args = append(args, "-map", "0:V:0", "-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-t", seconds(filmLongest), "-vf", blackness(marks),
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
