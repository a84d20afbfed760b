-- name: InsertReceipt :execrows
INSERT INTO receipts (lookup, report, sealed_mailbox_key)
VALUES (sqlc.arg(lookup), sqlc.arg(report), sqlc.arg(sealed_mailbox_key))
ON CONFLICT DO NOTHING;

-- name: GetReceipt :one
SELECT * FROM receipts WHERE lookup = sqlc.arg(lookup);

-- name: ClosedAfter :one
SELECT closed_at FROM reports
WHERE closed_at > 0 AND closed_at >= sqlc.arg(closed_from) AND closed_at < sqlc.arg(closed_before)
ORDER BY closed_at
LIMIT 1 OFFSET CAST(sqlc.arg(skipped) AS BIGINT);

-- name: DeleteReceipts :execrows
DELETE FROM receipts WHERE report IN (
    SELECT id FROM reports
    WHERE closed_at > 0 AND closed_at >= sqlc.arg(closed_from) AND closed_at < sqlc.arg(closed_before)
);
