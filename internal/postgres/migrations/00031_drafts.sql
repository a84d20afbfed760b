-- +goose Up
-- Reports that people at the desk are typing in, sealed; and on which telephones call-takers speak with callers, in which languages.
CREATE TABLE drafts (
    id       TEXT COLLATE "C" PRIMARY KEY,
    staff    TEXT COLLATE "C" NOT NULL,
    call     TEXT COLLATE "C" NOT NULL,
    sealed   BYTEA NOT NULL,
    since    BIGINT NOT NULL,
    saved_at BIGINT NOT NULL
);
CREATE INDEX drafts_staff ON drafts (staff);
CREATE INDEX drafts_since ON drafts (since);
CREATE UNIQUE INDEX drafts_call ON drafts (call) WHERE call <> '';
ALTER TABLE staff ADD COLUMN phone TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE staff ADD COLUMN speaks TEXT COLLATE "C" NOT NULL DEFAULT '';
