package phone

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/prompt"
)

// standing tells where a report stands, and does what its reporter wants. again is true where the call goes on at the first menu.
func (c *call) standing(m *intake.Mailbox) (again bool, err error) {
	for {
		status, err := during(c, m.Status)
		if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
			return true, c.tell("erased")
		}
		if err != nil {
			c.fault("read a report's status", err)
			return true, c.tell("cannot-look")
		}
		key, err := c.ask(c.standingMenu(status))
		if err != nil {
			return false, err
		}
		switch key {
		case "1":
			err = c.addTo(m)
		case "2":
			err = c.takeBack(m)
		case "3":
			err = c.withdraw(m)
		default:
			return key == "0", nil
		}
		if err != nil {
			return false, err
		}
	}
}

// standingMenu says the stage, since when, what the line said last, and who was shown anything of the reporter's; and then what there is to do.
func (c *call) standingMenu(s *intake.Status) menu {
	said := []prompt.Piece{prompt.Text("stage." + string(s.Stage)), prompt.Since(s.Since)}
	if closed := c.cfg.Profile.Wording[c.language].Closed; s.Stage == heed.StageConcluded && s.Outcome == "" && closed != "" {
		said = append(said, words(closed))
	}
	for _, e := range unanswered(s.Messages) {
		said = append(said, prompt.Text("message."+string(e.Kind)), prompt.Pause(300*time.Millisecond), words(e.Text), prompt.Pause(500*time.Millisecond))
	}
	for _, told := range []struct {
		is   bool
		text string
	}{{s.Seen(), "seen"}, {s.Taken(), "taken"}, {s.Released(), "released"}, {s.Handed(), "handed"}} {
		if told.is {
			said = append(said, prompt.Text(told.text))
		}
	}
	m := menu{keys: "0"}
	var keys []string
	for _, act := range []struct {
		open      bool
		key, text string
	}{{s.CanReply, "1", "reply"}, {s.CanTakeBack, "2", "take-back"}, {s.CanWithdraw, "3", "withdraw"}} {
		if act.open {
			m.keys, keys = m.keys+act.key, append(keys, act.text)
		}
	}
	m.choices = c.say(append(said, back(keys...)...)...)
	return m
}

// words are somebody's, and what is said where they can't be.
func words(text string) prompt.Piece { return prompt.Words(text, "message-rest", "message-unspoken") }

// unanswered is what the line said since the reporter last said something, and its last word in any case.
func unanswered(messages []intake.Entry) (all []intake.Entry) {
	var last []intake.Entry
	for _, e := range messages {
		switch e.Kind {
		case heed.Question, heed.Notice, heed.Outcome:
			all = append(all, e)
			last = all[len(all)-1:]
		default:
			all = nil
		}
	}
	if len(all) == 0 {
		return last
	}
	return all
}

// addTo takes an answer, or whatever else the reporter adds.
func (c *call) addTo(m *intake.Mailbox) error {
	r, err := during(c, func(ctx context.Context) (Recording, error) { return c.cfg.Recorder.Answer(ctx, m, c.language) })
	if err != nil {
		c.fault("begin an answer", err)
		return c.tell("cannot-record")
	}
	c.open = append(c.open, r)
	v, err := c.dictate(dictation{recording: r, how: "answer", full: "no-room"})
	if err != nil {
		return err
	}
	switch v {
	case failed:
		return nil
	case giveUp:
		return c.tell("nothing")
	}
	_, err = c.submit(r) // also what somebody said who then goes back
	c.finishing = false
	switch {
	case err == nil:
		return c.tell("answer-sent")
	case howRefused(err) == refused:
		return c.tell("no-room")
	}
	return c.tell("not-sent")
}

// takeBack destroys who the reporter is, for a caller who is sure.
func (c *call) takeBack(m *intake.Mailbox) error {
	yes, err := c.sure("take-back-sure")
	if err != nil {
		return err
	}
	if !yes {
		return c.tell("unchanged")
	}
	if err := c.doing(m.TakeBack); err != nil && !errors.Is(err, heed.ErrGone) {
		c.fault("take an identity back", err)
		return c.tell("fault")
	}
	return c.tell("taken-back")
}

// withdraw takes the report back, for a caller who is sure.
func (c *call) withdraw(m *intake.Mailbox) error {
	yes, err := c.sure("withdraw-sure")
	if err != nil {
		return err
	}
	if !yes {
		return c.tell("unchanged")
	}
	err = c.doing(m.Withdraw)
	switch {
	case errors.Is(err, heed.ErrConflict):
		return c.tell("withdraw-late")
	case err != nil:
		c.fault("withdraw a report", err)
		return c.tell("fault")
	}
	return c.tell("withdrawn")
}
