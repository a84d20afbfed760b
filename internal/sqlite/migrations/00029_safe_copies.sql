-- +goose Up
-- Safe copies of files: what people look at and listen to, and what is handed on, while the original stays sealed as Identity. A copy's
-- key is sealed under its report's data key, and goes with it.
CREATE TABLE safe_copies (
    attachment TEXT PRIMARY KEY,
    report     TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL,
    blob_key   TEXT NOT NULL,
    type       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    sha256     BLOB,
    sealed_key BLOB,
    made_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX safe_copies_report  ON safe_copies (report);
CREATE INDEX attachments_transit ON attachments (type, at, id) WHERE transit_key IS NOT NULL;
