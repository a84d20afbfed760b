package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

var dispositions = []requirement{
	{"dispositions come back as they went in, oldest first", func(l *line) {
		a := &heed.Disposition{
			ID: l.id(), Report: "r", Kind: heed.Refer, State: heed.Pending, By: "ann", At: noon, Department: "police", Lead: "x",
			ApproveBy: noon.Add(time.Hour), SealedReason: []byte("s"), SecondBy: "bob", SecondAt: noon.Add(time.Minute),
		}
		b := &heed.Disposition{ID: l.id(), Report: "r", Kind: heed.Close, State: heed.Final, By: "ann", At: noon.Add(time.Second)}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddDisposition(ctx, b), tx.AddDisposition(ctx, a))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			one, err := tx.Disposition(ctx, a.ID)
			l.same(one, a)
			all, err2 := tx.Dispositions(ctx, "r")
			l.same(all, []*heed.Disposition{a, b})
			_, none := tx.Disposition(ctx, "x")
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, err2)
		})
	}},
	{"a disposition is decided once", func(l *line) {
		d := &heed.Disposition{ID: l.id(), Report: "r", Kind: heed.Close, State: heed.Pending, By: "ann", At: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddDisposition(ctx, d) })
		decided := *d
		decided.State, decided.SecondBy, decided.SecondAt = heed.Approved, "bob", noon.Add(time.Minute)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DecideDisposition(ctx, &decided, heed.Pending) })
		late := decided
		late.State, late.SecondBy = heed.Declined, "eve"
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.DecideDisposition(ctx, &late, heed.Pending)
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.DecideDisposition(ctx, &heed.Disposition{ID: "x"}, heed.Pending)
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Disposition(ctx, d.ID)
			l.same(got, &decided)
			return err
		})
	}},
	{"conclusions are those in effect that refer or close, newest first, from a moment on", func(l *line) {
		made := func(kind heed.DispositionKind, state heed.DispositionState, after time.Duration) *heed.Disposition {
			return &heed.Disposition{ID: heed.NewID(noon.Add(after)), Report: "r", Kind: kind, State: state, By: "ann", At: noon.Add(after)}
		}
		before, a := made(heed.Refer, heed.Final, -time.Millisecond), made(heed.Refer, heed.Final, 0)
		b, c := made(heed.Close, heed.Approved, time.Minute), made(heed.Close, heed.Final, time.Hour)
		others := []*heed.Disposition{
			made(heed.Refer, heed.Pending, time.Hour), made(heed.Close, heed.Declined, time.Hour), made(heed.Close, heed.Undone, time.Hour),
			made(heed.Hold, heed.Final, time.Hour), made(heed.LinkDuplicate, heed.Final, time.Hour), made(heed.Refuse, heed.Final, time.Hour),
			made(heed.Erase, heed.Approved, time.Hour),
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, d := range append(others, c, before, b, a) {
				if err := tx.AddDisposition(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Conclusions(ctx, noon, "", 10)
			l.same(all, []*heed.Disposition{c, b, a})
			page, err2 := tx.Conclusions(ctx, noon, c.ID, 1)
			l.same(page, []*heed.Disposition{b})
			n, err3 := tx.CountConclusions(ctx, noon)
			l.same(n, 3)
			return errors.Join(err, err2, err3)
		})
	}},
	{"approvals are due up to now while they are pending", func(l *line) {
		by := func(d time.Duration, s heed.DispositionState) *heed.Disposition {
			return &heed.Disposition{ID: l.id(), Report: "r", Kind: heed.Refer, State: s, At: noon, ApproveBy: noon.Add(d)}
		}
		now, early := by(0, heed.Pending), by(-time.Hour, heed.Pending)
		unset := &heed.Disposition{ID: l.id(), Report: "r", Kind: heed.Close, State: heed.Pending, At: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, d := range []*heed.Disposition{now, early, by(time.Millisecond, heed.Pending), by(-time.Hour, heed.Approved), unset} {
				if err := tx.AddDisposition(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.ApprovalsDue(ctx, noon, 10)
			l.same(got, []*heed.Disposition{early, now})
			one, err2 := tx.ApprovalsDue(ctx, noon, 1)
			l.same(one, []*heed.Disposition{early})
			return errors.Join(err, err2)
		})
	}},
}

var referrals = []requirement{
	{"a referral comes back as it went in and refuses a stale update", func(l *line) {
		r := &heed.Referral{
			ID: l.id(), Report: "r", Disposition: "d", Department: "police", State: heed.ReferralReturned, CreatedAt: noon,
			Blob: "b", Size: 12, SHA256: []byte{1}, StateSince: noon.Add(time.Second), SealedReason: []byte("s"), Outcome: "o",
		}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddReferral(ctx, r) })
		l.same(r.Version, int64(1))
		stale := *r
		r.State, r.SHA256, r.SealedReason = heed.ReferralAccepted, nil, nil
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReferral(ctx, r) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReferral(ctx, &stale) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.UpdateReferral(ctx, &heed.Referral{ID: "x", Version: 1})
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Referral(ctx, r.ID)
			l.same(got, r)
			_, none := tx.Referral(ctx, "x")
			l.is(none, heed.ErrNotFound)
			return err
		})
	}},
	{"referrals are listed newest first by department and report", func(l *line) {
		var all []*heed.Referral
		for i := range 6 {
			all = append(all, &heed.Referral{
				ID: l.id(), Report: heed.ID([]string{"r", "q"}[i%2]), Department: []string{"police", "fire", "fire"}[i%3],
				State: heed.ReferralReady, CreatedAt: noon,
			})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, r := range all {
				if err := tx.AddReferral(ctx, r); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct {
			department    string
			report, after heed.ID
			limit         int
			want          []int
		}{
			{"", "", "", 10, []int{5, 4, 3, 2, 1, 0}},
			{"", "", all[4].ID, 2, []int{3, 2}},
			{"fire", "", "", 10, []int{5, 4, 2, 1}},
			{"fire", "", all[4].ID, 10, []int{2, 1}},
			{"", "r", "", 10, []int{4, 2, 0}},
			{"fire", "r", "", 10, []int{4, 2}},
			{"sea", "", "", 10, []int{}},
		} {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Referrals(ctx, c.department, c.report, c.after, c.limit)
				want := []*heed.Referral{}
				for _, i := range c.want {
					want = append(want, all[i])
				}
				l.same(got, want)
				return err
			})
		}
	}},
}

