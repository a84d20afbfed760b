-- name: PutScreening :exec
INSERT INTO screenings (report, at, model, failed, sealed)
VALUES (sqlc.arg(report), sqlc.arg(at), sqlc.arg(model), sqlc.arg(failed), sqlc.arg(sealed))
ON CONFLICT (report) DO UPDATE
SET at = excluded.at, model = excluded.model, failed = excluded.failed, sealed = excluded.sealed;

-- name: GetScreening :one
SELECT * FROM screenings WHERE report = sqlc.arg(report);

-- name: DeleteScreening :exec
DELETE FROM screenings WHERE report = sqlc.arg(report);

-- name: InsertFingerprint :exec
INSERT INTO fingerprints (report, day, marks)
VALUES (sqlc.arg(report), sqlc.arg(day), sqlc.arg(marks));

-- name: GetFingerprint :one
SELECT * FROM fingerprints WHERE report = sqlc.arg(report);

-- name: DeleteFingerprint :exec
DELETE FROM fingerprints WHERE report = sqlc.arg(report);

-- name: DeleteSearchTokens :exec
DELETE FROM search_tokens WHERE report = sqlc.arg(report);

-- name: CountSearchToken :one
SELECT count(*) FROM (
    SELECT 1 FROM search_tokens WHERE token = sqlc.arg(token) LIMIT CAST(sqlc.arg(max_rows) AS BIGINT)
) AS t;
