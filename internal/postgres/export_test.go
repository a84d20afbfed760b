package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows"
)

// Tables lets a test stop at an earlier schema.
var Tables = tables

// RightsListed are the tables and views whose rights are written.
func RightsListed() (names []string) {
	for _, r := range append(rights(), viewRights()...) {
		names = append(names, r.table)
	}
	return names
}

// Walking is how many rows of tables and indexes PostgreSQL reads to list reports, by the plan that it has for a statement that was
// asked often, whose values it may no longer look at.
func Walking(ctx context.Context, s *Store, list func(heed.Tx) error) (read float64, plan string, err error) {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return 0, "", err
	}
	e := &explaining{engine: newEngine(tx, nil)}
	err = list(rows.NewTx(e))
	return e.read, e.plan, errors.Join(err, tx.Rollback(ctx))
}

// explaining is an engine that explains what Each runs, and then runs it.
type explaining struct {
	*engine
	plan string
	read float64
}

func (e *explaining) Each(ctx context.Context, query string, args []any, scan func(func(...any) error) error) error {
	values := make([]string, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case string:
			values[i] = "'" + arg + "'"
		case []int64:
			values[i] = "'{" + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(arg)), ","), "[]") + "}'"
		case []byte:
			values[i] = fmt.Sprintf(`'\x%x'`, arg)
		default:
			values[i] = fmt.Sprint(arg)
		}
	}
	var plans []struct{ Plan planned }
	if _, err := e.tx.Exec(ctx, "PREPARE explained AS "+numbered(query)); err != nil {
		return err
	}
	execute := "EXECUTE explained (" + strings.Join(values, ", ") + ")"
	for range 6 { // after five it may go over to a plan for whatever values come
		if _, err := e.tx.Exec(ctx, execute); err != nil {
			return err
		}
	}
	if err := e.tx.QueryRow(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) "+execute).Scan(&plans); err != nil {
		return err
	}
	if _, err := e.tx.Exec(ctx, "DEALLOCATE explained"); err != nil {
		return err
	}
	text, err := json.MarshalIndent(plans, "", " ")
	e.plan, e.read = string(text), plans[0].Plan.read()
	if err != nil {
		return err
	}
	return e.engine.Each(ctx, query, args, scan)
}

// planned is a step of a plan, with what came of it.
type planned struct {
	Node    string    `json:"Node Type"`
	Index   string    `json:"Index Name"`
	Rows    float64   `json:"Actual Rows"`
	Removed float64   `json:"Rows Removed by Filter"`
	Loops   float64   `json:"Actual Loops"`
	Plans   []planned `json:"Plans"`
}

// read is how many rows the step and those below it read of tables and indexes.
func (p *planned) read() (n float64) {
	if strings.HasSuffix(p.Node, "Scan") {
		n = (p.Rows + p.Removed) * p.Loops
	}
	for i := range p.Plans {
		n += p.Plans[i].read()
	}
	return n
}