var staff = []requirement{
	{"a staff member comes back as written, by id and by name", func(l *line) {
		s := &heed.Staff{
			ID: l.id(), Name: "Ann", Roles: []heed.Role{heed.Specialist, heed.Custodian}, Categories: []string{"cyber", "hazard"}, Department: "fire", Language: "fr",
			Passphrase: "hash", CustodianPublic: []byte("p"), CustodianPrivate: []byte("q"), Disabled: true, CreatedAt: noon,
			EnrolledAt: noon.Add(time.Minute), SecondStep: true, Phone: "sip:201@pbx.example", Speaks: []string{"ar", "fr"},
		}
		bare := &heed.Staff{ID: l.id(), Name: "Bob", CreatedAt: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddStaff(ctx, bare), tx.AddStaff(ctx, s))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.AddStaff(ctx, &heed.Staff{ID: l.id(), Name: "Ann"})
		})
		bare.Name, bare.Roles = "Cid", []heed.Role{heed.Admin}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.LockStaff(ctx, bare.ID) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.LockStaff(ctx, "nobody") })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateStaff(ctx, bare) })
		taken := *bare
		taken.Name = "Ann"
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.UpdateStaff(ctx, &taken) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.UpdateStaff(ctx, &heed.Staff{ID: "x", Name: "x"})
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			byID, err := tx.Staff(ctx, s.ID)
			l.same(byID, s)
			byName, err2 := tx.StaffByName(ctx, "Cid")
			l.same(byName, bare)
			all, err3 := tx.AllStaff(ctx)
			l.same(all, []*heed.Staff{s, bare})
			_, none := tx.StaffByName(ctx, "Bob")
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, err2, err3)
		})
	}},
	{"a credential is found, touched, and deleted once", func(l *line) {
		c := &heed.Credential{Hash: []byte{1}, Kind: heed.Session, Staff: "ann", CreatedAt: noon, SeenAt: noon, ExpiresAt: noon.Add(time.Hour),
			Browser: []byte{9}, ProvedAt: noon, By: "cid", Way: "passkey"}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddCredential(ctx, c), tx.TouchCredential(ctx, c.Hash, noon.Add(time.Minute), noon.Add(2*time.Hour)))
		})
		c.SeenAt, c.ExpiresAt = noon.Add(time.Minute), noon.Add(2*time.Hour)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Credential(ctx, c.Hash)
			l.same(got, c)
			return err
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AddCredential(ctx, c) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Credentials(ctx, "ann", heed.Session)
			l.same(all, []*heed.Credential{c})
			none, err2 := tx.Credentials(ctx, "ann", heed.Token)
			l.same(len(none), 0)
			return errors.Join(err, err2)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteCredential(ctx, c.Hash) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteCredential(ctx, c.Hash) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error {
			return tx.TouchCredential(ctx, c.Hash, noon, noon)
		})
	}},
	{"credentials go by kind and by time; a token without an end stays", func(l *line) {
		credential := func(n byte, kind heed.CredentialKind, staff heed.ID, expires time.Time) *heed.Credential {
			return &heed.Credential{Hash: []byte{n}, Kind: kind, Staff: staff, CreatedAt: noon, SeenAt: noon, ExpiresAt: expires}
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(
				tx.AddCredential(ctx, credential(1, heed.Session, "ann", noon.Add(time.Hour))),
				tx.AddCredential(ctx, credential(2, heed.Token, "ann", time.Time{})),
				tx.AddCredential(ctx, credential(3, heed.Session, "bob", noon)),
				tx.AddCredential(ctx, credential(4, heed.Enrolment, "", noon.Add(time.Millisecond))),
				tx.DeleteCredentials(ctx, "ann", heed.Session))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteExpiredCredentials(ctx, noon)
			l.same(n, 1)
			return err
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			for n, there := range map[byte]bool{1: false, 2: true, 3: false, 4: true} {
				if _, err := tx.Credential(ctx, []byte{n}); (err == nil) != there {
					l.Errorf("credential %d: %v", n, err)
				}
			}
			return nil
		})
	}},
}
