package phone_test

import (
	"context"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
)

// slowly is a keeper of recordings whose takes come from a slow disk.
type slowly struct {
	phone.Recorder
	at   int // the frame that takes its time
	wait func(ctx context.Context)
}

func (s *slowly) Begin(ctx context.Context, language string) (phone.Recording, error) {
	r, err := s.Recorder.Begin(ctx, language)
	return &slowRecording{r, s}, err
}

type slowRecording struct {
	phone.Recording
	s *slowly
}

func (r *slowRecording) Play(ctx context.Context, take int) (phone.Player, error) {
	p, err := r.Recording.Play(ctx, take)
	return &slowPlayer{Player: p, ctx: ctx, s: r.s}, err
}

type slowPlayer struct {
	phone.Player
	ctx context.Context
	s   *slowly
	at  int
}

func (p *slowPlayer) Read(f *sound.Frame) error {
	if p.at++; p.at == p.s.at {
		p.s.wait(p.ctx)
	}
	return p.Player.Read(f)
}

func TestWhoListensToTheirRecordingFromASlowDiskHearsSilenceMeanwhileAndAFaultWhenItHangs(t *testing.T) {
	turns := []turn{english, leave, speakNow(7), {press: "#"}, {hear: "send", press: "2"}, {hear: "send", press: "1"}}
	var l *line
	with := func(wait func(context.Context)) {
		l = newLine(t, func(l *line) {
			l.between = func(r phone.Recorder) phone.Recorder { return &slowly{r, 60, wait} }
		})
	}

	with(func(context.Context) { time.Sleep(300 * time.Millisecond) })
	c := l.call("en", turns...)
	c.expectWords("send", "send", "sent")
	c.expectNever("fault")
	if n := playedBack(c, babble(2, 7)); n != 1 {
		t.Errorf("what was said is played %d times", n)
	}

	with(func(ctx context.Context) { <-ctx.Done() })
	c = l.call("en", turns...)
	c.expectWords("send", "fault", "send", "sent")
	l.only()
}
