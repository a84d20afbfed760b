package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"regexp"

	modernc "modernc.org/sqlite"
)

// preparedMost bounds the statements that one connection keeps prepared. The fixed ones, ours and the jobs', are about two
// hundred; the lists' and searches' shapes come on top.
const preparedMost = 400

// boundLimit is a parameter as a LIMIT. SQLite plans by its value, so that it would prepare the statement anew at every use; by an expression of it
// SQLite doesn't. River's statements have such ones, and the one that looks for jobs runs ten times a second.
var boundLimit = regexp.MustCompile(`LIMIT (\?\d*)`)

// withFreeLimit is the same query with such expressions.
func withFreeLimit(query string) string {
	return boundLimit.ReplaceAllString(query, "LIMIT CAST($1 AS INTEGER)")
}

// open is a pool on the database at dsn whose connections prepare each statement once. To parse one costs more than to
// run it, and database/sql would parse it each time: a statement prepared on the pool can't be used where a transaction
// holds the last connection, and the jobs' statements are River's own.
func open(dsn string) (*sql.DB, error) {
	plain, err := modernc.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{plain}), nil
}

type connector struct{ driver.Connector }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	plain, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := plain.(fullConn)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connection lacks what database/sql can use"), plain.Close())
	}
	return &preparing{fullConn: full, kept: map[string]*keptStatement{}}, nil
}

// fullConn is all that the driver's connections can do for database/sql, each part of which a wrapper must pass on.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparing is a connection that keeps its statements prepared. Like every driver.Conn it serves one goroutine at a time.
type preparing struct {
	fullConn
	kept map[string]*keptStatement
	uses int64
}

// keptStatement is one prepared statement. While it isn't in use no text or bytes are bound to it.
type keptStatement struct {
	fullStatement
	inUse bool  // its rows are being read: the same query needs another statement meanwhile
	last  int64 // the connection's count of uses at its last
}

type fullStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// Unwrap is the driver's own connection, which the driver's helpers look for.
func (c *preparing) Unwrap() driver.Conn { return c.fullConn }

// ExecContext implements driver.ExecerContext.
func (c *preparing) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *preparing) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.fullConn.QueryContext(ctx, query, args)
	}
	found, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.inUse = true
	return &keptRows{Rows: found, of: s}, nil
}

// Close implements driver.Conn.
func (c *preparing) Close() error {
	var failed error
	for _, s := range c.kept {
		failed = errors.Join(failed, s.Close())
	}
	c.kept = nil
	return errors.Join(failed, c.fullConn.Close())
}

// take is the query's statement, prepared now where it is new; nil where it is in use.
func (c *preparing) take(ctx context.Context, query string) (*keptStatement, error) {
	c.uses++
	if s := c.kept[query]; s != nil {
		if s.inUse {
			return nil, nil
		}
		s.last = c.uses
		return s, nil
	}
	if len(c.kept) >= preparedMost {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	plain, err := c.fullConn.PrepareContext(ctx, withFreeLimit(query))
	if err != nil {
		return nil, err
	}
	full, ok := plain.(fullStatement)
	if !ok {
		return nil, errors.Join(errors.New("the driver's statement takes no context"), plain.Close())
	}
	s := &keptStatement{fullStatement: full, last: c.uses}
	c.kept[query] = s
	return s, nil
}

// forget closes the statement that has been idle for longest.
func (c *preparing) forget() error {
	oldest := ""
	for query, s := range c.kept {
		if !s.inUse && (oldest == "" || s.last < c.kept[oldest].last) {
			oldest = query
		}
	}
	if oldest == "" {
		return nil // all are in use; they are few
	}
	s := c.kept[oldest]
	delete(c.kept, oldest)
	return s.Close()
}

// keptRows gives its statement back when it is closed.
type keptRows struct {
	driver.Rows
	of *keptStatement
}

// Close implements driver.Rows.
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.inUse = false
	return err
}
