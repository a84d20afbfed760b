package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

// benchCommand drives a running line over HTTP.
type benchCommand struct {
	URL       string        `help:"The portal to drive." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Desk      string        `help:"The desk to read back from." default:"http://127.0.0.1:8081" placeholder:"URL"`
	TokenFile string        `help:"File with a specialist's bearer token (heed token create); with it the time to screening is measured too." type:"path" placeholder:"FILE"`
	Clients   int           `help:"Submissions at the same time." default:"16" placeholder:"N"`
	Rate      float64       `help:"Submissions a second to keep up; 0: as many as the line takes." default:"0" placeholder:"R"`
	Duration  time.Duration `help:"How long to submit." default:"20s" placeholder:"TIME"`
	Rounds    int           `help:"Parts of the duration: before each and after the last the bare Argon2id rate is measured, for a machine's speed wanders." default:"3" placeholder:"N"`
	Files     int           `help:"Files with each submission." default:"0" placeholder:"N"`
	FileBytes int           `help:"Size of each file." default:"262144" placeholder:"BYTES"`
	Replay    []string      `help:"Send the reports in this JSON-lines file (.gz too) instead, once each, and check at the desk that all are screened and readable. May be repeated." type:"path" placeholder:"FILE"`
	Sample    int           `help:"Of --replay, draw only so many over all files, the same at each run; 0: all." default:"0" placeholder:"N"`
	JSON      bool          `help:"Print one JSON object."`
}

// Help is shown by --help below the flags.
func (c *benchCommand) Help() string {
	return `Start the line with HEED_FLOOD=off, else its flood limits answer.

Examples:
  heed bench --clients 64 --duration 30s
  heed bench --rate 50 --token-file token.txt
  heed bench --replay reports.jsonl --token-file token.txt --json | jq .failures`
}

// benchResult is what a run prints. Times are milliseconds, rates are a second.
type benchResult struct {
	Clients     int            `json:"clients"`
	Offered     float64        `json:"offered_rate,omitempty"`
	Seconds     float64        `json:"seconds"`
	Submissions int            `json:"submissions"`
	Failures    int            `json:"failures"`
	Statuses    map[string]int `json:"statuses"` // HTTP status, or "error" where none came
	Rate        float64        `json:"rate"`
	Rates       []float64      `json:"rates,omitempty"` // of each round
	P50         float64        `json:"p50_ms"`
	P95         float64        `json:"p95_ms"`
	P99         float64        `json:"p99_ms"`
	Max         float64        `json:"max_ms"`
	Cores       int            `json:"cores"`
	Argon2id    float64        `json:"argon2id_rate"`             // the mean, where it was measured more than once
	Bare        []float64      `json:"argon2id_rates,omitempty"`  // before each round and after the last
	Shares      []float64      `json:"shares,omitempty"`          // of each round: Rates over the mean of the two Bare around it
	Derivation  float64        `json:"derivation_rate,omitempty"` // Heed's own, on memory of its own, after the last round
	Share       float64        `json:"share_of_argon2id"`         // the median of Shares; of a replay, Rate / Argon2id
	Screening   *benchDelay    `json:"screening,omitempty"`
	Replay      *replayResult  `json:"replay,omitempty"`
}

// benchDelay is how long after its receipt a report was screened, in milliseconds.
type benchDelay struct {
	Reports int     `json:"reports"`
	P50     float64 `json:"p50_ms"`
	P95     float64 `json:"p95_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
}

// Run measures and prints. It fails where a submission failed or, with --replay, a report did not come through.
func (c *benchCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	if c.Clients < 1 || c.Rounds < 1 || c.Rate < 0 || c.Files < 0 || c.Sample < 0 || c.Duration <= 0 {
		return usagef("--clients and --rounds must be 1 or more and --rate, --files, --sample and --duration not negative")
	}
	var token string
	if c.TokenFile != "" {
		var err error
		if token, err = readSecretFile(c.TokenFile); err != nil {
			return err
		}
	}
	if len(c.Replay) > 0 && token == "" {
		return usagef("--replay reads back at the desk: give --token-file")
	}
	portal := newPublicClient(c.URL, c.Clients)
	if err := portal.ready(ctx); err != nil {
		return err
	}
	result := benchResult{Clients: c.Clients, Offered: c.Rate, Cores: runtime.GOMAXPROCS(0)}
	var desk *staffClient
	if token != "" {
		desk = newStaffClient(c.Desk, token)
	}
	if len(c.Replay) > 0 {
		log.Info("measuring the bare Argon2id rate", "cores", result.Cores)
		result.Argon2id = bareRate(ctx, result.Cores, library)
		return c.replay(ctx, s, log, portal, desk, result)
	}
	if err := c.rounds(ctx, s, log, portal, desk, &result); err != nil {
		return err
	}
	return c.finish(s, result)
}

const (
	bareTime = 3 * time.Second
	// restTime lets a line that can't be asked finish its screening before the bare rate is measured again.
	restTime = 2 * time.Second
)

