-- name: PutLook :exec
INSERT INTO looks (file, report, sealed) VALUES (sqlc.arg(file), sqlc.arg(report), sqlc.arg(sealed))
ON CONFLICT (file) DO UPDATE SET sealed = excluded.sealed;

-- name: GetLook :one
SELECT * FROM looks WHERE file = sqlc.arg(file);

-- name: Looks :many
SELECT * FROM looks WHERE report = sqlc.arg(report) ORDER BY file;

-- name: DeleteLook :exec
DELETE FROM looks WHERE file = sqlc.arg(file);

-- name: DeleteLooks :exec
DELETE FROM looks WHERE report = sqlc.arg(report);

-- name: DeleteLookMarks :exec
DELETE FROM look_marks WHERE file = sqlc.arg(file);

-- name: DeleteLookMarksOf :exec
DELETE FROM look_marks WHERE file IN (SELECT file FROM looks WHERE report = sqlc.arg(report));

-- name: PutSighting :exec
INSERT INTO sightings (file, report, earlier, earlier_report, kind, score)
VALUES (sqlc.arg(file), sqlc.arg(report), sqlc.arg(earlier), sqlc.arg(earlier_report), sqlc.arg(kind), sqlc.arg(score))
ON CONFLICT (file, earlier) DO UPDATE SET kind = excluded.kind, score = excluded.score;

-- name: Sightings :many
SELECT * FROM sightings WHERE report = sqlc.arg(report) OR earlier_report = sqlc.arg(report)
ORDER BY score DESC, file, earlier LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: DeleteSightings :exec
DELETE FROM sightings WHERE report = sqlc.arg(report) OR earlier_report = sqlc.arg(report);
