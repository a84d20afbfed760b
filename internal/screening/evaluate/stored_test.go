package evaluate

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/language"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

var storedChinese = flag.Bool("chinese", false, "BenchmarkStored stores and asks for Chinese sentences, among reports made of the shipped Chinese training texts")

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var storedReports = flag.Int("stored", 20_000, "how many reports BenchmarkStored stores before it asks")

// BenchmarkStored measures how copies are found in a store of many reports, on either engine: F1, the time of a query with
// the comparing, and the index's bytes a report.
//
//	HEED_DATA_DIR=DIR go test -run - -bench Stored/SQLite -benchtime 1x -timeout 2h ./internal/screening/evaluate -args -stored 1000000
//
// Half of the distinct English messages of CrisisLexT26 are stored, edited copies of them and the other half are asked for.
// Around them stand reports made of two halves of other messages each (CrisisLexT6), so that every half comes again and again:
// more that is alike than real reports have. With -chinese (behind -args) the sentences of the language sets are stored and asked for,
// for there are no Chinese messages. A query is the look-up of one report by itself; ms-compared is with its marks and the comparing, without
// the opening of what is sealed.
func BenchmarkStored(b *testing.B) {
	dir := os.Getenv("HEED_DATA_DIR")
	if dir == "" {
		b.Skip("HEED_DATA_DIR names no folder with relevance/crisislext26.jsonl.gz and relevance/crisislext6.jsonl.gz")
	}
	b.Run("SQLite", func(b *testing.B) {
		s, err := sqlite.Open(b.Context(), sqlitetest.File(b, b.TempDir()), sqlite.Options{})
		if err == nil { // the filling is not what is measured: it waits for no disk, and the readers have caches of their own
			_, err = s.WriteDB().Exec("PRAGMA synchronous=OFF; PRAGMA cache_size=-1000000")
		}
		measureStored(b, dir, s, err, func() (bytes int64, err error) {
			err = s.WriteDB().QueryRow("SELECT SUM(pgsize) FROM dbstat WHERE name IN ('marks', 'fingerprints')").Scan(&bytes)
			return bytes, err
		})
	})
	b.Run("PostgreSQL", func(b *testing.B) {
		s, err := postgres.Open(b.Context(), pgtest.URL(b), postgres.Options{})
		measureStored(b, dir, s, err, func() (bytes int64, err error) {
			err = s.Pool().QueryRow(b.Context(), "SELECT pg_total_relation_size('marks') + pg_total_relation_size('fingerprints')").Scan(&bytes)
			return bytes, err
		})
	})
}

// plainKey stands in for a line's matching key.
type plainKey struct{}

func (plainKey) Hash64(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

func measureStored(b *testing.B, dir string, s heed.Store, err error, size func() (int64, error)) {
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	language, asked, others := storedTexts(b, dir)
	st := &stored{Store: s, language: language, r: rand.New(rand.NewPCG(11, 1)), texts: map[heed.ID]string{}, counts: map[int64]uint8{}}
	began := time.Now()
	half := asked[:len(asked)/2]
	for begin := 0; begin < *storedReports; begin += storedChunk {
		if part := max(*storedReports/20/storedChunk*storedChunk, storedChunk); begin > 0 && begin%part == 0 {
			fmt.Fprintf(os.Stderr, "%d reports stored after %v\n", begin, time.Since(began).Round(time.Second))
		}
		var texts []string
		for i := begin; i < min(begin+storedChunk, *storedReports); i++ {
			text := st.made(others)
			if every := *storedReports / len(half); i%every == 0 && i/every < len(half) {
				text = half[i/every]
			}
			texts = append(texts, text)
		}
		st.put(b, texts)
	}
	b.Logf("%d reports stored in %v", len(st.texts), time.Since(began).Round(time.Second))
	fmt.Fprintf(os.Stderr, "all stored after %v, the index is measured and asked\n", time.Since(began).Round(time.Second))
	bytes, err := size()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(bytes)/float64(len(st.texts)), "index-bytes/report")
	st.ask(b, half, asked[len(half):])
}

// storedTexts gives the texts of which half are stored, and others that have nothing to do with them.
func storedTexts(b *testing.B, dir string) (tongue string, asked, others []string) {
	if *storedChinese {
		asked = Distinct(texts(b, filepath.Join(dir, "language", "sentences.jsonl.gz"), func(lang string) bool { return lang == "zh" }), 3000)
		reports, err := training.Reports()
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range reports {
			if strings.HasPrefix(r.Language, "zh") {
				others = append(others, r.Text)
			}
		}
		return "zh", asked, Apart(asked, others)
	}
	english := func(texts []string) []string {
		return slices.DeleteFunc(texts, func(m string) bool { return language.Default().Detect(m).Main != "en" })
	}
	all := func(string) bool { return true }
	asked = Distinct(english(texts(b, filepath.Join(dir, "relevance", "crisislext26.jsonl.gz"), all)), 3000)
	return "en", asked, Apart(asked, english(texts(b, filepath.Join(dir, "relevance", "crisislext6.jsonl.gz"), all)))
}

// storedChunk is how many reports a transaction stores: of many, SQLite walks through what it noted to undo at every statement.
const storedChunk = 200

// stored is a store that is being measured.
type stored struct {
	heed.Store
	language        string
	r               *rand.Rand
	texts           map[heed.ID]string
	counts          map[int64]uint8 // of the marks kept: what the store would answer, without asking it a million times
	asked, compared []time.Duration
}

