-- +goose Up
-- What an overseer asks of one person: their acts, the newest first.
CREATE INDEX audit_leaves_actor ON audit_leaves (actor, seq);
