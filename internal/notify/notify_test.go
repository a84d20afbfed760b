package notify_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// mailbox is a mail server on this machine, as far as RFC 5321 section 4.5.1 asks of one.
type mailbox struct {
	port int
	mu   sync.Mutex
	got  map[string][]string // address → messages
	// refuse answers the next message with a temporary failure.
	refuse bool
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailbox{port: l.Addr().(*net.TCPAddr).Port, got: map[string][]string{}}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go m.serve(conn)
		}
	}()
	return m
}

func (m *mailbox) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	say := func(s string) { io.WriteString(conn, s+"\r\n") }
	say("220 mailbox")
	var to string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(strings.Fields(line + " x")[0]); verb {
		case "EHLO", "HELO", "RSET", "NOOP":
			say("250 ok")
		case "MAIL":
			say("250 ok")
		case "RCPT":
			to = strings.Trim(strings.TrimSpace(line[len("RCPT TO:"):]), "<>")
			say("250 ok")
		case "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(line, "."))
			}
			m.mu.Lock()
			if m.refuse {
				m.refuse = false
				m.mu.Unlock()
				say("451 try again later")
				continue
			}
			m.got[to] = append(m.got[to], b.String())
			m.mu.Unlock()
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("500 what")
		}
	}
}

func (m *mailbox) of(address string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.got[address]...)
}

const secret = "0123456789abcdef0123456789abcdef"

func newService(t *testing.T, change func(*profile.Notify), store heed.Store) *notify.Service {
	t.Helper()
	p := profile.Default()
	p.Line.Name = profile.Text{"en": "Línea Ñ"}
	p.Notify.Specialists, p.Notify.Leads, p.Notify.DutyOfficer = []string{"s1@x.example", "s2@x.example"}, []string{"lead@x.example"}, []string{"duty@x.example"}
	p.Notify.DeskURL = "https://desk.x.example/"
	p.Departments[0].Liaison = "liaison@x.example"
	change(&p.Notify)
	return notify.New(notify.Config{
		Store: store, Profile: p, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Secret: func(string) ([]byte, error) { return []byte(secret + "\n"), nil },
	})
}

func withMail(m *mailbox) func(*profile.Notify) {
	return func(n *profile.Notify) {
		n.SMTP = profile.SMTP{Host: "127.0.0.1", Port: m.port, Security: "none", From: "heed@x.example"}
	}
}

