package auth

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/heed-line/heed"
)

// maxPhone is the longest address of a telephone, in bytes.
const maxPhone = 200

// The parts of a SIP address (RFC 3261, section 25.1), as far as calls go to them: no password, headers or parameters. How a
// telephone is reached is the trunk's to know.
var (
	sipUser = regexp.MustCompile(`^[A-Za-z0-9_.!~*'()+-]{1,64}$`)
	sipHost = regexp.MustCompile(`^(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?))*$`)
)

// CheckPhone is a telephone's address as the line calls it: sip:201@pbx.example, with a port where it needs one.
// "201@pbx.example" is taken for that too. "" is no telephone.
//
// It returns a *heed.Problem in the field "phone" where it is none.
func CheckPhone(typed string) (string, error) {
	address := strings.TrimSpace(typed)
	if address == "" {
		return "", nil
	}
	if scheme, rest, found := strings.Cut(address, ":"); found && strings.EqualFold(scheme, "sip") {
		address = rest
	}
	user, place, found := strings.Cut(address, "@")
	if !found || len(address) > maxPhone || !sipUser.MatchString(user) || !isHost(place) {
		return "", &heed.Problem{Field: "phone", Code: "phone-form"}
	}
	return "sip:" + user + "@" + place, nil
}

// isHost says whether text is a host's name or address, with or without a port.
func isHost(text string) bool {
	host, port := text, ""
	if at := strings.LastIndexByte(text, ':'); at > strings.LastIndexByte(text, ']') {
		host, port = text[:at], text[at+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return false
		}
	}
	if inside, is := strings.CutPrefix(host, "["); is {
		address, err := netip.ParseAddr(strings.TrimSuffix(inside, "]"))
		return err == nil && address.Is6() && address.Zone() == "" && strings.HasSuffix(inside, "]")
	}
	return sipHost.MatchString(host)
}

// SetPhone says on which telephone an account speaks with callers; "" is on none. Where somebody else than its owner does,
// the owner is told: who is connected hears what callers say.
//
// by is nil for the operator on the machine itself. It returns a *heed.Problem as CheckPhone, heed.ErrForbidden and heed.ErrNotFound.
func (s *Service) SetPhone(ctx context.Context, by *heed.Staff, staff heed.ID, typed string) error {
	if by != nil {
		if err := Allow(by, StaffPhone, Resource{Staff: staff}); err != nil {
			return err
		}
	}
	address, err := CheckPhone(typed)
	if err != nil {
		return err
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, staff)
		if err != nil || account.Phone == address {
			return err
		}
		account.Phone = address
		err = errors.Join(tx.UpdateStaff(ctx, account), leaf(ctx, tx, s.now(), idOf(by), "staff.phone", facts{"staff": staff}))
		if err == nil && idOf(by) != staff {
			err = s.tellOwner(ctx, tx, "phone", staff, idOf(by))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("changing a telephone: %w", err)
	}
	return nil
}

// SetSpeaks says in which languages the actor speaks with callers; none is all of the line's. It counts from their next duty on.
func (s *Service) SetSpeaks(ctx context.Context, actor *heed.Staff, languages []string) error {
	if err := Allow(actor, StaffSelf, Resource{Staff: idOf(actor)}); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		account, err := locked(ctx, tx, actor.ID)
		if err != nil {
			return err
		}
		account.Speaks = inOrder(languages)
		return tx.UpdateStaff(ctx, account)
	})
	if err != nil {
		return fmt.Errorf("changing the languages of calls: %w", err)
	}
	return nil
}
