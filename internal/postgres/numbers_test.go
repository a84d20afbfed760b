package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestNumbersRiseOnAfterARestoreIntoAYoungerCluster(t *testing.T) {
	url := pgtest.URL(t)
	old := openURL(t, url)
	const far = int64(1) << 50 // as if its writer had seen 2^30 transactions
	_, err := old.Pool().Exec(t.Context(), "INSERT INTO audit_leaves VALUES ($1, 1, '', 'report.received', '', NULL)", far)
	if err != nil {
		t.Fatal(err)
	}
	restored := openURL(t, url)
	leaf := &heed.AuditLeaf{At: time.Now(), Act: "report.read"}
	err = restored.Update(t.Context(), func(tx heed.Tx) error { return tx.AddLeaf(t.Context(), leaf) })
	if err != nil {
		t.Fatal(err)
	}
	if leaf.Seq <= far {
		t.Errorf("number %d after %d", leaf.Seq, far)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		var shown []*heed.AuditLeaf
		err := restored.View(t.Context(), func(tx heed.Tx) (err error) {
			shown, err = tx.Leaves(t.Context(), 0, "", 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(shown) == 2 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d leaves are shown", len(shown))
		}
	}
}

func TestADeadlockIsRunAgain(t *testing.T) {
	s := open(t)
	put := func(tx heed.Tx, name string) error { return tx.PutSetting(t.Context(), name, []byte("1")) }
	err := s.Update(t.Context(), func(tx heed.Tx) error {
		if err := put(tx, "a"); err != nil {
			return err
		}
		return put(tx, "b")
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg, met sync.WaitGroup
	met.Add(2)
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			first := true
			err := s.Update(t.Context(), func(tx heed.Tx) error {
				if err := put(tx, names[0]); err != nil {
					return err
				}
				if first {
					first = false
					met.Done()
					met.Wait()
				}
				return put(tx, names[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAnUpdateWithoutAConnectionIsBusyInTime(t *testing.T) {
	s, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{Connections: 1, Wait: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := s.Pool().Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	err = s.Update(t.Context(), func(heed.Tx) error { t.Error("it ran"); return nil })
	if !errors.Is(err, heed.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestACallerWhoLeftCostsNoConnection(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx heed.Tx) error {
		cancel()
		return ctx.Err()
	})
	if err == nil {
		t.Error("it was kept")
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNodesThatStartTogetherMigrateOnce(t *testing.T) {
	url := pgtest.URL(t)
	first := openURL(t, url)
	if _, err := first.Pool().Exec(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := postgres.Open(t.Context(), url, postgres.Options{Connections: 4})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}
