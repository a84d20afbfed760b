-- name: InsertFactor :execrows
INSERT INTO factors (id, staff, kind, name, handle, data, used, created_at, used_at)
VALUES (
    sqlc.arg(id), sqlc.arg(staff), sqlc.arg(kind), sqlc.arg(name), sqlc.arg(handle), sqlc.arg(data), sqlc.arg(used),
    sqlc.arg(created_at), sqlc.arg(used_at)
)
ON CONFLICT DO NOTHING;

-- name: StaffFactors :many
SELECT * FROM factors WHERE staff = sqlc.arg(staff) ORDER BY id;

-- name: GetFactorByHandle :one
SELECT * FROM factors WHERE kind = sqlc.arg(kind) AND handle = sqlc.arg(handle);

-- name: UseFactor :execrows
UPDATE factors SET used = sqlc.arg(used), data = sqlc.arg(data), used_at = sqlc.arg(used_at)
WHERE id = sqlc.arg(id) AND used = sqlc.arg(used_before);

-- name: DeleteFactor :execrows
DELETE FROM factors WHERE id = sqlc.arg(id);

-- name: DeleteStaffFactors :exec
DELETE FROM factors WHERE staff = sqlc.arg(staff) AND kind = sqlc.arg(kind);
