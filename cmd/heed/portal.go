package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

// servePublic serves the portal, the phone or both, alone: a process that has a place and public keys, and no type of whose could hold another.
func (c *serveCommand) servePublic(ctx context.Context, s *surroundings, log *slog.Logger, sv *server) error {
	faces := sv.faces
	place, ring, err := openPortal(ctx, s, log, c.lineFlags, c.AuditKey, sv.roles)
	if err != nil {
		return err
	}
	defer place.close()
	if err := place.reachBlobs(ctx); err != nil {
		return err
	}
	if err := place.warnOfExcess(ctx); err != nil {
		return err
	}
	figures := monitor.Apart(place.store.Ready) // its role may not read the desk's lists
	if err := faces.listenHealth(ctx, c.Health, place.store.Ready, figures); err != nil {
		return err
	}
	if sv.has(rolePortal) {
		handler, err := place.portalHandler(ring.PublicRing, figures, faces.encrypted(), sv.flood)
		if err != nil {
			return errors.Join(err, faces.shutdown())
		}
		if err := faces.listen(ctx, rolePortal, c.Public, handler); err != nil {
			return err
		}
	}
	if sv.has(rolePhone) {
		t, err := place.newTelephone(ring.PublicRing, sv.calls, sv.drain, figures, sv.flood)
		if err != nil {
			return errors.Join(err, faces.shutdown())
		}
		if err := faces.answer(t); err != nil {
			return err
		}
	}
	group, running := faces.serve(ctx)
	go place.followTime(running, ring.Audit)
	out := &printer{w: s.Stdout}
	faces.announce(out)
	out.printf("%-7s %s, version %s\n", "ready", place.flags.storeName(), buildVersion())
	if out.err != nil {
		return errors.Join(out.err, faces.shutdown())
	}
	debug.FreeOSMemory() // what it took to see that every text and template is whole
	log.Info("serving", "version", buildVersion(), "roles", sv.roles)
	<-running.Done()
	log.Info("stopping")
	err = errors.Join(faces.shutdown(), group.Wait())
	log.Info("stopped")
	return err
}

// openPortal opens a line's place with a portal's own keys, for a process of these roles. It makes nothing: profile, keys and store must be there.
//
// It returns a usageError where one isn't, or where the keystore holds what no portal may have.
func openPortal(ctx context.Context, s *surroundings, log *slog.Logger, flags lineFlags, auditKey string, roles []role) (_ *place, _ *keystore.PortalRing, err error) {
	l := &place{flags: flags, s: s, log: log}
	ring, err := loadPortalKeys(ctx, flags, auditKey)
	if err != nil {
		return nil, nil, err
	}
	if l.profile, err = profile.Load(flags.profileFile()); err != nil {
		return nil, nil, usagef("a portal serves the line's own profile, which the desk and the worker have too:\n%w", err)
	}
	if l.blobs, err = flags.openBlobs(); err != nil {
		return nil, nil, err
	}
	if l.store, err = openPortalStore(ctx, flags, log, roles); err != nil {
		return nil, nil, err
	}
	if err := l.matches(ctx, ring); err != nil {
		return nil, nil, errors.Join(err, l.store.Close())
	}
	l.id, l.salt = ring.Line, ring.Salt
	if err := l.keepTime(ctx, ring.Audit); err != nil {
		return nil, nil, errors.Join(err, l.store.Close())
	}
	return l, ring, nil
}

