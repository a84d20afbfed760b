package review_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

var storedReports = flag.Int("stored", 5_000, "how many reports BenchmarkScreeningBesideManyReports stores before it screens")

var screenedBeside = flag.Int("screened", 2_000, "how many reports BenchmarkScreeningBesideManyReports screens")

var keptIn = flag.String("kept", "", "a folder in which BenchmarkScreeningBesideManyReports/SQLite only leaves the filled store, and beside.json for HEED_TEST_BESIDE")

// BenchmarkScreeningBesideManyReports says how many reports of a hundred words a second are screened, and in how much memory, where
// many are stored already: all can be opened, all are of the last eighty days, and one in ten of the new ones copies one of them. The
// screening runs in a process of its own, which does nothing else.
//
//	go test -run - -bench BesideManyReports/SQLite -benchtime 1x -timeout 1h ./internal/review -args -stored 1000000
func BenchmarkScreeningBesideManyReports(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) {
		folder := *keptIn
		if folder == "" {
			folder = b.TempDir()
		}
		besideMany(b, sqlitetest.File(b, folder), folder)
	})
	b.Run("PostgreSQL", func(b *testing.B) { besideMany(b, pgtest.URL(b), b.TempDir()) })
}

// besides is what the process that screens is told: of whose line, and with which keys. They are made for this and open nothing else.
type besides struct {
	Store             string
	Content, Matching []byte
	Stored            int
}

