package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// killed is a line in a process of its own, which can be killed without warning.
type killed struct {
	*testLine
	command *exec.Cmd
	log     *os.File
}

// builtAlready names heed where a test that runs once more, elsewhere, has built it.
const builtAlready = "HEED_BUILT_ALREADY"

// builtHeed builds heed once for all tests that need it as a process of its own.
var builtHeed = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(builtAlready); path != "" {
		return path, nil
	}
	folder, err := os.MkdirTemp("", "heed-under-test-")
	if err != nil {
		return "", err
	}
	atExit(func() { _ = os.RemoveAll(folder) }) // a temporary folder: what can't be removed is no fault of a test
	path := filepath.Join(folder, "heed")
	out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building: %w\n%s", err, out)
	}
	return path, nil
})

// startProcess serves the line in data by a process of its own.
func startProcess(t *testing.T, data string, args ...string) *killed {
	t.Helper()
	path, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(data+".log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	k := &killed{testLine: &testLine{t: t, data: data, program: path, args: lineArgs(data, args), logs: &lockedBuffer{}, now: time.Now}, log: log}
	k.command = exec.Command(path, append([]string{"serve", "--data", data, "--public", "127.0.0.1:0", "--desk", "127.0.0.1:0"}, args...)...)
	temp := data + ".tmp"
	if err := os.MkdirAll(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	k.command.Env = []string{"HEED_FLOOD=off", "HEED_LOG_LEVEL=debug", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + temp}
	k.command.Stderr = io.MultiWriter(log, k.logs)
	k.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := k.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := k.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.kill)
	if err := k.readAddresses(bufio.NewReader(stdout)); err != nil {
		t.Fatalf("%v\n%s", err, k.logs)
	}
	return k
}

// kill ends the process as a power cut would: it gets no chance to finish anything.
func (k *killed) kill() {
	if k.command.ProcessState != nil {
		return
	}
	// Both fail only where the process is gone, which is what is wanted.
	_ = k.command.Process.Kill()
	_ = k.command.Wait()
	_ = k.log.Close()
}

// terminate asks the process to end in order and waits for it.
func (k *killed) terminate(t *testing.T) {
	t.Helper()
	if err := k.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := k.command.Wait(); err != nil {
		t.Errorf("ended with %v\n%s", err, k.logs)
	}
}

// bombard submits from so many clients until ctx ends, and answers the receipts that were shown.
func (k *killed) bombard(ctx context.Context, clients int) []string {
	var mu sync.Mutex
	var receipts []string
	from := newGenerator(0, 0)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: 20 * time.Second}
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for ctx.Err() == nil {
				sub, _ := from.next()
				receipt, err := submitOnce(ctx, client, k.public, sub)
				if err != nil {
					continue // no receipt was shown: nothing was promised
				}
				mu.Lock()
				receipts = append(receipts, receipt)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return receipts
}

func submitOnce(ctx context.Context, client *http.Client, public string, sub *submission) (string, error) {
	body, contentType, err := sub.encode()
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, public+"/api/v1/reports", body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", contentType)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var accepted struct{ Receipt string }
	if err := json.NewDecoder(response.Body).Decode(&accepted); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated || len(accepted.Receipt) != 20 {
		return "", fmt.Errorf("answered %s", response.Status)
	}
	return accepted.Receipt, nil
}

// stage is what the reporter sees with the receipt; "" where the line doesn't know it.
func (l *testLine) stage(receipt string) string {
	l.t.Helper()
	a := l.ask("GET", l.public+"/api/v1/status", nil, "Authorization", "Receipt "+receipt)
	if a.status != http.StatusOK {
		return ""
	}
	var status struct{ Stage string }
	a.into(l.t, &status)
	return status.Stage
}

func TestALineKilledUnderLoadLosesNoShownReceiptAndScreensEverything(t *testing.T) {
	kills := 3
	if os.Getenv("HEED_SOAK") != "" {
		kills = 20
	}
	onEachStore(t, func(t *testing.T, store []string) {
		data := filepath.Join(t.TempDir(), "line")
		var shown []string
		for i := 0; i < kills || len(shown) < kills && i < 5*kills; i++ { // a machine that is busy may show none before a kill
			k := startProcess(t, data, store...)
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(500*time.Millisecond+time.Duration(rand.IntN(1500))*time.Millisecond, func() {
				k.kill()
				cancel()
			})
			round := k.bombard(ctx, 16)
			shown = append(shown, round...)
			t.Logf("kill %d: %d receipts shown", i+1, len(round))
		}
		if len(shown) < kills {
			t.Fatalf("only %d receipts were shown", len(shown))
		}
		k := startProcess(t, data, store...)
		waiting := shown
		eventually(t, 90*time.Second, "everything screened", func() bool {
			var still []string
			for _, receipt := range waiting {
				switch stage := k.stage(receipt); stage {
				case "":
					t.Fatalf("a receipt that was shown opens nothing")
				case "received":
					still = append(still, receipt)
				}
			}
			waiting = still
			return len(waiting) == 0
		})
		t.Logf("%d receipts shown over %d kills: all open, all screened", len(shown), kills)
		k.terminate(t)
		if said := k.testLine.command("audit", "verify"); !strings.Contains(said, "as they were signed") {
			t.Errorf("after the kills the audit says %s", said)
		}
		if strings.Contains(k.logs.String(), "panic") {
			t.Error("something panicked")
		}
	})
}

// killImport runs an import and kills it soon after it has begun.
func killImport(t *testing.T, data, file string) {
	t.Helper()
	path, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "import", "--data", data, file)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300*time.Millisecond + time.Duration(rand.IntN(700))*time.Millisecond)
	// It may be done already; then there was nothing to kill.
	_ = command.Process.Kill()
	_ = command.Wait()
}

// countReports counts what the line in data holds.
func countReports(t *testing.T, data string) int {
	t.Helper()
	ctx := context.Background()
	store, err := openStore(ctx, lineFlags{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	n := 0
	err = store.View(ctx, func(tx heed.Tx) (err error) {
		n, err = tx.CountReports(ctx, heed.ReportQuery{}, 1_000_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
