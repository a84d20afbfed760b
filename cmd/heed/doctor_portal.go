package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/postgres"
)

// ofAPortal reports whether the keystore is a portal's own, so that what else is looked at is a portal's or a telephone's, too.
func (d *doctor) ofAPortal(ctx context.Context) bool {
	if slices.Contains(d.roles, roleDesk) || slices.Contains(d.roles, roleWorker) {
		return false // examineKeys says what that keystore lacks for these
	}
	if _, err := os.Stat(d.flags.keystoreDir()); err != nil || onPostgres(d.flags.Keystore) {
		return false
	}
	keys, err := keystore.OpenDirectory(d.flags.keystoreDir())
	if err != nil {
		return false // examineKeys says so
	}
	names, err := keys.List(ctx, "portal/")
	return err == nil && len(names) > 0
}

// examinePortal looks at what a portal by itself needs, and that it has no more.
func (d *doctor) examinePortal(ctx context.Context) {
	dir := d.flags.keystoreDir()
	d.examineKeyPlace(dir)
	ring, err := loadPortalKeys(ctx, d.flags, d.auditKey)
	if err != nil {
		d.fault("keystore", "%v", err)
		return
	}
	d.ok("keystore", "%s, a portal's: nothing in it opens a report", dir)
	if d.flags.Store == "" {
		d.note("store", "SQLite is one file, which a portal reads and writes whole; PostgreSQL gives it a role of its own")
		return
	}
	store, err := postgres.Open(ctx, d.flags.Store, publicStore(d.faces(), postgres.Options{SchemaWait: time.Second}))
	if err != nil {
		d.fault("store", "%v", err)
		return
	}
	defer store.Close()
	l := &place{flags: d.flags, store: store}
	if err := l.matches(ctx, ring); err != nil {
		d.fault("store", "%v", err)
		return
	}
	d.ok("store", "%s", d.flags.storeName())
	d.examineRole(ctx, store)
	d.examinePin(ctx, store, ring)
}

// faces are the roles of a process with a portal's keystore: a portal's, and a telephone's where calls are answered, unless it is told.
func (d *doctor) faces() []role {
	switch {
	case len(d.roles) > 0:
		return d.roles
	case d.calls:
		return []role{rolePortal, rolePhone}
	}
	return []role{rolePortal}
}

func (d *doctor) examineRole(ctx context.Context, store *postgres.Store) {
	var process []string
	for _, r := range d.faces() {
		process = append(process, string(r))
	}
	with := "a process with --role " + strings.Join(process, ",")
	excess, err := store.Excess(ctx)
	switch {
	case err != nil:
		d.fault("role", "%v", err)
	case len(excess) > 0:
		d.fault("role", "it may do more than %s needs (heed operations grants makes one that doesn't): %s", with, strings.Join(excess, ", "))
	default:
		d.ok("role", "it may do what %s needs and no more", with)
	}
}

// examinePin checks that the audit key that is pinned signs the days.
func (d *doctor) examinePin(ctx context.Context, store heed.Store, ring *keystore.PortalRing) {
	_, err := portalDay(ctx, store, ring, d.s.Now())
	switch {
	case errors.Is(err, heed.ErrInvalid):
		d.fault("audit key", "today's keys are signed by another than --audit-key pins: it takes no report")
	case errors.Is(err, heed.ErrNotFound), errors.Is(err, heed.ErrGone):
		d.fault("audit key", "there are no keys for today: does the worker run?")
	case err != nil:
		d.fault("audit key", "%v", err)
	default:
		d.ok("audit key", "it signed today's keys")
	}
}
