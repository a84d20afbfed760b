-- name: PutSafeCopy :exec
INSERT INTO safe_copies (attachment, report, state, code, blob_key, type, size, sha256, sealed_key, made_at, details)
VALUES (
    sqlc.arg(attachment), sqlc.arg(report), sqlc.arg(state), sqlc.arg(code), sqlc.arg(blob_key), sqlc.arg(type), sqlc.arg(size),
    sqlc.arg(sha256), sqlc.arg(sealed_key), sqlc.arg(made_at), sqlc.arg(details)
)
ON CONFLICT (attachment) DO UPDATE SET
    state = excluded.state, code = excluded.code, blob_key = excluded.blob_key, type = excluded.type, size = excluded.size,
    sha256 = excluded.sha256, sealed_key = excluded.sealed_key, made_at = excluded.made_at, details = excluded.details;

-- name: SafeCopies :many
SELECT * FROM safe_copies WHERE report = sqlc.arg(report) ORDER BY attachment;

-- name: GetSafeCopy :one
SELECT * FROM safe_copies WHERE attachment = sqlc.arg(attachment);

-- name: DeleteSafeCopies :many
DELETE FROM safe_copies WHERE report = sqlc.arg(report) RETURNING blob_key;

-- name: FilesWithoutCopy :many
SELECT a.* FROM attachments a
WHERE a.transit_key IS NOT NULL AND a.type >= sqlc.arg(from_type) AND a.type < sqlc.arg(to_type) AND NOT EXISTS (
    SELECT 1 FROM safe_copies c WHERE c.attachment = a.id
        AND NOT (c.state = 'waiting' AND c.code <> '' OR c.state = 'failed' AND c.code IN ('none', 'unscanned'))
)
ORDER BY a.at, a.id LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: WaitingCopies :one
SELECT count(*) FROM safe_copies c JOIN attachments a ON a.id = c.attachment
WHERE c.report = sqlc.arg(report) AND c.state = 'waiting' AND c.code = '' AND a.type >= sqlc.arg(from_type) AND a.type < sqlc.arg(to_type);

-- name: DropTransitKey :execrows
UPDATE attachments SET transit_key = NULL WHERE id = sqlc.arg(id) AND transit_key IS NOT NULL;

-- name: PutTranscript :execrows
UPDATE safe_copies SET transcript = sqlc.arg(transcript), transcript_code = sqlc.arg(transcript_code)
WHERE attachment = sqlc.arg(attachment) AND state = 'made' AND transcript IS NULL;
