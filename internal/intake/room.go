package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

const (
	// defaultStaged is a day's abandoned drafts, on any disk.
	defaultStaged = 10 << 30
	// roomStep is what a file takes at a time, and the least that one counts for: a flood of tiny ones fills notes and
	// inodes instead of bytes.
	roomStep = 64 << 10
	// countedWithin is how long a file waits for a count; where the bucket takes longer, it goes by what is known by then.
	countedWithin = 5 * time.Second
	// countingFor is how long a count may take in all; the next file begins another, which goes by what the last whole one knew.
	countingFor = 10 * time.Minute
	// countedFor is how long a count of the staged files holds; what came in since is added to it.
	countedFor = time.Minute
	// measuredAtOnce are how many files are measured at one time.
	measuredAtOnce = 16
	// absentFor is how long at most a blob that isn't there counts as none before it is asked for again.
	absentFor = time.Hour
)

// Room bounds the disk that files may take before their report is sent; texts are taken whatever it says. Processes that share a blob
// store count each for itself what is arriving, and together what has arrived. Whoever sends is unknown, but not from which network of
// this hour (seal.WithParty): what came from one may never take more than it leaves to all others. Each process keeps that for itself, in
// memory; it forgets whose a file was with the hour, so that one network may have half of what was left in each.
type Room struct {
	Staged  int64                 // bytes of all files that wait for their report; 0 is 10 GiB
	Reserve int64                 // bytes of the blob store's disk that are left free
	Free    func() (int64, error) // bytes that are free there now; nil where that can't be known
}

// errNoRoom ends the reading of a file for which there is no room; errNoShare, of one that would leave others less than its network has.
var (
	errNoRoom  = errors.New("no room for files")
	errNoShare = errors.New("no room for more files of one network")
)

// room keeps account of a Room.
type room struct {
	cfg *Config

	at    time.Time        // of the last count; zero before the first. Of the count under way alone, as sizes are
	sizes map[string]int64 // of the blobs in it

	mu       sync.Mutex
	counting *counting // the count under way, nil for none
	due      time.Time // when what is counted must be counted again
	counted  int64     // what the last count found
	arrived  int64     // since then
	arriving int64
	absent   map[string]absence // of blobs that the store didn't have
	shares   shares
	begun    begun
}

// absence is of a noted blob that isn't there: it is being committed, or its server never answered, and it may or may not come.
type absence struct{ since, asked time.Time }

// asks says whether to ask once more: the longer it wasn't there, the more seldom. What was on its way for some time is thus counted after
// as much time again at the latest, and at once where it came by this process.
func (a absence) asks(now time.Time) bool {
	return now.Sub(a.asked) >= min(a.asked.Sub(a.since), absentFor)
}

// mayBegin says whether a party may begin an upload beside all that are under way; begin counts one that it began, until over.
func (r *room) mayBegin(party seal.Party, all int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun.mayBegin(party, all, r.cfg.Now())
}

func (r *room) begin(party seal.Party, upload string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun.count(party.ID, upload)
}

func (r *room) over(upload string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun.over(upload)
}

// counting is a count under way.
type counting struct {
	done chan struct{} // closed when err is there
	err  error
}

// count sees to it that what is staged was counted a moment ago, or is being counted: it waits for that, but not for long.
func (r *room) count(ctx context.Context) error {
	r.mu.Lock()
	now := r.cfg.Now()
	if now.Before(r.due) {
		r.mu.Unlock()
		return nil
	}
	c := r.counting
	if c == nil {
		c = &counting{done: make(chan struct{})}
		r.counting = c
		go r.carryOut(context.WithoutCancel(ctx), c, now)
	}
	r.mu.Unlock()
	patience := time.NewTimer(countedWithin)
	defer patience.Stop()
	select {
	case <-c.done:
		return c.err
	case <-patience.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// carryOut counts for all who wait for it, and not for ever: while it does nobody else counts.
func (r *room) carryOut(ctx context.Context, c *counting, now time.Time) {
	ctx, cancel := context.WithTimeout(ctx, countingFor)
	defer cancel()
	c.err = r.recount(ctx, now)
	r.mu.Lock()
	r.counting = nil
	if c.err == nil {
		r.due = now.Add(countedFor)
	}
	r.mu.Unlock()
	if c.err != nil {
		r.cfg.Log.Warn("intake: staged files aren't counted", "error", c.err)
	}
	close(c.done)
}

// recount counts what is staged. One does at a time.
func (r *room) recount(ctx context.Context, now time.Time) error {
	r.mu.Lock()
	before, owned, absent := r.arrived, r.shares.blobs(), maps.Clone(r.absent)
	r.mu.Unlock()
	var blobs []string
	err := r.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		blobs, err = tx.StagedBefore(ctx, now.Add(stagedLife), 0)
		return err
	})
	if err != nil {
		return fmt.Errorf("list staged files: %w", err)
	}
	if r.at.IsZero() { // the least that they take, until their sizes are known
		r.mu.Lock()
		r.counted = int64(len(blobs)) * roomStep
		r.mu.Unlock()
	}
	wanted := slices.DeleteFunc(slices.Clone(blobs), func(b string) bool {
		a, known := absent[b]
		return known && !a.asks(now)
	})
	sizes, err := r.measure(ctx, wanted)
	if err != nil {
		return err
	}
	sum := int64(0)
	for _, size := range sizes {
		sum += stepped(size)
	}
	r.at, r.sizes = now, sizes
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted, r.arrived = sum, r.arrived-before
	r.notice(blobs, wanted, sizes, now)
	for _, b := range owned {
		if _, waits := sizes[b]; !waits { // taken by a report or swept, by whichever process
			r.shares.forget(b)
		}
	}
	return nil
}

