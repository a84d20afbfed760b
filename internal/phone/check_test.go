package phone_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

func TestAReceiptTypedSlowlyOrFastTellsWhereTheReportStands(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	slow := []turn{english, check, {hear: "type", wait: 100}}
	for i, d := range receipt {
		pause := 500
		if i%5 == 4 {
			pause = 800 // longer than the line waits: it asks for the next one
		}
		slow = append(slow, turn{press: string(d), wait: pause})
	}
	for name, turns := range map[string][]turn{
		"slowly": slow, "fast": {english, check, {hear: "type", press: receipt, together: true}},
		"ahead":                  {{press: "12" + receipt, together: true}},
		"with the hash key":      {english, check, {hear: "type", press: receipt + "#"}},
		"after deleting":         {english, check, {hear: "type", press: "123*" + receipt}},
		"with hash keys between": {english, check, {hear: "type", press: receipt[:7] + "#"}, {hear: "typed-7", press: receipt[7:]}},
	} {
		t.Run(name, func(t *testing.T) {
			l.t = t
			c := l.call("en", turns...)
			c.expectWords("stage.received", "since.minutes-1", "reply", "take-back", "withdraw", "back", "bye")
			c.expectNever("unknown", "wrong-key")
			if name == "slowly" {
				c.expectWords("typed-5", "typed-10", "typed-15", "stage.received")
			}
		})
	}
}

// patient opens a mailbox once the caller has pressed everything that they will.
type patient struct {
	phone.Intake
	pressed <-chan struct{}
}

func (p *patient) Open(ctx context.Context, receipt string) (*intake.Mailbox, error) {
	<-p.pressed
	return p.Intake.Open(ctx, receipt)
}

func TestADigitTooManyWhileTheReceiptIsLookedUpIsNoAnswer(t *testing.T) {
	pressed := make(chan struct{})
	l := newLine(t, func(l *line) {
		l.opening = func(i phone.Intake) phone.Intake { return &patient{i, pressed} }
	})
	receipt := l.report()
	c := &caller{t: t, known: l.known("en"), turns: []turn{english, check, {hear: "type", press: receipt + "8"}}}
	c.each = func() {
		if c.spent {
			c.each = nil
			close(pressed)
		}
	}
	l.answer(c)
	c.expectWords("stage.received", "since.minutes-1", "reply")
	c.expectNever("wrong-key")
}

func TestEachStageIsSaidWithItsTime(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	for state, stage := range map[heed.State]string{heed.Queued: "screened", heed.InReview: "in_review", heed.NeedsInfo: "question", heed.Referred: "referred", heed.Closed: "concluded"} {
		l.move(state)
		l.wait(3 * time.Hour)
		c := l.call("en", english, check, typed(receipt))
		c.expectWords("stage."+stage, "since.hours-3", "back")
	}
}

func TestACallerHearsThatWhatOpensTheirRecordingWasTakenAway(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	apart := &heed.Disclosure{
		ID: heed.NewID(l.clock()), Report: l.only().ID, File: "of-the-caller", State: heed.DisclosureAsked, At: l.clock(),
		Until: l.clock().Add(time.Hour), Reason: heed.ReasonLaw,
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddDisclosure(t.Context(), apart) }))
	c := l.call("en", english, check, typed(receipt))
	c.expectWords("stage.received", "reply")
	c.expectNever("seen", "taken")
	apart.State, apart.ExportedAt = heed.DisclosureExported, l.clock()
	must(l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.MoveDisclosure(t.Context(), apart, heed.DisclosureAsked) }))
	c = l.call("en", english, check, typed(receipt))
	c.expectWords("stage.received", "taken", "reply")
	c.expectNever("seen")
}

func TestACallerHearsThatTheirVoiceGoesToADepartmentAsItWas(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	d := &heed.Disclosure{
		ID: heed.NewID(l.clock()), Report: l.only().ID, File: "of-the-caller", State: heed.DisclosureApproved, At: l.clock(),
		Until: l.clock().Add(time.Hour), Reason: heed.ReasonLaw,
	}
	update := func(do func(tx heed.Tx) error) {
		t.Helper()
		if err := l.store.Update(t.Context(), do); err != nil {
			t.Fatal(err)
		}
	}
	update(func(tx heed.Tx) error { return tx.AddDisclosure(t.Context(), d) })
	d.State, d.Department, d.SeenAt = heed.DisclosureReleased, "fire-safety", l.clock()
	update(func(tx heed.Tx) error { return tx.MoveDisclosure(t.Context(), d, heed.DisclosureApproved) })
	c := l.call("en", english, check, typed(receipt))
	c.expectWords("stage.received", "released", "reply")
	c.expectNever("seen", "handed")
	d.State, d.SeenAt = heed.DisclosureHanded, l.clock()
	update(func(tx heed.Tx) error { return tx.MoveDisclosure(t.Context(), d, heed.DisclosureReleased) })
	c = l.call("en", english, check, typed(receipt))
	c.expectWords("stage.received", "handed", "reply")
	c.expectNever("released")
}

