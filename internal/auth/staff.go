package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

const maxName = 64 // characters of an account's name

// NewStaff is what an account is made from.
type NewStaff struct {
	Name       string // as typed to sign in: 1 to 64 characters, no control or invisible ones
	Roles      []heed.Role
	Department string   // a liaison's, one of the profile's; "" for everybody else
	Categories []string // of whose reports alone a specialist, lead or agent is to know; none is all
	Language   string   // of the desk's pages; "" is "en"
	// CustodianKey is the public half of a custodian's key that lies on a machine apart; nil: one is made here. AddComplete alone takes it.
	CustodianKey *seal.PublicKey
}

// cleanName makes the same name of what different keyboards make of it.
func cleanName(name string) string { return norm.NFC.String(strings.TrimSpace(name)) }

// faultOf is the code of what is wrong with a clean name, or "". A store is never asked about a faulty one: not every
// engine takes every byte.
func faultOf(name string) string {
	switch {
	case name == "":
		return "name-empty"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return "name-characters"
	case utf8.RuneCountInString(name) > maxName:
		return "name-too-long"
	}
	return ""
}

// check finds everything that is wrong, as heed.Problems in the fields "name", "roles", "department" and "category".
func (s *Service) check(n *NewStaff) heed.Problems {
	var ps heed.Problems
	add := func(field, code string) {
		ps = append(ps, &heed.Problem{Field: field, Code: code, Args: map[string]any{"Max": maxName}})
	}
	n.Name = cleanName(n.Name)
	if code := faultOf(n.Name); code != "" {
		add("name", code)
	}
	if len(n.Roles) == 0 {
		add("roles", "roles-empty")
	}
	for _, r := range n.Roles {
		if !slices.Contains(heed.Roles[:], r) {
			add("roles", "role-unknown")
			break
		}
	}
	switch liaison := slices.Contains(n.Roles, heed.Liaison); {
	case liaison && n.Department == "":
		add("department", "department-missing")
	case liaison && !slices.Contains(s.departments, n.Department):
		add("department", "department-unknown")
	case !liaison && n.Department != "":
		add("department", "department-without-liaison")
	}
	if code := s.limitFault(n.Roles, n.Categories); code != "" {
		add("category", code)
	}
	if n.Language == "" {
		n.Language = "en"
	}
	return ps
}

// limitFault is the code of what is wrong with limiting an account of those roles to the categories, or "".
func (s *Service) limitFault(roles []heed.Role, categories []string) string {
	if len(categories) == 0 {
		return ""
	}
	for _, c := range categories {
		if !slices.Contains(s.categories, c) {
			return "category-unknown"
		}
	}
	for _, r := range roles {
		if r == heed.Agent || r == heed.Specialist || r == heed.RoleLead {
			return ""
		}
	}
	return "category-without-reports"
}

func (n *NewStaff) account(now time.Time) *heed.Staff {
	return &heed.Staff{
		ID: heed.NewID(now), Name: n.Name, Roles: inOrder(n.Roles), Department: n.Department, Language: n.Language,
		Categories: inOrder(n.Categories), CreatedAt: now,
	}
}

// inOrder is the values sorted, each once.
func inOrder[Value cmp.Ordered](values []Value) []Value {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// Add makes an account whose person still has to choose a passphrase, and the secret of the link by which they do.
//
// by is an admin, or nil for the operator on the machine itself. It returns heed.Problems for what is wrong with n
// ("name-taken" included) and heed.ErrForbidden.
func (s *Service) Add(ctx context.Context, by *heed.Staff, n NewStaff) (*heed.Staff, string, error) {
	if by != nil {
		if err := Allow(by, StaffAdd, Resource{}); err != nil {
			return nil, "", err
		}
	}
	if ps := s.check(&n); ps != nil {
		return nil, "", ps
	}
	account := n.account(s.now())
	var secret string
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := s.insert(ctx, tx, idOf(by), account); err != nil {
			return err
		}
		var err error
		secret, err = s.newLink(ctx, tx, idOf(by), account.ID)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("adding an account: %w", err)
	}
	return account, secret, nil
}

// AddComplete makes an account that can sign in at once, a custodian's key included. Only the operator on the machine
// itself does this. A custodian after the first one waits for approval all the same.
//
// It returns heed.Problems for what is wrong with n (as Add) or the passphrase.
func (s *Service) AddComplete(ctx context.Context, n NewStaff, passphrase string) (*heed.Staff, error) {
	account, err := s.complete(ctx, n, passphrase)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		if err := s.insert(ctx, tx, "", account); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), "", "staff.enrolled", facts{"staff": account.ID})
	})
	if err != nil {
		return nil, fmt.Errorf("adding a complete account: %w", err)
	}
	return account, s.custodianEnrolled(ctx, account)
}

// complete is an account with its secrets, not yet stored.
func (s *Service) complete(ctx context.Context, n NewStaff, passphrase string) (*heed.Staff, error) {
	ps := s.check(&n)
	if err := CheckPassphrase(n.Name, passphrase); err != nil {
		ps = append(ps, asProblem(err))
	}
	if ps != nil {
		return nil, ps
	}
	account := n.account(s.now())
	account.EnrolledAt = account.CreatedAt
	return account, s.equip(ctx, account, passphrase, n.CustodianKey)
}

