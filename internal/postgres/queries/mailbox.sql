-- What a portal asks for where its role sees named rows only; see mailbox.go. ReportWithoutContent has the columns of the view
-- full_reports in their order, since its rows become rows of that; where one is missing, the program doesn't compile.

-- name: ReportWithoutContent :one
SELECT
    r.num, r.id, r.channel, r.state, r.list, r.is_open, r.received_at, r.language, r.category, r.urgency,
    r.urgency_rank, r.urgency_by, r.lead_id, r.day_key, r.named, r.files, r.copies, r.screen_by, r.decide_by,
    r.conclude_by, r.next_due, r.next_alert, r.alert_level, r.state_since, r.claimed_by, r.claimed_until,
    r.claim_from, r.closed_at, r.version, r.handed, r.review_since, r.kept,
    CAST('' AS BYTEA) AS content, r.copy_of
FROM reports r WHERE r.id = sqlc.arg(id);

-- name: AttachmentsWithoutKeys :many
SELECT id, report, blob_key, type, size, day, sealed_name, at FROM attachments
WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: HeldOriginalsOfNamed :many
SELECT id FROM held_originals WHERE report = sqlc.arg(report) ORDER BY id;

-- name: DisclosuresWithoutSecrets :many
SELECT id, report, state, at, reason, second_at, until, seen_at, exported_at, exported_again, file FROM disclosures
WHERE report = sqlc.arg(report) ORDER BY at, id;
