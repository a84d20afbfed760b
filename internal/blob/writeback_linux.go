package blob

import (
	"os"
	"syscall"
)

// askWriteBack begins to write a part of a file to its disk: sync_file_range(2). It is a hint, which some file systems refuse; what must be on
// the disk is synced, and that says what went wrong.
func askWriteBack(f *os.File, from, length int64) {
	const begin = 0x2 // SYNC_FILE_RANGE_WRITE
	_ = syscall.SyncFileRange(int(f.Fd()), from, length, begin)
}
