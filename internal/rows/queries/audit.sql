-- name: InsertNote :exec
INSERT INTO audit_notes (seq, report, note, salt)
VALUES (sqlc.arg(seq), sqlc.arg(report), sqlc.arg(note), sqlc.arg(salt));

-- name: LeavesOfReport :many
SELECT l.seq, l.at, l.actor, l.act, l.report, l.details, l.commitment, n.note, n.salt
FROM audit_leaves l LEFT JOIN audit_notes n ON n.seq = l.seq
WHERE l.report = sqlc.arg(report) AND l.report <> '' AND l.seq > sqlc.arg(after)
ORDER BY l.seq
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: LeavesUpTo :many
SELECT l.seq, l.at, l.actor, l.act, l.report, l.details, l.commitment, n.note, n.salt
FROM audit_leaves l LEFT JOIN audit_notes n ON n.seq = l.seq
WHERE l.seq > sqlc.arg(after) AND l.seq <= sqlc.arg(settled)
ORDER BY l.seq
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: DeleteNotes :exec
DELETE FROM audit_notes WHERE report = sqlc.arg(report);

-- name: DeleteNotesOfAct :execrows
DELETE FROM audit_notes WHERE seq IN (
    SELECT n.seq FROM audit_notes n JOIN audit_leaves l ON l.seq = n.seq
    WHERE n.report = '' AND l.act = sqlc.arg(act) AND l.at < sqlc.arg(before)
    LIMIT CAST(sqlc.arg(max_rows) AS BIGINT)
);

-- name: HangLeaf :execrows
INSERT INTO audit_tree (num, seq, hash)
VALUES (sqlc.arg(num), sqlc.arg(seq), sqlc.arg(hash))
ON CONFLICT DO NOTHING;

-- name: DateLeaf :execrows
UPDATE audit_leaves SET at = sqlc.arg(at) WHERE seq = sqlc.arg(seq);

-- name: LeafHashes :many
SELECT num, hash FROM audit_tree WHERE num > sqlc.arg(after) AND num <= sqlc.arg(up_to) ORDER BY num;

-- name: Places :many
SELECT num, seq, hash FROM audit_tree WHERE seq > sqlc.arg(after) AND seq <= sqlc.arg(up_to) ORDER BY seq;

-- name: InsertCheckpoint :execrows
INSERT INTO audit_checkpoints (at, size, note)
VALUES (sqlc.arg(at), sqlc.arg(size), sqlc.arg(note))
ON CONFLICT DO NOTHING;

-- name: CheckpointsSince :many
SELECT at, size, note FROM audit_checkpoints WHERE at > sqlc.arg(since) ORDER BY at LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: LastCheckpoint :one
SELECT at, size, note FROM audit_checkpoints ORDER BY at DESC LIMIT 1;

-- name: CountActs :many
SELECT act, COUNT(*) AS times FROM audit_leaves WHERE at >= sqlc.arg(since) AND at < sqlc.arg(before) GROUP BY act ORDER BY act;
