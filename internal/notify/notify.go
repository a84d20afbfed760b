// Package notify tells people away from the desk that something waits: by the operator's own mail server and by a signed
// webhook. A message holds the line's name, a level, a count and a link to the desk, and nothing of any report.
//
// It may import the root, profile, review and referral (for the args of their jobs). It must never see a report, an
// identity or a key that opens one.
package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
)

// Config is what notify works with. Every field is needed.
type Config struct {
	Store   heed.Store // only to enqueue
	Profile *profile.Profile
	// Desk is the address of the desk's pages, where the profile names none.
	Desk string
	// Secret reads a file that the profile names: the mail password, the webhook's secret.
	Secret func(path string) ([]byte, error)
	Now    func() time.Time
	Log    *slog.Logger
}

// Service sends messages. It is safe for concurrent use.
type Service struct {
	cfg  Config
	http *http.Client
}

// New makes the service.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, http: &http.Client{
		Timeout: sendTimeout,
		// A receiver that moved is to be corrected in the profile: what is signed goes nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// sendTimeout bounds one message to one receiver.
const sendTimeout = 20 * time.Second

// The jobs that notify enqueues for itself: one a receiver, so that one that is down keeps nobody else from being told
// and nobody is told twice.
const (
	JobMail    = "notify-mail"
	JobWebhook = "notify-webhook"
)

// Notice is one message, before it has words.
type Notice struct {
	Kind  string `json:"kind"`            // deadline, referral, clock
	Level int    `json:"level,omitempty"` // 50, 80, 100, 150
	Count int    `json:"count"`
	To    string `json:"to,omitempty"` // mail address of staff; "" for the webhook
}

// The kinds of Notice.
const (
	KindDeadline = "deadline"
	KindReferral = "referral"
	KindClock    = "clock" // the host's clock jumped and isn't believed
)

// Deliveries lists what is to be sent for a job of review or referral: JobMail for each address, JobWebhook for the
// webhook. It is empty where nothing is configured.
func (s *Service) Deliveries(n Notice, department string) []Delivery {
	p := &s.cfg.Profile.Notify
	var to []string
	switch n.Kind {
	case KindReferral:
		if d, ok := s.cfg.Profile.Department(department); ok && d.Liaison != "" {
			to = []string{d.Liaison}
		}
	case KindClock:
		if to = p.DutyOfficer; len(to) == 0 {
			to = p.Leads // two of whom can say that the clock is right
		}
	default:
		to = receivers(p, n.Level)
	}
	var list []Delivery
	if p.SMTP.Host != "" {
		for _, address := range to {
			mail := n
			mail.To = address
			list = append(list, Delivery{JobMail, mail})
		}
	}
	if p.Webhook.URL != "" {
		list = append(list, Delivery{JobWebhook, n})
	}
	return list
}

// Delivery is one message to one receiver, as a job.
type Delivery struct {
	Job    string
	Notice Notice
}

// receivers are the addresses told of a level.
func receivers(p *profile.Notify, level int) []string {
	switch {
	case level >= 150:
		return p.DutyOfficer
	case level >= 100:
		return p.Leads
	}
	return p.Specialists
}

// Deadline reads the args of review.JobNotify.
func Deadline(args []byte) (Notice, error) {
	var a review.Notice
	if err := json.Unmarshal(args, &a); err != nil {
		return Notice{}, fmt.Errorf("read the args of %s: %w", review.JobNotify, err)
	}
	return Notice{Kind: KindDeadline, Level: a.Level, Count: a.Count}, nil
}

// Referral reads the args of referral.JobAnnounce.
func Referral(args []byte) (n Notice, department string, err error) {
	var a referral.AnnounceArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return Notice{}, "", fmt.Errorf("read the args of %s: %w", referral.JobAnnounce, err)
	}
	return Notice{Kind: KindReferral, Count: 1}, a.Department, nil
}

// HandleMail is the handler of JobMail.
func (s *Service) HandleMail(ctx context.Context, args []byte) error {
	n, err := parse(args)
	if err != nil {
		return err
	}
	if err := s.mail(ctx, n); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	return nil
}

// HandleWebhook is the handler of JobWebhook.
func (s *Service) HandleWebhook(ctx context.Context, args []byte) error {
	n, err := parse(args)
	if err != nil {
		return err
	}
	if err := s.post(ctx, n); err != nil {
		return fmt.Errorf("call the webhook: %w", err)
	}
	return nil
}

func parse(args []byte) (n Notice, err error) {
	if err := json.Unmarshal(args, &n); err != nil {
		return n, fmt.Errorf("read a notice: %w", err)
	}
	return n, nil
}

// Test sends one message to every configured receiver at once, for `heed doctor`, and says what failed.
func (s *Service) Test(ctx context.Context) error {
	var errs []error
	seen := map[string]bool{}
	for _, level := range []int{50, 100, 150} {
		for _, d := range s.Deliveries(Notice{Kind: KindDeadline, Level: level}, "") {
			if key := d.Job + d.Notice.To; !seen[key] {
				seen[key] = true
				if d.Job == JobMail {
					errs = append(errs, s.mail(ctx, d.Notice))
				} else {
					errs = append(errs, s.post(ctx, d.Notice))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// desk is the address that a message links to.
func (s *Service) desk() string {
	if url := s.cfg.Profile.Notify.DeskURL; url != "" {
		return url
	}
	return s.cfg.Desk
}

// secret reads a file that the profile names, without the line break that editors leave.
func (s *Service) secret(path string) ([]byte, error) {
	b, err := s.cfg.Secret(path)
	if err != nil {
		return nil, fmt.Errorf("read a secret's file: %w", err)
	}
	b = []byte(strings.TrimRight(string(b), "\r\n"))
	if len(b) == 0 {
		return nil, fmt.Errorf("the secret's file is empty: %w", errNoSecret)
	}
	return b, nil
}

var errNoSecret = errors.New("no secret")
