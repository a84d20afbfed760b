package phone

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/heed-line/heed/internal/phone/prompt"
)

// goOn goes through the first menu and whatever is behind it, as often as the caller comes back to it; err is how the call came here.
//
// It returns nil where the call is over for the line's part, the error of Leg.Step where the caller or the line ended it, and errors
// of ours that leave nothing to say.
func (c *call) goOn(err error) error {
	for err == nil || errors.Is(err, errBegin) {
		err = c.first()
	}
	if errors.Is(err, errBye) {
		return c.tell("bye")
	}
	return err
}

// first is the first menu, and what is chosen there. nil: the caller comes back to it.
func (c *call) first() error {
	key, err := c.ask(c.startMenu())
	if err != nil {
		return err
	}
	c.notice = true
	var again bool
	switch key {
	case "2":
		again, err = c.useReceipt()
	case "3":
		again, err = true, c.play(c.say(prompt.Text("privacy"))...)
	case "0":
		again = true
	default: // who presses nothing may be unable to, and called for a reason
		again, err = c.leaveReport()
	}
	if err == nil && !again {
		return errBye
	}
	return err
}

// chooseLanguage has the caller choose among the line's languages, each offered in itself. Without a choice it is the line's own.
func (c *call) chooseLanguage() error {
	languages := c.cfg.Profile.CallLanguages()
	c.speak(languages[0])
	m := menu{once: c.say(c.greeting(languages[0]))}
	for i, language := range languages {
		m.keys += strconv.Itoa(i + 1)
		m.choices = append(m.choices, spoken{c.cfg.Speaker.In(language), []prompt.Piece{prompt.Text("language", "Key", i+1)}})
	}
	if len(languages) == 1 {
		return c.play(m.once...)
	}
	key, err := c.ask(m)
	if err != nil {
		return err
	}
	if i := strings.Index(m.keys, key); key != "" {
		c.speak(languages[i])
	}
	return nil
}

// speak makes a language the call's.
func (c *call) speak(language string) {
	c.language, c.voice = language, c.cfg.Speaker.In(language)
}

// startMenu is the first menu; what happens with voice and number is told before it once.
func (c *call) startMenu() menu {
	m := menu{choices: c.say(texts("start", "repeat")...), keys: "1230"}
	if c.notice {
		return m
	}
	var first []prompt.Piece
	if numbers := c.cfg.Profile.Numbers.Emergency; len(numbers) > 0 {
		first = append(first, prompt.Text("danger"), prompt.Digits(numbers[0].Number, 3))
	}
	m.once = c.say(append(first, prompt.Text("notice"))...)
	return m
}

// back is how menus but the first end.
func back(keys ...string) []prompt.Piece {
	return texts(slices.Concat(keys, []string{"repeat", "back"})...)
}
