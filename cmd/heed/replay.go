package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// replayResult says what became of a replay's reports.
type replayResult struct {
	Sent         int `json:"sent"`
	Acknowledged int `json:"acknowledged"` // a receipt came
	Screened     int `json:"screened"`     // past the state of being received
	Readable     int `json:"readable"`     // at the desk, word for word
}

func (r *replayResult) fault() error {
	if r.Acknowledged != r.Sent || r.Screened != r.Sent || r.Readable != r.Sent {
		return fmt.Errorf("of %d reports sent %d were acknowledged, %d screened, %d readable", r.Sent, r.Acknowledged, r.Screened, r.Readable)
	}
	return nil
}

// replayPatience is how long the last reports may wait for their screening.
const replayPatience = 2 * time.Minute

// replay sends every report once and looks each up at the desk by its words.
func (c *benchCommand) replay(ctx context.Context, s *surroundings, log *slog.Logger, portal *publicClient, desk *staffClient, result benchResult) error {
	reports, err := readReplay(c.Replay, c.Sample)
	if err != nil {
		return err
	}
	log.Info("replaying", "reports", len(reports))
	before, err := desk.list(ctx, "")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range before {
		known[r.ID] = true
	}
	sent := &replaySource{reports: reports}
	load := c.submit(ctx, portal, sent, log)
	result.take(load, []float64{result.Argon2id})
	result.Replay = &replayResult{Sent: len(reports), Acknowledged: load.accepted()}
	if err := desk.awaitScreening(ctx, s.Now); err != nil {
		return err
	}
	after, err := desk.list(ctx, "")
	if err != nil {
		return err
	}
	after = slices.DeleteFunc(after, func(r staffReport) bool { return known[r.ID] })
	if err := desk.compare(ctx, after, reports, result.Replay); err != nil {
		return err
	}
	return c.finish(s, result)
}

// replaySource hands each report out once.
type replaySource struct {
	reports []*submission
	at      atomic.Int64
}

func (r *replaySource) next() (*submission, bool) {
	i := int(r.at.Add(1)) - 1
	if i >= len(r.reports) {
		return nil, false
	}
	return r.reports[i], true
}

// readReplay reads the texts of JSON-lines files; of more than sample of them it draws so many, the same at each run.
func readReplay(files []string, sample int) ([]*submission, error) {
	var reports []*submission
	for _, file := range files {
		read, err := readReplayFile(file)
		if err != nil {
			return nil, usagef("reading %s: %w", file, err)
		}
		reports = append(reports, read...)
	}
	if sample > 0 && sample < len(reports) {
		random := rand.New(rand.NewPCG(1, 2))
		random.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		reports = reports[:sample]
	}
	return reports, nil
}

func readReplayFile(file string) (reports []*submission, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, err
		}
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxImportLine)
	for number := 1; lines.Scan(); number++ {
		var line struct{ Text, Lang, Language string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %s", number, jsonFault(err))
		}
		if strings.TrimSpace(line.Text) == "" {
			continue
		}
		if line.Language == "" {
			line.Language = line.Lang
		}
		reports = append(reports, &submission{Text: line.Text, Language: line.Language})
	}
	return reports, lines.Err()
}

// staffReport is what the staff API says of a report, as far as it matters here.
type staffReport struct {
	ID         string          `json:"id"`
	State      string          `json:"state"`
	ReceivedAt time.Time       `json:"received_at"`
	Text       string          `json:"text"`
	Screening  json.RawMessage `json:"screening"`
	History    []struct {
		At  time.Time `json:"at"`
		Act string    `json:"act"`
	} `json:"history"`
}

// list reads all pages of the reports of a state; "" is all of them.
func (c *staffClient) list(ctx context.Context, state string) ([]staffReport, error) {
	var all []staffReport
	query := url.Values{"limit": {"199"}}
	if state != "" {
		query.Set("state", state)
	}
	for {
		var page struct {
			Reports []staffReport
			Next    *string
		}
		if err := c.get(ctx, "/reports?"+query.Encode(), &page); err != nil {
			return nil, err
		}
		all = append(all, page.Reports...)
		if page.Next == nil {
			return all, nil
		}
		query.Set("after", *page.Next)
	}
}

// awaitScreening waits until no report is left unscreened.
func (c *staffClient) awaitScreening(ctx context.Context, now func() time.Time) error {
	for deadline := now().Add(replayPatience); ; {
		waiting := 0
		for _, state := range []string{"received", "screening"} {
			reports, err := c.list(ctx, state)
			if err != nil {
				return err
			}
			waiting += len(reports)
		}
		if waiting == 0 {
			return nil
		}
		if now().After(deadline) {
			return fmt.Errorf("%d reports are still unscreened after %s", waiting, replayPatience)
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// deskReaders is how many reports are read at once; each read is an audit leaf, so it costs the line a write.
const deskReaders = 16

// each reads every report whole and shows it to fn, which is called by one at a time.
func (c *staffClient) each(ctx context.Context, reports []staffReport, fn func(*staffReport)) error {
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(deskReaders)
	for _, r := range reports {
		group.Go(func() error {
			var whole staffReport
			if err := c.get(ctx, "/reports/"+r.ID, &whole); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			fn(&whole)
			return nil
		})
	}
	return group.Wait()
}

// compare counts which of the sent texts stand screened and unchanged at the desk.
func (c *staffClient) compare(ctx context.Context, stored []staffReport, sent []*submission, result *replayResult) error {
	left := map[string]int{}
	for _, sub := range sent {
		left[sub.Text]++
	}
	err := c.each(ctx, stored, func(r *staffReport) {
		if r.State != "received" && r.State != "screening" && len(r.Screening) > 0 && string(r.Screening) != "null" {
			result.Screened++
		}
		if left[r.Text] > 0 {
			left[r.Text]--
			result.Readable++
		}
	})
	if err != nil {
		return fmt.Errorf("reading the reports back: %w", err)
	}
	return nil
}

// delaySample is how many reports of a load are read to learn when they were screened.
const delaySample = 1000

// screeningDelay is the time from receipt to screening of what a load since begun brought in.
func (c *staffClient) screeningDelay(ctx context.Context, begun time.Time, accepted int) (*benchDelay, error) {
	if accepted == 0 {
		return nil, errors.New("nothing was accepted")
	}
	if err := c.awaitScreening(ctx, time.Now); err != nil {
		return nil, err
	}
	all, err := c.list(ctx, "")
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(r staffReport) bool { return r.ReceivedAt.Before(begun.Add(-time.Second)) })
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var delays []time.Duration
	err = c.each(ctx, all[:min(len(all), delaySample)], func(r *staffReport) {
		for _, act := range r.History {
			if act.Act == "report.screened" {
				delays = append(delays, act.At.Sub(r.ReceivedAt))
				break
			}
		}
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(delays)
	return &benchDelay{
		Reports: len(delays), P50: percentile(delays, 50), P95: percentile(delays, 95), P99: percentile(delays, 99), Max: percentile(delays, 100),
	}, nil
}