// notice remembers which blobs weren't there when they were asked for. mu is held.
func (r *room) notice(noted, asked []string, there map[string]int64, now time.Time) {
	before := r.absent
	r.absent = map[string]absence{}
	for _, b := range noted {
		if a, known := before[b]; known {
			r.absent[b] = a
		}
	}
	for _, b := range asked {
		if _, is := there[b]; is {
			delete(r.absent, b)
			continue
		}
		a, known := r.absent[b]
		if !known {
			a.since = now
		}
		a.asked = now
		r.absent[b] = a
	}
}

// stepped is what a blob of so many bytes counts for: whole steps, of which what seals each frame is none.
func stepped(size int64) int64 { return max(1, (size+roomStep/2)/roomStep) * roomStep }

// measure is how large each blob is that is there: it may not be committed yet, or be on its way out. Asking a bucket takes some
// milliseconds each, so many are asked at once.
func (r *room) measure(ctx context.Context, blobs []string) (map[string]int64, error) {
	sizes := make(map[string]int64, len(blobs))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(measuredAtOnce)
	for _, b := range blobs {
		if size, known := r.sizes[b]; known {
			mu.Lock()
			sizes[b] = size
			mu.Unlock()
			continue
		}
		group.Go(func() error {
			size, err := r.cfg.Blobs.Size(ctx, b)
			if errors.Is(err, heed.ErrNotFound) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("measure a staged file: %w", err)
			}
			mu.Lock()
			defer mu.Unlock()
			sizes[b] = size
			return nil
		})
	}
	return sizes, group.Wait()
}

// take asks for one more step for a party; held says that the store has the bytes already, elsewhere, and will soon be rid of that.
func (r *room) take(party uint64, held bool) error {
	if r.cfg.Room.Free != nil {
		free, err := r.cfg.Room.Free()
		if err != nil {
			return fmt.Errorf("look how much of the disk is free: %w", err)
		}
		if free-roomStep < r.cfg.Room.Reserve {
			return errNoRoom
		}
	}
	limit := r.cfg.Room.Staged
	if limit == 0 {
		limit = defaultStaged
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	left := limit - (r.counted + r.arrived + r.arriving + roomStep)
	switch {
	case held:
	case left < 0:
		return errNoRoom
	case party != 0 && r.shares.of[party]+roomStep > left:
		return errNoShare
	}
	r.arriving += roomStep
	if !held {
		r.shares.add(party, roomStep)
	}
	return nil
}

// gone says that a staged file is no longer there.
func (r *room) gone(blob string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shares.forget(blob)
}

// noRoom is what a sender hears of why there was no room; nil where it wasn't for that.
func noRoom(err error) *heed.Problem {
	switch {
	case errors.Is(err, errNoRoom):
		return &heed.Problem{Field: "files", Code: "files-no-room"}
	case errors.Is(err, errNoShare):
		return &heed.Problem{Field: "files", Code: "files-share"}
	}
	return nil
}

// arrival reads a file that takes its room as it comes.
type arrival struct {
	io.Reader
	room  *room
	party uint64
	held  bool // as take says
	read  int64
	taken int64
	err   error // why there was no more room
}

// arrive begins the arrival of a file. It must be ended.
func (r *room) arrive(ctx context.Context, file io.Reader) (*arrival, error) {
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	return &arrival{Reader: file, room: r, party: seal.PartyOf(ctx).ID}, nil
}

// exchange begins the arrival of a file in place of the pieces it is read from. It must be ended. A full Room doesn't keep
// a report from taking its files; a full disk does.
func (r *room) exchange(file io.Reader) *arrival { return &arrival{Reader: file, room: r, held: true} }

// Read implements io.Reader. It returns errNoRoom where the file would pass the Room, and errNoShare where its network's files would.
func (a *arrival) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	a.read += int64(n)
	for a.read > 0 && a.taken < stepped(seal.PaddedSize(a.read)) {
		if a.err = a.room.take(a.party, a.held); a.err != nil {
			return 0, a.err
		}
		a.taken += roomStep
	}
	return n, err
}

// end says whether the file stays, and as which blob.
func (a *arrival) end(stays bool, blob string) {
	a.room.mu.Lock()
	defer a.room.mu.Unlock()
	a.room.arriving -= a.taken
	if stays {
		a.room.arrived += a.taken
		delete(a.room.absent, blob)
	}
	switch {
	case a.held:
	case stays:
		a.room.shares.owns(a.party, blob, a.taken)
	default:
		a.room.shares.add(a.party, -a.taken)
	}
}
