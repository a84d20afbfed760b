package rows

import (
	"slices"
	"sync"
	"time"
)

const (
	// commonMark is from how many reports on a mark is common: none that comes is kept under it (screening.MarkCommon).
	commonMark = 64
	// commonsMost bounds how many lists are remembered: about 10 MB, and never more than four times that, for longer lists aren't.
	commonsMost    = 20_000
	commonsLongest = 4 * commonMark * postingSize
	// commonsLast is how long a list is remembered. So long may a report that another process deleted be counted under a mark, and what
	// another job or process added under one that was becoming common be missed.
	commonsLast = time.Minute
)

// Commons remembers the lists of the marks that are common: they grow no more, each in a page of its own, and nearly every report asks for some
// dozens of them, for it is of common words. Nothing of it stays in memory for two minutes. It is safe for concurrent use; a store has one.
type Commons struct {
	mu       sync.Mutex
	lists    map[int64]commonList
	sweeping bool // a timer runs, which sweeps
}

type commonList struct {
	list  []byte // as it is stored; nil: one of its reports was deleted, and whoever still sees it in the list isn't believed
	since int64  // the latest day from which on it has enough
	until time.Time
}

// NewCommons remembers nothing yet.
func NewCommons() *Commons { return &Commons{lists: map[int64]commonList{}} }

// recall puts what is remembered of the marks into lists, and gives the others. What is no longer common from the day on is one of them.
func (c *Commons) recall(marks []int64, lists [][]byte, since int64, now time.Time) (unknown []int64) {
	unknown = make([]int64, 0, len(marks))
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, m := range marks {
		if l, ok := c.lists[m]; ok && l.list != nil && l.since >= since && l.until.After(now) {
			lists[i] = l.list
		} else {
			unknown = append(unknown, m)
		}
	}
	return unknown
}

// remember keeps those of the lists that are common and were read since now: of the unknown marks, which are some of the marks. Both ascend.
func (c *Commons) remember(unknown, marks []int64, lists [][]byte, now time.Time) {
	until := now.Add(commonsLast)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range unknown {
		i, _ := slices.BinarySearch(marks, m)
		if len(lists[i]) < commonMark*postingSize || len(lists[i]) > commonsLongest {
			continue
		}
		known, ok := c.lists[m]
		if ok && known.list == nil && known.until.After(now) {
			continue
		}
		if !ok && len(c.lists) >= commonsMost && !c.drop(now) {
			return
		}
		c.keep(m, commonList{lists[i], commonSince(lists[i]), until})
	}
}

// keep has a list until its time is over.
func (c *Commons) keep(mark int64, l commonList) {
	c.lists[mark] = l
	if !c.sweeping {
		c.sweeping = true
		time.AfterFunc(commonsLast, c.sweep)
	}
}

// sweep forgets what is over, also where nobody asks any more.
func (c *Commons) sweep() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(time.Now())
	c.sweeping = len(c.lists) > 0
	if c.sweeping {
		time.AfterFunc(commonsLast, c.sweep)
	}
}

// drop makes room by forgetting what is over; it says whether there is any.
func (c *Commons) drop(now time.Time) bool {
	for m, l := range c.lists {
		if !l.until.After(now) {
			delete(c.lists, m)
		}
	}
	return len(c.lists) < commonsMost
}

// forget drops what is remembered of the marks, of which a transaction deletes a report. Until it has ended others still read their lists as
// they were, so that those of the common ones aren't remembered for a while.
func (c *Commons) forget(marks, common []int64) {
	until := time.Now().Add(commonsLast)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range marks {
		if l := c.lists[m]; l.list != nil {
			delete(c.lists, m)
		}
	}
	for _, m := range common {
		c.keep(m, commonList{until: until})
	}
}

// commonSince is the latest day from which on a list has enough reports to be common.
func commonSince(list []byte) int64 {
	days := make([]int64, 0, len(list)/postingSize)
	for ; len(list) >= postingSize; list = list[postingSize:] {
		day, _ := posting(list)
		days = append(days, day)
	}
	slices.Sort(days)
	return days[len(days)-commonMark]
}
