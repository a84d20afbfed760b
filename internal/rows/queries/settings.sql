-- name: GetSetting :one
SELECT value FROM settings WHERE name = sqlc.arg(name);

-- name: PutSetting :exec
INSERT INTO settings (name, value) VALUES (sqlc.arg(name), sqlc.arg(value))
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: InsertSetting :execrows
INSERT INTO settings (name, value) VALUES (sqlc.arg(name), sqlc.arg(value)) ON CONFLICT DO NOTHING;

-- name: SwapSetting :execrows
UPDATE settings SET value = sqlc.arg(value) WHERE name = sqlc.arg(name) AND value = sqlc.arg(old);
