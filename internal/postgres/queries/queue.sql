-- A telephone process's role sees its own calls alone; these are functions that count all: see the migration that makes them.

-- name: CallsAhead :one
SELECT CAST(calls_ahead(sqlc.arg(id)) AS BIGINT) AS ahead;

-- name: CountOnDuty :one
SELECT CAST(takers_on_duty(sqlc.arg(language), sqlc.arg(now)) AS BIGINT) AS takers;

-- name: CountCallBacks :one
SELECT CAST(call_backs_living(sqlc.arg(now)) AS BIGINT) AS living;
