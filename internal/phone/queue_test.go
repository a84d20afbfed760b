package phone_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

// phones are takers' phones by who has them.
type phones = map[string]func(context.Context) (sound.Call, error)

const annsPhone, bensPhone = "sip:ann@pbx.example", "sip:ben@pbx.example"

// talking asks for a person, and then only listens and speaks.
func talking(more ...turn) []turn {
	return append([]turn{english, {hear: "start", press: "9"}, {hear: "queue-connect", speak: babble(20, 50)}}, more...)
}

// Each hears over half a second of the other, or the taker never hands in and the call doesn't end as it should.
func TestACallerSpeaksWithACallTakerAndHearsTheReceiptOfWhatTheyHandedIn(t *testing.T) {
	ann := newHandset(51)
	l := manned(t, phones{annsPhone: ann.lifted})
	said := babble(20, 50)
	var receipt string
	c := l.dialogue(talking(turn{hear: "receipt-repeat", press: "1"}, turn{hear: "receipt-repeat", hangUp: true}),
		takes("ann"), handsIn("ann", func(c *caller) bool { return ann.hears(said) > 50 && c.hears(ann.speaks) > 25 }, &receipt))
	c.expectWords("own-voice", "queue-next", "queue-connect", "sent", "receipt", "receipt-is", "receipt-again", "receipt-is", "receipt-again")
	for _, after := range []string{"receipt-is", "receipt-again"} {
		if got := c.digits(after); got != receipt {
			t.Errorf("after %s the caller heard %q, not %q", after, got, receipt)
		}
	}
	if !ann.over() {
		t.Error("the taker's phone is still in the call")
	}
	if r := l.only(); r.Channel != heed.ChannelStaff {
		t.Errorf("%+v", r)
	}
	if len(l.queued()) > 0 {
		t.Error("the call is still there")
	}
	if got, want := l.hour(), (heed.CallHour{Language: "en", Offered: 1, Answered: 1, AnsweredSoon: 1}); got != want {
		t.Errorf("%+v", got)
	}
	l.expectNowhere(receipt, receipt[:8])
	if c := l.call("en", english, check, typed(receipt), turn{hear: "stage.received", hangUp: true}); c == nil {
		t.Error("the Receipt opens nothing")
	}
}

func TestATakerWhoIsNotReachedGoesOffDutyAndTheCallerIsFirstInLine(t *testing.T) {
	for off, err := range map[string]error{
		heed.DutyUnanswered: sound.ErrNoAnswer, heed.DutyRefused: sound.ErrBusy, heed.DutyUnreachable: sound.ErrNoWay,
		"": sound.ErrUnproved, // our fault, not theirs
	} {
		t.Run("off duty for "+off, func(t *testing.T) {
			ben := newHandset(52)
			l := manned(t, phones{annsPhone: unlifted(err), bensPhone: ben.lifted})
			back := takes("ben")
			back.once = func(*caller) bool { q := l.queued(); return q[0].Returned && q[0].Former == "ann" }
			c := l.dialogue(talking(), takes("ann"), back, ends("ben"))
			c.expectWords("queue-next", "queue-connect", "queue-again", "queue-connect", "bye")
			c.expectNever("sent", "receipt")
			if got := l.off("ann"); got != off {
				t.Errorf("ann's duty ended for %q", got)
			}
			if got := l.off("ben"); got != "" {
				t.Errorf("ben's duty ended for %q", got)
			}
		})
	}
}

