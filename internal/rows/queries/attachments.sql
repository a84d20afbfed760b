-- name: InsertAttachment :exec
INSERT INTO attachments (id, report, blob_key, type, size, day, sealed_name, transit_key, day_key, at)
VALUES (
    sqlc.arg(id), sqlc.arg(report), sqlc.arg(blob_key), sqlc.arg(type), sqlc.arg(size), sqlc.arg(day),
    sqlc.arg(sealed_name), sqlc.arg(transit_key), sqlc.arg(day_key), sqlc.arg(at)
);

-- name: GetAttachment :one
SELECT * FROM attachments WHERE id = sqlc.arg(id);

-- name: Attachments :many
SELECT * FROM attachments WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: DeleteAttachments :many
DELETE FROM attachments WHERE report = sqlc.arg(report) RETURNING blob_key;

-- name: InsertStaged :exec
INSERT INTO staged_blobs (blob_key, at) VALUES (sqlc.arg(blob_key), sqlc.arg(at)) ON CONFLICT DO NOTHING;

-- name: StagedBefore :many
SELECT blob_key FROM staged_blobs WHERE at < sqlc.arg(before) ORDER BY at, blob_key
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: TakeStaged :execrows
DELETE FROM staged_blobs WHERE blob_key = sqlc.arg(blob_key) AND at >= 0;

-- name: DiscardStaged :execrows
UPDATE staged_blobs SET at = -1 WHERE blob_key = sqlc.arg(blob_key);

-- name: DiscardFilesOfDay :exec
INSERT INTO staged_blobs (blob_key, at) SELECT blob_key, -1 FROM attachments WHERE day = sqlc.arg(day) ON CONFLICT DO NOTHING;

-- name: DeleteStaged :exec
DELETE FROM staged_blobs WHERE blob_key = sqlc.arg(blob_key);
