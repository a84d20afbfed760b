package storetest

import (
	"context"
	"time"

	"github.com/heed-line/heed"
)

// waits is a call that began to wait then.
func (l *line) waits(since time.Time) *heed.QueuedCall {
	return &heed.QueuedCall{ID: l.id(), Language: "ar", Since: since, Seen: since, State: heed.CallWaiting, Key: []byte("public")}
}

// queues says that those are the calls, in this order.
func (l *line) queues(want ...*heed.QueuedCall) {
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.QueuedCalls(ctx)
		l.same(got, append([]*heed.QueuedCall{}, want...))
		return err
	})
}

func (l *line) hours(want ...*heed.CallHour) {
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.CallHours(ctx, noon, noon.Add(time.Hour))
		l.same(got, append([]*heed.CallHour{}, want...))
		return err
	})
}

var queue = []requirement{
	{"callers are taken in the order in which they came, after those who come back", func(l *line) {
		first, second, third := l.waits(noon), l.waits(noon.Add(time.Second)), l.waits(noon.Add(2*time.Second))
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, c := range []*heed.QueuedCall{second, third, first} {
				if err := tx.JoinQueue(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.JoinQueue(ctx, first) })
		l.queues(first, second, third)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			for i, c := range []*heed.QueuedCall{first, second, third} {
				n, err := tx.CallsAhead(ctx, c.ID)
				l.same(n, i)
				l.is(err, nil)
			}
			return nil
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.TakeQueuedCall(ctx, third.ID, "ann", "sip:201@pbx.example")
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.TakeQueuedCall(ctx, third.ID, "ben", "sip:202@pbx.example")
		})
		third.State, third.Taker, third.Phone = heed.CallRinging, "ann", "sip:201@pbx.example"
		l.queues(first, second, third)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ReturnQueuedCall(ctx, third.ID, "ann") })
		third.State, third.Taker, third.Phone, third.Former, third.Returned = heed.CallWaiting, "", "", "ann", true
		l.queues(third, first, second)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.CallsAhead(ctx, second.ID)
			l.same(n, 2)
			return err
		})
	}},
	{"a call is its taker's alone, who may hand it over and finish it", func(l *line) {
		c := l.waits(noon)
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.TakeQueuedCall(ctx, c.ID, "ann", "sip:201@pbx.example")
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.JoinQueue(ctx, c) })
		for _, act := range []func(context.Context, heed.Tx) error{
			func(ctx context.Context, tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, c.ID, "ann", noon) },
			func(ctx context.Context, tx heed.Tx) error { return tx.ReturnQueuedCall(ctx, c.ID, "ann") },
			func(ctx context.Context, tx heed.Tx) error {
				return tx.HandQueuedCall(ctx, c.ID, "ann", "ben", "sip:202@pbx.example")
			},
			func(ctx context.Context, tx heed.Tx) error {
				return tx.FinishQueuedCall(ctx, c.ID, "ann", []byte("receipt"))
			},
		} {
			l.refused(heed.ErrConflict, act)
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.TakeQueuedCall(ctx, c.ID, "ann", "sip:201@pbx.example")
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, c.ID, "ben", noon) })
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.AnswerQueuedCall(ctx, c.ID, "ann", noon.Add(5*time.Second))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.HandQueuedCall(ctx, c.ID, "ann", "ben", "sip:202@pbx.example")
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.FinishQueuedCall(ctx, c.ID, "ann", []byte("receipt"))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.AnswerQueuedCall(ctx, c.ID, "ben", noon.Add(time.Minute))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.FinishQueuedCall(ctx, c.ID, "ben", []byte("receipt"))
		})
		c.State, c.Taker, c.Phone, c.Former, c.Returned = heed.CallReading, "ben", "sip:202@pbx.example", "ann", true
		c.Answered, c.Sealed = noon.Add(5*time.Second), []byte("receipt")
		l.queues(c)
	}},
	{"a taker who hung up first still finishes the call, unless somebody else has it", func(l *line) {
		c := l.waits(noon)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.JoinQueue(ctx, c) })
		talk := func(ctx context.Context, tx heed.Tx) error {
			if err := tx.TakeQueuedCall(ctx, c.ID, "ann", "sip:201@pbx.example"); err != nil {
				return err
			}
			if err := tx.AnswerQueuedCall(ctx, c.ID, "ann", noon); err != nil {
				return err
			}
			return tx.HandQueuedCall(ctx, c.ID, "ann", "", "")
		}
		l.update(talk)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.TakeQueuedCall(ctx, c.ID, "ben", "sip:202@pbx.example")
		})
		finish := func(ctx context.Context, tx heed.Tx) error {
			return tx.FinishQueuedCall(ctx, c.ID, "ann", []byte("receipt"))
		}
		l.refused(heed.ErrConflict, finish)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ReturnQueuedCall(ctx, c.ID, "ben") })
		l.refused(heed.ErrConflict, finish)
		l.update(talk)
		l.update(finish)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.QueuedCall(ctx, c.ID)
			l.same([]any{got.State, got.Taker, string(got.Sealed)}, []any{heed.CallReading, heed.ID("ann"), "receipt"})
			return err
		})
	}},
	{"a call that was seen again is not taken for dead", func(l *line) {
		c := l.waits(noon)
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.SeeQueuedCall(ctx, c.ID, noon) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.JoinQueue(ctx, c) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.SeeQueuedCall(ctx, c.ID, noon.Add(time.Second)) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.LeaveQueueSeen(ctx, c.ID, noon, noon.Add(time.Minute))
		})
		l.hours()
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.LeaveQueueSeen(ctx, c.ID, noon.Add(time.Second), noon.Add(time.Minute))
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.LeaveQueue(ctx, c.ID, heed.CallAbandoned, noon) })
		l.hours(&heed.CallHour{Hour: noon, Language: "ar", Offered: 1, Abandoned: 1, Waited: time.Minute, Longest: time.Minute})
		l.queues()
	}},
	{"what became of calls is counted by hour and language", func(l *line) {
		for i, end := range []struct {
			answered time.Duration // 0: never
			how      heed.CallEnd
			back     bool
		}{{20 * time.Second, "", false}, {21 * time.Second, "", false}, {0, heed.CallAbandoned, false}, {0, heed.CallElsewhere, false}, {time.Second, "", true}, {0, heed.CallAbandoned, true}} {
			c := l.waits(noon.Add(time.Duration(i) * time.Minute))
			c.Back = end.back
			l.update(func(ctx context.Context, tx heed.Tx) error {
				if err := tx.JoinQueue(ctx, c); err != nil {
					return err
				}
				if end.answered > 0 {
					if err := tx.TakeQueuedCall(ctx, c.ID, "ann", ""); err != nil {
						return err
					}
					if err := tx.AnswerQueuedCall(ctx, c.ID, "ann", c.Since.Add(end.answered)); err != nil {
						return err
					}
				}
				return tx.LeaveQueue(ctx, c.ID, end.how, c.Since.Add(30*time.Second))
			})
		}
		l.hours(&heed.CallHour{
			Hour: noon, Language: "ar", Offered: 4, Answered: 2, AnsweredSoon: 1, Abandoned: 1, Elsewhere: 1, CalledBack: 1,
			Waited: 101 * time.Second, Longest: 30 * time.Second,
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.DeleteCallHours(ctx, noon.Add(time.Millisecond))
		})
		l.hours()
	}},
	{"who is on duty counts for the languages they take, until it ends", func(l *line) {
		ann := &heed.Duty{Staff: l.id(), Since: noon, Until: noon.Add(time.Hour)}
		ben := &heed.Duty{Staff: l.id(), Languages: []string{"zh-Hans", "ar"}, Since: noon.Add(time.Second), Until: noon.Add(time.Minute)}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			if err := tx.PutDuty(ctx, ann); err != nil {
				return err
			}
			return tx.PutDuty(ctx, ben)
		})
		on := func(language string, at time.Time, want int) {
			l.Helper()
			l.view(func(ctx context.Context, tx heed.Tx) error {
				n, err := tx.CountOnDuty(ctx, language, at)
				l.same(n, want)
				return err
			})
		}
		on("ar", noon, 2)
		on("zh", noon, 1)
		on("ar", noon.Add(time.Minute), 1)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.EndDutyFor(ctx, ann.Staff, heed.DutyUnanswered) })
		ann.Off = heed.DutyUnanswered
		on("zh", noon, 0)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Duties(ctx)
			l.same(all, []*heed.Duty{ann, ben})
			return err
		})
		ben.Languages = nil
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutDuty(ctx, ben) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.EndDuty(ctx, ann.Staff) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.EndDuty(ctx, ann.Staff) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.EndDutyFor(ctx, ann.Staff, heed.DutyRefused) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Duty(ctx, ben.Staff)
			l.same(got, ben)
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteDuties(ctx, noon.Add(time.Hour)) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.Duty(ctx, ben.Staff)
			return err
		})
	}},
}
