package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/heed-line/heed"
)

// Errors of a schema that isn't this program's.
var (
	errSchemaOld = errors.New("the schema is older than this program, or not made yet: start the worker, which brings it up to date")
	errSchemaNew = errors.New("the schema is newer than this program: upgrade this process too")
)

// schemaWait is how long a portal waits for the schema, unless it is told otherwise: an upgrade of a large line takes a while.
const schemaWait = 2 * time.Minute

// Codes of PostgreSQL's appendix A.
const (
	undefinedTable        = "42P01"
	insufficientPrivilege = "42501"
)

func hasCode(err error, codes ...string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// checkSchema compares the schema with this program's, changing nothing. errSchemaOld or errSchemaNew: it is another.
func checkSchema(ctx context.Context, pool *pgxpool.Pool) (err error) {
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := tables(db)
	if err != nil {
		return err
	}
	var ours []int64
	for _, source := range provider.ListSources() {
		ours = append(ours, source.Version)
	}
	if err := sameVersions(ctx, pool, ours, "SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0"); err != nil {
		return err
	}
	jobs, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return fmt.Errorf("migrations of the jobs: %w", err)
	}
	ours = nil
	for _, migration := range jobs.AllVersions() {
		ours = append(ours, int64(migration.Version))
	}
	return sameVersions(ctx, pool, ours, "SELECT version FROM river_migration WHERE line = 'main'")
}

func sameVersions(ctx context.Context, pool *pgxpool.Pool, ours []int64, query string) error {
	found, err := pool.Query(ctx, query)
	var theirs []int64
	if err == nil {
		theirs, err = pgx.CollectRows(found, pgx.RowTo[int64])
	}
	if hasCode(err, undefinedTable) {
		return errSchemaOld
	}
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	for _, version := range theirs {
		if !slices.Contains(ours, version) {
			return errSchemaNew
		}
	}
	for _, version := range ours {
		if !slices.Contains(theirs, version) {
			return errSchemaOld
		}
	}
	return nil
}

