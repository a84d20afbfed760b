-- name: InsertAnnouncement :exec
INSERT INTO announcements (id, staff, at, code, about, made_by, seen)
VALUES (
    sqlc.arg(id), sqlc.arg(staff), sqlc.arg(at), sqlc.arg(code), sqlc.arg(about), sqlc.arg(made_by), sqlc.arg(seen)
);

-- name: Announcements :many
SELECT * FROM announcements WHERE staff = sqlc.arg(staff) ORDER BY id DESC LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: SeeAnnouncements :exec
UPDATE announcements SET seen = TRUE WHERE staff = sqlc.arg(staff) AND seen = FALSE;

-- name: DeleteAnnouncements :execrows
DELETE FROM announcements WHERE at < sqlc.arg(before);