// rounds submits in parts, each between two measurements of the bare rate.
func (c *benchCommand) rounds(
	ctx context.Context, s *surroundings, log *slog.Logger, portal *publicClient, desk *staffClient, result *benchResult,
) error {
	begun, whole := s.Now(), &load{}
	from := newGenerator(c.Files, c.FileBytes)
	bare := []float64{}
	for i := range c.Rounds {
		log.Info("measuring the bare Argon2id rate", "cores", result.Cores)
		bare = append(bare, bareRate(ctx, result.Cores, library))
		log.Info("submitting", "round", i+1, "of", c.Rounds)
		part := c.submit(ctx, portal, from, log)
		whole.results, whole.took = append(whole.results, part.results...), whole.took+part.took
		result.Rates = append(result.Rates, float64(part.accepted())/part.took.Seconds())
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if desk == nil {
			time.Sleep(restTime)
			continue
		}
		if err := desk.awaitScreening(ctx, s.Now); err != nil {
			return err
		}
	}
	bare = append(bare, bareRate(ctx, result.Cores, library))
	deriver := seal.NewDeriver(make([]byte, 32), make([]byte, 32), result.Cores, 0)
	result.Derivation = bareRate(ctx, result.Cores, func(ctx context.Context) error {
		_, err := deriver.Derive(ctx, seal.NewReceipt())
		return err
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	result.take(whole, bare)
	if desk == nil {
		return nil
	}
	delay, err := desk.screeningDelay(ctx, begun, whole.accepted())
	if err != nil {
		return fmt.Errorf("reading the time to screening: %w", err)
	}
	result.Screening = delay
	return nil
}

func (c *benchCommand) finish(s *surroundings, result benchResult) error {
	if err := result.print(s, c.JSON); err != nil {
		return err
	}
	if result.Failures > 0 {
		return fmt.Errorf("%d of %d submissions failed", result.Failures, result.Submissions)
	}
	if result.Replay != nil {
		return result.Replay.fault()
	}
	return nil
}

// take fills in what the load came to. bare are the bare rates before each round and after the last, of a replay the one.
func (r *benchResult) take(load *load, bare []float64) {
	r.Seconds = load.took.Seconds()
	r.Submissions = len(load.results)
	r.Statuses = load.statuses()
	r.Failures = r.Submissions - load.accepted()
	if r.Seconds > 0 {
		r.Rate = float64(load.accepted()) / r.Seconds
	}
	r.compare(bare)
	times := load.times()
	r.P50, r.P95, r.P99, r.Max = percentile(times, 50), percentile(times, 95), percentile(times, 99), percentile(times, 100)
}

func (r *benchResult) compare(bare []float64) {
	if len(r.Rates) == 0 {
		r.Argon2id = bare[0]
		r.Share = r.Rate / max(r.Argon2id, 1)
		return
	}
	r.Bare = bare
	for i, rate := range r.Rates {
		r.Shares = append(r.Shares, rate/((bare[i]+bare[i+1])/2))
		r.Argon2id += (bare[i] + bare[i+1]) / 2 / float64(len(r.Rates))
	}
	sorted := slices.Sorted(slices.Values(r.Shares))
	r.Share = (sorted[len(sorted)/2] + sorted[(len(sorted)-1)/2]) / 2
}

func (r *benchResult) print(s *surroundings, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(s.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	out := &printer{w: table}
	out.printf("submissions\t%d in %.1f s from %d clients\n", r.Submissions, r.Seconds, r.Clients)
	out.printf("failures\t%d %v\n", r.Failures, r.Statuses)
	out.printf("rate\t%.1f a second\n", r.Rate)
	out.printf("bare Argon2id\t%.1f a second on %d cores; this is %.2f of it %s\n", r.Argon2id, r.Cores, r.Share, brief(r.Shares))
	if r.Derivation > 0 {
		out.printf("Heed's Argon2id\t%.1f a second, likewise by itself\n", r.Derivation)
	}
	out.printf("answered\tp50 %.0f ms, p95 %.0f ms, p99 %.0f ms, slowest %.0f ms\n", r.P50, r.P95, r.P99, r.Max)
	if d := r.Screening; d != nil {
		out.printf("screened after\tp50 %.0f ms, p95 %.0f ms, p99 %.0f ms, slowest %.0f ms (%d reports)\n", d.P50, d.P95, d.P99, d.Max, d.Reports)
	}
	if p := r.Replay; p != nil {
		out.printf("read back\t%d sent, %d acknowledged, %d screened, %d readable word for word\n", p.Sent, p.Acknowledged, p.Screened, p.Readable)
	}
	if out.err != nil {
		return out.err
	}
	return table.Flush()
}

// brief shows each round's share.
func brief(shares []float64) string {
	if len(shares) < 2 {
		return ""
	}
	texts := make([]string, len(shares))
	for i, s := range shares {
		texts[i] = strconv.FormatFloat(s, 'f', 2, 64)
	}
	return "(" + strings.Join(texts, ", ") + ")"
}

// library derives a Receipt's keys with the Argon2id library as it is.
func library(context.Context) error {
	seal.LibraryDerivation(seal.NewReceipt())
	return nil
}

// bareRate is how often a second this machine derives on so many cores when it does nothing else.
func bareRate(ctx context.Context, cores int, derive func(context.Context) error) float64 {
	ctx, cancel := context.WithTimeout(ctx, bareTime)
	defer cancel()
	var derived atomic.Int64
	var group sync.WaitGroup
	begun := time.Now()
	for range cores {
		group.Go(func() {
			for ctx.Err() == nil {
				if derive(ctx) == nil {
					derived.Add(1)
				}
			}
		})
	}
	group.Wait()
	return float64(derived.Load()) / time.Since(begun).Seconds()
}
