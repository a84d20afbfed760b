-- name: EventsUpTo :many
SELECT * FROM desk_events
WHERE seq > sqlc.arg(after) AND seq <= sqlc.arg(settled)
ORDER BY seq
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: LastEventUpTo :one
SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) AS seq FROM desk_events WHERE seq <= sqlc.arg(settled);

-- name: DeleteEvents :execrows
DELETE FROM desk_events WHERE at < sqlc.arg(before);
