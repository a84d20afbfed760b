-- name: InsertDisclosure :exec
INSERT INTO disclosures (
    id, report, state, asked_by, at, reason, sealed_reason, day, showing_key, second_by, second_at, until, sealed, seen_at, proof, exported_at, file,
    department, exported_again
) VALUES (
    sqlc.arg(id), sqlc.arg(report), sqlc.arg(state), sqlc.arg(asked_by), sqlc.arg(at), sqlc.arg(reason),
    sqlc.arg(sealed_reason), sqlc.arg(day), sqlc.arg(showing_key), sqlc.arg(second_by), sqlc.arg(second_at),
    sqlc.arg(until), sqlc.arg(sealed), sqlc.arg(seen_at), sqlc.arg(proof), sqlc.arg(exported_at), sqlc.arg(file), sqlc.arg(department), ''
);

-- name: GetDisclosure :one
SELECT * FROM disclosures WHERE id = sqlc.arg(id);

-- name: Disclosures :many
SELECT * FROM disclosures WHERE report = sqlc.arg(report) ORDER BY at, id;

-- name: WaitingDisclosures :many
SELECT * FROM disclosures WHERE until > 0 AND until > sqlc.arg(now) AND state IN ('asked', 'exported')
ORDER BY at, id LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: UnseenDisclosures :many
SELECT * FROM disclosures WHERE until > 0 AND state = 'approved' AND second_by = sqlc.arg(second_by)
ORDER BY at, id LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: OpenDisclosuresOfDay :many
SELECT * FROM disclosures WHERE day = sqlc.arg(day) AND until > 0 ORDER BY at, id LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: DisclosuresDue :many
SELECT * FROM disclosures WHERE until > 0 AND until <= sqlc.arg(now) ORDER BY until, id LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: MoveDisclosure :execrows
UPDATE disclosures SET
    state = sqlc.arg(state), second_by = sqlc.arg(second_by), second_at = sqlc.arg(second_at), until = sqlc.arg(until),
    sealed = sqlc.arg(sealed), seen_at = sqlc.arg(seen_at), proof = sqlc.arg(proof),
    exported_at = sqlc.arg(exported_at), department = sqlc.arg(department)
WHERE id = sqlc.arg(id) AND state = sqlc.arg(from_state);

-- name: AddDisclosureExport :execrows
UPDATE disclosures SET exported_again = exported_again || CAST(sqlc.arg(at) AS TEXT) WHERE id = sqlc.arg(id);

-- name: EndDisclosuresOfDay :exec
UPDATE disclosures SET state = sqlc.arg(state), until = 0, sealed = NULL WHERE day = sqlc.arg(day) AND until > 0;

-- name: EndDisclosuresOfReport :exec
UPDATE disclosures SET state = sqlc.arg(state), until = 0, sealed = NULL WHERE report = sqlc.arg(report) AND until > 0;

-- name: PutCustodianApproval :exec
INSERT INTO custodian_approvals (staff, approved_by, at, signature)
VALUES (sqlc.arg(staff), sqlc.arg(approved_by), sqlc.arg(at), sqlc.arg(signature))
ON CONFLICT (staff) DO UPDATE SET approved_by = excluded.approved_by, at = excluded.at, signature = excluded.signature;

-- name: CustodianApprovals :many
SELECT * FROM custodian_approvals ORDER BY staff;

-- name: DeleteCustodianApproval :execrows
DELETE FROM custodian_approvals WHERE staff = sqlc.arg(staff);
