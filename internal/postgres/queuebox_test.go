package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
)

func TestAPhonesProcessHasItsOwnCallersAndReadsNoNumber(t *testing.T) {
	owner, _, at := filled(t)
	phone, err := postgres.Open(t.Context(), at("phone"), postgres.Options{Phone: true, SchemaWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer phone.Close()
	now := time.Now()
	ctx := t.Context()
	do := func(s *postgres.Store, fn func(tx heed.Tx) error) {
		t.Helper()
		if err := s.Update(ctx, fn); err != nil {
			t.Fatal(err)
		}
	}
	waits := func(since time.Time) *heed.QueuedCall {
		return &heed.QueuedCall{ID: heed.NewID(since), Language: "en", Since: since, Seen: since, State: heed.CallWaiting, Key: []byte("k")}
	}
	other, mine, wish := waits(now), waits(now.Add(time.Second)), &heed.CallBack{ID: heed.NewID(now), Day: "2026-11-23", Since: now, Expires: now.Add(time.Hour), Sealed: []byte("n")}
	do(owner, func(tx heed.Tx) error {
		return errors.Join(tx.JoinQueue(ctx, other), tx.PutDuty(ctx, &heed.Duty{Staff: "ann", Since: now, Until: now.Add(time.Hour)}),
			tx.PutDuty(ctx, &heed.Duty{Staff: "ben", Since: now, Until: now.Add(time.Hour)}))
	})
	do(phone, func(tx heed.Tx) error { return errors.Join(tx.JoinQueue(ctx, mine), tx.AddCallBack(ctx, wish)) })
	do(phone, func(tx heed.Tx) error {
		ahead, err := tx.CallsAhead(ctx, mine.ID)
		takers, err2 := tx.CountOnDuty(ctx, "en", now)
		wishes, err3 := tx.CountCallBacks(ctx, now)
		if ahead != 1 || takers != 2 || wishes != 1 {
			t.Errorf("%d ahead, %d on duty, %d wishes", ahead, takers, wishes)
		}
		if all, err := tx.QueuedCalls(ctx); len(all) > 0 || err != nil {
			t.Errorf("it lists %d calls: %v", len(all), err)
		}
		return errors.Join(err, err2, err3, tx.SeeQueuedCall(ctx, mine.ID, now), tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: heed.EventCalls}))
	})
	do(owner, func(tx heed.Tx) error {
		return errors.Join(tx.TakeQueuedCall(ctx, mine.ID, "ann", "sip:201@pbx.example"), tx.ClaimCallBack(ctx, wish.ID, "ben", "sip:202@pbx.example", now))
	})
	do(phone, func(tx heed.Tx) error {
		return errors.Join(tx.AnswerQueuedCall(ctx, mine.ID, "ann", now), tx.ReturnQueuedCall(ctx, mine.ID, "ann"), tx.EndDutyFor(ctx, "ann", heed.DutyRefused))
	})
	do(phone, func(tx heed.Tx) error {
		next, err := tx.NextCallBack(ctx, now)
		if err != nil || next.ID != wish.ID || next.Sealed != nil {
			t.Fatalf("%+v, %v", next, err)
		}
		return errors.Join(tx.DialCallBack(ctx, wish.ID, []byte("mine"), now), tx.ReleaseCallBack(ctx, wish.ID), tx.EndCallBack(ctx, wish.ID, now))
	})
	do(phone, func(tx heed.Tx) error { return tx.LeaveQueue(ctx, mine.ID, heed.CallAbandoned, now) })
	phoneDoesNothingElse(t, at, other)
}

// phoneDoesNothingElse tries what a process could that was taken over.
func phoneDoesNothingElse(t *testing.T, at func(string) string, other *heed.QueuedCall) {
	t.Helper()
	conn := connect(t, at("phone"))
	for _, statement := range []string{
		"SELECT sealed FROM call_backs", "SELECT day FROM call_backs", "DELETE FROM call_backs", "SELECT languages FROM duties", "SELECT until FROM duties", "INSERT INTO duties VALUES ('me', '', 0, 0, '')",
		"UPDATE duties SET until = 0", "DELETE FROM duties", "UPDATE queued_calls SET key = ''", "UPDATE queued_calls SET sealed = ''", "DELETE FROM call_hours",
	} {
		refused(t, conn, statement)
	}
	count(t, conn, "SELECT count(id) FROM queued_calls", 0)
	count(t, conn, "SELECT count(id) FROM call_backs", 0)
	count(t, conn, "WITH u AS (UPDATE duties SET off = 'refused' RETURNING staff) SELECT count(*) FROM u", 0)
	count(t, conn, "WITH d AS (DELETE FROM queued_calls RETURNING id) SELECT count(*) FROM d", 0)
	count(t, connect(t, at("desk")), "SELECT count(id) FROM queued_calls WHERE id = '"+string(other.ID)+"'", 1)
}
