package survive_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/survive"
)

//go:noinline
func types(digit int) { panic(digit) }

func TestWhereAProgramBrokeIsToldAndNothingOfWhatBrokeIt(t *testing.T) {
	const digits = 0x7a57d161
	err := survive.Do(func() error {
		types(digits)
		return nil
	})
	if !errors.Is(err, survive.ErrBroke) {
		t.Fatal(err)
	}
	var log bytes.Buffer
	survive.Log(slog.New(slog.NewTextHandler(&log, nil)), "testing", err)
	said := log.String()
	if !strings.Contains(said, "survive_test.types:") || !strings.Contains(said, "doing=testing") {
		t.Errorf("logged is %s", said)
	}
	if strings.Contains(said, "7a57d161") || strings.Contains(said, "2052575585") {
		t.Errorf("what broke it is in the log: %s", said)
	}
	survive.Log(slog.New(slog.NewTextHandler(&log, nil)), "testing", err)
	if log.String() != said {
		t.Error("it is told twice")
	}
}
