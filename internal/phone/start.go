package phone

import (
	"slices"
	"strconv"
	"strings"

	"github.com/heed-line/heed/internal/phone/prompt"
)

// start is the whole call, from the greeting to its end.
//
// It returns nil where the call is over for the line's part, the error of Leg.Step where the caller or the line ended it, and errors
// of ours that leave nothing to say.
func (c *call) start() error {
	if err := c.chooseLanguage(); err != nil {
		return err
	}
	for {
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
		if err != nil {
			return err
		}
		if !again {
			return c.tell("bye")
		}
	}
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
