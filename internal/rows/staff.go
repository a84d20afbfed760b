package rows

import (
	"context"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func staff(s lite.Staff) *heed.Staff {
	return &heed.Staff{
		ID: heed.ID(s.ID), Name: s.Name, Roles: separated[heed.Role](s.Roles), Department: s.Department, Language: s.Language,
		Passphrase: s.Passphrase, CustodianPublic: s.CustodianPublic, CustodianPrivate: s.CustodianPrivate,
		Disabled: s.Disabled, CreatedAt: moment(s.CreatedAt), EnrolledAt: moment(s.EnrolledAt), SecondStep: s.SecondStep,
		Categories: separated[string](s.Categories), Phone: s.Phone, Speaks: separated[string](s.Speaks),
	}
}

// joined writes names with commas, which none of them has; separated reads them.
func joined[Name ~string](names []Name) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ",")
}

func separated[Name ~string](text string) (names []Name) {
	for name := range strings.SplitSeq(text, ",") {
		if name != "" {
			names = append(names, Name(name))
		}
	}
	return names
}

// AddStaff implements heed.StaffTx.
func (t *Tx) AddStaff(ctx context.Context, s *heed.Staff) error {
	n, err := t.engine.InsertStaff(ctx, lite.InsertStaffParams{
		ID: string(s.ID), Name: s.Name, Roles: joined(s.Roles), Department: s.Department, Language: s.Language,
		Passphrase: s.Passphrase, CustodianPublic: s.CustodianPublic, CustodianPrivate: s.CustodianPrivate,
		Disabled: s.Disabled, CreatedAt: millis(s.CreatedAt), EnrolledAt: millis(s.EnrolledAt), SecondStep: s.SecondStep,
		Categories: joined(s.Categories), Phone: s.Phone, Speaks: joined(s.Speaks),
	})
	return touched(n, err, heed.ErrConflict, "add staff member %s", s.ID)
}

// UpdateStaff implements heed.StaffTx. ErrConflict: another member has the name.
func (t *Tx) UpdateStaff(ctx context.Context, s *heed.Staff) error {
	other, err := t.engine.GetStaffByName(ctx, s.Name)
	if err == nil && other.ID != string(s.ID) {
		return failed(heed.ErrConflict, "update staff member %s", s.ID)
	}
	n, err := t.engine.UpdateStaff(ctx, lite.UpdateStaffParams{
		ID: string(s.ID), Name: s.Name, Roles: joined(s.Roles), Department: s.Department, Language: s.Language,
		Passphrase: s.Passphrase, CustodianPublic: s.CustodianPublic, CustodianPrivate: s.CustodianPrivate,
		Disabled: s.Disabled, CreatedAt: millis(s.CreatedAt), EnrolledAt: millis(s.EnrolledAt), SecondStep: s.SecondStep,
		Categories: joined(s.Categories), Phone: s.Phone, Speaks: joined(s.Speaks),
	})
	return touched(n, err, heed.ErrNotFound, "update staff member %s", s.ID)
}

// LockStaff implements heed.StaffTx.
func (t *Tx) LockStaff(ctx context.Context, id heed.ID) error {
	n, err := t.engine.LockStaff(ctx, string(id))
	return touched(n, err, heed.ErrNotFound, "lock staff member %s", id)
}

// Staff implements heed.StaffTx.
func (t *Tx) Staff(ctx context.Context, id heed.ID) (*heed.Staff, error) {
	s, err := t.engine.GetStaff(ctx, string(id))
	return one(s, err, staff, "staff member %s", id)
}

// StaffByName implements heed.StaffTx.
func (t *Tx) StaffByName(ctx context.Context, name string) (*heed.Staff, error) {
	s, err := t.engine.GetStaffByName(ctx, name)
	return one(s, err, staff, "staff member by name")
}

// AllStaff implements heed.StaffTx.
func (t *Tx) AllStaff(ctx context.Context) ([]*heed.Staff, error) {
	ss, err := t.engine.AllStaff(ctx)
	return each(ss, err, staff, "staff")
}

// AddCredential implements heed.StaffTx.
func (t *Tx) AddCredential(ctx context.Context, c *heed.Credential) error {
	n, err := t.engine.InsertCredential(ctx, lite.InsertCredentialParams{
		Hash: c.Hash, Kind: string(c.Kind), Staff: string(c.Staff), CreatedAt: millis(c.CreatedAt), SeenAt: millis(c.SeenAt),
		ExpiresAt: millis(c.ExpiresAt), Browser: c.Browser, ProvedAt: millis(c.ProvedAt), MadeBy: string(c.By), Way: c.Way,
	})
	return touched(n, err, heed.ErrConflict, "add a credential")
}

func credential(c lite.Credential) *heed.Credential {
	return &heed.Credential{
		Hash: c.Hash, Kind: heed.CredentialKind(c.Kind), Staff: heed.ID(c.Staff), CreatedAt: moment(c.CreatedAt),
		SeenAt: moment(c.SeenAt), ExpiresAt: moment(c.ExpiresAt), Browser: c.Browser, ProvedAt: moment(c.ProvedAt),
		By: heed.ID(c.MadeBy), Way: c.Way,
	}
}

// Credential implements heed.StaffTx.
func (t *Tx) Credential(ctx context.Context, hash []byte) (*heed.Credential, error) {
	c, err := t.engine.GetCredential(ctx, hash)
	return one(c, err, credential, "credential")
}

// Credentials implements heed.StaffTx.
func (t *Tx) Credentials(ctx context.Context, staff heed.ID, kind heed.CredentialKind) ([]*heed.Credential, error) {
	cs, err := t.engine.StaffCredentials(ctx, lite.StaffCredentialsParams{Staff: string(staff), Kind: string(kind)})
	return each(cs, err, credential, "credentials of staff member %s", staff)
}

// TouchCredential implements heed.StaffTx.
func (t *Tx) TouchCredential(ctx context.Context, hash []byte, seen, expires time.Time) error {
	n, err := t.engine.TouchCredential(ctx, lite.TouchCredentialParams{
		Hash: hash, SeenAt: millis(seen), ExpiresAt: millis(expires),
	})
	return touched(n, err, heed.ErrNotFound, "touch a credential")
}

// DeleteCredential implements heed.StaffTx.
func (t *Tx) DeleteCredential(ctx context.Context, hash []byte) error {
	n, err := t.engine.DeleteCredential(ctx, hash)
	return touched(n, err, heed.ErrNotFound, "delete a credential")
}

// DeleteCredentials implements heed.StaffTx.
func (t *Tx) DeleteCredentials(ctx context.Context, staff heed.ID, kind heed.CredentialKind) error {
	err := t.engine.DeleteCredentials(ctx, lite.DeleteCredentialsParams{Staff: string(staff), Kind: string(kind)})
	return failed(err, "delete the credentials of staff member %s", staff)
}

// DeleteExpiredCredentials implements heed.StaffTx.
func (t *Tx) DeleteExpiredCredentials(ctx context.Context, now time.Time) (int, error) {
	n, err := t.engine.DeleteExpiredCredentials(ctx, millis(now))
	return int(n), failed(err, "delete expired credentials")
}
