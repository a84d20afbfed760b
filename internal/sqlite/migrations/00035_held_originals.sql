-- +goose Up
-- What a portal knows of it on PostgreSQL; nothing asks for it here, where every process has the whole store.
CREATE VIEW held_originals AS SELECT id, report FROM attachments WHERE day_key IS NOT NULL;
