-- name: InsertRedaction :execrows
INSERT INTO redactions (attachment, report, version, by_staff, at, marks, state, code, blob_key, type, size, made_at)
VALUES (
    sqlc.arg(attachment), sqlc.arg(report), 1, sqlc.arg(by_staff), sqlc.arg(at), sqlc.arg(marks), sqlc.arg(state), '', '', '', 0, 0
)
ON CONFLICT (attachment) DO NOTHING;

-- name: ChangeRedaction :execrows
UPDATE redactions SET
    version = version + 1, by_staff = sqlc.arg(by_staff), at = sqlc.arg(at), marks = sqlc.arg(marks), state = sqlc.arg(state), code = '',
    blob_key = '', type = '', size = 0, sha256 = NULL, sealed_key = NULL, made_at = 0, details = NULL
WHERE attachment = sqlc.arg(attachment) AND version = sqlc.arg(version) AND blob_key = sqlc.arg(before_blob);

-- name: FinishRedaction :execrows
UPDATE redactions SET
    state = sqlc.arg(state), code = sqlc.arg(code), blob_key = sqlc.arg(blob_key), type = sqlc.arg(type), size = sqlc.arg(size),
    sha256 = sqlc.arg(sha256), sealed_key = sqlc.arg(sealed_key), made_at = sqlc.arg(made_at), details = sqlc.arg(details)
WHERE attachment = sqlc.arg(attachment) AND version = sqlc.arg(version) AND state = 'waiting';

-- name: GetRedaction :one
SELECT * FROM redactions WHERE attachment = sqlc.arg(attachment);

-- name: Redactions :many
SELECT * FROM redactions WHERE report = sqlc.arg(report) ORDER BY attachment;

-- name: DeleteRedactions :many
DELETE FROM redactions WHERE report = sqlc.arg(report) RETURNING blob_key;

-- name: AddExposure :exec
INSERT INTO exposures (staff, day, pictures, films, seconds)
VALUES (sqlc.arg(staff), sqlc.arg(day), sqlc.arg(pictures), sqlc.arg(films), sqlc.arg(seconds))
ON CONFLICT (staff, day) DO UPDATE SET
    pictures = exposures.pictures + excluded.pictures, films = exposures.films + excluded.films, seconds = exposures.seconds + excluded.seconds;

-- name: ExposuresOf :many
SELECT * FROM exposures WHERE staff = sqlc.arg(staff) AND day >= sqlc.arg(since) ORDER BY day;

-- name: ExposuresSince :many
SELECT * FROM exposures WHERE day >= sqlc.arg(since) ORDER BY staff, day;

-- name: DeleteExposures :execrows
DELETE FROM exposures WHERE day < sqlc.arg(before);
