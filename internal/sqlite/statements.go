package sqlite

import (
	"context"
	"database/sql"
	"sync"
)

// statementsMost bounds the statements kept prepared. The fixed ones are about a hundred; the lists' and searches'
// shapes come on top.
const statementsMost = 300

// statements keeps statements prepared on a pool.
//
// A transaction can't prepare on its pool: it holds a connection, perhaps the last, and would wait for another. So it
// runs a new statement unprepared and leaves word; the next one, before it begins, prepares what is wanted.
type statements struct {
	db     *sql.DB
	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	wanted map[string]bool
}

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, ready: map[string]*sql.Stmt{}, wanted: map[string]bool{}}
}

// get is the statement, or nil, and then prepare will see to it.
func (s *statements) get(query string) *sql.Stmt {
	s.mu.Lock()
	defer s.mu.Unlock()
	stmt := s.ready[query]
	if stmt == nil && len(s.ready)+len(s.wanted) < statementsMost {
		s.wanted[query] = true
	}
	return stmt
}

// prepare prepares what was wanted. The caller holds no connection. A statement that can't be prepared stays as it is:
// whoever runs it next is told why.
func (s *statements) prepare(ctx context.Context) {
	s.mu.Lock()
	wanted := s.wanted
	if len(wanted) > 0 {
		s.wanted = map[string]bool{}
	}
	s.mu.Unlock()
	for query := range wanted {
		stmt, err := s.db.PrepareContext(ctx, query)
		if err != nil {
			continue
		}
		s.mu.Lock()
		s.ready[query] = stmt
		s.mu.Unlock()
	}
}
