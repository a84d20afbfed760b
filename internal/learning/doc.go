// Package learning gives a line a model of its own: trained on what its people decided, compared with the one in use, proposed by one
// person, adopted by another, and taken back by two again. Every process of a line screens by the model that is adopted, and by the shipped
// one where that can't be used, whatever the cause.
//
// The package may import the root, seal, audit, auth, review and screening. It sees the texts of decided reports in memory while it
// trains, and keeps none: a model holds weights of hashed n-grams. It must never see an Identity.
package learning

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/seal"
)

// Reports are the decided and the lately received ones. review.Service implements it.
type Reports interface {
	Labels(ctx context.Context, want review.Wanted, give func(review.Label) error) error
	Replay(ctx context.Context, since time.Time, current, other *screening.Screener) (reports int, changes []review.Change, err error)
}

// Config is what learning works with. Only Written may be missing, where nothing is trained.
type Config struct {
	Store   heed.Store
	Line    string // the line's id
	Content *seal.PrivateKey
	Audit   *seal.Signer // signs an adoption: without that no model counts
	// Written are the texts that were written to learn from.
	Written    func() ([]training.Report, error)
	Categories []string // of the profile, as screening.Config has them
	Allow      func(actor *heed.Staff, action auth.Action, on auth.Resource) error
	Now        func() time.Time
	Log        *slog.Logger
}

// Service is the way to a line's models. It is safe for concurrent use.
type Service struct {
	cfg Config

	mu  sync.RWMutex
	now used
}

// New makes the service. Until Refresh it goes by the shipped model.
func New(cfg Config) *Service { return &Service{cfg: cfg} }