func asProblem(err error) *heed.Problem {
	var p *heed.Problem
	if errors.As(err, &p) {
		return p
	}
	return &heed.Problem{Field: "passphrase", Code: "passphrase-short"}
}

// equip gives the account its passphrase's hash and, for a custodian, the key: the one whose public half was brought from
// elsewhere, or one of its own, sealed under the passphrase.
func (s *Service) equip(ctx context.Context, account *heed.Staff, passphrase string, brought *seal.PublicKey) error {
	encoded, err := s.hash(ctx, passphrase)
	if err != nil {
		return err
	}
	account.Passphrase = encoded
	if !account.Has(heed.Custodian) {
		return nil
	}
	if brought != nil {
		account.CustodianPublic, account.CustodianPrivate = brought.Bytes(), nil
		return nil
	}
	var failed error
	err = s.derive.do(ctx, func() {
		account.CustodianPublic, account.CustodianPrivate, failed = s.custodians.CreateCustodian(passphrase)
	})
	if err = errors.Join(err, failed); err != nil {
		return fmt.Errorf("making a custodian's key: %w", err)
	}
	return nil
}

func (s *Service) custodianEnrolled(ctx context.Context, account *heed.Staff) error {
	if account.CustodianPublic == nil {
		return nil
	}
	if err := s.custodians.CustodianEnrolled(ctx, s.now(), account.ID); err != nil {
		return fmt.Errorf("the account stands; making a custodian of it: %w", err)
	}
	return nil
}

// insert stores an account with its leaf, and ends the setup link: there is a first account now. One that may approve resets
// is announced to the other admins and the overseers, and so is every one that an admin makes.
func (s *Service) insert(ctx context.Context, tx heed.Tx, by heed.ID, account *heed.Staff) error {
	if err := tx.AddStaff(ctx, account); err != nil {
		if errors.Is(err, heed.ErrConflict) {
			return heed.Problems{{Field: "name", Code: "name-taken"}}
		}
		return fmt.Errorf("storing an account: %w", err)
	}
	if err := tx.DeleteCredentials(ctx, "", heed.Enrolment); err != nil {
		return fmt.Errorf("ending the setup link: %w", err)
	}
	var err error
	switch {
	case account.Has(heed.Admin, heed.Overseer): // who makes a second one could be both of the two that a reset takes
		err = tellOthers(ctx, tx, "added", account.ID, by, s.now())
	case by != "":
		err = tellOthers(ctx, tx, "made", account.ID, by, s.now())
	}
	if err != nil {
		return err
	}
	return leaf(ctx, tx, s.now(), by, "staff.added",
		facts{"staff": account.ID, "roles": account.Roles, "department": account.Department, "categories": account.Categories})
}

// All lists every account by name.
//
// It returns heed.ErrForbidden to who may not see them.
func (s *Service) All(ctx context.Context, actor *heed.Staff) (all []*heed.Staff, err error) {
	if err := Allow(actor, StaffList, Resource{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		all, err = tx.AllStaff(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing accounts: %w", err)
	}
	return all, nil
}

// Names is the sign-in name of every account, for showing who did what beside a report.
func (s *Service) Names(ctx context.Context) (map[heed.ID]string, error) {
	names := map[heed.ID]string{}
	err := s.store.View(ctx, func(tx heed.Tx) error {
		all, err := tx.AllStaff(ctx)
		for _, a := range all {
			names[a.ID] = a.Name
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("naming accounts: %w", err)
	}
	return names, nil
}

// SetDisabled closes or reopens an account; closing ends its sessions, tokens and links at once. Both
// are announced to its owner and the admins.
//
// It returns heed.ErrForbidden and heed.ErrNotFound.
func (s *Service) SetDisabled(ctx context.Context, by *heed.Staff, staff heed.ID, disabled bool) error {
	if by != nil {
		if err := Allow(by, StaffDisable, Resource{Staff: staff}); err != nil {
			return err
		}
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil {
			return err
		}
		account.Disabled = disabled
		if err := tx.UpdateStaff(ctx, account); err != nil {
			return err
		}
		if !disabled {
			if err := s.tellAll(ctx, tx, "enabled", staff, idOf(by)); err != nil {
				return err
			}
			return leaf(ctx, tx, s.now(), idOf(by), "staff.enabled", facts{"staff": staff})
		}
		if err := endAll(ctx, tx, staff, everything[:]...); err != nil {
			return err
		}
		if err := s.tellAll(ctx, tx, "disabled", staff, idOf(by)); err != nil {
			return err
		}
		return leaf(ctx, tx, s.now(), idOf(by), "staff.disabled", facts{"staff": staff})
	})
	if err != nil {
		return fmt.Errorf("closing or reopening an account: %w", err)
	}
	return nil
}

// SetLanguage changes the language of the actor's pages.
func (s *Service) SetLanguage(ctx context.Context, actor *heed.Staff, language string) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		account.Language = language
		return tx.UpdateStaff(ctx, account)
	})
	if err != nil {
		return fmt.Errorf("changing a language: %w", err)
	}
	return nil
}
