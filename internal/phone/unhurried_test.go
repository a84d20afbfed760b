package phone_test

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
)

// unhurried has callers wait for a disk that is behind: they have no clock, and say in a moment what no disk takes so soon.
type unhurried struct{ phone.Recorder }

func (u unhurried) Begin(ctx context.Context, language string) (phone.Recording, error) {
	r, err := u.Recorder.Begin(ctx, language)
	if err != nil {
		return nil, err
	}
	return &unhurriedRecording{r}, nil
}

func (u unhurried) Answer(ctx context.Context, m *intake.Mailbox, language string) (phone.Recording, error) {
	r, err := u.Recorder.Answer(ctx, m, language)
	if err != nil {
		return nil, err
	}
	return &unhurriedRecording{r}, nil
}

type unhurriedRecording struct{ phone.Recording }

func (u *unhurriedRecording) Write(f *sound.Frame) error {
	for {
		err := u.Recording.Write(f)
		if !errors.Is(err, heed.ErrBusy) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}
