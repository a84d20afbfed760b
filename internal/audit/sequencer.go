package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/heed-line/heed"
)

const (
	// hangAtOnce is how many leaves one transaction hangs: everybody else's writing waits for it.
	hangAtOnce = 500
	// hangAtMost bounds one Run, so that a line that has a million leaves to hang signs in between and can be stopped.
	hangAtMost = 20 * hangAtOnce
	// checkpointEvery is how often a Checkpoint is signed while the tree grows: 105,000 a year at most, of about 300 bytes
	// each. They are kept for ever.
	checkpointEvery = 5 * time.Minute
	publishEvery    = 24 * time.Hour
	// floorEvery is how often the floor moves though nothing is hung.
	floorEvery = time.Minute
)

// IdentityErased is written by package identity. A Checkpoint is signed at once after it and after ReportErased, and shown to
// everybody after it alone: when one report is erased is nobody's business.
const IdentityErased = "identity.erased"

// What a clock that isn't believed causes besides its leaf: the desk's pages are told, and by a job whoever is not at the desk.
// Neither says more than that.
const (
	EventDoubted  = "clock.doubted"  // a DeskEvent's kind
	EventBelieved = "clock.believed" // and when it is believed again
	JobDoubted    = "clock-doubted"  // its args are none
)

// SequencerConfig is what a Sequencer works with. Every field is needed but Reference.
type SequencerConfig struct {
	Store    heed.Store
	Line     string
	Signer   KeySigner
	Verifier KeyVerifier
	Clock    *Clock
	Log      *slog.Logger
	// Reference is another clock to hold the host's against: the database server's. nil: there is none.
	Reference func(context.Context) (time.Time, error)
}

// Sequencer numbers, dates and hangs the settled leaves into the tree, in the order of the store's numbers, and signs
// Checkpoints. It is the worker's. Several at once, of several nodes, do no harm: each batch is one transaction that moves the
// head on from where it found it, or nothing.
type Sequencer struct {
	SequencerConfig

	mu         sync.Mutex
	signNow    bool      // an Erasure was hung since the last Checkpoint
	showNow    bool      // one of Identities was
	signedAt   time.Time // by this process, on its Clock
	referredAt time.Time // when Reference was last asked
}

// NewSequencer makes a Sequencer, whose first Run catches up with what is there.
func NewSequencer(c SequencerConfig) *Sequencer { return &Sequencer{SequencerConfig: c} }

// Run hangs what waits, no more than 10,000 leaves, and signs a Checkpoint where one is due. more says that others wait. While
// the host's clock is doubted it hangs nothing, until two people believe it again.
//
// ErrInvalid: the stored head isn't what the audit key signed. ErrConflict: the tree isn't the head's. In both cases somebody
// changed the store, and nothing is hung.
func (s *Sequencer) Run(ctx context.Context) (hung int, more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting, err := s.look(ctx)
	if err != nil {
		return 0, false, err
	}
	for more = waiting; more && hung < hangAtMost && ctx.Err() == nil; {
		n, err := s.batch(ctx)
		if err != nil {
			return hung, false, err
		}
		hung, more = hung+n, n == hangAtOnce
	}
	if s.Clock.Doubted() {
		return hung, false, nil
	}
	return hung, more, s.checkpoint(ctx)
}

// CheckClock has the Clock doubt the host's where a Run would, hanging nothing: for what must happen before the first Run and
// mustn't by a clock that is wrong. The errors are those of Run.
func (s *Sequencer) CheckClock(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.look(ctx)
	return err
}

