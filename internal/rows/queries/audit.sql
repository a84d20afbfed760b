-- name: InsertNote :exec
INSERT INTO audit_notes (seq, report, note, salt)
VALUES (sqlc.arg(seq), sqlc.arg(report), sqlc.arg(note), sqlc.arg(salt));

-- name: LeavesOfReport :many
SELECT l.seq, l.at, l.actor, l.act, l.report, l.details, n.note, n.salt
FROM audit_leaves l LEFT JOIN audit_notes n ON n.seq = l.seq
WHERE l.report = sqlc.arg(report) AND l.report <> '' AND l.seq > sqlc.arg(after)
ORDER BY l.seq
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: LeavesUpTo :many
SELECT l.seq, l.at, l.actor, l.act, l.report, l.details, n.note, n.salt
FROM audit_leaves l LEFT JOIN audit_notes n ON n.seq = l.seq
WHERE l.seq > sqlc.arg(after) AND l.seq <= sqlc.arg(settled)
ORDER BY l.seq
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: DeleteNotes :exec
DELETE FROM audit_notes WHERE report = sqlc.arg(report);
