-- +goose Up
-- Reports that people at the desk are typing in, sealed; and on which telephones call-takers speak with callers, in which languages.
CREATE TABLE drafts (
    id       TEXT PRIMARY KEY,
    staff    TEXT NOT NULL,
    call     TEXT NOT NULL,
    sealed   BLOB NOT NULL,
    since    BIGINT NOT NULL,
    saved_at BIGINT NOT NULL
);
CREATE INDEX drafts_staff ON drafts (staff);
CREATE INDEX drafts_since ON drafts (since);
CREATE UNIQUE INDEX drafts_call ON drafts (call) WHERE call <> '';
ALTER TABLE staff ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN speaks TEXT NOT NULL DEFAULT '';
