-- name: PutLook :exec
INSERT INTO looks (file, report, sealed) VALUES (sqlc.arg(file), sqlc.arg(report), sqlc.arg(sealed))
ON CONFLICT (file) DO UPDATE SET sealed = excluded.sealed;

-- name: GetLook :one
SELECT * FROM looks WHERE file = sqlc.arg(file);

-- name: Looks :many
SELECT * FROM looks WHERE report = sqlc.arg(report) ORDER BY file;

-- name: DeleteLooks :many
DELETE FROM looks WHERE report = sqlc.arg(report) RETURNING file;

-- name: DeleteLookMarks :exec
DELETE FROM look_marks WHERE file = sqlc.arg(file);

-- name: AddSighting :execrows
INSERT INTO sightings (file, report, earlier, earlier_report, kind, score)
VALUES (sqlc.arg(file), sqlc.arg(report), sqlc.arg(earlier), sqlc.arg(earlier_report), sqlc.arg(kind), sqlc.arg(score))
ON CONFLICT (file, earlier) DO NOTHING;

-- name: UpdateSighting :exec
UPDATE sightings SET kind = sqlc.arg(kind), score = sqlc.arg(score) WHERE file = sqlc.arg(file) AND earlier = sqlc.arg(earlier);

-- name: Sightings :many
-- Of two files the earlier one has the lower id, so that the order is that of the others' times.
SELECT * FROM sightings WHERE file = sqlc.arg(file) OR earlier_report = sqlc.arg(report) AND earlier = sqlc.arg(file)
ORDER BY CASE kind WHEN 'exact' THEN 0 ELSE 1 END, earlier, file LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: DeleteSightings :exec
DELETE FROM sightings WHERE report = sqlc.arg(report) OR earlier_report = sqlc.arg(report);
