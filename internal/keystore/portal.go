package keystore

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// The names in a portal's keystore, beside the pepper and the draft key. None of them is a name of the line's own, so that
// the one is never taken for the other.
const (
	namePortalContent = "portal/content" // the content key's public half
	namePortalLine    = "portal/line"    // the line's id, to which everything is bound
	namePortalSalt    = "portal/salt"    // the line's salt, in every Receipt's derivation
)

// saltSize is the length of a line's salt, in bytes.
const saltSize = 32

// portalNames are all that a portal's keystore may hold.
func portalNames() []string {
	return []string{namePortalContent, namePortalLine, namePortalSalt, namePepper, nameDraft}
}

// PublicRing is what a portal's process may have: nothing in it opens a stored report or identity, and no field of it could
// hold a key that does.
type PublicRing struct {
	Content *seal.PublicKey
	Audit   *seal.Verifier // whose day keys are accepted
	Pepper  []byte
	Draft   seal.DraftKey
}

// PortalRing is a PublicRing with the line that it was made for.
type PortalRing struct {
	PublicRing
	Line string // the line's id
	Salt []byte // 32 bytes
}

// Format redacts, whatever the verb.
func (r PortalRing) Format(s fmt.State, _ rune) { fmt.Fprint(s, "[ring]") }

// ExportPortal writes into ks what a portal of the line needs, in place of what an earlier export wrote there.
//
// ErrConflict: ks holds something else, which a portal must not have. ErrInvalid: the line's id is empty, or the salt is not
// of 32 bytes.
func (r *Ring) ExportPortal(ctx context.Context, ks Keystore, line string, salt []byte) error {
	if line == "" || len(salt) != saltSize {
		return fmt.Errorf("exporting a portal's keys: no line or no salt: %w", heed.ErrInvalid)
	}
	if err := onlyPortals(ctx, ks); err != nil {
		return fmt.Errorf("exporting a portal's keys: %w", err)
	}
	for _, secret := range []struct {
		name  string
		value []byte
	}{
		{namePortalContent, r.Content.Public().Bytes()}, {namePortalLine, []byte(line)}, {namePortalSalt, salt},
		{namePepper, r.Pepper}, {nameDraft, r.draft[:]},
	} {
		if err := ks.Put(ctx, secret.name, secret.value); err != nil {
			return fmt.Errorf("exporting a portal's keys: %w", err)
		}
	}
	return nil
}

// LoadPortalRing reads what ExportPortal wrote, with the audit key that the portal's configuration pins. It makes nothing,
// and it doesn't read a private half even to look at it.
//
// ErrForbidden: the keystore holds more than a portal may have, such as the line's own keys. ErrNotFound: something of it is
// missing. ErrSealed: something is damaged.
func LoadPortalRing(ctx context.Context, ks Keystore, audit *seal.Verifier) (*PortalRing, error) {
	if err := onlyPortals(ctx, ks); err != nil {
		return nil, fmt.Errorf("loading the portal's keys: %w", errors.Join(heed.ErrForbidden, err))
	}
	l := loader{ctx: ctx, ks: ks}
	content, line := l.secret(namePortalContent, nil), l.secret(namePortalLine, nil)
	r := &PortalRing{Line: string(line), Salt: l.secret(namePortalSalt, nil)}
	r.Audit, r.Pepper = audit, l.secret(namePepper, nil)
	draft := l.secret(nameDraft, nil)
	if l.err != nil {
		return nil, fmt.Errorf("loading the portal's keys: %w", l.err)
	}
	var errs [2]error
	var draftKey seal.Key
	r.Content, errs[0] = seal.ParsePublicKey(content)
	draftKey, errs[1] = seal.ParseKey(draft)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("loading the portal's keys: %w", err)
	}
	if len(r.Pepper) != pepperSize || len(r.Salt) != saltSize {
		return nil, fmt.Errorf("pepper of %d, salt of %d bytes: %w", len(r.Pepper), len(r.Salt), heed.ErrSealed)
	}
	r.Draft = seal.NewDraftKey(draftKey)
	return r, nil
}

// onlyPortals refuses a keystore that holds what no portal may have. ErrConflict names the first such key.
func onlyPortals(ctx context.Context, ks Keystore) error {
	names, err := ks.List(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(portalNames(), name) {
			return fmt.Errorf("the keystore holds %s, which no portal may have: %w", name, heed.ErrConflict)
		}
	}
	return nil
}

// FormatAuditKey is how an audit key's public half is pinned in a portal's configuration: base64 with padding (RFC 4648, 4).
func FormatAuditKey(v *seal.Verifier) string { return base64.StdEncoding.EncodeToString(v.Bytes()) }

// ParseAuditKey reads what FormatAuditKey wrote. ErrInvalid: it is nothing of the kind.
func ParseAuditKey(text string) (*seal.Verifier, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, fmt.Errorf("audit key: %w", heed.ErrInvalid)
	}
	v, err := seal.ParseVerifier(b)
	if err != nil {
		return nil, fmt.Errorf("audit key of %d bytes: %w", len(b), heed.ErrInvalid)
	}
	return v, nil
}

// SameVerifier reports whether both are one key.
func SameVerifier(a, b *seal.Verifier) bool { return bytes.Equal(a.Bytes(), b.Bytes()) }
