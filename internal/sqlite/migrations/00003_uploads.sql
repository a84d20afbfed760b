-- +goose Up
-- An upload in pieces (tus): its name, size and key stand in the sender's own sealed token, so the row only says that it
-- is under way. Its pieces are staged blobs, each beginning where the one before ended.
CREATE TABLE uploads (
    id TEXT   PRIMARY KEY,
    at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX uploads_at ON uploads (at);

CREATE TABLE upload_pieces (
    upload   TEXT   NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    start    BIGINT NOT NULL,
    size     BIGINT NOT NULL,
    blob_key TEXT   NOT NULL,
    PRIMARY KEY (upload, start)
) WITHOUT ROWID;
