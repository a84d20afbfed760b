// Package survive keeps a fault of the program in one call from ending all others: recover works in its own goroutine alone, and a call
// has several.
//
// It imports the standard library alone. What broke a program may be what a caller said or typed: it is thrown away, and only where it
// was is told.
package survive

import (
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"
)

// ErrBroke says that the program broke.
var ErrBroke = errors.New("the program broke")

// broke is an ErrBroke that knows where.
type broke struct {
	stack string
	told  sync.Once
}

func (*broke) Error() string   { return ErrBroke.Error() }
func (*broke) Is(e error) bool { return e == ErrBroke }

// Do does something and returns its error; ErrBroke where the program breaks there, of which Log tells more.
func Do(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = &broke{stack: string(debug.Stack())}
		}
	}()
	return do()
}

// Log tells the log where the program broke, if that is what err says, and once for each time that it did.
func Log(log *slog.Logger, doing string, err error) {
	if b, is := errors.AsType[*broke](err); is {
		b.told.Do(func() { log.Error("phone: a fault was met", "doing", doing, "stack", b.stack) })
	}
}
