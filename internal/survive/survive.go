// Package survive keeps a fault of the program in one call, or one job, from ending all others: recover works in its own goroutine alone,
// and a call has several.
//
// It imports the standard library alone. What broke a program may be what somebody said or typed: it is thrown away, and only where it
// was is told.
package survive

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
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
			err = &broke{stack: Where()}
		}
	}()
	return do()
}

// Where is the way by which a deferred function was reached, a function and a line each. Unlike a stack of the runtime's own it has no
// arguments: a digit of a Receipt can be one.
func Where() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	var way strings.Builder
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fmt.Fprintf(&way, "%s:%d\n", f.Function, f.Line)
	}
	return way.String()
}

// Log tells the log where the program broke, if that is what err says, and once for each time that it did.
func Log(log *slog.Logger, doing string, err error) {
	if b, is := errors.AsType[*broke](err); is {
		b.told.Do(func() { log.Error("a fault was met", "doing", doing, "stack", b.stack) })
	}
}
