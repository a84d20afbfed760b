-- name: InsertCallBack :exec
INSERT INTO call_backs (id, day, language, since, expires, sealed, taker, phone, claimed, tries, key, resealed)
VALUES (sqlc.arg(id), sqlc.arg(day), sqlc.arg(language), sqlc.arg(since), sqlc.arg(expires), sqlc.arg(sealed), '', '', 0, 0, NULL, NULL);

-- name: CallBacks :many
SELECT id, language, since, expires, taker, phone, claimed, tries FROM call_backs WHERE expires > sqlc.arg(now) ORDER BY since, id;

-- name: ClaimCallBack :execrows
UPDATE call_backs SET taker = sqlc.arg(taker), phone = sqlc.arg(phone), claimed = sqlc.arg(now)
WHERE id = sqlc.arg(id) AND taker = '' AND expires > sqlc.arg(now);

-- name: NextCallBack :one
SELECT id, language, since, expires, taker, phone, claimed, tries, key, resealed FROM call_backs
WHERE taker <> '' AND key IS NULL AND expires > sqlc.arg(now) ORDER BY claimed, id LIMIT 1;

-- name: DialCallBack :execrows
UPDATE call_backs SET key = sqlc.arg(key) WHERE id = sqlc.arg(id) AND taker <> '' AND key IS NULL AND expires > sqlc.arg(now);

-- name: GetCallBack :one
SELECT id, language, since, expires, taker, phone, claimed, tries, key, resealed FROM call_backs
WHERE id = sqlc.arg(id) AND expires > sqlc.arg(now);

-- name: CallBacksToReseal :many
SELECT * FROM call_backs WHERE key IS NOT NULL AND resealed IS NULL AND expires > sqlc.arg(now) ORDER BY claimed, id;

-- name: ResealCallBack :execrows
UPDATE call_backs SET resealed = sqlc.arg(resealed) WHERE id = sqlc.arg(id) AND key = sqlc.arg(key);

-- name: ReleaseCallBack :execrows
UPDATE call_backs SET taker = '', phone = '', claimed = 0, key = NULL, resealed = NULL, tries = tries + 1 WHERE id = sqlc.arg(id);

-- name: ReleaseUndialled :execrows
UPDATE call_backs SET taker = '', phone = '', claimed = 0, key = NULL, resealed = NULL
WHERE call_backs.id = sqlc.arg(id) AND taker <> '' AND claimed = sqlc.arg(claimed) AND NOT EXISTS (SELECT 1 FROM queued_calls WHERE queued_calls.id = call_backs.id);

-- name: EndCallBack :execrows
UPDATE call_backs SET expires = sqlc.arg(now), sealed = sqlc.arg(sealed), key = NULL, resealed = NULL WHERE id = sqlc.arg(id);

-- name: DeleteCallBacks :execrows
DELETE FROM call_backs WHERE expires <= sqlc.arg(now);
