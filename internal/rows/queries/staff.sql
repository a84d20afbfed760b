-- name: InsertStaff :execrows
INSERT INTO staff (
    id, name, roles, department, language, passphrase, custodian_public, custodian_private, disabled, created_at
) VALUES (
    sqlc.arg(id), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(department), sqlc.arg(language), sqlc.arg(passphrase),
    sqlc.arg(custodian_public), sqlc.arg(custodian_private), sqlc.arg(disabled), sqlc.arg(created_at)
)
ON CONFLICT DO NOTHING;

-- name: UpdateStaff :execrows
UPDATE staff SET
    name = sqlc.arg(name), roles = sqlc.arg(roles), department = sqlc.arg(department), language = sqlc.arg(language),
    passphrase = sqlc.arg(passphrase), custodian_public = sqlc.arg(custodian_public),
    custodian_private = sqlc.arg(custodian_private), disabled = sqlc.arg(disabled), created_at = sqlc.arg(created_at)
WHERE id = sqlc.arg(id);

-- name: GetStaff :one
SELECT * FROM staff WHERE id = sqlc.arg(id);

-- name: GetStaffByName :one
SELECT * FROM staff WHERE name = sqlc.arg(name);

-- name: AllStaff :many
SELECT * FROM staff ORDER BY name;

-- name: InsertCredential :exec
INSERT INTO credentials (hash, kind, staff, created_at, seen_at, expires_at)
VALUES (
    sqlc.arg(hash), sqlc.arg(kind), sqlc.arg(staff), sqlc.arg(created_at), sqlc.arg(seen_at), sqlc.arg(expires_at)
);

-- name: GetCredential :one
SELECT * FROM credentials WHERE hash = sqlc.arg(hash);

-- name: TouchCredential :execrows
UPDATE credentials SET seen_at = sqlc.arg(seen_at), expires_at = sqlc.arg(expires_at) WHERE hash = sqlc.arg(hash);

-- name: DeleteCredential :execrows
DELETE FROM credentials WHERE hash = sqlc.arg(hash);

-- name: DeleteCredentials :exec
DELETE FROM credentials WHERE staff = sqlc.arg(staff) AND kind = sqlc.arg(kind);

-- name: DeleteExpiredCredentials :execrows
DELETE FROM credentials WHERE expires_at > 0 AND expires_at <= sqlc.arg(now);
