package phone_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

func TestACallerLeavesAReportWhoseReceiptIsSaidTwiceAndOpensIt(t *testing.T) {
	l := newLine(t)
	c := l.call("en", english, leave, speakNow(1), turn{press: "#"}, dispatch)
	c.expectWords("greeting", "language-1", "danger", "notice", "start", "report", "limit", "end", "tone", "send", "sent", "receipt", "receipt-is", "receipt-again", "receipt-repeat", "bye")
	first, second := c.digits("receipt-is"), c.digits("receipt-again")
	if len(first) != 20 || first != second {
		t.Fatalf("the Receipt was %d digits, then %d", len(first), len(second))
	}
	r := l.only()
	if r.Channel != heed.ChannelPhone || r.Language != "en" || r.Files != 1 || r.Named {
		t.Errorf("report %+v", r)
	}
	m, err := l.intake.Open(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Status(t.Context()); err != nil {
		t.Error(err)
	}
	if log := l.log.String(); strings.Contains(log, first) || strings.Contains(log, "ERROR") {
		t.Error(log)
	}
}

func TestNoKeyCutsAReceiptShortAndOneSaysItAgain(t *testing.T) {
	l := newLine(t)
	c := l.call("en", english, leave, speakNow(1), turn{press: "#"}, dispatch,
		turn{hear: "receipt-is", press: "0*91#5", together: true}, turn{hear: "receipt-again", press: "000"}, turn{hear: "receipt-repeat", press: "1"},
		turn{hear: "receipt-repeat", press: "0"}, turn{hear: "start", hangUp: true})
	if n := c.count("receipt-again"); n != 2 {
		t.Errorf("said again %d times, want 2", n)
	}
	digits := 0
	for _, name := range c.heard {
		if strings.HasPrefix(name, "digit.") {
			digits++
		}
	}
	if digits != 4*seal.ReceiptDigits+len("112") {
		t.Errorf("%d digits were heard, want four Receipts whole and the emergency number", digits)
	}
	l.only()
}

// count is how often a text was heard.
func (c *caller) count(name string) (n int) {
	for _, h := range c.heard {
		if h == name {
			n++
		}
	}
	return n
}

func TestWhoPressesNothingIsAskedPatientlyAndTheirReportIsSent(t *testing.T) {
	l := newLine(t)
	c := l.call("en", speakNow(2))
	for _, menu := range []string{"language-1", "start", "send"} {
		if n := c.count(menu); n != 3 {
			t.Errorf("%s was said %d times, want 3", menu, n)
		}
	}
	if n := c.count("notice"); n != 1 {
		t.Errorf("the notice was said %d times", n)
	}
	c.expectWords("if-silent", "sent", "receipt-is", "bye")
	if r := l.only(); r.Language != "en" {
		t.Errorf("in %s", r.Language)
	}
}

func TestWhoSaysNothingLeavesNothing(t *testing.T) {
	l := newLine(t)
	c := l.call("en")
	if n := c.count("nothing"); n != 2 {
		t.Errorf("asked again %d times, want 2", n)
	}
	c.expectWords("nothing-bye")
	c.expectNever("sent", "send")
	l.expectNothingLeft()
}

func TestWrongKeysAreSaidKindlyAndStarZeroAndNineMeanTheSameEverywhere(t *testing.T) {
	l := newLine(t)
	c := l.call("en",
		turn{hear: "language-1", press: "7"}, turn{hear: "language-1", press: "0"}, turn{hear: "language-1", press: "*"}, english,
		turn{hear: "start", press: "9"}, turn{hear: "start", press: "6"}, turn{hear: "start", press: "*"}, turn{hear: "start", press: "0"},
		turn{hear: "start", press: "3"}, leave,
		speakNow(3), turn{press: "#"},
		turn{hear: "send", press: "8"}, turn{hear: "send", press: "9"}, turn{hear: "send", press: "*"}, turn{hear: "send", press: "0"},
		leave, turn{hear: "send", press: "1"})
	c.expectWords("wrong-key", "language-1", "language-1", "start", "nobody", "start", "wrong-key", "start", "privacy", "start", "report",
		"send", "wrong-key", "send", "nobody", "send", "start", "send", "sent")
	if n := c.count("report"); n != 1 {
		t.Errorf("what was said before going back is asked for %d times", n)
	}
	l.only()
}

func TestAskingForAPersonNineTimesSendsNoReport(t *testing.T) {
	l := newLine(t)
	turns := []turn{english, leave, speakNow(5), {press: "#"}}
	for range 9 {
		turns = append(turns, turn{hear: "send", press: "9"}, turn{hear: "nobody", whole: true})
	}
	c := l.call("en", append(turns, turn{hear: "send", press: "0"}, turn{hear: "start", press: "2"}, turn{hear: "type", press: "*"}, turn{hear: "start", hangUp: true})...)
	c.expectNever("sent", "receipt-is")
}

func TestStarRepeatsWhatIsToldOnceToo(t *testing.T) {
	l := newLine(t)
	c := l.call("en", turn{hear: "language-1", press: "*"}, english, turn{hear: "repeat", press: "*"}, turn{hear: "repeat", wait: 50, hangUp: true})
	c.expectWords("greeting", "language-1", "greeting", "language-1", "danger", "notice", "start", "repeat", "danger", "notice", "start", "repeat")
}

func TestKeysPressedAheadCount(t *testing.T) {
	l := newLine(t)
	c := l.call("en", turn{press: "11", together: true}, speakNow(4), turn{press: "#1", together: true})
	c.expectNever("danger")
	c.expectWords("tone", "sent")
	l.only()
}

func TestAFloodOfKeysEndsInTheHelpfulWayAndNotInARound(t *testing.T) {
	l := newLine(t)
	for _, keys := range []string{"5", "5#*0", "8"} {
		c := l.call("en", turn{press: strings.Repeat(keys, 400), together: true}, turn{press: strings.Repeat(keys, 400)})
		if c.steps > 60*60*50 {
			t.Errorf("keys %q keep the line busy for %d frames", keys, c.steps)
		}
	}
}

func TestTheCallersLanguageIsWhatTheyChoose(t *testing.T) {
	l := newLine(t)
	c := l.call("ar", turn{hear: "language-2", press: "2"}, leave, speakNow(6), turn{press: "#"}, dispatch)
	c.expectWords("start", "report", "sent", "receipt-is")
	if r := l.only(); r.Language != "ar" {
		t.Errorf("in %s", r.Language)
	}
}

func TestALineOfOneLanguageOffersNone(t *testing.T) {
	l := newLine(t, func(l *line) { l.profile.Phone.Languages = []string{"fr"} })
	c := l.call("fr", leave, turn{hear: "report", hangUp: true})
	c.expectNever("language-1")
	c.expectWords("greeting", "danger")
	l.expectNothingLeft()
}

func TestWhatWasSaidCanBeHeardAddedToAndStartedOver(t *testing.T) {
	l := newLine(t)
	said := babble(2, 7)
	c := l.call("en", english, leave, speakNow(7), turn{press: "#"},
		turn{hear: "send", press: "2"},
		turn{hear: "send", press: "3"}, turn{hear: "redo-sure", press: "2"},
		turn{hear: "send", press: "4"}, speakNow(8), turn{press: "#"},
		turn{hear: "send", press: "2"}, turn{hear: "send", press: "1"})
	if n := playedBack(c, said); n != 2 {
		t.Errorf("the first part was played %d times, want 2", n)
	}
	if n := playedBack(c, babble(2, 8)); n != 1 {
		t.Errorf("the second part was played %d times, want 1", n)
	}
	if r := l.only(); r.Files != 2 {
		t.Errorf("%d recordings, want 2", r.Files)
	}

	again := l.call("en", english, leave, speakNow(9), turn{press: "#"},
		turn{hear: "send", press: "31", together: true}, turn{hear: "redo-sure", press: "1"}, speakNow(10), turn{press: "#"},
		turn{hear: "send", press: "2"}, turn{hear: "send", press: "1"})
	again.expectWords("redo-sure", "deleted", "report", "tone", "send", "sent")
	if playedBack(again, babble(2, 9)) != 0 || playedBack(again, babble(2, 10)) != 1 {
		t.Error("what was deleted is played, or what came after it isn't")
	}
	for _, r := range l.reports() {
		if r.Files > 2 {
			t.Errorf("%d recordings", r.Files)
		}
	}
}

// playedBack counts how often the caller heard what they said, as the recording's law leaves it.
func playedBack(c *caller, said []sound.Frame) (n int) {
	mark := said[30]
	coded := sound.MuLaw.Encode(nil, mark[:])
	var want sound.Frame
	copy(want[:], sound.MuLaw.Decode(nil, coded))
	for i := range c.history {
		if c.history[i] == want {
			n++
		}
	}
	return n
}

func TestATakeEndsBySilenceAndByItsLimitOfWhichAToneWarns(t *testing.T) {
	l := newLine(t, func(l *line) { l.profile.Phone.Take = 2 * time.Minute })
	c := l.call("en", english, leave, turn{hear: "tone", whole: true, speak: babble(130, 11)}, turn{hear: "send", press: "4"},
		speakNow(12), turn{hear: "send", press: "1"})
	c.expectWords("tone", "minute", "too-long", "send", "add", "tone", "send", "sent")
	if r := l.only(); r.Files != 2 {
		t.Errorf("%d recordings", r.Files)
	}
}

func TestASteadyNoiseIsNoSpeech(t *testing.T) {
	l := newLine(t)
	hum := make([]sound.Frame, 10*50)
	for i := range hum {
		hum[i] = babble(0.2, 40+i%7)[0]
	}
	c := l.call("en", english, leave, turn{hear: "tone", whole: true, speak: append(babble(3, 13), hum...)}, turn{hear: "send", press: "1"})
	c.expectWords("tone", "send", "sent")
}

// hum is a steady sound so loud, in dBov.
func hum(seconds, level float64) []sound.Frame {
	all := make([]sound.Frame, int(seconds*50))
	loudest := math.Sqrt2 * 32768 * math.Pow(10, level/20)
	for i := range all {
		for j := range all[i] {
			all[i][j] = int16(loudest * math.Sin(2*math.Pi*400*float64(j)/sound.Rate))
		}
	}
	return all
}

func TestALineThatHumsFromTheFirstFrameSaysNothing(t *testing.T) {
	l := newLine(t)
	for _, level := range []float64{-47, -40, -30} {
		c := l.call("en", english, leave, turn{hear: "tone", speak: hum(60, level)})
		c.expectWords("tone", "nothing", "tone", "nothing", "tone", "nothing-bye")
		c.expectNever("send", "sent")
	}
	l.expectNothingLeft()
}

func TestOneWordAtOnceIsHeardOnALineThatHums(t *testing.T) {
	word := hum(0.2, -25)
	for name, said := range map[string]turn{
		"and then nothing":          {hear: "tone", whole: true, speak: append(word, hum(12, -40)...)},
		"and at once the hash key":  {hear: "tone", whole: true, speak: append(word, hum(0.3, -40)...), then: "#"},
		"in a whisper on a silence": {hear: "tone", whole: true, speak: append(hum(0.2, -55), hum(0.3, -70)...), then: "#"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			c := l.call("en", english, leave, said, dispatch)
			c.expectWords("tone", "send", "sent")
			c.expectNever("nothing")
			l.only()
		})
	}
}

