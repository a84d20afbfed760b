package keep

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

// longest is how long a take may become, in bytes: an hour.
const longest = 3600 * sound.Rate

// errNoTake is for a caller of this package that forgot to begin one.
var errNoTake = errors.New("no take is open")

// recording is a phone.Recording. Only its id is for others than the call's goroutine.
type recording struct {
	keeper  *Keeper
	id      heed.ID // of the call's row
	day     string
	transit *seal.PublicKey
	receipt seal.Receipt
	state   state // but for its takes
	takes   []*take
	open    bool // the last take is being spoken
	stored  bool // the call stands in the store
	closed  bool // submitted, or left to the worker
}

// NewTake implements phone.Recording. The worker could hand the take in from here on.
func (r *recording) NewTake(ctx context.Context) error {
	if r.open {
		if err := r.EndTake(ctx); err != nil {
			return err
		}
	}
	room, err := r.room()
	if err != nil {
		return err
	}
	in := r.keeper.cfg.Intake
	u := in.NewRecording(fmt.Sprintf("call-%d.au", len(r.takes)+1))
	err = r.put(ctx, append(slices.Clip(r.uploads()), u), func(tx heed.Tx) error { return tx.AddUpload(ctx, u.ID, u.Born) })
	if err != nil {
		return fmt.Errorf("begin a take: %w", err)
	}
	r.takes, r.open = append(r.takes, newTake(in, r.keeper.cfg.Log, u, room)), true
	return nil
}

// room is how many bytes the next take may become, so that a report can take it. heed.Problems: none.
func (r *recording) room() (int64, error) {
	limits := r.keeper.cfg.Intake.Limits()
	if len(r.takes) >= limits.Files {
		return 0, heed.Problems{{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": limits.Files}}}
	}
	left := limits.TotalBytes
	for _, t := range r.takes {
		left -= whole(t.upload, t.said).Size
	}
	left = min(left, limits.FileBytes) - whole(intake.Upload{}, 0).Size
	if left < pieceBytes {
		return 0, heed.Problems{{Field: "files", Code: "files-too-large", Args: map[string]any{"LimitMB": limits.TotalBytes >> 20}}}
	}
	return min(left, longest), nil
}

func (r *recording) uploads() []intake.Upload {
	all := make([]intake.Upload, len(r.takes))
	for i, t := range r.takes {
		all[i] = t.upload
	}
	return all
}

// put stores the call with these takes, and does what else is to happen with it. heed.ErrGone: the worker has handed it in.
func (r *recording) put(ctx context.Context, takes []intake.Upload, also func(heed.Tx) error) error {
	s := r.state
	s.Takes = takes
	b, err := s.encode()
	if err != nil {
		return err
	}
	defer clear(b)
	k := r.keeper
	c := &heed.Call{ID: r.id, Day: r.day, Seen: k.cfg.Now()}
	if c.Sealed, err = seal.SealCall(r.transit, k.cfg.Line, r.day, r.id, b); err != nil {
		return err
	}
	err = k.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		err := heed.ErrConflict
		if !r.stored {
			err = tx.AddCall(ctx, c)
		}
		if errors.Is(err, heed.ErrConflict) { // there, if only because an answer of the store was lost
			err = tx.ChangeCall(ctx, c)
		}
		if err != nil {
			return err
		}
		return also(tx)
	})
	if errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("a call that the worker took over: %w", heed.ErrGone)
	}
	if err == nil && !r.stored {
		r.stored = true
		k.watch(r)
	}
	return err
}

// Write implements phone.Recording.
func (r *recording) Write(f *sound.Frame) error {
	if !r.open {
		return errNoTake
	}
	return r.last().write(f)
}

func (r *recording) last() *take { return r.takes[len(r.takes)-1] }

// EndTake implements phone.Recording. A take that could not be kept to its end stays with what was kept of it; only where ctx ended
// first it is still open.
func (r *recording) EndTake(ctx context.Context) error {
	if !r.open {
		return nil
	}
	t := r.last()
	err := t.end(ctx)
	select {
	case <-t.done:
		r.open = false
	default:
	}
	return err
}

// DropTake implements phone.Recording. First the worker is kept from handing the take in; should the process die then, the sweep
// deletes it.
func (r *recording) DropTake(ctx context.Context) error {
	if len(r.takes) == 0 {
		return nil
	}
	t := r.last()
	t.giveUp()
	before := r.uploads()[:len(r.takes)-1]
	if err := r.put(ctx, before, func(heed.Tx) error { return nil }); err != nil {
		return fmt.Errorf("drop a take: %w", err)
	}
	r.takes, r.open = r.takes[:len(r.takes)-1], false
	if err := r.keeper.cfg.Intake.EndUpload(ctx, t.upload); err != nil && !errors.Is(err, heed.ErrNotFound) {
		r.keeper.cfg.Log.Warn("phone: delete a take that was dropped", "error", err)
	}
	return nil
}

// LeaveNumber implements phone.Recording.
func (r *recording) LeaveNumber(ctx context.Context, number string) error {
	before := r.state.Number
	r.state.Number = number
	if err := r.put(ctx, r.uploads(), func(heed.Tx) error { return nil }); err != nil {
		r.state.Number = before
		return fmt.Errorf("keep a number: %w", err)
	}
	return nil
}

// Takes implements phone.Recording.
func (r *recording) Takes() int { return len(r.takes) }

// Play implements phone.Recording.
func (r *recording) Play(ctx context.Context, take int) (phone.Player, error) {
	if take < 0 || take >= len(r.takes) || take == len(r.takes)-1 && r.open {
		return nil, fmt.Errorf("play take %d of %d: %w", take, len(r.takes), heed.ErrNotFound)
	}
	sealed, err := r.keeper.cfg.Intake.OpenRecording(ctx, r.takes[take].upload)
	if err != nil {
		return nil, err
	}
	return &player{sealed: sealed}, nil
}

// player reads the frames of a take, which has no header yet.
type player struct {
	sealed io.ReadCloser
	coded  [sound.FrameSamples]byte
}

// Read implements phone.Player.
func (p *player) Read(f *sound.Frame) error {
	n, err := io.ReadFull(p.sealed, p.coded[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	*f = sound.Frame{}
	sound.MuLaw.Decode(f[:0], p.coded[:n])
	return nil
}

// Close implements phone.Player.
func (p *player) Close() error { return p.sealed.Close() }
