-- Transactions commit in another order than they began, so numbers come from next_seq and are read up to settled_seq:
-- see the migration that makes them.

-- name: InsertLeaf :one
INSERT INTO audit_leaves (seq, at, actor, act, report, details, commitment)
VALUES (next_seq(), sqlc.arg(at), sqlc.arg(actor), sqlc.arg(act), sqlc.arg(report), sqlc.arg(details), sqlc.arg(commitment))
RETURNING seq;

-- name: InsertEvent :one
INSERT INTO desk_events (seq, at, kind, report, list, level, audience, category)
VALUES (
    next_seq(), sqlc.arg(at), sqlc.arg(kind), sqlc.arg(report), sqlc.arg(list), sqlc.arg(level), sqlc.arg(audience),
    sqlc.arg(category)
)
RETURNING seq;

-- name: Settled :one
SELECT settled_seq() AS settled;
