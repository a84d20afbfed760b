-- name: InsertDayKey :execrows
INSERT INTO day_keys (day, identity, transit, signature, destroyed_at)
VALUES (sqlc.arg(day), sqlc.arg(identity), sqlc.arg(transit), sqlc.arg(signature), sqlc.arg(destroyed_at))
ON CONFLICT DO NOTHING;

-- name: CountSealedOn :one
SELECT count(*) FROM (
    SELECT i.day FROM identities i WHERE i.day = sqlc.arg(day)
    UNION ALL
    SELECT a.day FROM attachments a WHERE a.day = sqlc.arg(day) AND a.day_key IS NOT NULL
) AS sealed;

-- name: ReplaceDayKey :execrows
UPDATE day_keys SET identity = sqlc.arg(identity), signature = sqlc.arg(signature)
WHERE day = sqlc.arg(day) AND transit = sqlc.arg(transit) AND destroyed_at = 0;

-- name: RenewDayKey :execrows
UPDATE day_keys
SET identity = sqlc.arg(identity), transit = sqlc.arg(transit), signature = sqlc.arg(signature), destroyed_at = 0
WHERE day = sqlc.arg(day) AND destroyed_at <> 0;

-- name: GetDayKey :one
SELECT * FROM day_keys WHERE day = sqlc.arg(day);

-- name: DayKeys :many
SELECT * FROM day_keys ORDER BY day;

-- name: MarkDayKeyDestroyed :execrows
UPDATE day_keys SET destroyed_at = sqlc.arg(destroyed_at) WHERE day = sqlc.arg(day);

-- name: InsertIdentity :exec
INSERT INTO identities (report, day, sealed) VALUES (sqlc.arg(report), sqlc.arg(day), sqlc.arg(sealed));

-- name: Identities :many
SELECT * FROM identities WHERE report = sqlc.arg(report) ORDER BY num;

-- name: HasIdentity :one
SELECT count(report) FROM identities WHERE report = sqlc.arg(report);

-- name: HeldOriginals :many
SELECT id FROM attachments WHERE report = sqlc.arg(report) AND day_key IS NOT NULL ORDER BY id;

-- name: DeleteIdentitiesOfDay :execrows
DELETE FROM identities WHERE day = sqlc.arg(day);

-- name: DeleteFileKeysOfDay :exec
UPDATE attachments SET transit_key = NULL, day_key = NULL WHERE day = sqlc.arg(day);

-- name: DeleteDayKeysOfReport :exec
UPDATE attachments SET day_key = NULL WHERE report = sqlc.arg(report);

-- name: DeleteIdentitiesOfReport :execrows
DELETE FROM identities WHERE report = sqlc.arg(report);

-- name: CountIdentities :many
SELECT day, count(*) AS held FROM identities GROUP BY day;
