-- name: CallsAhead :one
SELECT COUNT(*) FROM queued_calls q JOIN queued_calls mine ON mine.id = sqlc.arg(id)
WHERE q.state = 'waiting' AND q.id <> mine.id
  AND (q.returned > mine.returned OR q.returned = mine.returned AND (q.since < mine.since OR q.since = mine.since AND q.id < mine.id));

-- name: CountOnDuty :one
SELECT COUNT(*) FROM duties
WHERE (languages = '' OR instr(languages, ',' || CAST(sqlc.arg(language) AS TEXT) || ',') > 0) AND off = '' AND until > sqlc.arg(now);

-- name: CountCallBacks :one
SELECT COUNT(*) FROM call_backs WHERE expires > sqlc.arg(now);