func TestATakerWhoHangsUpLosesTheCallToTheNextOneAndOneWhoHandsItOverToThatColleague(t *testing.T) {
	for name, c := range map[string]struct {
		leaves int // ann
		acts   []act
		heard  []string
	}{
		"hangs up":       {300, []act{takes("ann"), takes("ben"), ends("ben")}, []string{"queue-connect", "queue-cut", "queue-connect", "bye"}},
		"hands over":     {0, []act{takes("ann"), hands("ann", "ben", nil), ends("ben")}, []string{"queue-connect", "queue-hand", "queue-connect", "bye"}},
		"gives it back":  {0, []act{takes("ann"), hands("ann", "", nil), takes("ben"), ends("ben")}, []string{"queue-connect", "queue-hand", "queue-connect", "bye"}},
		"ends it":        {0, []act{takes("ann"), ends("ann")}, []string{"queue-connect", "bye"}},
		"is not reached": {0, []act{takes("ben"), hands("ben", "cas", nil), takes("ann"), ends("ann")}, []string{"queue-hand", "queue-again", "queue-connect", "bye"}},
	} {
		t.Run(name, func(t *testing.T) {
			ann, ben := newHandset(53), newHandset(54)
			ann.leaves = c.leaves
			l := manned(t, phones{annsPhone: ann.lifted, bensPhone: ben.lifted})
			for i := range c.acts {
				if c.acts[i].state == heed.CallWaiting && i > 0 {
					c.acts[i].once = func(*caller) bool { return l.queued()[0].Returned }
				}
			}
			caller := l.dialogue(talking(), c.acts...)
			caller.expectWords(c.heard...)
			if !ann.over() || len(c.acts) > 2 && !ben.over() {
				t.Errorf("still in the call: ann %v, ben %v", !ann.over(), !ben.over())
			}
			if got, want := l.hour(), (heed.CallHour{Language: "en", Offered: 1, Answered: 1, AnsweredSoon: 1}); got != want {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestATakerWhoHangsUpBeforeHandingInStillGivesTheCallerTheirReceipt(t *testing.T) {
	ann := newHandset(55)
	ann.leaves = 200
	l := manned(t, phones{annsPhone: ann.lifted})
	var receipt string
	finish := handsIn("ann", heard("queue-cut"), &receipt)
	finish.state = heed.CallWaiting
	c := l.dialogue(talking(turn{hear: "receipt-repeat", hangUp: true}), takes("ann"), finish)
	if got := c.digits("receipt-again"); got != receipt {
		t.Errorf("the caller heard %q, not %q", got, receipt)
	}
}

func TestACallerWhoHangsUpLeavesTheQueueWhereverTheyAre(t *testing.T) {
	for name, c := range map[string]struct {
		acts  []act
		count heed.CallHour
	}{
		"waiting": {[]act{{state: heed.CallWaiting, leaves: true}}, heed.CallHour{Abandoned: 1}},
		"ringing": {[]act{takes("ann"), {state: heed.CallRinging, once: heard("queue-connect"), leaves: true}}, heed.CallHour{Abandoned: 1}},
		"talking": {[]act{takes("ben"), {state: heed.CallTalking, leaves: true}}, heed.CallHour{Answered: 1, AnsweredSoon: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			given := make(chan struct{})
			ben := newHandset(56)
			l := manned(t, phones{bensPhone: ben.lifted, annsPhone: func(ctx context.Context) (sound.Call, error) {
				<-ctx.Done()
				close(given)
				return nil, ctx.Err()
			}})
			l.dialogue([]turn{english, {hear: "start", press: "9"}}, c.acts...)
			if name == "ringing" {
				<-given
			}
			if name == "talking" && !ben.over() {
				t.Error("the taker's phone is still in the call")
			}
			c.count.Language, c.count.Offered = "en", 1
			if got := l.hour(); got != c.count {
				t.Errorf("%+v", got)
			}
			if len(l.queued()) > 0 || l.off("ann") != "" {
				t.Errorf("%d calls are left, and ann is off duty for %q", len(l.queued()), l.off("ann"))
			}
			if strings.Contains(l.log.String(), "ERROR") {
				t.Error(l.log.String())
			}
		})
	}
}

func TestALineThatStopsEmptiesItsQueue(t *testing.T) {
	l := manned(t, nil)
	ctx, stop := context.WithCancel(t.Context())
	leg := &stopping{caller{t: t, known: l.known("en"), turns: []turn{english, {hear: "start", press: "9"}, {hear: "queue-next", wait: 50}}}, ctx, stop}
	l.menu.Serve(ctx, leg)
	if len(l.queued()) > 0 {
		t.Error("a call waits for a line that has stopped")
	}
}

func TestAWaitingCallerHearsWhereTheyStandAndMayDoSomethingElse(t *testing.T) {
	l := manned(t, nil)
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		for _, id := range []heed.ID{"one", "two"} {
			if err := tx.JoinQueue(t.Context(), &heed.QueuedCall{ID: id, Language: "en", Since: l.clock().Add(-time.Minute), Seen: l.clock(), State: heed.CallWaiting}); err != nil {
				return err
			}
		}
		return nil
	}))
	leaves := act{state: heed.CallWaiting, once: heard("queue-stay"), do: within(func(ctx context.Context, tx heed.Tx, _ *heed.QueuedCall) error {
		return tx.LeaveQueue(ctx, "one", heed.CallElsewhere, l.clock())
	})}
	c := l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "queue-back", wait: 200, press: ""}, {hear: "queue-ahead-1", press: "*"}, {hear: "queue-ahead-1", press: "7"},
		{hear: "wrong-key"}, {hear: "queue-back", press: "0"}, {hear: "start", press: "9"}, {hear: "queue-report", press: "1"}, speakNow(57), {press: "#"}, dispatch, {hear: "receipt-repeat", hangUp: true}}, leaves)
	c.expectWords("queue-ahead-2", "queue-stay", "queue-report", "queue-back", "back", "queue-ahead-1", "queue-ahead-1", "wrong-key", "start", "queue-report", "report", "sent", "receipt-is")
	if l.only().Channel != heed.ChannelPhone {
		t.Error("no report by telephone")
	}
	if got := l.hour(); got.Offered != 3 || got.Elsewhere != 2 || got.Abandoned != 1 {
		t.Errorf("%+v", got)
	}
}