func TestADeadlinesMailHoldsNameCountAndLinkAndNothingElse(t *testing.T) {
	box := newMailbox(t)
	s := newService(t, withMail(box), nil)
	args, err := json.Marshal(notify.Notice{Kind: notify.KindDeadline, Level: 100, Count: 7, To: "lead@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.HandleMail(t.Context(), args); err != nil {
		t.Fatal(err)
	}
	got := box.of("lead@x.example")
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	m, err := mail.ReadMessage(strings.NewReader(got[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != "Línea Ñ: reports past their deadline: 7" {
		t.Errorf("%q, %v", subject, err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	want := "reports past their deadline: 7\r\n\r\nhttps://desk.x.example/\r\n\r\nThis message says nothing about any report. Sign in to read.\r\n"
	if err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
	if m.Header.Get("To") != "lead@x.example" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Message-Id") == "" {
		t.Errorf("%v", m.Header)
	}
	if _, err := m.Header.Date(); err != nil {
		t.Error(err)
	}
}

func TestEachLevelReachesThoseWhomItConcerns(t *testing.T) {
	box := newMailbox(t)
	s := newService(t, withMail(box), nil)
	for level, want := range map[int]string{50: "s1@x.example s2@x.example", 80: "s1@x.example s2@x.example", 100: "lead@x.example", 150: "duty@x.example"} {
		var to []string
		for _, d := range s.Deliveries(notify.Notice{Kind: notify.KindDeadline, Level: level}, "") {
			to = append(to, d.Notice.To)
		}
		if got := strings.Join(to, " "); got != want {
			t.Errorf("at %d%%: %s", level, got)
		}
	}
	if d := s.Deliveries(notify.Notice{Kind: notify.KindReferral}, "police-liaison"); len(d) != 1 || d[0].Notice.To != "liaison@x.example" {
		t.Errorf("a referral reaches %+v", d)
	}
	if d := s.Deliveries(notify.Notice{Kind: notify.KindReferral}, "transport"); len(d) != 0 {
		t.Errorf("a department without a liaison: %+v", d)
	}
}

func TestAClocksMailReachesTheDutyOfficerOrElseTheLeads(t *testing.T) {
	box := newMailbox(t)
	for _, c := range []struct {
		duty []string
		want string
	}{{[]string{"duty@x.example"}, "duty@x.example"}, {nil, "lead@x.example"}} {
		s := newService(t, func(n *profile.Notify) { withMail(box)(n); n.DutyOfficer = c.duty }, nil)
		list := s.Deliveries(notify.Notice{Kind: notify.KindClock, Count: 1}, "")
		if len(list) != 1 || list[0].Job != notify.JobMail || list[0].Notice.To != c.want {
			t.Fatalf("%+v", list)
		}
		args, err := json.Marshal(list[0].Notice)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.HandleMail(t.Context(), args); err != nil {
			t.Fatal(err)
		}
		got := box.of(c.want)
		if len(got) != 1 {
			t.Fatalf("%s has %d messages", c.want, len(got))
		}
		m, err := mail.ReadMessage(strings.NewReader(got[0]))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		want := "the computer’s clock jumped forward and isn’t believed. Please look.\r\n\r\nhttps://desk.x.example/\r\n\r\nThis message says nothing about any report. Sign in to read.\r\n"
		if err != nil || string(text) != want {
			t.Errorf("%q, %v", text, err)
		}
	}
}

func TestEveryNoticeHasWordsInEveryLanguage(t *testing.T) {
	box := newMailbox(t)
	for _, lang := range []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"} {
		p := profile.Default()
		p.Languages = []string{lang}
		p.Notify.SMTP = profile.SMTP{Host: "127.0.0.1", Port: box.port, Security: "none", From: "heed@x.example"}
		s := notify.New(notify.Config{Profile: p, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		said := map[string]bool{}
		for _, n := range []notify.Notice{{Kind: notify.KindDeadline, Level: 50}, {Kind: notify.KindDeadline, Level: 80}, {Kind: notify.KindDeadline, Level: 100},
			{Kind: notify.KindDeadline, Level: 150}, {Kind: notify.KindReferral}, {Kind: notify.KindClock}} {
			n.To = lang + n.Kind + strconv.Itoa(n.Level) + "@x.example"
			args, err := json.Marshal(n)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.HandleMail(t.Context(), args); err != nil {
				t.Fatal(err)
			}
			m, err := mail.ReadMessage(strings.NewReader(box.of(n.To)[0]))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
			first, _, _ := strings.Cut(string(text), "\r\n")
			if err != nil || first == "" || said[first] {
				t.Errorf("%s, %s at %d: %q %v", lang, n.Kind, n.Level, first, err)
			}
			said[first] = true
		}
	}
}

func TestAWebhookIsSignedAndFollowsNoRedirect(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer elsewhere.Close()
	status := http.StatusNoContent
	var calls int
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		header := r.Header.Get(notify.SignatureHeader)
		seconds, err := strconv.ParseInt(strings.TrimPrefix(strings.Split(header, ",")[0], "t="), 10, 64)
		if err != nil || header != notify.Sign([]byte(secret), b, time.Unix(seconds, 0)) || header == notify.Sign([]byte("another"), b, time.Unix(seconds, 0)) {
			t.Errorf("signature %q", header)
		}
		var got map[string]any
		if err := json.Unmarshal(b, &got); err != nil {
			t.Error(err)
		}
		if len(got) != 6 || got["line"] != "Línea Ñ" || got["kind"] != "deadline" || got["level"] != 150.0 || got["count"] != 2.0 || got["desk"] != "https://desk.x.example/" || got["at"] == nil {
			t.Errorf("%s", b)
		}
		w.Header().Set("Location", elsewhere.URL)
		w.WriteHeader(status)
	}))
	defer hook.Close()
	s := newService(t, func(n *profile.Notify) { n.Webhook = profile.Webhook{URL: hook.URL, SecretFile: "s"} }, nil)
	args := []byte(`{"kind":"deadline","level":150,"count":2}`)
	if err := s.HandleWebhook(t.Context(), args); err != nil {
		t.Error(err)
	}
	for _, status = range []int{302, 404, 500} {
		if err := s.HandleWebhook(t.Context(), args); err == nil {
			t.Errorf("%d is taken for success", status)
		}
	}
	if calls != 4 {
		t.Errorf("%d calls", calls)
	}
}

func TestAMailServerThatIsDownOrSilentIsAnErrorInTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // accepts and never speaks
	s := newService(t, withMail(&mailbox{port: l.Addr().(*net.TCPAddr).Port}), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := s.HandleMail(ctx, []byte(`{"kind":"deadline","level":50,"count":1,"to":"s1@x.example"}`)); err == nil || time.Since(start) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestOneNoticeReachesEveryReceiverOnceThoughOneFailsAtFirst(t *testing.T) {
	box := newMailbox(t)
	box.refuse = true
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := newService(t, withMail(box), store)
	runner := jobs.NewSQLite(store.WriteDB(), jobs.Options{Queues: map[string]int{jobs.DefaultQueue: 2, heed.QueueMail: 2}})
	runner.Handle(review.JobNotify, jobs.Kind{Run: s.HandleDeadline})
	runner.Handle(referral.JobAnnounce, jobs.Kind{Run: s.HandleReferral})
	runner.Handle(notify.JobMail, jobs.Kind{Run: s.HandleMail})
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(runner.Stop(context.Background()), store.Close()); err != nil {
			t.Error(err)
		}
	}()
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.Enqueue(t.Context(),
			heed.Job{Kind: review.JobNotify, Args: []byte(`{"level":80,"count":3}`)},
			heed.Job{Kind: referral.JobAnnounce, Args: []byte(`{"department":"police-liaison"}`)})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"s1@x.example", "s2@x.example", "liaison@x.example"}
	deadline := time.Now().Add(time.Minute)
	for _, address := range want {
		for len(box.of(address)) == 0 && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond)
		}
		if got := len(box.of(address)); got != 1 {
			t.Errorf("%s got %d messages", address, got)
		}
	}
}