// loadPortalKeys loads a portal's own keys, with the audit key that its configuration pins.
func loadPortalKeys(ctx context.Context, flags lineFlags, auditKey string) (*keystore.PortalRing, error) {
	if auditKey == "" {
		return nil, usagef("a portal by itself needs --audit-key, and a keystore of its own: heed operations portal-keys makes both on the worker's host")
	}
	pinned, err := keystore.ParseAuditKey(auditKey)
	if err != nil {
		return nil, usagef("--audit-key is none: heed operations portal-keys prints the line's")
	}
	if onPostgres(flags.Keystore) {
		return nil, usagef("a portal's own keystore is a folder: heed operations portal-keys writes it")
	}
	dir := flags.keystoreDir()
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("a portal by itself needs a keystore of its own, and %s isn't there: heed operations portal-keys makes one on the worker's host", dir)
	}
	keys, err := keystore.OpenDirectory(dir)
	if err != nil {
		return nil, err
	}
	ring, err := keystore.LoadPortalRing(ctx, keys, pinned)
	switch {
	case errors.Is(err, heed.ErrForbidden):
		return nil, usagef("this portal would hold what opens the line's reports. Give it a keystore of its own (heed operations portal-keys), "+
			"or run it in the desk's process, with --role portal,desk: %w", err)
	case errors.Is(err, heed.ErrNotFound):
		return nil, usagef("%s is no portal's keystore, or not a whole one; heed operations portal-keys makes one: %w", dir, err)
	case err != nil:
		return nil, err
	}
	return ring, nil
}

// publicStore are the options of a store whose process runs these roles: portal, phone or both.
func publicStore(roles []role, o postgres.Options) postgres.Options {
	o.Portal, o.Phone = slices.Contains(roles, rolePortal), slices.Contains(roles, rolePhone)
	return o
}

// openPortalStore opens the store as a process does which takes reports in; it changes no schema.
func openPortalStore(ctx context.Context, flags lineFlags, log *slog.Logger, roles []role) (heed.Store, error) {
	if flags.Store != "" {
		return postgres.Open(ctx, flags.Store, publicStore(roles, postgres.Options{Logger: quieter(log)}))
	}
	there, err := flags.storeExists(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for the store: %w", err)
	}
	if !there {
		return nil, usagef("there is no line in %s yet: start its worker first", flags.Data)
	}
	return sqlite.Open(ctx, flags.databaseFile(), sqlite.Options{})
}

// matches says whether the store is of the line that the portal's keys are of.
func (l *place) matches(ctx context.Context, ring *keystore.PortalRing) error {
	if err := l.whole(ctx); err != nil {
		return err
	}
	var id []byte
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		id, err = tx.Setting(ctx, settingLine)
		return err
	})
	switch {
	case errors.Is(err, heed.ErrNotFound):
		return usagef("the store has no line yet: start its worker first")
	case err != nil:
		return fmt.Errorf("reading which line this is: %w", err)
	case string(id) != ring.Line:
		return usagef("the keys in %s are another line's than the store's (%s)", l.flags.keystoreDir(), l.flags.storeName())
	}
	return nil
}

// warnOfExcess says what the store's role may do beyond what the process needs.
func (l *place) warnOfExcess(ctx context.Context) error {
	store, ok := underlying(l.store).(*postgres.Store)
	if !ok {
		return nil
	}
	excess, err := store.Excess(ctx)
	if err != nil {
		return err
	}
	if len(excess) > 0 {
		l.log.Warn("the store's role may do more than this process needs: give it the one that heed operations grants makes", "may", strings.Join(excess, ", "))
	}
	return nil
}

// portalDay finds the keys of the day, as a portal does.
func portalDay(ctx context.Context, store heed.Store, ring *keystore.PortalRing, now time.Time) (*heed.DayKeyRecord, error) {
	return identity.NewSealer(store, ring.Audit, ring.Line).Day(ctx, now)
}

// checkPin refuses to start with another audit key than the configuration pins; none pinned is no pin.
func checkPin(pinned string, audit *seal.Verifier) error {
	if pinned == "" {
		return nil
	}
	key, err := keystore.ParseAuditKey(pinned)
	if err != nil {
		return usagef("--audit-key is none: heed operations portal-keys prints the line's")
	}
	if !keystore.SameVerifier(key, audit) {
		return usagef("the keystore's audit key is not the one that --audit-key pins")
	}
	return nil
}
