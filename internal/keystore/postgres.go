package keystore

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	heed "github.com/heed-line/heed"
)

// keysTable holds the keys of a Postgres. COLLATE "C": names sort as bytes.
const keysTable = `CREATE TABLE IF NOT EXISTS heed_keys (name TEXT COLLATE "C" PRIMARY KEY, value BYTEA NOT NULL)`

// keysLock keeps nodes that start together from making the table at once ("heed" and a number).
const keysLock = 0x6865656400000002

// Postgres is a Keystore in a PostgreSQL database of its own, for a line of several nodes. A value lies there as in a
// Directory's file, so that one half destroyed is told from a whole one.
//
// A destroyed value is overwritten, deleted and its table written anew, so that no file of the database holds it. The server's
// journal (WAL), archives of it, replicas and backups do until they are recycled: docs/operations.md says how to keep them from it.
type Postgres struct{ pool *pgxpool.Pool }

// OpenPostgres connects to the database at url and makes its one table where it isn't there.
//
// ErrInvalid: it is a line's store, beside whose backups no key may lie. ErrForbidden: the role doesn't own the table, so that it
// couldn't destroy a key for good.
func OpenPostgres(ctx context.Context, url string) (*Postgres, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("opening the keystore: %w", err) // pgx leaves the password out
	}
	config.MaxConns = 4
	// A key that something was sealed to must not be lost with the server's memory.
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "on"
	config.ConnConfig.RuntimeParams["application_name"] = "heed keystore"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	p := &Postgres{pool}
	if err := p.start(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("opening the keystore: %w", err)
	}
	return p, nil
}

// Made reports whether the database at url was made a keystore before. It changes nothing.
func Made(ctx context.Context, url string) (made bool, err error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false, err // pgx leaves the password out
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	err = conn.QueryRow(ctx, "SELECT to_regclass('heed_keys') IS NOT NULL").Scan(&made)
	return made, err
}

func (p *Postgres) start(ctx context.Context) error {
	if err := p.Apart(ctx); err != nil {
		return err
	}
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(keysLock)); err != nil {
			return err
		}
		var there bool
		if err := tx.QueryRow(ctx, "SELECT to_regclass('heed_keys') IS NOT NULL").Scan(&there); err != nil || there {
			return err
		}
		_, err := tx.Exec(ctx, keysTable)
		return err
	})
	if err != nil {
		return fmt.Errorf("making its table: %w", err)
	}
	var owns bool
	err = p.pool.QueryRow(ctx, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'heed_keys'::regclass").Scan(&owns)
	if err == nil && !owns {
		err = fmt.Errorf("the role doesn't own the table of keys: %w", heed.ErrForbidden)
	}
	if err != nil {
		return err
	}
	return p.rewrite(ctx) // a destruction may have been cut short before it
}

// Apart makes sure that the database is no line's store as well. ErrInvalid: it is one.
func (p *Postgres) Apart(ctx context.Context) error {
	var store bool
	if err := p.pool.QueryRow(ctx, "SELECT to_regclass('audit_leaves') IS NOT NULL").Scan(&store); err != nil {
		return fmt.Errorf("looking at the keystore's database: %w", err)
	}
	if store {
		return fmt.Errorf("the keystore's database is a line's store too, with which its keys would be backed up: %w", heed.ErrInvalid)
	}
	return nil
}

// Close closes all connections.
func (p *Postgres) Close() error {
	p.pool.Close()
	return nil
}

// Get implements Keystore.
func (p *Postgres) Get(ctx context.Context, name string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), checkName(name)); err != nil {
		return nil, err
	}
	var b []byte
	err := p.pool.QueryRow(ctx, "SELECT value FROM heed_keys WHERE name = $1", name).Scan(&b)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("key %s: %w", name, heed.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("reading key %s: %w", name, err)
	}
	return unpack(name, b)
}

// Create implements Keystore.
func (p *Postgres) Create(ctx context.Context, name string, value []byte) error {
	if err := errors.Join(ctx.Err(), checkName(name), checkValue(name, value)); err != nil {
		return err
	}
	b := pack(name, value)
	defer clear(b)
	tag, err := p.pool.Exec(ctx, "INSERT INTO heed_keys (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, b)
	if err == nil && tag.RowsAffected() == 0 {
		err = heed.ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storing key %s: %w", name, err)
	}
	return nil
}

// Put implements Keystore.
func (p *Postgres) Put(ctx context.Context, name string, value []byte) error {
	if err := errors.Join(ctx.Err(), checkName(name), checkValue(name, value)); err != nil {
		return err
	}
	b := pack(name, value)
	defer clear(b)
	_, err := p.pool.Exec(ctx, putKey, name, b)
	if err == nil {
		err = p.rewrite(ctx)
	}
	if err != nil {
		return fmt.Errorf("storing key %s: %w", name, err)
	}
	return nil
}

// putKey stores a value under a name in place of an earlier one.
const putKey = "INSERT INTO heed_keys (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"

// PutBeside implements Keystore. FOR SHARE has whoever destroys the other wait until this is done, or this for them.
func (p *Postgres) PutBeside(ctx context.Context, name string, value []byte, other string) error {
	if err := errors.Join(ctx.Err(), checkName(name), checkName(other), checkValue(name, value)); err != nil {
		return err
	}
	b := pack(name, value)
	defer clear(b)
	err := pgx.BeginFunc(ctx, p.pool, func(tx pgx.Tx) error {
		var beside []byte
		err := tx.QueryRow(ctx, "SELECT value FROM heed_keys WHERE name = $1 FOR SHARE", other).Scan(&beside)
		if errors.Is(err, pgx.ErrNoRows) {
			return heed.ErrNotFound
		}
		if err != nil {
			return err
		}
		defer clear(beside)
		if _, err := unpack(other, beside); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, putKey, name, b)
		return err
	})
	if err == nil {
		err = p.rewrite(ctx)
	}
	if err != nil {
		return fmt.Errorf("storing key %s: %w", name, err)
	}
	return nil
}

// Delete implements Keystore. It rewrites the table also where the name is gone: an earlier Delete may have been cut short.
func (p *Postgres) Delete(ctx context.Context, name string) error {
	if err := errors.Join(ctx.Err(), checkName(name)); err != nil {
		return err
	}
	noise := make([]byte, formatNoise)
	rand.Read(noise) // never fails: it ends the program instead
	for _, statement := range []string{
		"UPDATE heed_keys SET value = substring($2::BYTEA FROM 1 FOR octet_length(value)) WHERE name = $1",
		"DELETE FROM heed_keys WHERE name = $1 AND $2::BYTEA IS NOT NULL",
	} {
		if _, err := p.pool.Exec(ctx, statement, name, noise); err != nil {
			return fmt.Errorf("destroying key %s: %w", name, err)
		}
	}
	if err := p.rewrite(ctx); err != nil {
		return fmt.Errorf("destroying key %s: %w", name, err)
	}
	return nil
}

// formatNoise is as long as the longest stored value.
const formatNoise = fileHead + maxValue

// rewrite copies what lives into new files and drops the old ones: a row that was updated or deleted stays in its page
// otherwise, until another takes the place.
func (p *Postgres) rewrite(ctx context.Context) error {
	_, err := p.pool.Exec(ctx, "VACUUM FULL heed_keys")
	return err
}

// List implements Keystore.
func (p *Postgres) List(ctx context.Context, prefix string) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	found, err := p.pool.Query(ctx, "SELECT name FROM heed_keys WHERE starts_with(name, $1) ORDER BY name", prefix)
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	names, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("listing keys: %w", err)
	}
	return names, nil
}
