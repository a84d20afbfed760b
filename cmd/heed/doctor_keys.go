package main

import (
	"context"
	"errors"
	"os"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
)

// examineKeys opens the ring, if the store says which it must be; it never makes a key.
func (d *doctor) examineKeys(ctx context.Context, known []byte) {
	if onPostgres(d.flags.Keystore) {
		switch there, err := d.flags.keysExist(ctx); {
		case err != nil:
			d.fault("keystore", "%v", err)
			return
		case !there:
			d.fault("keystore", "%s is not there yet: heed serve creates it", d.flags.keystoreName())
			return
		}
		d.note("key place", "a database keeps destroyed keys in its journal (WAL) for a while: docs/operations.md says how to shorten that; no archive, replica or backup of it")
		d.examineRing(ctx, known)
		return
	}
	dir := d.flags.keystoreDir()
	info, err := os.Stat(dir)
	if err != nil {
		d.fault("keystore", "%v", err)
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		d.fault("keystore", "%s can be entered by others (%v): chmod 700 it", dir, info.Mode().Perm())
		return
	}
	d.examineKeyPlace(dir)
	d.examineRing(ctx, known)
}

func (d *doctor) examineRing(ctx context.Context, known []byte) {
	name := d.flags.keystoreName()
	if known == nil {
		d.note("keystore", "%s is there, but the store doesn't say which keys it must hold", name)
		return
	}
	keys, err := d.flags.openKeystore(ctx)
	if err != nil {
		d.fault("keystore", "%v", err)
		return
	}
	defer closeKeystore(keys) // nothing was written to it
	ring, err := keystore.LoadRing(ctx, keys, known)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		d.fault("keystore", "a key is missing: %v", err)
	case errors.Is(err, heed.ErrConflict):
		d.fault("keystore", "these are another line's keys")
	case err != nil:
		d.fault("keystore", "%v", err)
	default:
		d.ok("keystore", "%s, fingerprint %x", name, ring.Fingerprint()[:6])
		d.examineCustodians(ctx, keys, ring)
		d.examineModels(ctx, ring)
	}
}
