package identity

import (
	"context"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
)

// stopping is a real keystore in which something else happens, once, before its nth use for a day's keys, or for any where day is "".
type stopping struct {
	keystore.Keystore
	day  string
	left int
	then func()
}

func (s *stopping) before(name string) {
	if s.then == nil || s.day != "" && !strings.HasPrefix(name, dayPrefix(s.day)) && name != "day/" {
		return
	}
	if s.left--; s.left < 0 {
		then := s.then
		s.then = nil
		then()
	}
}

func (s *stopping) Get(ctx context.Context, name string) ([]byte, error) {
	s.before(name)
	return s.Keystore.Get(ctx, name)
}

func (s *stopping) List(ctx context.Context, prefix string) ([]string, error) {
	s.before(prefix)
	return s.Keystore.List(ctx, prefix)
}

func (s *stopping) Put(ctx context.Context, name string, value []byte) error {
	s.before(name)
	return s.Keystore.Put(ctx, name, value)
}

func (s *stopping) PutBeside(ctx context.Context, name string, value []byte, other string) error {
	s.before(name)
	return s.Keystore.PutBeside(ctx, name, value, other)
}

func (s *stopping) Delete(ctx context.Context, name string) error {
	s.before(name)
	return s.Keystore.Delete(ctx, name)
}

// Whichever of the two is stopped between two of its steps while the other runs from end to end, nothing comes back.
func TestAnApprovalThatRunsOverTheSeventhMidnightBringsNoDestroyedSeedBack(t *testing.T) {
	const day = "2026-11-23"
	midnight := at("2026-11-30T00:00:00Z")
	for name, run := range map[string]func(l *line, dana, eve *heed.Staff, keys *stopping){
		"the approval is stopped": func(l *line, dana, eve *heed.Staff, keys *stopping) {
			keys.then = func() {
				l.now = midnight
				_, err := l.EraseDue(l.t.Context(), l.now)
				l.must(err)
			}
			l.must(l.custody(l.store, keys).ApproveCustodian(l.t.Context(), dana, eve.ID, KeyName(eve.CustodianPublic), passphrase))
		},
		"the erasure is stopped": func(l *line, dana, eve *heed.Staff, keys *stopping) {
			keys.then = func() { l.must(l.approves(dana, eve)) }
			_, err := l.another(l.store, keys).EraseDue(l.t.Context(), midnight)
			l.must(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for steps := 0; ; steps++ {
				l := newLine(t)
				dana, eve := l.person(l.enrolled("dana")), l.enrolled("eve")
				report, file, _ := l.named()
				l.now = at("2026-11-29T23:59:59Z")
				keys := &stopping{Keystore: l.keys, day: day, left: steps}
				run(l, dana, eve, keys)
				if keys.then != nil { // there is no further step
					if steps < 4 {
						t.Errorf("only %d steps", steps)
					}
					return
				}
				l.wantCounting("dana", "eve")
				l.gone(dana, report, file)
				l.gone(eve, report, file)
				if leaves := l.leaves(ActErased); len(leaves) != 1 {
					t.Errorf("before step %d: %v", steps, leaves)
				}
			}
		})
	}
}
