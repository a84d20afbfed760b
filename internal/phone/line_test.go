package phone_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/keep"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/queue"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
	"github.com/heed-line/heed/internal/web"
)

var languages = []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"}

// line is a whole reporting line behind its telephone: real store, keystore, blobs, recordings and services.
type line struct {
	t       testing.TB
	dir     string
	store   *sqlite.Store
	content *seal.PrivateKey
	review  *review.Service
	intake  *intake.Service
	days    *identity.Service
	profile *profile.Profile
	locales *web.Locales
	speaker *prompt.Speaker
	menu    *phone.Menu
	log     lockedBuffer
	sounds  map[string]*known

	spoken    bool // by espeak-ng; else each text is a short recording
	custodian bool
	gate      *flood.Gate
	between   func(phone.Recorder) phone.Recorder // stands between the menu and the keeper of recordings
	exchange  *exchange                           // that takers' phones are on; nil: there is none
	standing  func(phone.Queue) phone.Queue       // stands between the menu and the queue
	opening   func(phone.Intake) phone.Intake     // stands between the menu and the mailboxes

	mu  sync.Mutex
	now time.Time
}

// lockedBuffer collects a log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (l *line) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *line) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

func (l *line) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func newLine(t testing.TB, options ...func(*line)) *line {
	t.Helper()
	ctx := context.Background()
	l := &line{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC), profile: profile.Default(), custodian: true, content: seal.GeneratePrivateKey(), sounds: map[string]*known{}}
	l.profile.Phone.Languages = []string{"en", "ar"}
	for _, o := range options {
		o(l)
	}
	var err error
	l.store, err = sqlite.Open(ctx, sqlitetest.File(t, l.dir), sqlite.Options{})
	l.must(err)
	t.Cleanup(func() {
		if err := l.store.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(l.log.String())
		}
	})
	blobs, err := blob.OpenDirectory(filepath.Join(l.dir, "blobs"))
	l.must(err)
	keys, err := keystore.OpenDirectory(filepath.Join(l.dir, "keystore"))
	l.must(err)
	l.days = identity.New(identity.Config{Store: l.store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	if l.custodian {
		l.addCustodian()
	}
	l.must(errors.Join(l.days.Begin(ctx), l.days.EnsureDays(ctx, l.now)))
	limits := l.profile.Limits
	l.intake = intake.New(intake.Config{
		Store: l.store, Blobs: blobs, Line: "test", ContentKey: l.content.Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200),
		Days: l.days, Limits: intake.Limits{Text: limits.Text, Message: limits.Message, Messages: limits.Messages, Field: 500, Files: limits.Files,
			FileBytes: limits.FileBytes, TotalBytes: limits.ReportBytes},
		Languages: languages, Categories: []string{"hazard"}, StartClocks: func(*heed.Report) {}, RunClocks: func(*heed.Report) {},
		Now: l.clock, Log: slog.New(slog.NewTextHandler(&l.log, nil)),
	})
	l.review = review.New(review.Config{
		Store: l.store, Line: "test", Content: l.content, Matching: seal.NewMatchingKey(seal.NewKey()), Profile: l.profile,
		Allow: func(*heed.Staff, auth.Action, auth.Resource) error { return nil }, Now: l.clock, Log: slog.New(slog.NewTextHandler(&l.log, nil)),
	})
	l.connect()
	return l
}

// report leaves one on the web, with a name, and gives its Receipt.
func (l *line) report() string {
	l.t.Helper()
	a, err := l.intake.Submit(l.t.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "The bolts of the red swing are loose."}, Identity: heed.Identity{Name: "Ada"},
	})
	l.must(err)
	return string(a.Receipt)
}

// move sets the only report's state, as the desk would.
func (l *line) move(s heed.State) {
	l.t.Helper()
	r := l.only()
	r.State, r.StateSince = s, l.clock()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return tx.UpdateReport(l.t.Context(), r) }))
}

// ask has a specialist put a question to the only report's reporter.
func (l *line) ask(question string) {
	l.t.Helper()
	l.move(heed.Queued)
	ann := &heed.Staff{ID: heed.NewID(l.clock()), Name: "ann", Roles: []heed.Role{heed.Specialist}, CreatedAt: l.clock()}
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return tx.AddStaff(l.t.Context(), ann) }))
	id := l.only().ID
	l.must(l.review.Claim(l.t.Context(), ann, id))
	l.must(l.review.Ask(l.t.Context(), ann, id, question))
}

func (l *line) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&l.log, nil)) }

// frames are what a text sounds like.
func (l *line) frames(language, text string) (all []sound.Frame) {
	l.t.Helper()
	for f := range l.speaker.In(language).Say(l.t.Context(), prompt.Text(text)) {
		if f != nil {
			all = append(all, *f)
		}
	}
	return all
}

