package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// honest are the times of people who report and who look at their reports, each from a network of their own, a few a second.
type honest struct{ reported, looked []time.Duration }

// getIn sends a request as an honest program does: where the line asks for work, it works and sends again.
func (k *killed) getIn(method, path string, v any, headers ...string) (*answer, error) {
	pass := ""
	for {
		a, err := ask(method, k.public+path, v, append(slices.Clone(headers), "Heed-Pass", pass)...)
		if err != nil || a.status != http.StatusTooManyRequests {
			return a, err
		}
		var shed struct{ Challenge web.Challenge }
		if err := json.Unmarshal(a.body, &shed); err != nil {
			return a, err
		}
		if pass, err = seal.Solve(shed.Challenge.Ticket, shed.Challenge.Work); err != nil {
			return a, err
		}
	}
}

// people has five report and five look every second for so long. All of them must get through, work included.
func (k *killed) people(span time.Duration, receipt string) *honest {
	h := &honest{}
	var mu sync.Mutex
	var group sync.WaitGroup
	texts := newGenerator(0, 0)
	begun := time.Now()
	for n := range int(span.Seconds() * 5) {
		time.Sleep(time.Until(begun.Add(time.Duration(n) * time.Second / 5)))
		from := through(fmt.Sprintf("100.%d.%d.7", 64+n/256, n%256))
		sub, _ := texts.next()
		group.Go(func() {
			first := time.Now()
			sent, err := k.getIn("POST", "/api/v1/reports", sub, from...)
			second := time.Now()
			looked, err2 := k.getIn("GET", "/api/v1/status", nil, append(slices.Clone(from), "Authorization", "Receipt "+receipt)...)
			third := time.Now()
			if err != nil || err2 != nil || sent.status != http.StatusCreated || looked.status != http.StatusOK {
				k.t.Errorf("somebody didn't get through: %v, %v", err, err2)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			h.reported, h.looked = append(h.reported, second.Sub(first)), append(h.looked, third.Sub(second))
		})
	}
	group.Wait()
	slices.Sort(h.reported)
	slices.Sort(h.looked)
	return h
}

func (h *honest) String() string {
	return fmt.Sprintf("reports p50 %.0f ms, p95 %.0f ms; looks p50 %.0f ms, p95 %.0f ms (%d each)",
		percentile(h.reported, 50), percentile(h.reported, 95), percentile(h.looked, 50), percentile(h.looked, 95), len(h.looked))
}

// TestPeopleGetThroughTenThousandJunkSubmissionsAMinute tells what a flood costs everybody else: the times are for reading
// (-v), and no test of them. With HEED_SOAK each part lasts a minute.
func TestPeopleGetThroughTenThousandJunkSubmissionsAMinute(t *testing.T) {
	span := 3 * time.Second
	if os.Getenv("HEED_SOAK") != "" {
		span = time.Minute
	}
	k := flooded(t)
	var accepted struct{ Receipt string }
	k.ask("POST", k.public+"/api/v1/reports", map[string]string{"text": told}, through(homeAddress)...).into(t, &accepted)
	quiet := k.people(span, accepted.Receipt)
	t.Logf("quiet: %s", quiet)

	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	var in, shed int64
	group.Go(func() { in, shed = k.junk(ctx, 10_000.0/60, 3) })
	crowded := k.people(span, accepted.Receipt)
	stop()
	group.Wait()
	t.Logf("in a flood of 10,000 a minute (%d let in, %d shed): %s; p95 of reports %.2f of quiet", in, shed, crowded,
		percentile(crowded.reported, 95)/percentile(quiet.reported, 95))
	if in > 4*30+int64(span.Minutes()*4*20) {
		t.Errorf("%d were let in", in)
	}

	end := k.crowd()
	guessed := k.people(span, accepted.Receipt)
	tried, rounds := end()
	t.Logf("with a thousand wrong Receipts at once, every five seconds (%d of %d looked up): %s; p95 of looks %.2f of quiet, of reports %.2f", tried, 1000*rounds,
		guessed, percentile(guessed.looked, 95)/percentile(quiet.looked, 95), percentile(guessed.reported, 95)/percentile(quiet.reported, 95))
	if tried > 4*30+int(span.Seconds())+4*10 { // free of four networks, and one every four seconds of each
		t.Errorf("%d wrong Receipts were looked up", tried)
	}
	if mib := k.memory(); mib > 400 {
		t.Errorf("%d MiB of memory", mib)
	} else {
		t.Logf("%d MiB of memory at most", mib)
	}
}
