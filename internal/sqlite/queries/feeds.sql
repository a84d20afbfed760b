-- There is one writer, so numbers are given in the order of commits.

-- name: InsertLeaf :one
INSERT INTO audit_leaves (at, actor, act, report, details, commitment)
VALUES (sqlc.arg(at), sqlc.arg(actor), sqlc.arg(act), sqlc.arg(report), sqlc.arg(details), sqlc.arg(commitment))
RETURNING seq;

-- name: InsertEvent :one
INSERT INTO desk_events (at, kind, report, list, level, audience, category)
VALUES (
    sqlc.arg(at), sqlc.arg(kind), sqlc.arg(report), sqlc.arg(list), sqlc.arg(level), sqlc.arg(audience),
    sqlc.arg(category)
)
RETURNING seq;

-- name: Settled :one
SELECT CAST(9223372036854775807 AS BIGINT) AS settled;
