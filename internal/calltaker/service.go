// Package calltaker is what call-takers do: being on duty, speaking with callers who ask for a person, and typing in reports for those
// who call, come by or write a letter. It also tells leads how callers are served.
//
// It may import the root, intake, seal and auth. It holds the content key, for what is being typed in, and so runs at the desk only. It
// must never see who calls, and opens no report that was handed in.
package calltaker

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// Intake takes in what was typed. Package intake implements it.
type Intake interface {
	Check(intake.Submission) error
	Submit(context.Context, intake.Submission) (*intake.Acceptance, error)
}

// Config is what a Service works with. Every field is needed.
type Config struct {
	Store     heed.Store
	Intake    Intake
	Line      string
	Content   *seal.PrivateKey
	Languages []string // the line's, first is its default
	Allow     func(*heed.Staff, auth.Action, auth.Resource) error
	Now       func() time.Time
}

// Service is what call-takers do. It is safe for concurrent use.
type Service struct{ cfg Config }

// New makes the service.
func New(cfg Config) *Service { return &Service{cfg} }

// may asks whether the actor may do what is nobody else's affair.
func (s *Service) may(actor *heed.Staff, action auth.Action) error {
	return s.cfg.Allow(actor, action, auth.Resource{})
}

// changed tells the desk's pages that the queue of callers did.
func (s *Service) changed(ctx context.Context, tx heed.Tx) error {
	return tx.Publish(ctx, &heed.DeskEvent{At: s.cfg.Now(), Kind: heed.EventCalls})
}

func problem(field, code string) error { return &heed.Problem{Field: field, Code: code} }
