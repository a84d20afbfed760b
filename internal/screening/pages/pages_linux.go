// Package pages has tables lie in few, large pages of memory. Of each report thousands of things are looked up in tables of megabytes, each
// elsewhere: in pages of 4 KB most of these looks wait for where the page is before they wait for what is in it, in a virtual machine longest.
// It imports nothing of Heed and sees nothing but where tables are.
package pages

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// large is the size of a processor's next larger page on all that Heed runs on.
const large = 2 << 20

// A table of less than least bytes stays where it is: what lies beside it would have to move more than it gains.
const least = 256 << 10

// Join asks the system to put a table that will stay, and what lies beside it up to the ends of its pages, into large pages. It is advice, so that
// no error of it matters: where the system can't, or is older (Linux before 6.1), the table stays as it is.
func Join[T any](table []T) {
	var one T
	size := uintptr(len(table)) * unsafe.Sizeof(one)
	if size < least {
		return
	}
	begins := uintptr(unsafe.Pointer(unsafe.SliceData(table)))
	ends := begins + size
	for at := begins &^ (large - 1); at < ends; at += large {
		unix.Syscall(unix.SYS_MADVISE, at, large, unix.MADV_COLLAPSE)
	}
}
