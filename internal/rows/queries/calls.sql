-- name: InsertCall :execrows
INSERT INTO calls (id, day, sealed, seen) VALUES (sqlc.arg(id), sqlc.arg(day), sqlc.arg(sealed), sqlc.arg(seen)) ON CONFLICT DO NOTHING;

-- name: UpdateCall :execrows
UPDATE calls SET sealed = sqlc.arg(sealed), seen = sqlc.arg(seen) WHERE id = sqlc.arg(id);

-- name: SeeCall :execrows
UPDATE calls SET seen = sqlc.arg(seen) WHERE id = sqlc.arg(id);

-- name: GetCall :one
SELECT * FROM calls WHERE id = sqlc.arg(id);

-- name: CallsSeen :many
SELECT id, seen FROM calls ORDER BY id;

-- name: EndCall :execrows
DELETE FROM calls WHERE id = sqlc.arg(id);

-- name: EndCallSeen :execrows
DELETE FROM calls WHERE id = sqlc.arg(id) AND seen = sqlc.arg(seen);
