package evaluate

import (
	"errors"
	"slices"
	"testing"
)

// knows learns in the first way to tell the event "a" and in the second to tell "b", and nothing else.
type knows struct {
	t        *testing.T
	messages []Message
}

func (k *knows) ways() int { return 2 }

func (k *knows) without(events []string, ways ...int) (said []func(i int) bool, err error) {
	for _, way := range ways {
		said = append(said, func(i int) bool {
			m := k.messages[i]
			if !slices.Contains(events, m.Event) {
				k.t.Errorf("asked about %s, which was learned from: only %v wasn't", m.Event, events)
			}
			return m.Yes == (m.Event == string("ab"[way]))
		})
	}
	return said, nil
}

func TestNoEventChoosesHowItIsTold(t *testing.T) {
	var messages []Message
	for _, e := range "cabdef" {
		messages = append(messages, Message{Event: string(e), Yes: true}, Message{Event: string(e)})
	}
	outcomes, err := leaveOut(messages, &knows{t, messages})
	if err != nil {
		t.Fatal(err)
	}
	// Who told "a" best by itself would choose the first way for it, and be right about all of it. Of six events in five parts the first
	// and the last choose together.
	for i, want := range []outcome{{"a", 0, 1}, {"b", 0, 0}, {"c", 0, 0}, {"d", 0, 0}, {"e", 0, 0}, {"f", 0, 1}} {
		if outcomes[i] != want {
			t.Errorf("%+v, not %+v", outcomes[i], want)
		}
	}
	if _, err := leaveOut(messages[:6], &knows{t, messages}); !errors.Is(err, errFewEvents) {
		t.Errorf("three events choose for one another: %v", err)
	}
}
