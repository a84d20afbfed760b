package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/heed-line/heed/internal/screening/evaluate"
	"github.com/heed-line/heed/internal/screening/training"
)

const screeningPath = "./internal/screening"

// speed runs the benchmarks of the screening, each in a process of its own, and measures what telling languages takes of memory.
func (r *run) speed() error {
	dir, err := os.MkdirTemp("", "heed-measure-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	twenty, err := benchmark(dir, screeningPath, "^BenchmarkTwentyThousandReports$", "2x")
	if err != nil {
		return err
	}
	progress("speed: twenty thousand reports are measured")
	sentences, err := benchmark(dir, screeningPath+"/language", "Sentence$", "0.5s")
	if err != nil {
		return err
	}
	progress("speed: sentences are measured")
	memory, err := telling(dir)
	if err != nil {
		return err
	}
	r.from("20,000 reports of 100 words in ten languages, made of the shipped training texts, one in ten an edited copy, from lines to lines as `heed screen` does it; sentences of the same texts", "the project's",
		"none: time is measured, and no answer. The clock's figures are this machine's at the load above; processor time is what a quiet one takes, or more")
	r.table("figure", "measured", "floor")
	for _, m := range twenty.metrics {
		switch m.unit {
		case "reports/s":
			r.row(evaluate.ReportsASecond+", by the clock", fmt.Sprintf("%.0f", m.value), evaluate.Verdict(evaluate.ReportsASecond, m.value))
		case "cpu-µs/report":
			r.row(evaluate.MicrosAReport, fmt.Sprintf("%.0f", m.value), evaluate.Verdict(evaluate.MicrosAReport, m.value))
		}
	}
	r.row("MB of memory, that benchmark with its lines and answers", fmt.Sprintf("%.0f", twenty.memory), "–")
	for _, m := range sentences.metrics {
		if m.unit != "cpu-µs/sentence" {
			continue
		}
		kind := "words met before"
		if strings.HasPrefix(m.of, "BenchmarkFirst") {
			kind = "its longer words never met"
		}
		_, lang, _ := strings.Cut(m.of, "/")
		lang = lang[:max(strings.LastIndexByte(lang, '-'), 0)] // the benchmark's processors behind it
		r.row(fmt.Sprintf("%s: %s, %s", evaluate.MicrosALanguage, lang, kind), fmt.Sprintf("%.1f", m.value), evaluate.Verdict(evaluate.MicrosALanguage, m.value))
	}
	r.row(evaluate.LanguageMemory, fmt.Sprintf("%.1f", memory), evaluate.Verdict(evaluate.LanguageMemory, memory))
	r.out.WriteString("\nNot measured by this command, as it takes hours: copies and screening beside a million stored reports (floors: F1 ≥ 0.97 and ≥ 0.95, p99 ≤ 20 ms, ≤ 2 KB a report; ≥ 1,000 reports a second, ≤ 300 MiB).\n")
	return nil
}

// measured is what a process took, and what its benchmarks say.
type measured struct {
	memory  float64 // the most, MB
	metrics []metric
}

type metric struct {
	of, unit string
	value    float64
}

// benchmark builds a package's tests and runs some benchmarks of them.
func benchmark(dir, path, which, time string) (*measured, error) {
	binary := filepath.Join(dir, "bench.test")
	if err := goTool("test", "-c", "-o", binary, path); err != nil {
		return nil, err
	}
	run := exec.Command(binary, "-test.run", "^$", "-test.bench", which, "-test.benchtime", time)
	run.Dir = path
	out, memory, err := output(run)
	if err != nil {
		return nil, fmt.Errorf("run the benchmarks of %s: %w", path, err)
	}
	m := &measured{memory: memory}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("read the benchmark's line %q: %w", line, err)
			}
			m.metrics = append(m.metrics, metric{fields[0], fields[i+1], value})
		}
	}
	if m.metrics == nil {
		return nil, fmt.Errorf("no benchmark of %s is called %s", path, which)
	}
	return m, nil
}

// telling is the memory, in MB, of a process that does nothing but tell the languages of twenty thousand texts.
func telling(dir string) (float64, error) {
	binary := filepath.Join(dir, "trainlang")
	if err := goTool("build", "-o", binary, screeningPath+"/trainlang"); err != nil {
		return 0, err
	}
	reports, err := training.Reports()
	if err != nil {
		return 0, err
	}
	var in strings.Builder
	for _, r := range reports[:min(len(reports), 20_000)] {
		in.WriteString(strings.ReplaceAll(r.Text, "\n", " ") + "\n")
	}
	run := exec.Command(binary, "-tell")
	run.Stdin = strings.NewReader(in.String())
	var errs strings.Builder
	run.Stderr = &errs
	if _, err := run.Output(); err != nil {
		return 0, fmt.Errorf("tell the languages of the training texts: %w\n%s", err, errs.String())
	}
	var kib float64
	if _, err := fmt.Sscanf(errs.String(), "VmHWM: %f kB", &kib); err != nil {
		return 0, fmt.Errorf("read what memory was taken of %q: %w", errs.String(), err)
	}
	return kib * 1024 / 1e6, nil
}

func goTool(args ...string) error {
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// output runs a command and gives what it wrote and the most memory that it took, in MB.
func output(run *exec.Cmd) (out string, memory float64, err error) {
	var errs bytes.Buffer
	run.Stderr = &errs
	text, err := run.Output()
	if err != nil {
		return "", 0, fmt.Errorf("%w\n%s%s", err, text, errs.Bytes())
	}
	used, ok := run.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return "", 0, fmt.Errorf("this system doesn't say what a process took of memory")
	}
	return string(text), float64(used.Maxrss) * 1024 / 1e6, nil // in KiB on Linux
}
