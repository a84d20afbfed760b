package phone

import (
	"context"
	"time"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/seal"
)

// digitPatience is how long the next digit is waited for: an old person looks for it on the paper, then on the telephone.
const digitPatience = 15 * frames

// typeReceipt collects the digits of a Receipt, slow or fast. Star deletes them all, and where there are none leads back; the hash
// key isn't needed. "" is who went back, or pressed nothing however often they were asked.
func (c *call) typeReceipt(how ...string) (string, error) {
	c.hash = true
	defer func() { c.hash = false }()
	typed, pieces := "", texts(how...)
	for asked := 0; asked < askings; {
		if err := c.play(c.say(pieces...)...); err != nil {
			return "", err
		}
		if err := c.waitKey(digitPatience); err != nil {
			return "", err
		}
		key := c.press()
		pieces = nil
		switch {
		case key == "*" && typed == "":
			return "", nil
		case key == "*":
			typed, pieces = "", texts("typed-deleted")
		case key == "" || key == "#":
			asked++
			if pieces = texts(how...); typed != "" {
				pieces = []prompt.Piece{prompt.Counted("typed", len(typed))}
			}
		default:
			asked = 0
			if typed += key; len(typed) == seal.ReceiptDigits {
				c.keys = "" // one too many is no answer to what comes next
				return typed, nil
			}
		}
	}
	return "", nil
}

const (
	// numberPatience ends a telephone number that is long enough to be one.
	numberPatience = 8 * frames
	// shortestNumber and longestNumber are how many digits it has; ITU-T E.164 allows 15, and a prefix may come before them.
	shortestNumber, longestNumber = 5, 18
	// numberGroup is how many of its digits are read back together.
	numberGroup = 3
)

// askNumber has the caller leave a telephone number with what they said, which stays only where they hear it and say that it is right.
func (c *call) askNumber(r Recording) error {
	number, err := c.typeSure("number-how")
	if err != nil {
		return err
	}
	if number == "" {
		return c.tell("number-none")
	}
	if err := c.doing(func(ctx context.Context) error { return r.LeaveNumber(ctx, number) }); err != nil {
		c.fault("keep a number", err)
		return c.tell("fault")
	}
	c.number = true
	return c.tell("number-kept")
}

// typeSure has the caller type a number, hear it, and say that it is right; "" where they leave none. how says what becomes of it.
func (c *call) typeSure(how string) (string, error) {
	say := []string{how}
	for range askings {
		number, err := c.typeNumber(say...)
		if err != nil {
			return "", err
		}
		if len(number) < shortestNumber {
			if number == "" {
				break
			}
			say = []string{"number-short", how}
			continue
		}
		read := []prompt.Piece{prompt.Text("number-read"), prompt.Digits(number, numberGroup), prompt.Pause(time.Second), prompt.Text("number-sure")}
		key, err := c.ask(menu{choices: c.say(append(read, texts("repeat")...)...), keys: "123"})
		if err != nil {
			return "", err
		}
		if key == "1" {
			return number, nil
		}
		if key != "2" {
			break
		}
		say = []string{how}
	}
	return "", nil
}

// typeNumber collects the digits of a telephone number up to the hash key, or until nobody types any more.
func (c *call) typeNumber(how ...string) (string, error) {
	c.hash = true
	defer func() { c.hash = false }()
	if err := c.play(c.say(texts(how...)...)...); err != nil {
		return "", err
	}
	typed := ""
	for len(typed) < longestNumber {
		patience := digitPatience
		if len(typed) >= shortestNumber {
			patience = numberPatience
		}
		if err := c.waitKey(patience); err != nil {
			return "", err
		}
		switch key := c.press(); key {
		case "", "#":
			return typed, nil
		case "*":
			typed = ""
			if err := c.play(c.say(texts("typed-deleted")...)...); err != nil {
				return "", err
			}
		default:
			typed += key
		}
	}
	return typed, nil
}