func TestAQuestionIsSpokenAndAnsweredByVoice(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	l.ask("Which swing do you mean, the red one or the blue one?")
	l.wait(time.Minute)
	c := l.call("en", english, check, typed(receipt), turn{hear: "reply", press: "1"}, speakNow(20), turn{press: "#"}, dispatch)
	c.expectWords("stage.question", "message.question", "reply", "answer", "tone", "send", "answer-sent", "reply", "bye")
	c.expectNever("number", "receipt-is")
	// Between the words before it and the menu after it the question itself is heard.
	if n := spokenBetween(c, l, "message.question", "reply"); n < 100 {
		t.Errorf("%d frames of the question", n)
	}
	r := l.only()
	if r.State == heed.NeedsInfo || r.Files != 1 {
		t.Errorf("the report is %s with %d recordings", r.State, r.Files)
	}
	m, err := l.intake.Open(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	status, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last := status.Messages[len(status.Messages)-1]; last.Kind != heed.Answer {
		t.Errorf("the last message is %s", last.Kind)
	}
	if n := spokenBetween(l.call("en", english, check, typed(receipt)), l, "stage.", "reply"); n < 100 {
		t.Error("what was asked last isn't said again once it is answered")
	}
}

// spokenBetween counts frames of sound between the beginnings of two texts, those of known texts aside.
func spokenBetween(c *caller, l *line, from, to string) (n int) {
	in := false
	for i := range c.history {
		name := c.known.begins[c.history[i]]
		if name != "" && strings.HasPrefix(name, from) {
			in = true
		}
		if name == to {
			in = false
		}
		if in && c.history[i] != (sound.Frame{}) {
			n++
		}
	}
	return n
}

func TestHangingUpWhileAnsweringSendsWhatWasSaid(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	c := l.call("en", english, check, typed(receipt), turn{hear: "reply", press: "1"}, speakNow(21), turn{hangUp: true})
	c.expectNever("answer-sent")
	if r := l.only(); r.Files != 1 {
		t.Errorf("%d recordings", r.Files)
	}
}

func TestAWrongReceiptMayBeTypedAgainThreeTimes(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	wrong := func() string { return string(seal.NewReceipt()) }
	c := l.call("en", english, check, typed(wrong()), turn{hear: "unknown", press: wrong()}, turn{hear: "unknown", press: wrong()}, turn{hear: "unknown", press: receipt})
	c.expectWords("type", "unknown", "unknown", "unknown", "stage.received")

	c = l.call("en", english, check, typed(wrong()), turn{hear: "unknown", press: wrong()}, turn{hear: "unknown", press: wrong()}, turn{hear: "unknown", press: wrong()},
		check, turn{hear: "unknown-last", wait: 50})
	if n := c.count("unknown-last"); n != 2 {
		t.Errorf("a call that tried too often is told so %d times", n)
	}
	if c.count("type") != 1 {
		t.Error("a call that tried too often may try again")
	}
}

func TestWhoTypesNothingOrStarComesBack(t *testing.T) {
	l := newLine(t)
	c := l.call("en", english, check, turn{hear: "type", press: "*"}, check, turn{hear: "type", press: "123"}, turn{hear: "start", hangUp: true})
	if n := c.count("typed-3"); n != 2 {
		t.Errorf("reminded %d times", n)
	}
	l.expectNothingLeft()
}

func TestAReporterTakesTheirNameOrTheirReportBackOnlyWhenSure(t *testing.T) {
	l := newLine(t)
	receipt := l.report()
	c := l.call("en", english, check, typed(receipt),
		turn{hear: "withdraw", press: "2"}, turn{hear: "take-back-sure", press: "2"},
		turn{hear: "withdraw", press: "2"}, turn{hear: "take-back-sure", press: "1"},
		turn{hear: "withdraw", press: "3"}, turn{hear: "withdraw-sure", press: "2"})
	c.expectWords("unchanged", "taken-back", "unchanged")
	if r := l.only(); r.Named || r.State == heed.Withdrawn {
		t.Errorf("%+v", r)
	}
	l.move(heed.Referred)
	c = l.call("en", english, check, typed(receipt), turn{hear: "reply", press: "3"})
	c.expectWords("wrong-key")
	c.expectNever("withdraw", "take-back")
	l.move(heed.Queued)
	c = l.call("en", english, check, typed(receipt), turn{hear: "withdraw", press: "31", together: true}, turn{hear: "withdraw-sure", press: "1"})
	c.expectWords("withdraw-sure", "withdrawn")
	if r := l.only(); r.State != heed.Withdrawn {
		t.Errorf("state %s", r.State)
	}
}

func TestAnAnonymousCallerTakesTheRecordingOfTheirOwnVoiceBack(t *testing.T) {
	l := newLine(t)
	receipt := l.call("en", english, leave, speakNow(1), turn{press: "#"}, dispatch).digits("receipt-is")
	c := l.call("en", english, check, typed(receipt), turn{hear: "take-back", press: "2"}, turn{hear: "take-back-sure", press: "1"}, turn{hear: "reply", press: "2"})
	c.expectWords("take-back", "take-back-sure", "taken-back", "wrong-key")
	if n := c.count("take-back"); n != 1 {
		t.Errorf("it was offered %d times", n)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		held, err := tx.HeldOriginals(t.Context(), l.only().ID)
		if len(held) != 0 {
			t.Errorf("held: %v", held)
		}
		return err
	}))
	if r := l.only(); r.State == heed.Withdrawn || r.Files != 1 {
		t.Errorf("the report: %+v", r)
	}
}

func TestManyWhoUseReceiptsWaitAndAreServed(t *testing.T) {
	l := newLine(t, func(l *line) {
		l.gate = flood.New(flood.Config{Tickets: seal.NewTicketKey(seal.NewDraftKey(seal.NewKey())), Now: l.clock, Cores: 2})
	})
	receipt := l.report()
	waited := 0
	for range 34 {
		c := &caller{t: t, known: l.known("en"), turns: []turn{english, check, typed(receipt), {hear: "wait", wait: 200}, {hear: "stage.received", hangUp: true}}}
		c.each = func() { l.wait(sound.FrameTime) }
		c.turns = c.turns[:3]
		l.answer(c)
		waited += min(1, c.count("wait"))
		c.expectWords("stage.received")
		l.wait(-time.Duration(c.steps) * sound.FrameTime) // they all call at the same time
	}
	if waited == 0 {
		t.Error("nobody waited")
	}
}
