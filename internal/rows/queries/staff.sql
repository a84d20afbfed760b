-- name: InsertStaff :execrows
INSERT INTO staff (
    id, name, roles, department, language, passphrase, custodian_public, custodian_private, disabled, created_at,
    enrolled_at, second_step, categories, phone, speaks
) VALUES (
    sqlc.arg(id), sqlc.arg(name), sqlc.arg(roles), sqlc.arg(department), sqlc.arg(language), sqlc.arg(passphrase),
    sqlc.arg(custodian_public), sqlc.arg(custodian_private), sqlc.arg(disabled), sqlc.arg(created_at),
    sqlc.arg(enrolled_at), sqlc.arg(second_step), sqlc.arg(categories), sqlc.arg(phone), sqlc.arg(speaks)
)
ON CONFLICT DO NOTHING;

-- name: UpdateStaff :execrows
UPDATE staff SET
    name = sqlc.arg(name), roles = sqlc.arg(roles), department = sqlc.arg(department), language = sqlc.arg(language),
    passphrase = sqlc.arg(passphrase), custodian_public = sqlc.arg(custodian_public),
    custodian_private = sqlc.arg(custodian_private), disabled = sqlc.arg(disabled), created_at = sqlc.arg(created_at),
    enrolled_at = sqlc.arg(enrolled_at), second_step = sqlc.arg(second_step),
    categories = sqlc.arg(categories), phone = sqlc.arg(phone),
    speaks = sqlc.arg(speaks)
WHERE id = sqlc.arg(id);

-- name: GetStaff :one
SELECT * FROM staff WHERE id = sqlc.arg(id);

-- name: GetStaffByName :one
SELECT * FROM staff WHERE name = sqlc.arg(name);

-- name: AllStaff :many
SELECT * FROM staff ORDER BY name;

-- name: InsertCredential :execrows
INSERT INTO credentials (hash, kind, staff, created_at, seen_at, expires_at, browser, proved_at, made_by, way)
VALUES (
    sqlc.arg(hash), sqlc.arg(kind), sqlc.arg(staff), sqlc.arg(created_at), sqlc.arg(seen_at), sqlc.arg(expires_at),
    sqlc.arg(browser), sqlc.arg(proved_at), sqlc.arg(made_by), sqlc.arg(way)
)
ON CONFLICT DO NOTHING;

-- name: GetCredential :one
SELECT * FROM credentials WHERE hash = sqlc.arg(hash);

-- name: StaffCredentials :many
SELECT * FROM credentials WHERE staff = sqlc.arg(staff) AND kind = sqlc.arg(kind) ORDER BY created_at, hash;

-- name: TouchCredential :execrows
UPDATE credentials SET seen_at = sqlc.arg(seen_at), expires_at = sqlc.arg(expires_at) WHERE hash = sqlc.arg(hash);

-- name: DeleteCredential :execrows
DELETE FROM credentials WHERE hash = sqlc.arg(hash);

-- name: DeleteCredentials :exec
DELETE FROM credentials WHERE staff = sqlc.arg(staff) AND kind = sqlc.arg(kind);

-- name: DeleteExpiredCredentials :execrows
DELETE FROM credentials WHERE expires_at > 0 AND expires_at <= sqlc.arg(now);

-- name: LockStaff :execrows
UPDATE staff SET name = name WHERE id = sqlc.arg(id);
