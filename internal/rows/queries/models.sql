-- name: InsertModel :exec
INSERT INTO models (
    id, state, version, base, against, sha256, made_at, from_at, until_at, proposed_by, proposed_at, second_by, second_at, signature,
    drop_by, ended_at, ended_why
) VALUES (
    sqlc.arg(id), sqlc.arg(state), sqlc.arg(version), sqlc.arg(base), sqlc.arg(against), sqlc.arg(sha256), sqlc.arg(made_at),
    sqlc.arg(from_at), sqlc.arg(until_at), sqlc.arg(proposed_by), sqlc.arg(proposed_at), sqlc.arg(second_by), sqlc.arg(second_at),
    sqlc.arg(signature), sqlc.arg(drop_by), sqlc.arg(ended_at), sqlc.arg(ended_why)
);

-- name: InsertModelFile :exec
INSERT INTO model_files (model, sealed, figures) VALUES (sqlc.arg(model), sqlc.arg(sealed), sqlc.arg(figures));

-- name: InsertModelKey :exec
INSERT INTO model_keys (model, wrapped) VALUES (sqlc.arg(model), sqlc.arg(wrapped));

-- name: GetModel :one
SELECT * FROM models WHERE id = sqlc.arg(id);

-- name: Models :many
SELECT * FROM models ORDER BY made_at DESC, id DESC LIMIT CAST(sqlc.arg(max_rows) AS BIGINT);

-- name: GetModelFile :one
SELECT f.sealed, f.figures, k.wrapped FROM model_files f JOIN model_keys k ON k.model = f.model WHERE f.model = sqlc.arg(model);

-- name: MoveModel :execrows
UPDATE models SET
    state = sqlc.arg(state), proposed_by = sqlc.arg(proposed_by), proposed_at = sqlc.arg(proposed_at), second_by = sqlc.arg(second_by),
    second_at = sqlc.arg(second_at), signature = sqlc.arg(signature), drop_by = sqlc.arg(drop_by), ended_at = sqlc.arg(ended_at),
    ended_why = sqlc.arg(ended_why)
WHERE models.id = sqlc.arg(id) AND models.state = sqlc.arg(from_state)
    AND (CAST(sqlc.arg(adopts) AS BOOLEAN) = FALSE OR NOT EXISTS (SELECT 1 FROM models o WHERE o.state = 'adopted' AND o.id <> sqlc.arg(id)));

-- name: OverwriteModelKey :exec
UPDATE model_keys SET wrapped = sqlc.arg(zeros) WHERE model = sqlc.arg(model);

-- name: DeleteModelKey :exec
DELETE FROM model_keys WHERE model = sqlc.arg(model);

-- name: DeleteModelFile :exec
DELETE FROM model_files WHERE model = sqlc.arg(model);
