package keystore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	heed "github.com/heed-line/heed"
)

// Recovery are the line's long-lived keys by their names in the keystore: what a backup holds, sealed, so that a lost keystore
// can be made again. The days' keys are never among them.
type Recovery map[string][]byte

// recoverable are the names of the keys without which a line's reports, Receipts or signatures are lost.
func recoverable() []string {
	return []string{nameContent, nameMatching, nameAudit, namePackage, namePepper}
}

// Format redacts, whatever the verb.
func (r Recovery) Format(s fmt.State, _ rune) { fmt.Fprint(s, "[ring]") }

// ExportRecovery reads the long-lived keys, the sign-in key, without which a restored line's staff would have no codes, and the
// Custodians' era, without which it would have no Custodian. ErrNotFound: a key is missing.
func ExportRecovery(ctx context.Context, ks Keystore) (Recovery, error) {
	r := Recovery{}
	for _, name := range append(recoverable(), nameSignIn) {
		b, err := ks.Get(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("reading the line's keys: %w", err)
		}
		r[name] = b
	}
	era, err := Era(ctx, ks)
	if errors.Is(err, heed.ErrNotFound) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the line's keys: %w", err)
	}
	r[nameEra(era)] = binary.BigEndian.AppendUint64(nil, era)
	return r, nil
}

// Ring are the keys as a line uses them, with a draft and a browser key that nobody else has, and such a sign-in key where
// the backup is from before it was kept. ErrSealed: a key is missing or none.
func (r Recovery) Ring() (*Ring, error) {
	signIn, kept := r[nameSignIn]
	if !kept {
		signIn = randomKey()
	}
	return parseRing(r[nameContent], r[nameMatching], r[nameAudit], r[namePackage], r[namePepper], randomKey(), randomKey(), signIn)
}

// Restore stores the keys where they are missing; a keystore that has them already stays as it is.
//
// ErrConflict: it has another line's. ErrSealed: a key is missing or none.
func (r Recovery) Restore(ctx context.Context, ks Keystore) error {
	if _, err := r.Ring(); err != nil {
		return fmt.Errorf("restoring the line's keys: %w", err)
	}
	for _, name := range recoverable() { // nothing is stored beside another line's
		there, err := ks.Get(ctx, name)
		if err == nil && !bytes.Equal(there, r[name]) {
			err = fmt.Errorf("the keystore has another key %s: %w", name, heed.ErrConflict)
		}
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return fmt.Errorf("restoring the line's keys: %w", err)
		}
	}
	names := recoverable()
	if r[nameSignIn] != nil { // beside another one it isn't stored: that one's codes are newer
		names = append(names, nameSignIn)
	}
	for _, name := range names {
		if err := ks.Create(ctx, name, r[name]); err != nil && !errors.Is(err, heed.ErrConflict) {
			return fmt.Errorf("restoring the line's keys: %w", err)
		}
	}
	for name := range r {
		if !strings.HasPrefix(name, prefixEra) {
			continue
		}
		era, err := parseEra(name)
		if err == nil {
			err = RaiseEra(ctx, ks, era)
		}
		if err != nil {
			return fmt.Errorf("restoring the line's keys: %w", err)
		}
	}
	return nil
}

// HasRing reports whether the keystore holds any of a line's long-lived keys.
func HasRing(ctx context.Context, ks Keystore) (bool, error) {
	for _, name := range recoverable() {
		_, err := ks.Get(ctx, name)
		if !errors.Is(err, heed.ErrNotFound) {
			return err == nil, err
		}
	}
	return false, nil
}