func (of *besides) open(t testing.TB) heed.Store {
	var s heed.Store
	var err error
	if strings.HasPrefix(of.Store, "postgres") {
		s, err = postgres.Open(t.Context(), of.Store, postgres.Options{})
	} else {
		s, err = sqlite.Open(t.Context(), of.Store, sqlite.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const besideVariable = "HEED_TEST_BESIDE"

func besideMany(b *testing.B, store, folder string) {
	content, matching := seal.GeneratePrivateKey(), seal.NewKey()
	of := besides{store, content.Bytes(), matching[:], *storedReports}
	s, began := of.open(b), time.Now()
	f := newFilling(b, content.Public(), seal.NewMatchingKey(matching), *storedReports)
	if err := storetest.FillScreened(b.Context(), s, *storedReports, f.next); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d reports stored in %v", *storedReports, time.Since(began).Round(time.Second))
	file := filepath.Join(folder, "beside.json")
	told, err := json.Marshal(of)
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, told, 0o600); err != nil {
		b.Fatal(err)
	}
	if folder == *keptIn {
		return
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c := exec.CommandContext(b.Context(), self, "-test.run", "^TestScreeningBesideManyReports$", "-test.v", fmt.Sprintf("-screened=%d", *screenedBeside))
		c.Env = append(os.Environ(), besideVariable+"="+file)
		out, err := c.CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		b.Logf("%s", out)
	}
}

// TestScreeningBesideManyReports is what BenchmarkScreeningBesideManyReports runs in a process of its own; by itself it screens beside
// a few dozen.
func TestScreeningBesideManyReports(t *testing.T) {
	const batch = 100
	of, count := besides{Store: filepath.Join(t.TempDir(), "heed.db"), Stored: 40}, batch
	var age time.Duration // of the store: its line's clock has gone on meanwhile
	if file := os.Getenv(besideVariable); file != "" {
		made, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		age = time.Since(made.ModTime())
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &of); err != nil {
			t.Fatal(err)
		}
		count = *screenedBeside
	} else {
		content, matching := seal.GeneratePrivateKey(), seal.NewKey()
		of.Content, of.Matching = content.Bytes(), matching[:]
		s := of.open(t)
		f := newFilling(t, content.Public(), seal.NewMatchingKey(matching), of.Stored)
		if err := storetest.FillScreened(t.Context(), s, of.Stored, f.next); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	content, err := seal.ParsePrivateKey(of.Content)
	if err != nil {
		t.Fatal(err)
	}
	s := of.open(t)
	if count > batch {
		forgetLine(t, s)
	}
	l := newLineWith(t, s, content, seal.NewMatchingKey(seal.Key(of.Matching)))
	seed := uint64(2)
	if count > batch { // a kept store is screened beside again and again, each time other reports
		seed = uint64(time.Now().UnixNano()) << 8
	}
	l.now = l.now.Add(age)
	l.must(l.days.EnsureDays(t.Context(), l.now))
	texts := newTexts(t, seed)
	var ids [][]heed.ID
	for range count / batch {
		var group []string
		for i := range batch {
			text := texts.ofWords(100)
			if i%10 == 9 {
				text = stored(t, texts.random.IntN(of.Stored)) + " Please do something about it."
			}
			group = append(group, text)
		}
		// A clock that stands still would scatter them: ids begin with the time, and lists are in the order of what is due.
		l.now = l.now.Add(batch * time.Millisecond)
		ids = append(ids, l.submit(group...))
	}
	l.must(l.Screen(t.Context(), ids[0]...)) // reads what is read once
	profileOf(t)
	began, used := time.Now(), processorTime(t)
	next := make(chan []heed.ID, len(ids))
	for _, some := range ids[1:] {
		next <- some
	}
	close(next)
	var jobs errgroup.Group
	for range 2 { // as many of an import's jobs as a line runs at once
		jobs.Go(func() error {
			for some := range next {
				if err := l.Screen(t.Context(), some...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	l.must(jobs.Wait())
	took, copies := time.Since(began), 0
	used = processorTime(t) - used
	pprof.StopCPUProfile()
	for i := 9; i < batch; i += 10 {
		if s := l.screening(ids[len(ids)-1][i]); s != nil && s.DuplicateOf != nil {
			copies++
		}
	}
	if copies < 8 {
		t.Errorf("%d of 10 copies were found", copies)
	}
	if count > batch {
		t.Logf("beside %d reports %.0f are screened a second, by %.2f ms of this process's processor time each, the process took at most %s of memory, %d of 10 copies were found",
			of.Stored, float64(count-batch)/took.Seconds(), used.Seconds()*1000/float64(count-batch), mostMemory(t), copies)
	}
}

// forgetLine lets a kept store be screened beside once more, by a line with another audit key and staff of the same names.
func forgetLine(t *testing.T, s heed.Store) {
	for _, table := range []string{"day_keys", "staff"} {
		var err error
		switch s := s.(type) {
		case *sqlite.Store:
			_, err = s.WriteDB().ExecContext(t.Context(), "DELETE FROM "+table)
		case *postgres.Store:
			_, err = s.Pool().Exec(t.Context(), "DELETE FROM "+table)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// profileOf keeps a profile of the processor's time from here on where HEED_TEST_PROFILE names a file.
func profileOf(t *testing.T) {
	if name := os.Getenv("HEED_TEST_PROFILE"); name != "" {
		f, err := os.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() }) // of a profile, which is read by who made it
		if err := pprof.StartCPUProfile(f); err != nil {
			t.Fatal(err)
		}
	}
}

// processorTime is what this process has used of the processors.
func processorTime(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// mostMemory is the most that this process has had in memory.
func mostMemory(t *testing.T) string {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// texts makes reports out of the shipped training texts in English.
type texts struct {
	of     []string
	random *rand.Rand
}

var english = sync.OnceValues(func() (of []string, err error) {
	reports, err := training.Reports()
	for _, r := range reports {
		if r.Language == "en" && !r.Refuse {
			of = append(of, r.Text)
		}
	}
	return of, err
})

func newTexts(t testing.TB, seed uint64) *texts {
	of, err := english()
	if err != nil {
		t.Fatal(err)
	}
	return &texts{of, rand.New(rand.NewPCG(seed, 17))}
}

// ofWords joins pieces of texts, with numbers of their own, until there are so many words.
func (t *texts) ofWords(n int) string {
	words := []string{fmt.Sprintf("%d/%d.", t.random.IntN(100_000), t.random.IntN(1_000))}
	for len(words) < n {
		piece := strings.Fields(t.of[t.random.IntN(len(t.of))])
		from := t.random.IntN(len(piece))
		words = append(words, piece[from:min(len(piece), from+4+t.random.IntN(9))]...)
	}
	return strings.Join(words[:n], " ")
}

// stored is the text of the i-th stored report, from 0.
func stored(t testing.TB, i int) string { return newTexts(t, uint64(i)<<8|1).ofWords(60) }

// filling makes the stored reports, some at a time, on all cores.
type filling struct {
	testing.TB
	content  *seal.PublicKey
	matching *seal.MatchingKey
	made, n  int
	counts   map[int64]uint8 // of the marks kept
}

func newFilling(t testing.TB, content *seal.PublicKey, matching *seal.MatchingKey, n int) *filling {
	return &filling{t, content, matching, 0, n, map[int64]uint8{}}
}

func (f *filling) next() []storetest.Screened {
	const atOnce = 10_000
	some := make([]storetest.Screened, min(atOnce, f.n-f.made))
	asked := make([]screening.Marks, len(some))
	var all sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := w; i < len(some); i += runtime.GOMAXPROCS(0) {
				some[i], asked[i] = f.report(f.made + i)
			}
		})
	}
	all.Wait()
	for i := range some { // one after the other: which marks are kept hangs on those before
		some[i].Marks = asked[i].Kept(func(m int64) int { return int(f.counts[m]) })
		for _, m := range some[i].Marks {
			f.counts[m]++
		}
	}
	f.made += len(some)
	if f.n > 20*atOnce {
		fmt.Fprintf(os.Stderr, "%d of %d reports made\n", f.made, f.n)
	}
	return some
}

// screenedOn is the day on which the line of newLine stands, counted from 1970.
var screenedOn = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)

func (f *filling) report(i int) (storetest.Screened, screening.Marks) {
	id, text := storetest.FilledID(i+1), stored(f, i)
	said := heed.Screening{Language: "en", Urgency: heed.Normal, Category: "hazard", Similar: []heed.Match{}, Details: []heed.Detail{}, Reasons: []heed.Reason{}}
	read := screening.New(screening.Config{}).Recall(screening.Input{ID: id, Text: text}, said)
	marks := screening.MarksOf(f.matching, read)
	keys := seal.NewReportKeys()
	content, err := json.Marshal(heed.Content{Text: text})
	if err != nil {
		panic(err) // it is a string
	}
	answer, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	wrapped, err := keys.Wrap(f.content, "test", id)
	if err != nil {
		panic(err) // a key of ours
	}
	return storetest.Screened{
		Content: keys.Data.Seal(seal.ContentPlace("test", id), content), Wrapped: wrapped,
		Screening: keys.Data.Seal(seal.ScreeningPlace("test", id), answer), Day: screenedOn - int64(80*(f.n-i)/f.n),
		Sketch: marks.Sketch(read),
	}, marks
}