func TestANumberGoesIntoTheIdentityAndOnlyWhenTheCallerSaysThatItIsRight(t *testing.T) {
	number := turn{hear: "send", press: "5"}
	for _, c := range []struct {
		name  string
		turns []turn
		named bool
		heard string
	}{
		{"right", []turn{number, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}}, true, "number-kept"},
		{"without the hash key", []turn{number, {hear: "number-how", press: "0201234567"}, {hear: "number-sure", press: "1"}}, true, "number-kept"},
		{"typed again", []turn{number, {hear: "number-how", press: "99999#"}, {hear: "number-sure", press: "2"}, {hear: "number-how", press: "020123*0201234567#"},
			{hear: "number-sure", press: "1"}}, true, "number-kept"},
		{"too short, then right", []turn{number, {hear: "number-how", press: "123#"}, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}}, true, "number-short"},
		{"thought better of", []turn{number, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "3"}}, false, "number-none"},
		{"never said to be right", []turn{number, {hear: "number-how", press: "0201234567#"}}, false, "number-none"},
		{"not typed", []turn{number}, false, "number-none"},
		{"hung up after it was right", []turn{number, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}, {hear: "number-kept", hangUp: true}}, true, "number-kept"},
		{"hung up before", []turn{number, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", hangUp: true}}, false, "number-sure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t)
			heard := l.call("en", append([]turn{english, leave, speakNow(14), {press: "#"}}, c.turns...)...)
			heard.expectWords(c.heard)
			if r := l.only(); r.Named != c.named {
				t.Errorf("named %v", r.Named)
			}
			if c.heard == "number-kept" {
				if got := heard.digits("number-read"); got != "0201234567" {
					t.Errorf("read back %s", got)
				}
			}
			l.expectNowhere("0201234567")
		})
	}
}

