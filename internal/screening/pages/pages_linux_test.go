package pages

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestAJoinedTableLiesInLargePages(t *testing.T) {
	room, err := unix.Mmap(-1, 0, 4*large, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Munmap(room); err != nil {
			t.Error(err)
		}
	}()
	// Some systems give large pages unasked: the table is filled where they may not, and may lie in them only then.
	if unix.Madvise(room, unix.MADV_NOHUGEPAGE) != nil {
		t.Log("this system has no large pages")
		return
	}
	for i := range room {
		room[i] = byte(i)
	}
	if err := unix.Madvise(room, unix.MADV_HUGEPAGE); err != nil {
		t.Fatal(err)
	}
	table := room[large : 3*large]
	before := inLargePages(t, room)
	Join(table)
	if joined := inLargePages(t, room) - before; joined >= len(table) {
		return
	}
	// An older system can't, and one whose memory is in pieces may not.
	if err := unix.Madvise(table, unix.MADV_COLLAPSE); err != nil {
		t.Logf("nor can this system: %v", err)
		return
	}
	t.Error("it lies where it lay, though the system can")
}

// inLargePages is how many bytes of what surrounds the memory lie in large pages.
func inLargePages(t *testing.T, memory []byte) (bytes int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	begins := uintptr(unsafe.Pointer(unsafe.SliceData(memory)))
	ends := begins + uintptr(len(memory))
	inside := false
	for line := range strings.Lines(string(maps)) {
		var from, to uintptr
		var kB int
		if n, _ := fmt.Sscanf(line, "%x-%x ", &from, &to); n == 2 {
			inside = from < ends && begins < to
		} else if n, _ := fmt.Sscanf(line, "AnonHugePages: %d kB", &kB); n == 1 && inside {
			bytes += kB << 10
		}
	}
	return bytes
}