func TestWhoAsksForAPersonHearsThatNobodyIsFreeWhereNobodyOrTooManyAreThere(t *testing.T) {
	for name, prepare := range map[string]func(l *line){
		"nobody on duty": func(l *line) {
			for _, who := range []heed.ID{"ann", "ben"} {
				l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.EndDuty(t.Context(), who) }))
			}
		},
		"nobody of the language": func(l *line) {
			for _, who := range []heed.ID{"ann", "ben"} {
				l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
					return tx.PutDuty(t.Context(), &heed.Duty{Staff: who, Languages: []string{"ar"}, Since: l.clock(), Until: l.clock().Add(time.Hour)})
				}))
			}
		},
		"too many wait": func(l *line) {
			l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
				for range 50 {
					c := &heed.QueuedCall{ID: heed.NewID(l.clock()), Since: l.clock().Add(-time.Minute), State: heed.CallWaiting}
					if err := tx.JoinQueue(t.Context(), c); err != nil {
						return err
					}
				}
				return nil
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := manned(t, nil)
			prepare(l)
			before := len(l.queued())
			c := l.call("en", english, turn{hear: "start", press: "9"}, turn{hear: "start", hangUp: true})
			c.expectWords("start", "nobody", "start")
			c.expectNever("queue-next", "queue-stay", "wrong-key")
			if got := len(l.queued()); got != before {
				t.Errorf("%d calls, before %d", got, before)
			}
		})
	}
}

// absent is a queue whose store is away once the caller waits.
type absent struct {
	phone.Queue
	how  func() error // nil: errAway
	away atomic.Bool
}

func (a *absent) Join(ctx context.Context, language string) (phone.Waiting, error) {
	w, err := a.Queue.Join(ctx, language)
	return &absentPlace{w, a}, err
}

type absentPlace struct {
	phone.Waiting
	a *absent
}

func (p *absentPlace) Look(ctx context.Context) (phone.Place, error) {
	if p.a.away.Swap(true) {
		if p.a.how != nil {
			return phone.Place{}, p.a.how()
		}
		return phone.Place{}, errAway
	}
	return p.Waiting.Look(ctx)
}

func TestACallerWhoWaitsIsToldToLeaveAReportWhenTheStoreIsAwayOrEverybodyGoesOffDuty(t *testing.T) {
	l := manned(t, nil, func(l *line) { l.standing = func(q phone.Queue) phone.Queue { return &absent{Queue: q} } })
	c := l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "start", hangUp: true}})
	c.expectWords("own-voice", "fault", "nobody", "start")
	if got := l.hour(); got.Elsewhere != 1 || got.Abandoned != 0 {
		t.Errorf("whom the line sent away counts as %+v", got)
	}

	l = manned(t, nil)
	goes := act{state: heed.CallWaiting, do: within(func(ctx context.Context, tx heed.Tx, _ *heed.QueuedCall) error {
		for _, who := range []heed.ID{"ann", "ben"} {
			if err := tx.EndDuty(ctx, who); err != nil {
				return err
			}
		}
		return nil
	})}
	c = l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "start", hangUp: true}}, goes)
	c.expectWords("queue-next", "nobody", "start")
	c.expectNever("fault")
	if got := l.hour(); got.Elsewhere != 1 || got.Abandoned != 0 {
		t.Errorf("whom the line sent away counts as %+v", got)
	}
	if len(l.queued()) > 0 {
		t.Error("the call is still there")
	}
}

func TestMusicIsPlayedToWhoWaitsAndGoesOnWhereItWas(t *testing.T) {
	l := manned(t, nil)
	song := babble(30, 58)
	path := filepath.Join(shared.dir, "music.wav")
	l.must(os.WriteFile(path, wavOf(song), 0o600))
	t.Cleanup(func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	})
	music := l.speaker.Music()
	c := l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "queue-back", wait: 300}, {press: "*"}, {hear: "queue-back", wait: 100, hangUp: true}})
	at := map[sound.Frame]int{}
	for i, f := range music {
		if f != (sound.Frame{}) { // the song has gaps
			at[f] = i
		}
	}
	var played []int
	for _, f := range c.history {
		if i, is := at[f]; is {
			played = append(played, i)
		}
	}
	if len(played) < 200 || !slices.IsSorted(played) || played[0] > 20 {
		t.Errorf("%d frames of %d: %v", len(played), len(music), played)
	}
	if _, faults, err := l.speaker.Faults(); err != nil || slices.ContainsFunc(faults, func(f prompt.Fault) bool { return f.File == path }) {
		t.Errorf("%v, %v", faults, err)
	}
	l.must(os.WriteFile(path, []byte("no music"), 0o600))
	if _, faults, err := l.speaker.Faults(); err != nil || l.speaker.Music() != nil || !slices.ContainsFunc(faults, func(f prompt.Fault) bool { return f.File == path }) {
		t.Errorf("what is no WAV is played, or no fault: %v, %v", faults, err)
	}
}
