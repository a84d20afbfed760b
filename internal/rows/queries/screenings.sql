-- name: PutScreening :exec
INSERT INTO screenings (report, at, model, failed, sealed)
VALUES (sqlc.arg(report), sqlc.arg(at), sqlc.arg(model), sqlc.arg(failed), sqlc.arg(sealed))
ON CONFLICT (report) DO UPDATE
SET at = excluded.at, model = excluded.model, failed = excluded.failed, sealed = excluded.sealed;

-- name: GetScreening :one
SELECT * FROM screenings WHERE report = sqlc.arg(report);

-- name: RaiseCampaign :exec
INSERT INTO campaigns (report, reports)
SELECT s.report, CAST(sqlc.arg(reports) AS BIGINT) FROM screenings s WHERE s.report = sqlc.arg(report)
ON CONFLICT (report) DO UPDATE SET reports = excluded.reports WHERE campaigns.reports < excluded.reports;

-- name: DeleteCampaign :exec
DELETE FROM campaigns WHERE report = sqlc.arg(report);

-- name: DeleteScreening :exec
DELETE FROM screenings WHERE report = sqlc.arg(report);

-- name: GetFingerprint :one
SELECT * FROM fingerprints WHERE report = sqlc.arg(report);

-- name: DeleteFingerprint :exec
DELETE FROM fingerprints WHERE report = sqlc.arg(report);

-- name: DeleteMark :exec
DELETE FROM marks WHERE mark = sqlc.arg(mark);

-- name: UpdateMark :exec
UPDATE marks SET reports = sqlc.arg(reports) WHERE mark = sqlc.arg(mark);

-- name: DeleteTokens :exec
DELETE FROM search_tokens WHERE place = sqlc.arg(place);

-- name: UpdateTokens :exec
UPDATE search_tokens SET tokens = sqlc.arg(tokens) WHERE place = sqlc.arg(place);

-- name: InsertBlock :one
INSERT INTO search_blocks (reports) VALUES (0) RETURNING block;

-- name: GrowBlock :exec
UPDATE search_blocks SET reports = reports + sqlc.arg(by) WHERE block = sqlc.arg(block);