// awaitPlace waits until the schema is this program's and the role may do the process's work, and then says what is wrong.
func (s *Store) awaitPlace(ctx context.Context, o Options) error {
	wait := o.SchemaWait
	if wait == 0 {
		wait = schemaWait
	}
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	said := ""
	for {
		err := s.checkPlace(ctx)
		if err == nil || errors.Is(err, errSchemaNew) || ctx.Err() != nil {
			return err
		}
		if err.Error() != said {
			said = err.Error()
			o.Logger.Warn("waiting for the store", "because", said)
		}
		select {
		case <-limited.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (s *Store) checkPlace(ctx context.Context) error {
	err := checkSchema(ctx, s.pool)
	if hasCode(err, insufficientPrivilege) {
		return fmt.Errorf("the role may not read the schema's version: %w", errNotGranted)
	}
	if err != nil {
		return err
	}
	if !s.phone {
		return lacking(ctx, s.pool, needed(s.rights))
	}
	err = lacking(ctx, s.pool, append(needed(s.rights), executing()...))
	if errors.Is(err, errNotGranted) {
		return fmt.Errorf("a process that answers calls needs the role that ends in _phone: %w", err)
	}
	return err
}

// rights are those to a table that the store's process needs; none where it is opened for neither a portal nor a telephone.
func (s *Store) rights(r tableRights) string {
	switch {
	case s.phone:
		return r.byPhone()
	case s.portal:
		return r.portal
	}
	return ""
}

var errNotGranted = fmt.Errorf("run what heed operations grants prints: %w", heed.ErrForbidden)

// privilege is one right to one table, or to some of its columns; or to one function.
type privilege struct {
	table, what string
	columns     []string // nil: all
}

func (p privilege) String() string { return p.what + " " + p.table }

var privilegeForm = regexp.MustCompile(`([A-Z]+)(?: \(([^)]*)\))?`)

// privileges takes a list as GRANT takes it apart.
func privileges(table, list string) []privilege {
	var all []privilege
	for _, m := range privilegeForm.FindAllStringSubmatch(list, -1) {
		p := privilege{table: table, what: m[1]}
		if m[2] != "" {
			p.columns = strings.Split(m[2], ", ")
		}
		all = append(all, p)
	}
	return all
}

// needed are the privileges that one kind of process needs.
func needed(by func(tableRights) string) (all []privilege) {
	for _, r := range append(rights(), viewRights()...) {
		all = append(all, privileges(r.table, by(r))...)
	}
	return all
}

// executing are those to a telephone's functions.
func executing() (all []privilege) {
	for _, f := range phoneFunctions() {
		all = append(all, privilege{table: f, what: "EXECUTE"})
	}
	return all
}

// lacking says which privileges the role doesn't have: errNotGranted.
func lacking(ctx context.Context, pool *pgxpool.Pool, needed []privilege) error {
	var missing []string
	for _, p := range needed {
		may, err := may(ctx, pool, p)
		if err != nil {
			return err
		}
		if !may {
			missing = append(missing, p.String())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the role may not %s: %w", strings.Join(missing, ", "), errNotGranted)
	}
	return nil
}

func may(ctx context.Context, pool *pgxpool.Pool, p privilege) (may bool, err error) {
	query, args := "SELECT has_table_privilege($1, $2)", []any{p.table, p.what}
	switch {
	case p.what == "EXECUTE":
		query = "SELECT has_function_privilege($1, $2)"
	case p.columns != nil:
		query, args = "SELECT bool_and(has_column_privilege($1, c, $2)) FROM unnest($3::TEXT[]) AS c", append(args, p.columns)
	}
	if err := pool.QueryRow(ctx, query, args...).Scan(&may); err != nil {
		return false, fmt.Errorf("ask what the role may do: %w", err)
	}
	return may, nil
}

// Excess lists what the store's role may do beyond what its process needs ("SELECT report_keys", "every row of reports"): none
// where it is the one that Grants makes for a portal or a telephone; everything where the store is opened for neither. Whoever takes
// over a process with more can copy what lies sealed, destroy it, or have numbers called.
func (s *Store) Excess(ctx context.Context) ([]string, error) {
	var excess []string
	for _, r := range append(rights(), viewRights()...) {
		given := map[string]bool{}
		limited := map[string]bool{}
		for _, p := range privileges(r.table, s.rights(r)) {
			given[p.what], limited[p.what] = p.columns == nil, p.columns != nil
		}
		for _, what := range []string{"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"} {
			if given[what] {
				continue
			}
			// A right to some columns counts as one, unless some are needed.
			query := "SELECT to_regclass($1) IS NOT NULL AND has_table_privilege($1, $2)"
			if !limited[what] && what != "DELETE" && what != "TRUNCATE" {
				query = "SELECT to_regclass($1) IS NOT NULL AND has_any_column_privilege($1, $2)"
			}
			var may bool
			if err := s.pool.QueryRow(ctx, query, r.table, what).Scan(&may); err != nil {
				return nil, fmt.Errorf("ask what the role may do: %w", err)
			}
			if may {
				excess = append(excess, what+" "+r.table)
			}
		}
		if !r.guarded() {
			continue
		}
		var guarded bool
		if err := s.pool.QueryRow(ctx, "SELECT row_security_active($1)", r.table).Scan(&guarded); err != nil {
			return nil, fmt.Errorf("ask which rows the role sees: %w", err)
		}
		if !guarded {
			excess = append(excess, "every row of "+r.table)
		}
	}
	if !s.phone {
		for _, p := range executing() {
			may, err := may(ctx, s.pool, p)
			if err != nil {
				return nil, err
			}
			if may {
				excess = append(excess, p.String())
			}
		}
	}
	var held bool
	err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'river_job'::regclass AND tgname = $1)", jobsTrigger).Scan(&held)
	if err != nil {
		return nil, fmt.Errorf("ask which jobs the role may add: %w", err)
	}
	if !held {
		excess = append(excess, "jobs of any kind")
	}
	return excess, nil
}
