package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// waiter is somebody who waits for a call-taker, as the process sees them that has the call.
type waiter struct {
	t    *testing.T
	line *line
	id   heed.ID
	key  *seal.PrivateKey
}

// asksForAPerson has somebody wait.
func (l *line) asksForAPerson(t *testing.T, language string) waiter {
	t.Helper()
	w := waiter{t, l, heed.NewID(time.Now()), seal.GeneratePrivateKey()}
	w.change(func(ctx context.Context, tx heed.Tx) error {
		return tx.JoinQueue(ctx, &heed.QueuedCall{
			ID: w.id, Language: language, Since: time.Now(), Seen: time.Now(), State: heed.CallWaiting, Key: w.key.Public().Bytes(),
		})
	})
	w.isSeen()
	return w
}

// isSeen sees the call every few seconds until it is over or the test is, as the process does that has it: the line ends what nobody sees.
func (w waiter) isSeen() {
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() {
		for {
			select {
			case <-ctx.Done():
				ended <- nil
				return
			case <-time.After(2 * time.Second):
			}
			err := w.line.store.Update(ctx, func(tx heed.Tx) error { return tx.SeeQueuedCall(ctx, w.id, time.Now()) })
			if err != nil && ctx.Err() == nil {
				ended <- err
				return
			}
		}
	}()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, heed.ErrNotFound) {
			w.t.Errorf("see a call: %v", err)
		}
	})
}

