package keystore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	heed "github.com/heed-line/heed"
)

// prefixEra begins the names in which the Custodians' era stands, in decimal digits.
const prefixEra = "custodians/era/"

func nameEra(era uint64) string { return prefixEra + strconv.FormatUint(era, 10) }

// Era is the number that approvals of the line's Custodians are signed for (seal.SignCustodian). It grows whenever somebody ceases
// to be one, so that what was signed before counts no more, whoever puts it back into the store; 0 is before the first one.
// A new era is another name and never another value: no process, however slow, sets it back.
//
// ErrNotFound: the keystore is from before Custodians were approved.
func Era(ctx context.Context, ks Keystore) (uint64, error) {
	names, err := ks.List(ctx, prefixEra)
	if err != nil {
		return 0, fmt.Errorf("reading the custodians' era: %w", err)
	}
	if len(names) == 0 {
		return 0, fmt.Errorf("the custodians' era: %w", heed.ErrNotFound)
	}
	var last uint64
	for _, name := range names {
		era, err := parseEra(name)
		if err != nil {
			return 0, err
		}
		last = max(last, era)
	}
	return last, nil
}

func parseEra(name string) (uint64, error) {
	era, err := strconv.ParseUint(strings.TrimPrefix(name, prefixEra), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the custodians' era in %s: %w", name, heed.ErrSealed)
	}
	return era, nil
}

// RaiseEra begins the era, durably. A keystore that is in it or beyond stays as it is. The one before keeps its name, so that
// who lists meanwhile never sees none.
func RaiseEra(ctx context.Context, ks Keystore, era uint64) error {
	now, err := Era(ctx, ks)
	if err == nil && now >= era {
		return nil
	}
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return err
	}
	err = ks.Create(ctx, nameEra(era), binary.BigEndian.AppendUint64(nil, era))
	if err != nil && !errors.Is(err, heed.ErrConflict) { // ErrConflict: another process began it
		return fmt.Errorf("raising the custodians' era: %w", err)
	}
	names, err := ks.List(ctx, prefixEra)
	if err != nil {
		return fmt.Errorf("raising the custodians' era: %w", err)
	}
	for _, name := range names {
		if earlier, err := parseEra(name); err != nil || earlier+1 >= era {
			continue
		}
		if err := ks.Delete(ctx, name); err != nil {
			return fmt.Errorf("raising the custodians' era: %w", err)
		}
	}
	return nil
}
