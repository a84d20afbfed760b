package desk_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestWhatSomebodyUncoversIsCountedForThemselvesAndForgottenAfterAWeek(t *testing.T) {
	l := newLine(t)
	id, file, at := l.pictured(t)
	l.profile.Wellbeing.PauseAfter = 0
	b := l.signIn("ann", heed.Specialist)
	page := "/reports/" + string(id)
	if text := b.get(page).text(); strings.Contains(text, "What you have looked at") {
		t.Error("who saw nothing is told of something")
	}
	if a := b.post(page+"/uncover", "back", page+"?list=review"); !strings.Contains(a.body, `class="uncovered"`) || !strings.Contains(a.text(), "Blur them again") {
		t.Error("what was asked for stays covered:", a.text())
	}
	exposed := func() (n int64) {
		l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
			all, err := tx.Exposures(t.Context(), "", 0)
			for _, e := range all {
				n += e.Pictures
			}
			return err
		}))
		return n
	}
	seen := strconv.FormatInt(l.clock().Add(10*time.Minute).Unix(), 10) + "." + string(l.account("ann").ID)
	if a := b.get(page + "?seen=" + seen); !strings.Contains(a.body, `class="uncovered"`) { // loaded anew: the same look
		t.Error("what was asked for is covered again")
	}
	if a := b.post(at+"/redaction", "version", "0", "go", "preview"); a.status != http.StatusOK || exposed() != 1 {
		t.Errorf("one picture counts %d times", exposed())
	}
	text := b.get(page).text()
	if !strings.Contains(text, "What you have looked at") || !strings.Contains(text, "1 picture or document · 0 films · 0 minutes of film") || strings.Contains(text, "A pause helps") {
		t.Error("who saw one is told:", text)
	}
	// An address alone uncovers nothing, and counts nothing: one that is known, of somebody else, too old or of too far ahead.
	other := strconv.FormatInt(l.clock().Add(10*time.Minute).Unix(), 10) + "." + string(id)
	far := strconv.FormatInt(l.clock().Add(time.Hour).Unix(), 10) + "." + string(l.account("ann").ID)
	l.wait(11 * time.Minute)
	for _, mark := range []string{"on", seen, other, far, "."} {
		for _, path := range []string{page, at + "/redaction"} {
			if a := b.get(path + "?seen=" + mark); a.status != http.StatusOK || strings.Contains(a.body, `class="uncovered"`) || exposed() != 1 {
				t.Errorf("%s?seen=%s: %d, %d are counted", path, mark, a.status, exposed())
			}
		}
	}
	l.profile.Wellbeing.PauseAfter = 1
	b.post(page+"/uncover", "file", string(file), "back", "https://elsewhere.example/")
	if text := b.get(page).text(); exposed() != 2 || !strings.Contains(text, "A pause helps") {
		t.Errorf("%d: %s", exposed(), text)
	}
	if a := b.post(page+"/uncover", "file", string(id)); a.status != http.StatusNotFound {
		t.Errorf("a file that isn't there: %d", a.status)
	}
	if text := l.signIn("ben", heed.Specialist).get(page).text(); strings.Contains(text, "What you have looked at") {
		t.Error("somebody else is told")
	}
	// The overseer learns nothing while a sum would tell of one, and no name ever.
	overseer := l.signIn("olga", heed.Overseer)
	if text := overseer.get("/audit/rates").text(); !strings.Contains(text, "On none of those days did five people") {
		t.Error("the overseer is told of one person:", text)
	}
	day := l.clock().Unix() / 86_400
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		for _, staff := range []heed.ID{"a", "b", "c", "d"} {
			if err := tx.AddExposure(context.Background(), &heed.Exposure{Staff: staff, Day: day, Films: 1, Seconds: 61}); err != nil {
				return err
			}
		}
		return nil
	}))
	// Nor of today, whoever comes: two looks at a sum would tell of who came between.
	if text := overseer.get("/audit/rates").text(); !strings.Contains(text, "On none of those days") {
		t.Error("the overseer is told of a day that isn't over:", text)
	}
	l.wait(24 * time.Hour)
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.AddExposure(context.Background(), &heed.Exposure{Staff: "a", Day: day + 1, Films: 1, Seconds: 61})
	}))
	if text := l.again("olga").get("/audit/rates").text(); !strings.Contains(text, "2 pictures and documents · 4 films · 5 minutes of film") {
		t.Error("the overseer isn't told the sum:", text)
	}
	l.must(l.review.ForgetExposures(t.Context()))
	if exposed() != 2 {
		t.Error("it is forgotten too early")
	}
	l.wait(8 * 24 * time.Hour)
	l.must(l.review.ForgetExposures(t.Context()))
	if exposed() != 0 {
		t.Error("it isn't forgotten")
	}
}
