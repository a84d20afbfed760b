package calltaker_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// On SQLite there is one writer; on PostgreSQL the colleague's row is what two acts meet at.
func TestACallIsNotHandedToAColleagueWhoIsTakingAnotherInTheSameMoment(t *testing.T) {
	ctx := t.Context()
	store, err := postgres.Open(ctx, pgtest.URL(t), postgres.Options{Connections: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	now := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	staff := func(id heed.ID) *heed.Staff {
		return &heed.Staff{ID: id, Name: string(id), Roles: []heed.Role{heed.Agent}, Phone: "sip:" + string(id) + "@pbx.example", CreatedAt: now}
	}
	ann, ben := staff("ann"), staff("ben")
	must(store.Update(ctx, func(tx heed.Tx) error {
		for _, s := range []*heed.Staff{ann, ben} {
			if err := errors.Join(tx.AddStaff(ctx, s), tx.PutDuty(ctx, &heed.Duty{Staff: s.ID, Since: now, Until: now.Add(time.Hour)})); err != nil {
				return err
			}
		}
		for _, id := range []heed.ID{"spoken", "waiting"} {
			if err := tx.JoinQueue(ctx, &heed.QueuedCall{ID: id, Language: "en", Since: now, Seen: now, State: heed.CallWaiting}); err != nil {
				return err
			}
		}
		return errors.Join(tx.TakeQueuedCall(ctx, "spoken", ann.ID, ann.Phone), tx.AnswerQueuedCall(ctx, "spoken", ann.ID, now))
	}))
	service := calltaker.New(calltaker.Config{
		Store: store, Line: "test", Languages: []string{"en"}, Now: func() time.Time { return now },
		Allow: func(*heed.Staff, auth.Action, auth.Resource) error { return nil },
	})

	handed := make(chan error, 1)
	must(store.Update(ctx, func(tx heed.Tx) error { // ben answers
		if err := tx.LockStaff(ctx, ben.ID); err != nil {
			return err
		}
		go func() { handed <- service.Hand(context.WithoutCancel(ctx), ann, "spoken", ben.ID) }()
		select {
		case err := <-handed:
			t.Errorf("handed over to who is answering a call: %v", err)
			handed <- err
		case <-time.After(time.Second / 2): // it waits for what ben does
		}
		return tx.TakeQueuedCall(ctx, "waiting", ben.ID, ben.Phone)
	}))
	var problem *heed.Problem
	if err := <-handed; !errors.As(err, &problem) || problem.Code != "colleague-busy" {
		t.Errorf("handed over to who has a call: %v", err)
	}
	if err := service.Hand(ctx, ann, "spoken", "nobody"); !errors.As(err, &problem) || problem.Code != "colleague-busy" {
		t.Errorf("handed over to nobody: %v", err)
	}
}