// look reads how the line stands, and says whether there is something to do for batch.
func (s *Sequencer) look(ctx context.Context) (waiting bool, err error) {
	var head *Head
	var doubt *Doubt
	var believed int64
	err = s.Store.View(ctx, func(tx heed.Tx) (err error) {
		if head, err = ReadHead(ctx, tx, s.Line, s.Verifier); err != nil {
			return err
		}
		if doubt, err = Doubted(ctx, tx); err != nil {
			return err
		}
		leaves, err := tx.Leaves(ctx, head.Seq, "", 1)
		if err != nil || len(leaves) == 0 {
			return err
		}
		if waiting = true; doubt == nil {
			return nil
		}
		last, err := tx.FindLeaves(ctx, heed.AuditQuery{Acts: []string{ClockBelieved}, Limit: 1})
		if len(last) > 0 {
			believed = last[0].Seq
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for leaves to hang: %w", err)
	}
	s.Clock.Learn(head.Floor)
	if doubt != nil {
		s.Clock.Doubt(later(head.Floor, doubt.At))
	}
	if err := s.refer(ctx); err != nil {
		return false, err
	}
	if !s.Clock.Doubted() {
		return waiting || s.Clock.Now().Sub(head.Floor) >= floorEvery, nil
	}
	if doubt == nil {
		return false, s.doubt(ctx)
	}
	return believed > head.Seq, nil
}

// refer holds the host's clock against the database's.
func (s *Sequencer) refer(ctx context.Context) error {
	now := s.Clock.Now()
	if s.Reference == nil || now.Sub(s.referredAt) < floorEvery && !now.Before(s.referredAt) {
		return nil
	}
	reference, err := s.Reference(ctx)
	if err != nil {
		return fmt.Errorf("ask the database for its time: %w", err)
	}
	s.referredAt = now
	if s.Clock.host().Sub(reference) > MaxJump {
		s.Clock.Doubt(reference)
	}
	return nil
}

// doubt notes that the host's clock isn't believed any more, for every process and over a restart, leaves a leaf and has people told.
func (s *Sequencer) doubt(ctx context.Context) error {
	d := Doubt{At: s.Clock.Now().UTC(), Host: s.Clock.host().UTC()}
	err := s.Store.Update(ctx, func(tx heed.Tx) error {
		if there, err := Doubted(ctx, tx); err != nil || there != nil {
			return err
		}
		l, err := Leaf(ClockDoubted, "", "", d.At, d)
		if err != nil {
			return err
		}
		return errors.Join(putJSON(ctx, tx, settingDoubt, d), tx.AddLeaf(ctx, l), tx.Publish(ctx, &heed.DeskEvent{At: d.At, Kind: EventDoubted}),
			tx.Enqueue(ctx, heed.Job{Kind: JobDoubted, Args: []byte("{}")}))
	})
	if err != nil {
		return fmt.Errorf("note that the host's clock jumped: %w", err)
	}
	s.Log.ErrorContext(ctx, "the host's clock jumped forward and isn't believed: nothing ends but identities until two people believe it again",
		"line", d.At, "host", d.Host)
	return nil
}

// batch hangs the next leaves in one transaction, and moves the floor.
func (s *Sequencer) batch(ctx context.Context) (hung int, err error) {
	var b *batch
	err = s.Store.Update(ctx, func(tx heed.Tx) error {
		b = &batch{sequencer: s}
		return b.run(ctx, tx)
	})
	if errors.Is(err, heed.ErrConflict) {
		return 0, s.beaten(ctx, b, err)
	}
	if err != nil {
		return 0, fmt.Errorf("hang leaves: %w", err)
	}
	for _, l := range b.skipped {
		s.Log.ErrorContext(ctx, "a leaf that can't be one is left out of the tree", "seq", l.Seq)
	}
	if b.believed {
		s.Clock.Believe()
		s.Log.InfoContext(ctx, "the host's clock is believed again", "time", b.head.Floor)
	}
	s.Clock.Learn(b.head.Floor)
	s.signNow, s.showNow = s.signNow || b.erased || b.identities, s.showNow || b.identities
	return b.read, nil
}

// beaten tells another worker that was faster from a tree that isn't the head's.
func (s *Sequencer) beaten(ctx context.Context, b *batch, conflict error) error {
	err := s.Store.View(ctx, func(tx heed.Tx) error {
		head, stored, err := readHead(ctx, tx, s.Line, s.Verifier)
		if err == nil && bytes.Equal(stored, b.stored) {
			return fmt.Errorf("the tree goes on where its head doesn't, at leaf %d: %w", head.Frontier.Size()+1, conflict)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("hang leaves: %w", err)
	}
	return nil
}

// batch is one transaction of the sequencer.
type batch struct {
	sequencer *Sequencer
	now       time.Time
	head      *Head
	stored    []byte // the head before
	read      int    // leaves
	skipped   []*heed.AuditLeaf
	believed  bool // two people believe the host's clock again
	// what was hung
	erased, identities bool
}

func (b *batch) run(ctx context.Context, tx heed.Tx) error {
	s := b.sequencer
	head, stored, err := readHead(ctx, tx, s.Line, s.Verifier)
	if err != nil {
		return err
	}
	b.head, b.stored = head, stored
	s.Clock.Learn(head.Floor) // or what two people reset at another worker would be undone here
	b.now = s.Clock.Now().UTC().Truncate(time.Millisecond)
	leaves, err := tx.Leaves(ctx, head.Seq, "", hangAtOnce)
	if err != nil {
		return err
	}
	b.read = len(leaves)
	for _, l := range leaves {
		if err := b.hang(ctx, tx, l); err != nil {
			return err
		}
	}
	if len(leaves) == 0 && b.now.After(head.Floor) {
		head.Floor = b.now
	}
	if b.believed {
		if err := errors.Join(tx.PutSetting(ctx, settingDoubt, nil), tx.PutSetting(ctx, settingAsked, nil),
			tx.Publish(ctx, &heed.DeskEvent{At: b.now, Kind: EventBelieved})); err != nil {
			return err
		}
	}
	return tx.SwapSetting(ctx, settingHead, stored, head.bytes(s.Line, s.Signer))
}

// hang gives one leaf its number, its date and its place. Its date is that of the act, unless the floor is later or the line's
// time earlier: nobody moves the floor by a leaf of another day.
func (b *batch) hang(ctx context.Context, tx heed.Tx, l *heed.AuditLeaf) error {
	date := l.At
	if date.After(b.now) {
		date = b.now
	}
	if date.Before(b.head.Floor) {
		date = b.head.Floor
	}
	if bothSaid(l) {
		b.now = b.sequencer.Clock.host().UTC().Truncate(time.Millisecond)
		date, b.believed = b.now, true
	}
	b.head.Seq = l.Seq
	encoded, err := EntryOf(l, b.head.Frontier.Size()+1, date).Encode()
	if err != nil {
		b.skipped = append(b.skipped, l) // the verifier names it as added
		return nil
	}
	hash := LeafHash(encoded)
	place := &heed.HungLeaf{Num: int64(b.head.Frontier.Size()) + 1, Seq: l.Seq, Hash: hash[:]}
	if !date.Equal(l.At) {
		place.At = date
	}
	if err := tx.HangLeaf(ctx, place); err != nil {
		return err
	}
	b.erased, b.identities = b.erased || l.Act == ReportErased, b.identities || l.Act == IdentityErased
	b.head.Floor = date
	return b.head.Frontier.Append(hash)
}

// checkpoint signs the head where the tree has grown since the last Checkpoint and that one is old enough, or an Erasure was hung.
func (s *Sequencer) checkpoint(ctx context.Context) error {
	now := s.Clock.Now()
	if !s.signNow && now.Sub(s.signedAt) < checkpointEvery && !now.Before(s.signedAt) {
		return nil
	}
	err := s.Store.Update(ctx, func(tx heed.Tx) error { return s.sign(ctx, tx, now) })
	if errors.Is(err, heed.ErrConflict) { // another worker signed in the same moment
		return nil
	}
	if err != nil {
		return fmt.Errorf("sign a checkpoint: %w", err)
	}
	s.signedAt, s.signNow, s.showNow = now, false, false
	return nil
}

// sign adds a Checkpoint of the head, and shows it to everybody where that is due.
func (s *Sequencer) sign(ctx context.Context, tx heed.Tx, now time.Time) error {
	head, stored, err := readHead(ctx, tx, s.Line, s.Verifier)
	if err != nil || stored == nil {
		return err
	}
	// Signers wait for each other at the head, or the later Checkpoint could be of the smaller tree.
	if err := tx.SwapSetting(ctx, settingHead, stored, stored); err != nil {
		return err
	}
	size := head.Frontier.Size()
	last, err := tx.LastCheckpoint(ctx)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		last = &heed.CheckpointRecord{}
	case err != nil:
		return err
	}
	note := last.Note
	if size > uint64(last.Size) {
		// Checkpoints go forward, although the clock that people now believe may not.
		if after := last.At.Add(time.Millisecond); now.Before(after) {
			now = after
		}
		c := Checkpoint{Origin: s.Line, Size: size, Root: head.Frontier.Root(), At: now}
		if note, err = c.Sign(s.Signer, s.Verifier); err != nil {
			return err
		}
		if err := tx.AddCheckpoint(ctx, &heed.CheckpointRecord{At: now, Size: int64(size), Note: note}); err != nil {
			return err
		}
	}
	return s.publish(ctx, tx, note)
}

func (s *Sequencer) publish(ctx context.Context, tx heed.Tx, note []byte) error {
	var shown Published
	if err := readJSON(ctx, tx, settingPublic, &shown); err != nil {
		return err
	}
	now := s.Clock.Now().UTC()
	age := now.Sub(shown.At)
	if len(note) == 0 || shown.Note == string(note) || !s.showNow && age >= 0 && age < publishEvery {
		return nil
	}
	return putJSON(ctx, tx, settingPublic, Published{At: now, Note: string(note)})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
