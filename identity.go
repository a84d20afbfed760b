package heed

import (
	"context"
	"time"
)

// Identity is who the reporter is. It is sealed to the day's key, never to the content key.
type Identity struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Address string `json:"address,omitempty"`
	// Text is the report's full text, where its content keeps a masked one. Screening puts it here; no channel takes it.
	Text string `json:"text,omitempty" hidden:"true"`
}

// IsZero reports whether nothing was given.
func (i Identity) IsZero() bool { return i == Identity{} }

// DayKeyRecord is the public half of one day's identity and transit keys, signed by the audit key.
type DayKeyRecord struct {
	Day       string // "2026-11-23"
	Identity  []byte // public; nil where there was no Custodian
	Transit   []byte // public
	Signature []byte
	// DestroyedAt is when the private halves were destroyed; zero while they live.
	DestroyedAt time.Time
}

// IdentityTx keeps sealed Identities and the days' public keys.
type IdentityTx interface {
	AddDayKey(ctx context.Context, k *DayKeyRecord) error // ErrConflict: that day has one
	// ReplaceDayKey swaps the identity half of a day under whose identity half nothing was sealed yet; the transit half
	// stays. ErrConflict: something was, or the day is destroyed.
	ReplaceDayKey(ctx context.Context, k *DayKeyRecord) error
	// RotateDayKey swaps the identity half of a day whatever was sealed under the old one; the transit half stays. What
	// the old half sealed is opened with its own private half. ErrConflict: the day is destroyed or its transit half is
	// another.
	RotateDayKey(ctx context.Context, k *DayKeyRecord) error
	// RenewDayKey gives a day whose keys were destroyed before it was over new ones. ErrConflict: its keys live.
	RenewDayKey(ctx context.Context, k *DayKeyRecord) error
	DayKey(ctx context.Context, day string) (*DayKeyRecord, error)
	DayKeys(ctx context.Context) ([]*DayKeyRecord, error) // oldest day first
	MarkDayKeyDestroyed(ctx context.Context, day string, at time.Time) error
	AddIdentity(ctx context.Context, report ID, day string, sealed []byte) error
	Identities(ctx context.Context, report ID) ([]SealedIdentity, error)
	// HasIdentity says whether the report has any. Unlike Identities, a portal may ask it.
	HasIdentity(ctx context.Context, report ID) (bool, error)
	// HeldOriginals are the report's files of which the Custodians' key is stored. A portal may ask it too, which can't read that key.
	HeldOriginals(ctx context.Context, report ID) ([]ID, error)
	// DeleteIdentities deletes what was sealed on the day, wrapped file keys included, ends the day's open Disclosures as
	// lapsed, and says how many Identities there were.
	DeleteIdentities(ctx context.Context, day string) (int, error)
	// DeleteReportIdentities deletes the report's Identities and its files' keys that were wrapped with them, ends its open
	// Disclosures in the given state, and says how many Identities there were.
	DeleteReportIdentities(ctx context.Context, report ID, ended DisclosureState) (int, error)
	// CountIdentities counts the sealed Identities by day.
	CountIdentities(ctx context.Context) (map[string]int, error)
}

// SealedIdentity is one Identity under its day's key.
type SealedIdentity struct {
	Report ID
	Day    string
	Sealed []byte
}
