package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// idleAtMost is what a line may hold in memory before its first report.
const idleAtMost = 80 << 20

func TestALineThatWaitsForItsFirstReportTakesLittleMemory(t *testing.T) {
	k := startProcess(t, filepath.Join(t.TempDir(), "line"))
	eventually(t, time.Minute, "the start is over", func() bool { return strings.Contains(k.logs.String(), `"msg":"serving"`) })
	most := 0
	for range 12 { // the background work's first rounds too
		most = max(most, memoryOf(t, k.command.Process.Pid, "VmRSS"))
		time.Sleep(250 * time.Millisecond)
	}
	t.Logf("%.1f MiB", float64(most)/(1<<20))
	if most > idleAtMost {
		t.Errorf("%.1f MiB resident, at most %d are wanted", float64(most)/(1<<20), idleAtMost>>20)
	}
	k.terminate(t)
}

// memoryOf is what the kernel counts of a process's memory, in bytes: "VmRSS" lies in it now, the program's own pages
// included, "VmHWM" is the most that ever did (proc_pid_status(5)).
func memoryOf(t *testing.T, pid int, what string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "\n"+what+":")
	var kib int
	if _, err := fmt.Sscanf(after, "%d kB", &kib); err != nil {
		t.Fatalf("no %s: %v", what, err)
	}
	return kib << 10
}

// TestTheProgramIsUnderSixtyMegabytes takes the tests' own program for `make build`'s, which leaves out the paths of the sources and the
// C library's look-ups besides: 0.2 MB.
func TestTheProgramIsUnderSixtyMegabytes(t *testing.T) {
	path, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	const most, besides = 60_000_000, 200_000
	if program.Size() > most+besides {
		t.Errorf("the program takes %d bytes, and is to take %d: see what grew with go tool nm -size -sort size", program.Size(), most+besides)
	}
}
