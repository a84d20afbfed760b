-- name: InsertDraft :execrows
INSERT INTO drafts (id, staff, call, sealed, since, saved_at)
VALUES (sqlc.arg(id), sqlc.arg(staff), sqlc.arg(call), sqlc.arg(sealed), sqlc.arg(since), sqlc.arg(saved_at))
ON CONFLICT DO NOTHING;

-- name: UpdateDraft :execrows
UPDATE drafts SET staff = sqlc.arg(staff), sealed = sqlc.arg(sealed), saved_at = sqlc.arg(saved_at)
WHERE id = sqlc.arg(id) AND staff = sqlc.arg(holder) AND saved_at = sqlc.arg(seen);

-- name: GetDraft :one
SELECT * FROM drafts WHERE id = sqlc.arg(id);

-- name: GetDraftOfCall :one
SELECT * FROM drafts WHERE call = sqlc.arg(call) AND call <> '';

-- name: StaffDrafts :many
SELECT * FROM drafts WHERE staff = sqlc.arg(staff) ORDER BY id DESC;

-- name: DeleteDraft :execrows
DELETE FROM drafts WHERE id = sqlc.arg(id) AND saved_at = sqlc.arg(seen);

-- name: DeleteDrafts :execrows
DELETE FROM drafts WHERE since < sqlc.arg(before);
