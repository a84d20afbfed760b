package phone_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

// named is a text's key as the code names it.
var named = regexp.MustCompile(`"([a-z]+(?:[-.][a-z]+)*)"`)

func TestEveryTextThatIsSaidExistsAndEveryOneThatExistsIsSaid(t *testing.T) {
	keys := map[string]bool{}
	for _, pattern := range []string{"*.go", "prompt/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllStringSubmatch(string(source), -1) {
				keys[m[1]] = true
			}
			for _, call := range regexp.MustCompile(`(?:Text|Counted|texts|tell|back|sure|typeReceipt)\(((?:"[^"]+"(?:, )?)+)`).FindAllStringSubmatch(string(source), -1) {
				for _, m := range named.FindAllStringSubmatch(call[1], -1) {
					if key := "phone." + m[1]; !shared.locales().Has(key) {
						t.Errorf("%s says %q, which has no text", name, key)
					}
				}
			}
		}
	}
	for _, family := range []struct {
		stem  string
		names []string
	}{
		{"stage.", []string{string(heed.StageReceived), string(heed.StageScreened), string(heed.StageInReview), string(heed.StageQuestion), string(heed.StageReferred), string(heed.StageConcluded)}},
		{"message.", []string{string(heed.Question), string(heed.Notice), string(heed.Outcome)}},
		{"digit.", strings.Split("0123456789", "")},
	} {
		for _, name := range family.names {
			keys[family.stem+name] = true
			if !shared.locales().Has("phone." + family.stem + name) {
				t.Errorf("there is no text for %s%s", family.stem, name)
			}
		}
	}
	for _, key := range shared.locales().Plain("phone.") {
		if !keys[strings.TrimPrefix(key, "phone.")] {
			t.Errorf("nothing says %q", key)
		}
	}
}

// aloud is a line that espeak-ng speaks for, in the language and English.
func aloud(language string) func(*line) {
	return func(l *line) { l.spoken, l.profile.Phone.Languages = true, []string{"en", language} }
}

// The walks of the issue: in Arabic and in Chinese, as espeak-ng speaks them, the caller's speech being a third language's.
func TestCallsInArabicAndChineseLeaveReportsWhoseReceiptsAreHeard(t *testing.T) {
	for _, language := range []string{"ar", "zh-Hans"} {
		t.Run(language, func(t *testing.T) {
			l := newLine(t, aloud(language))
			var said []sound.Frame
			for f := range l.speaker.In(language).Say(t.Context(), prompt.Text("privacy")) {
				if f != nil {
					said = append(said, *f)
				}
			}
			c := l.call(language, turn{hear: "language-2", press: "2"}, turn{hear: "start", press: "1"},
				turn{hear: "tone", whole: true, wait: 30, speak: said}, turn{wait: 10, press: "#"}, turn{hear: "send", press: "2"}, turn{hear: "send", press: "1"},
				turn{hear: "receipt-repeat", hangUp: true})
			receipt := c.digits("receipt-is")
			if again := c.digits("receipt-again"); len(receipt) != 20 || again != receipt {
				t.Fatalf("%d digits, and then %v: %v", len(receipt), again == receipt, c.heard)
			}
			if n := playedBack(c, said); n == 0 {
				t.Error("what was said isn't what was recorded")
			}
			if r := l.only(); r.Language != language || r.Channel != heed.ChannelPhone {
				t.Errorf("%+v", r)
			}
			c = l.call(language, turn{hear: "language-2", press: "2"}, turn{hear: "start", press: "2"}, turn{hear: "type", press: receipt}, turn{hear: "reply", hangUp: true})
			c.expectWords("stage.received", "since.minutes-1")
			l.expectNowhere(receipt, receipt[:8])
			if strings.Contains(l.log.String(), "ERROR") {
				t.Error(l.log.String())
			}
		})
	}
}

// Warming up takes half a minute of processor time for seven languages; the soak does it.
func TestAfterWarmingUpACallSpeaksNothingNewButItsTimes(t *testing.T) {
	if os.Getenv("HEED_SOAK") == "" {
		t.Skip("speaks every text of two languages: HEED_SOAK=on, as make soak has it")
	}
	l := newLine(t, aloud("ru"))
	if err := l.menu.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := func() int {
		entries, err := os.ReadDir(filepath.Join(l.dir, "spoken"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	before := kept()
	l.call("ru", turn{hear: "language-2", press: "2"}, turn{hear: "start", press: "1"}, speakNow(1), turn{press: "#"}, turn{hear: "send", press: "1"})
	if after := kept(); before < 150 || after != before {
		t.Errorf("%d texts kept, then %d", before, after)
	}
	if log := l.log.String(); log != "" {
		t.Error(log)
	}
}

// longestBeforeKey is how long a caller may have to listen before the first thing that they can do is said to its end.
const longestBeforeKey = 13 * time.Second

func TestTheFirstUsefulKeyIsNamedSoon(t *testing.T) {
	l := newLine(t, aloud("es"))
	for _, language := range languages {
		first := map[string][]prompt.Piece{
			"the language": {prompt.Text("greeting", "Line", "Heed", "Operator", l.profile.Line.Operator[language]), prompt.Text("language", "Key", 1)},
			"a report":     {prompt.Text("danger"), prompt.Digits("112", 3), prompt.Text("notice")},
			"the take":     {prompt.Text("report"), prompt.Text("limit", "Count", 15), prompt.Text("end")},
			"sending":      {prompt.Text("send")},
			"the Receipt":  {prompt.Text("type")},
		}
		var said []string
		for what, pieces := range first {
			n := 0
			for f := range l.speaker.In(language).Say(t.Context(), pieces...) {
				if f != nil {
					n++
				}
			}
			length := time.Duration(n) * sound.FrameTime
			said = append(said, fmt.Sprintf("%s %.1f s", what, length.Seconds()))
			if length > longestBeforeKey {
				t.Errorf("%s: before %s a caller listens for %v", language, what, length)
			}
		}
		slices.Sort(said)
		t.Logf("%s: %s", language, strings.Join(said, ", "))
	}
}