// connect brings the menu together.
func (l *line) connect() {
	l.locales = shared.locales()
	log := l.logger()
	recorded := ""
	if !l.spoken {
		recorded = shared.recorded(l)
	}
	l.speaker = prompt.New(prompt.Config{Locales: l.locales, Cache: filepath.Join(l.dir, "spoken"), Recorded: recorded, Now: l.clock, Zone: time.UTC, Log: log})
	keeper := keep.New(keep.Config{Store: l.store, Intake: l.intake, Days: l.days, Line: "test", Now: l.clock, Log: log})
	var recorder phone.Recorder = unhurried{keeper}
	if l.between != nil {
		recorder = l.between(recorder)
	}
	var waits phone.Queue
	var dialer phone.Dialer
	if l.exchange != nil {
		waits, dialer = queue.New(queue.Config{Store: l.store, Days: l.days, Line: "test", Now: l.clock, Log: log}), l.exchange
		if l.standing != nil {
			waits = l.standing(waits)
		}
	}
	var mailboxes phone.Intake = l.intake
	if l.opening != nil {
		mailboxes = l.opening(mailboxes)
	}
	l.menu = phone.New(phone.Config{
		Profile: l.profile, Speaker: l.speaker, Recorder: recorder, Intake: mailboxes, Flood: l.gate, Log: log, Queue: waits, Dialer: dialer,
		IdentityAvailable: func(ctx context.Context) bool {
			day, err := l.days.Day(ctx, l.clock())
			return err == nil && day.Identity != nil
		},
	})
	l.menu.Hurry(5 * time.Millisecond)
}

// known are the sounds of the call's language and those of the choice before it.
func (l *line) known(language string) *known {
	if k := l.sounds[language]; k != nil {
		return k
	}
	k := newKnown()
	begin, end := phone.Begin(), phone.End()
	k.begins[begin[0]], k.ends[begin[len(begin)-1]] = "tone", "tone"
	k.begins[end[0]] = "minute"
	learn := func(language, name string, p prompt.Piece) {
		var frames []sound.Frame
		for f := range l.speaker.In(language).Say(l.t.Context(), p) {
			if f != nil {
				frames = append(frames, *f)
			}
		}
		k.learn(name, frames)
	}
	for _, key := range l.locales.Plain("phone.") {
		key = strings.TrimPrefix(key, "phone.")
		if !l.spoken || strings.HasPrefix(key, "digit.") || slices.Contains(listenedFor, key) {
			learn(language, key, prompt.Text(key))
		}
	}
	for i, choice := range l.profile.CallLanguages() {
		learn(choice, fmt.Sprintf("language-%d", i+1), prompt.Text("language", "Key", i+1))
	}
	if line := l.profile.Line; language == l.profile.CallLanguages()[0] {
		learn(language, "greeting", prompt.Text("greeting", "Line", line.Name[language], "Operator", line.Operator[language]))
	}
	learn(language, "limit", prompt.Text("limit", "Count", int(l.profile.Phone.Take/time.Minute)))
	for n := range 20 {
		if !l.spoken {
			learn(language, fmt.Sprintf("typed-%d", n), prompt.Counted("typed", n))
			learn(language, fmt.Sprintf("queue-ahead-%d", n), prompt.Counted("queue-ahead", n))
		}
	}
	for ago, name := range map[time.Duration]string{0: "since.minutes-1", 90 * time.Minute: "since.minutes-90", 3 * time.Hour: "since.hours-3", 48 * time.Hour: "since.days-2"} {
		learn(language, name, prompt.Since(l.clock().Add(-ago)))
	}
	l.sounds[language] = k
	return k
}

// listenedFor are the texts that a caller of a line with a voice knows; to speak all of them takes a while.
var listenedFor = []string{"start", "type", "send", "reply", "receipt-is", "receipt-again", "receipt-repeat", "stage.received"}

func (l *line) addCustodian() {
	l.t.Helper()
	public, private, err := identity.CreateCustodian("correct horse battery staple")
	l.must(err)
	l.must(l.store.Update(context.Background(), func(tx heed.Tx) error {
		return tx.AddStaff(context.Background(), &heed.Staff{
			ID: heed.NewID(l.now), Name: "custodian", Roles: []heed.Role{heed.Custodian}, CustodianPublic: public, CustodianPrivate: private, CreatedAt: l.now,
		})
	}))
}

// reports lists every report that is stored.
func (l *line) reports() (all []*heed.Report) {
	l.t.Helper()
	l.must(l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		all, err = tx.Reports(context.Background(), heed.ReportQuery{Limit: 200})
		return err
	}))
	return all
}

// only is the only report.
func (l *line) only() *heed.Report {
	l.t.Helper()
	all := l.reports()
	if len(all) != 1 {
		l.t.Fatalf("%d reports, want one", len(all))
	}
	return all[0]
}

// expectNothingLeft wants no report, and no call that the worker would hand in.
func (l *line) expectNothingLeft() {
	l.t.Helper()
	if n := len(l.reports()); n != 0 {
		l.t.Errorf("%d reports", n)
	}
	var calls map[heed.ID]time.Time
	l.must(l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		calls, err = tx.CallsSeen(context.Background())
		return err
	}))
	if len(calls) > 0 {
		l.t.Errorf("%d calls", len(calls))
	}
}

// expectNowhere reads every byte of the line's folder, write-ahead log included, and the log.
func (l *line) expectNowhere(words ...string) {
	l.t.Helper()
	seen := 0
	err := filepath.WalkDir(l.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for _, word := range words {
			if bytes.Contains(b, []byte(word)) || strings.Contains(path, word) {
				l.t.Errorf("%q stands in clear in %s", word, path)
			}
		}
		return nil
	})
	if err != nil || seen < 3 {
		l.t.Fatalf("searched %d files: %v", seen, err)
	}
	for _, word := range words {
		if strings.Contains(l.log.String(), word) {
			l.t.Errorf("%q stands in the log", word)
		}
	}
}
