package jobs_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

// victim names the database of a process that is to be killed while it runs a job.
const victim = "HEED_TEST_JOBS_VICTIM"

// TestVictim is that process: it says "running" when it is in the job, and stays there.
func TestVictim(t *testing.T) {
	database := os.Getenv(victim)
	if database == "" {
		t.Skip("this is run by TestJobsOfAKilledProcessRunAgainAtOnce")
	}
	n := connect(t, database)
	n.runner.Handle("hang", jobs.Kind{Timeout: time.Hour, Run: func(context.Context, []byte) error {
		os.Stdout.WriteString("running\n")
		select {}
	}})
	n.run(t)
	n.enqueue(t, heed.Job{Kind: "hang"})
	select {}
}

func connect(t *testing.T, database string) node {
	t.Helper()
	if strings.HasPrefix(database, "postgres:") {
		s, err := postgres.Open(t.Context(), database, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return node{s, jobs.NewPostgres(s.Pool(), jobs.Options{})}
	}
	s, err := sqlite.Open(t.Context(), database, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return node{s, jobs.NewSQLite(s.WriteDB(), jobs.Options{})}
}

func TestJobsOfAKilledProcessRunAgainAtOnce(t *testing.T) {
	for name, create := range databases() {
		t.Run(name, func(t *testing.T) {
			database := create(t)
			dies := exec.Command(os.Args[0], "-test.run", "^TestVictim$")
			dies.Env = append(os.Environ(), victim+"="+database)
			out, err := dies.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := dies.Start(); err != nil {
				t.Fatal(err)
			}
			said := bufio.NewScanner(out)
			for said.Scan() && said.Text() != "running" {
			}
			if err := dies.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := dies.Wait(); err == nil {
				t.Fatal("the victim ended by itself")
			}

			n := connect(t, database)
			var ran atomic.Bool
			n.runner.Handle("hang", jobs.Kind{Run: func(context.Context, []byte) error { ran.Store(true); return nil }})
			began := time.Now()
			n.run(t)
			eventually(t, 45*time.Second, "the job ran again", ran.Load)
			t.Logf("after %s", time.Since(began))
		})
	}
}

func TestANodeTakesNoJobsFromALivingOne(t *testing.T) {
	database := pgtest.URL(t)
	one, two := connect(t, database), connect(t, database)
	release, began := make(chan bool), make(chan bool, 10)
	for _, n := range []node{one, two} {
		n.runner.Handle("slow", jobs.Kind{Run: func(context.Context, []byte) error { began <- true; <-release; return nil }})
	}
	one.run(t)
	one.enqueue(t, heed.Job{Kind: "slow"})
	<-began
	two.run(t)
	select {
	case <-began:
		t.Error("it ran twice at once")
	case <-time.After(5 * time.Second):
	}
	close(release)
}

// databases makes one of each engine.
func databases() map[string]func(*testing.T) string {
	return map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "heed.db") },
		"PostgreSQL": func(t *testing.T) string { return pgtest.URL(t) },
	}
}
