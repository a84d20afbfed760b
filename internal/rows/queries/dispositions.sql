-- name: InsertDisposition :exec
INSERT INTO dispositions (
    id, report, kind, state, decided_by, at, department, lead_id, approve_by, sealed_reason, second_by, second_at
) VALUES (
    sqlc.arg(id), sqlc.arg(report), sqlc.arg(kind), sqlc.arg(state), sqlc.arg(decided_by), sqlc.arg(at),
    sqlc.arg(department), sqlc.arg(lead_id), sqlc.arg(approve_by), sqlc.arg(sealed_reason), sqlc.arg(second_by),
    sqlc.arg(second_at)
);

-- name: GetDisposition :one
SELECT * FROM dispositions WHERE id = sqlc.arg(id);

-- name: Dispositions :many
SELECT * FROM dispositions WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: DecideDisposition :execrows
UPDATE dispositions
SET state = sqlc.arg(state), second_by = sqlc.arg(second_by), second_at = sqlc.arg(second_at)
WHERE id = sqlc.arg(id) AND state = sqlc.arg(from_state);

-- name: ApprovalsDue :many
SELECT * FROM dispositions
WHERE state = 'pending' AND approve_by > 0 AND approve_by <= sqlc.arg(now)
ORDER BY approve_by, id
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: Conclusions :many
SELECT * FROM dispositions
WHERE id < sqlc.arg(before) AND at >= sqlc.arg(since) AND kind IN ('refer', 'close') AND state IN ('final', 'approved')
ORDER BY id DESC
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: CountConclusions :one
SELECT count(*) FROM dispositions
WHERE at >= sqlc.arg(since) AND kind IN ('refer', 'close') AND state IN ('final', 'approved');