// made joins the beginning of one message to the end of another.
func (s *stored) made(of []string) string {
	a, joint := partsOf(of[s.r.IntN(len(of))])
	z, _ := partsOf(of[s.r.IntN(len(of))])
	return strings.Join(append(slices.Clone(a[:(len(a)+1)/2]), z[len(z)/2:]...), joint)
}

// partsOf are a text's words, or its characters where it has few blanks.
func partsOf(text string) (parts []string, joint string) {
	if parts = strings.Fields(text); len(parts)*12 < len(text) {
		return strings.Split(text, ""), ""
	}
	return parts, " "
}

var storedAt = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func (s *stored) features(id heed.ID, text string) screening.Features {
	return screening.New(screening.Config{}).Recall(screening.Input{ID: id, Text: text}, heed.Screening{Language: s.language})
}

func (s *stored) put(b *testing.B, texts []string) {
	ctx, n := b.Context(), len(s.texts)
	reports, reads, marks := make([]*heed.Report, len(texts)), make([]screening.Features, len(texts)), make([]screening.Marks, len(texts))
	var all sync.WaitGroup
	for w := range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := w; i < len(texts); i += runtime.GOMAXPROCS(0) {
				at := storedAt.Add(time.Duration(n+i) * time.Second)
				reports[i] = &heed.Report{
					ID: heed.NewID(at), Channel: heed.ChannelWeb, State: heed.Queued, Urgency: heed.Normal, ReceivedAt: at, DayKey: at.Format(time.DateOnly),
					StateSince: at, Language: "en", Content: []byte{0},
				}
				reads[i] = s.features(reports[i].ID, texts[i])
				marks[i] = screening.MarksOf(plainKey{}, reads[i])
			}
		})
	}
	all.Wait()
	err := s.Update(ctx, func(tx heed.Tx) error {
		traces := make([]*heed.Trace, len(reports))
		for i, r := range reports {
			if err := tx.AddReport(ctx, r, []byte{0}); err != nil {
				return err
			}
			kept := marks[i].Kept(func(m int64) int { return int(s.counts[m]) })
			for _, m := range kept {
				s.counts[m]++
			}
			traces[i] = &heed.Trace{Report: r.ID, Marks: kept, Sketch: marks[i].Sketch(reads[i]), At: r.ReceivedAt}
			s.texts[r.ID] = texts[i]
		}
		return tx.PutTraces(ctx, traces)
	})
	if err != nil {
		b.Fatal(err)
	}
}

// ask looks for edited copies of what is stored and for what is not, and reports.
func (s *stored) ask(b *testing.B, in, out []string) {
	var words []string
	for _, t := range append(slices.Clone(in), out...) {
		parts, _ := partsOf(t)
		words = append(words, parts...)
	}
	new := 0
	for _, t := range out {
		if s.copyOf(b, t) != "" {
			new++
		}
	}
	var pooled F1
	for _, share := range []float64{0.05, 0.15, 0.3} {
		f := F1{Found: new}
		for i := 0; i < len(in); i += 3 { // as many new as in Edited: three for a copy
			f.Labelled++
			if found := s.copyOf(b, edit(s.r, in[i], share, words)); found != "" {
				f.Found++
				if found == in[i] {
					f.Exact++
				}
			}
		}
		pooled.Add(f)
		b.ReportMetric(f1(f.Exact, f.Found, f.Labelled), fmt.Sprintf("F1-%.0f%%", 100*share))
	}
	b.ReportMetric(f1(pooled.Exact, pooled.Found, pooled.Labelled), "F1-all")
	for name, took := range map[string][]time.Duration{"ms": s.asked, "ms-compared": s.compared} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, name+"-median")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, name+"-p99")
	}
	b.Logf("%d queries, new ones called copies %d of %d, pooled %s", len(s.asked), new, len(out), pooled)
}

// copyOf gives the stored text that one is found to be a copy of, "" for none.
func (s *stored) copyOf(b *testing.B, text string) string {
	f := s.features("", text)
	began := time.Now()
	marks := screening.MarksOf(plainKey{}, f)
	var prospect *screening.Prospect
	ask := heed.Ask{Marks: marks.Asked(), Since: storedAt, Promises: func(counts map[int64]int, sketch []byte, _ time.Time) bool {
		if prospect == nil {
			f.Temper(plainKey{}, counts)
			prospect = screening.NewProspect(plainKey{}, f, marks)
		}
		return prospect.Promises(sketch, 0)
	}}
	var near []heed.Near
	looked := time.Now()
	err := s.View(b.Context(), func(tx heed.Tx) (err error) {
		near, err = tx.Candidates(b.Context(), []heed.Ask{ask}, 12)
		return err
	})
	s.asked = append(s.asked, time.Since(looked))
	if err != nil {
		b.Fatal(err)
	}
	if prospect == nil {
		f.Temper(plainKey{}, near[0].Counts)
	}
	var found []screening.Found
	for _, c := range near[0].Found[:min(8, len(near[0].Found))] {
		found = append(found, screening.Found{ID: c.Report, Lead: c.Report, Features: s.features(c.Report, s.texts[c.Report])})
	}
	var result heed.Screening
	screening.Place(&result, f, found)
	s.compared = append(s.compared, time.Since(began))
	if result.DuplicateOf == nil {
		return ""
	}
	return s.texts[*result.DuplicateOf]
}
