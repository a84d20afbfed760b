-- name: InsertReferral :exec
INSERT INTO referrals (
    id, report, disposition, department, state, created_at, blob_key, size, sha256, state_since, sealed_reason, outcome,
    version
) VALUES (
    sqlc.arg(id), sqlc.arg(report), sqlc.arg(disposition), sqlc.arg(department), sqlc.arg(state), sqlc.arg(created_at),
    sqlc.arg(blob_key), sqlc.arg(size), sqlc.arg(sha256), sqlc.arg(state_since), sqlc.arg(sealed_reason),
    sqlc.arg(outcome), 1
);

-- name: GetReferral :one
SELECT * FROM referrals WHERE id = sqlc.arg(id);

-- name: UpdateReferral :execrows
UPDATE referrals SET
    report = sqlc.arg(report), disposition = sqlc.arg(disposition), department = sqlc.arg(department),
    state = sqlc.arg(state), created_at = sqlc.arg(created_at), blob_key = sqlc.arg(blob_key), size = sqlc.arg(size),
    sha256 = sqlc.arg(sha256), state_since = sqlc.arg(state_since), sealed_reason = sqlc.arg(sealed_reason),
    outcome = sqlc.arg(outcome), version = version + 1
WHERE id = sqlc.arg(id) AND version = sqlc.arg(version);

-- name: Referrals :many
SELECT * FROM referrals
WHERE id < sqlc.arg(after)
ORDER BY id DESC
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: ReferralsOfDepartment :many
SELECT * FROM referrals
WHERE department = sqlc.arg(department) AND id < sqlc.arg(after)
ORDER BY id DESC
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: ReferralsOfReport :many
SELECT * FROM referrals
WHERE report = sqlc.arg(report) AND id < sqlc.arg(after)
ORDER BY id DESC
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: ReferralsOfReportAndDepartment :many
SELECT * FROM referrals
WHERE report = sqlc.arg(report) AND department = sqlc.arg(department) AND id < sqlc.arg(after)
ORDER BY id DESC
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);