func TestANumberGoesAlongWhereTheFirstSendFailsAndIsntPromisedWhereItIsntKept(t *testing.T) {
	leaves := []turn{english, leave, speakNow(16), {press: "#"}, {hear: "send", press: "5"}, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}}
	for name, c := range map[string]struct {
		faults faulty
		turns  []turn
		heard  []string
	}{
		"hung up, and the first send fails": {faulty{submit: times(1, heed.ErrBusy)}, []turn{{hear: "number-kept", hangUp: true}}, []string{"number-kept"}},
		"hung up while it fails":            {faulty{submit: times(100, heed.ErrBusy)}, []turn{dispatch, {wait: 100, hangUp: true}}, []string{"number-kept", "send"}},
		"it can't be kept at first": {faulty{leave: times(1, heed.ErrBusy)},
			[]turn{{hear: "send", press: "5"}, {hear: "number-how", press: "0201234567#"}, {hear: "number-sure", press: "1"}, dispatch},
			[]string{"number-sure", "fault", "send", "number-sure", "number-kept", "send", "sent"}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, func(l *line) {
				l.between = func(r phone.Recorder) phone.Recorder { c.faults.Recorder = r; return &c.faults }
			})
			heard := l.call("en", append(leaves, c.turns...)...)
			heard.expectWords(c.heard...)
			if r := l.only(); !r.Named {
				t.Error("the number is lost")
			}
		})
	}
}

func TestALineWithoutACustodianAsksForNoNumber(t *testing.T) {
	l := newLine(t, func(l *line) { l.custodian = false })
	c := l.call("en", english, leave, speakNow(15), turn{press: "#"}, turn{hear: "send", press: "5"}, dispatch)
	c.expectNever("number", "number-how")
	c.expectWords("wrong-key", "sent")
	if l.only().Named {
		t.Error("named")
	}
}
