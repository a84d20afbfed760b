-- What a portal asks for where its role sees named rows only; see mailbox.go.

-- name: ReportWithoutContent :one
SELECT r.*, CAST('' AS BYTEA) AS content FROM reports r WHERE r.id = sqlc.arg(id);

-- name: AttachmentsWithoutKeys :many
SELECT id, report, blob_key, type, size, day, sealed_name, at FROM attachments
WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: DisclosuresWithoutSecrets :many
SELECT id, report, state, at, reason, second_at, until, seen_at FROM disclosures
WHERE report = sqlc.arg(report) ORDER BY at, id;
