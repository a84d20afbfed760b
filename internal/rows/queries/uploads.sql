-- name: InsertUpload :exec
INSERT INTO uploads (id, at) VALUES (sqlc.arg(id), sqlc.arg(at));

-- name: GetUpload :one
SELECT at FROM uploads WHERE id = sqlc.arg(id);

-- name: CountUploads :one
SELECT COUNT(*) FROM uploads;

-- name: InsertPiece :execrows
INSERT INTO upload_pieces (upload, start, size, blob_key)
VALUES (sqlc.arg(upload), sqlc.arg(start), sqlc.arg(size), sqlc.arg(blob_key)) ON CONFLICT DO NOTHING;

-- name: Pieces :many
SELECT * FROM upload_pieces WHERE upload = sqlc.arg(upload) ORDER BY start;

-- name: LastPiece :one
SELECT * FROM upload_pieces WHERE upload = sqlc.arg(upload) ORDER BY start DESC LIMIT 1;

-- name: DeleteUpload :execrows
DELETE FROM uploads WHERE id = sqlc.arg(id);

-- name: DeleteUploadsBefore :execrows
DELETE FROM uploads WHERE at < sqlc.arg(before);

-- name: DeleteEmptyUploadsBefore :execrows
DELETE FROM uploads WHERE uploads.at < sqlc.arg(before) AND NOT EXISTS (SELECT 1 FROM upload_pieces p WHERE p.upload = uploads.id);
