-- name: InsertReport :one
INSERT INTO reports (
    id, channel, state, list, is_open, received_at, language, category, urgency, urgency_rank, urgency_by, lead_id,
    day_key, named, files, copies, screen_by, decide_by, conclude_by, next_due, next_alert, alert_level, state_since,
    claimed_by, claimed_until, claim_from, closed_at, handed, review_since, kept, copy_of, version
) VALUES (
    sqlc.arg(id), sqlc.arg(channel), sqlc.arg(state), sqlc.arg(list), sqlc.arg(is_open), sqlc.arg(received_at),
    sqlc.arg(language), sqlc.arg(category), sqlc.arg(urgency), sqlc.arg(urgency_rank), sqlc.arg(urgency_by),
    sqlc.arg(lead_id), sqlc.arg(day_key), sqlc.arg(named), sqlc.arg(files), sqlc.arg(copies), sqlc.arg(screen_by),
    sqlc.arg(decide_by), sqlc.arg(conclude_by), sqlc.arg(next_due), sqlc.arg(next_alert), sqlc.arg(alert_level),
    sqlc.arg(state_since), sqlc.arg(claimed_by), sqlc.arg(claimed_until), sqlc.arg(claim_from), sqlc.arg(closed_at),
    sqlc.arg(handed), sqlc.arg(review_since), sqlc.arg(kept), sqlc.arg(copy_of), 1
)
ON CONFLICT DO NOTHING
RETURNING num;

-- name: InsertContent :exec
INSERT INTO contents (report, content) VALUES (sqlc.arg(report), sqlc.arg(content));

-- name: UpdateReport :one
UPDATE reports SET
    channel = sqlc.arg(channel), state = sqlc.arg(state), list = sqlc.arg(list), is_open = sqlc.arg(is_open),
    received_at = sqlc.arg(received_at), language = sqlc.arg(language), category = sqlc.arg(category),
    urgency = sqlc.arg(urgency), urgency_rank = sqlc.arg(urgency_rank), urgency_by = sqlc.arg(urgency_by),
    lead_id = sqlc.arg(lead_id), day_key = sqlc.arg(day_key), named = sqlc.arg(named), files = sqlc.arg(files),
    copies = sqlc.arg(copies), screen_by = sqlc.arg(screen_by), decide_by = sqlc.arg(decide_by),
    conclude_by = sqlc.arg(conclude_by), next_due = sqlc.arg(next_due), next_alert = sqlc.arg(next_alert),
    alert_level = sqlc.arg(alert_level), state_since = sqlc.arg(state_since), claimed_by = sqlc.arg(claimed_by),
    claimed_until = sqlc.arg(claimed_until), claim_from = sqlc.arg(claim_from), closed_at = sqlc.arg(closed_at),
    handed = sqlc.arg(handed), review_since = sqlc.arg(review_since), kept = sqlc.arg(kept),
    copy_of = sqlc.arg(copy_of),
    version = version + 1
WHERE id = sqlc.arg(id) AND version = sqlc.arg(version)
RETURNING num;

-- name: UpdateContent :exec
UPDATE contents SET content = sqlc.arg(content) WHERE report = sqlc.arg(report) AND content <> sqlc.arg(content);

-- name: GetReport :one
SELECT * FROM full_reports WHERE id = sqlc.arg(id);

-- name: ReportNumber :one
SELECT num FROM reports WHERE id = sqlc.arg(id);

-- name: Duplicates :many
SELECT * FROM full_reports
WHERE lead_id = sqlc.arg(lead_id) AND lead_id <> ''
ORDER BY received_at, id
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: AlertsDue :many
SELECT * FROM full_reports
WHERE is_open = TRUE AND next_alert > 0 AND next_alert <= sqlc.arg(now)
ORDER BY next_alert, id
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: ClaimsLapsed :many
SELECT * FROM full_reports
WHERE claimed_by <> '' AND claimed_until < sqlc.arg(now)
ORDER BY claimed_until
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: Unscreened :many
SELECT * FROM full_reports
WHERE state IN ('received', 'screening') AND state_since < sqlc.arg(before)
ORDER BY state_since, id
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: Kept :many
SELECT * FROM full_reports
WHERE kept = sqlc.arg(kept) AND kept <> '' AND state_since <= sqlc.arg(until)
ORDER BY state_since, id
LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: InsertKey :exec
INSERT INTO report_keys (report, wrapped) VALUES (sqlc.arg(report), sqlc.arg(wrapped));

-- name: GetKey :one
SELECT wrapped FROM report_keys WHERE report = sqlc.arg(report);

-- name: OverwriteKey :exec
UPDATE report_keys SET wrapped = sqlc.arg(zeros) WHERE report = sqlc.arg(report);

-- name: DeleteKey :exec
DELETE FROM report_keys WHERE report = sqlc.arg(report);
