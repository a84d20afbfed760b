package rows

import (
	"testing"
	"testing/synctest"
	"time"
)

// listOf has so many reports, all of one day.
func listOf(reports int) (list []byte) {
	for num := range reports {
		list = appendPosting(list, 7, int64(num))
	}
	return list
}

// remembers reads marks 1 and 2, both common, and says of how many the lists are remembered then.
func remembers(c *Commons, began time.Time) int {
	marks, read := []int64{1, 2}, [][]byte{listOf(commonMark), listOf(commonMark)}
	c.remember(marks, marks, read, began)
	return 2 - len(c.recall(marks, make([][]byte, 2), 7, time.Now()))
}

func TestAListOfWhichAReportIsDeletedIsNotRememberedByWhoReadItBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := NewCommons(), time.Now()
		if n := remembers(c, began); n != 2 {
			t.Fatalf("%d lists are remembered", n)
		}
		c.forget([]int64{1}, []int64{1})
		if n := remembers(c, began); n != 1 {
			t.Errorf("%d lists are remembered by who read them before one was changed", n)
		}
		time.Sleep(commonsLast + 1)
		if n := remembers(c, time.Now()); n != 2 {
			t.Errorf("%d lists are remembered later", n)
		}
	})
}

func TestNoListStaysInMemoryForTwoMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewCommons()
		remembers(c, time.Now())
		time.Sleep(commonsLast / 2)
		c.forget([]int64{2}, []int64{2})
		time.Sleep(2*commonsLast - commonsLast/2)
		synctest.Wait()
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.lists) != 0 || c.sweeping {
			t.Errorf("%d lists are still in memory, though nobody asked for any", len(c.lists))
		}
	})
}

func TestALongListIsNotRemembered(t *testing.T) {
	c, marks, now := NewCommons(), []int64{1}, time.Now()
	c.remember(marks, marks, [][]byte{listOf(4*commonMark + 1)}, now)
	if len(c.recall(marks, make([][]byte, 1), 7, now)) != 1 {
		t.Error("it is remembered")
	}
}