func (w waiter) change(change func(context.Context, heed.Tx) error) {
	w.t.Helper()
	err := w.line.store.Update(w.t.Context(), func(tx heed.Tx) error {
		if err := change(w.t.Context(), tx); err != nil {
			return err
		}
		return tx.Publish(w.t.Context(), &heed.DeskEvent{At: time.Now(), Kind: heed.EventCalls})
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// stands is the call as it stands.
func (w waiter) stands() (call *heed.QueuedCall) {
	w.t.Helper()
	err := w.line.store.View(w.t.Context(), func(tx heed.Tx) (err error) {
		call, err = tx.QueuedCall(w.t.Context(), w.id)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return call
}

// connect says that the taker's phone was answered.
func (w waiter) connect() {
	w.t.Helper()
	taker := w.stands().Taker
	w.change(func(ctx context.Context, tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, w.id, taker, time.Now()) })
}

// walkCalls opens every page of a call-taker's, in a tab of their own.
func (l *testLine) walkCalls(t *testing.T, v view, name string) {
	beside := l.beside()
	l.addStaff(name+"-taker", "agent,lead", "--language", v.language)
	b := l.sits(t, v, name+"-taker")
	b.check("no calls")
	b.open(l.desk + "/settings")
	b.write("#phone", "201")
	b.press(`form[action="/settings/phone"] button[type=submit]`)
	b.check("a wrong telephone")
	if b.value("#phone") != "201" {
		t.Errorf("what was typed is %q", b.value("#phone"))
	}
	b.write("#phone", "sip:201@pbx.example")
	b.press(`form[action="/settings/phone"] button[type=submit]`)
	b.press(`#call-bar button`)
	beside.asksForAPerson(t, "ar")
	call := beside.asksForAPerson(t, "zh-Hans")
	b.open(l.desk + "/calls")
	b.check("calls")
	b.picture(fmt.Sprintf("desk-calls-%s-%d", v.language, v.width))
	b.press(`form[action="/calls/` + string(call.id) + `/answer"] button`)
	b.check("a call that rings")
	call.connect()
	b.open(l.desk + b.address())
	b.write("#text", told+" "+name)
	b.press(`button[name=go][value=save]`)
	b.check("a call's form")
	b.picture(fmt.Sprintf("desk-call-%s-%d", v.language, v.width))
	b.press(`button[name=go][value=hand-in]`)
	b.check("handed in for a caller")
	b.open(l.desk + "/calls")
	b.press(`form[action="/drafts"] button`)
	b.press(`button[name=go][value=hand-in]`)
	b.check("a form with faults")
	b.write("#text", told+" "+name+" by letter")
	b.press(`button[name=go][value=hand-in]`)
	b.check("a Receipt")
	b.open(l.desk + "/hotline")
	b.check("hotline")
	b.picture(fmt.Sprintf("desk-hotline-%s-%d", v.language, v.width))
}

// takesCallsByKeyboard has a call-taker answer, type, mark urgent and hand in without touching a mouse, on a page that follows by itself.
func (l *testLine) takesCallsByKeyboard(t *testing.T) {
	beside := l.beside()
	l.addStaff("tariq", "agent")
	var tariq *heed.Staff
	err := beside.store.View(t.Context(), func(tx heed.Tx) (err error) {
		tariq, err = tx.StaffByName(t.Context(), "tariq")
		return err
	})
	if err == nil {
		err = beside.auth.SetPhone(t.Context(), nil, tariq.ID, "sip:201@pbx.example")
	}
	if err != nil {
		t.Fatal(err)
	}
	b := openTab(t, view{1280, "en", true})
	b.open(l.desk + "/sign-in")
	b.write("#name", "tariq")
	b.do(chromedp.Focus(chromedp.CSS("#passphrase")))
	for _, keys := range []string{testPassphrase + "\r", "o"} {
		if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(keys)); err != nil {
			t.Fatal(err)
		}
	}
	b.do(chromedp.WaitVisible(chromedp.CSS(".call-bar-on"))) // on the page that tells of the new telephone
	b.open(l.desk + "/calls")
	call := beside.asksForAPerson(t, "es")
	b.do(chromedp.WaitVisible(chromedp.CSS("#call-panel [data-key=a]")))
	if said := eval[string](b, `document.getElementById("call-said").textContent`); !strings.Contains(said, "1 caller waits") {
		t.Errorf("a screen reader hears %q", said)
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent("a")); err != nil {
		t.Fatal(err)
	}
	call.connect()
	b.do(chromedp.WaitVisible(chromedp.CSS(".call-state-talking")))
	began := b.text("#saved")
	b.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(told), chromedp.KeyEvent(kb.F8))
	if !eval[bool](b, `document.getElementById("urgent").checked`) {
		t.Error("one key doesn't mark it as urgent")
	}
	eventually(t, time.Minute, "the draft saved by itself", func() bool {
		var saved bool
		err := beside.store.View(t.Context(), func(tx heed.Tx) error {
			d, err := tx.DraftOfCall(t.Context(), call.id)
			saved = err == nil && d.SavedAt.After(d.Since)
			return err
		})
		return err == nil && saved
	})
	if !strings.HasPrefix(began, "Saved ") {
		t.Errorf("the page says %q", began)
	}
	b.typesInTwoWindows()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent("\r", chromedp.KeyModifiers(chromedp.ModifierCtrl))); err != nil {
		t.Fatal(err)
	}
	receipt, err := seal.OpenCallReceipt(call.key, beside.id, call.id, call.stands().Sealed)
	if err != nil {
		t.Fatal(err)
	}
	if stage := l.stage(string(receipt)); stage == "" {
		t.Error("the Receipt that the caller hears opens nothing")
	}
	b.open(l.desk + "/calls")
	b.press(`form[action="/drafts"] button`)
	eval[bool](b, `fetch("/sign-out", { method: "POST" }).then((a) => a.ok)`)
	b.write("#text", told)
	b.press(`button[name=go][value=save]`)
	b.check("a form that is kept")
	if !b.has("input[name=kept]") {
		t.Errorf("a form that comes without a session leads to %s", b.address())
	}
}

// typesInTwoWindows has what is typed here meet what another window saved: nothing is saved by itself until a person has seen both.
func (b *tab) typesInTwoWindows() {
	b.t.Helper()
	another := `(async () => {
		const f = document.getElementById("draft"), fields = new URLSearchParams(new FormData(f));
		fields.set("text", "from another window");
		fields.set("go", "save");
		return (await fetch(f.action, { method: "POST", body: fields, headers: { "X-Part": "1" } })).ok;
	})()`
	// The page saves by itself: where that comes between, it is the other window that is behind.
	eventually(b.t, time.Minute, "another window's save", func() bool { return eval[bool](b, another) })
	b.do(chromedp.Focus(chromedp.CSS("#text")), chromedp.KeyEvent(" and more"))
	eventually(b.t, time.Minute, "word of the other window", func() bool { return strings.Contains(b.text("#saved"), "another window") })
	b.press(`button[name=go][value=save]`)
	b.check("two windows")
	if stands, typed := b.text(".stands"), b.value("#text"); !strings.Contains(stands, "from another window") || !strings.HasSuffix(typed, " and more") {
		b.t.Errorf("of two windows the page shows %q and %q", stands, typed)
	}
	b.press(`button[name=go][value=save]`)
	if b.has(".stands") {
		b.t.Error("who has seen both can't decide")
	}
	b.do(chromedp.Focus(chromedp.CSS("#text")))
}
