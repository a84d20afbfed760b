-- +goose Up
-- Safe copies of files: what people look at and listen to, and what is handed on, while the original stays sealed as Identity. A copy's
-- key is sealed under its report's data key, and goes with it.
CREATE TABLE safe_copies (
    attachment TEXT COLLATE "C" PRIMARY KEY,
    report     TEXT COLLATE "C" NOT NULL,
    state      TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    blob_key   TEXT COLLATE "C" NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    size       BIGINT NOT NULL,
    sha256     BYTEA,
    sealed_key BYTEA,
    made_at    BIGINT NOT NULL
);
CREATE INDEX safe_copies_report  ON safe_copies (report);
CREATE INDEX attachments_transit ON attachments (type, at, id) WHERE transit_key IS NOT NULL;
