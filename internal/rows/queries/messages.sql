-- name: InsertMessage :exec
INSERT INTO messages (id, report, kind, author, at, sealed)
VALUES (sqlc.arg(id), sqlc.arg(report), sqlc.arg(kind), sqlc.arg(author), sqlc.arg(at), sqlc.arg(sealed));

-- name: Messages :many
SELECT * FROM messages WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: DeleteMessages :exec
DELETE FROM messages WHERE report = sqlc.arg(report);
