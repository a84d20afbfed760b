-- +goose Up
-- An upload in pieces (tus): its name, size and key stand in the sender's own sealed token, so the row only says that it
-- is under way. Its pieces are staged blobs, each beginning where the one before ended.
CREATE TABLE uploads (
    id TEXT COLLATE "C" PRIMARY KEY,
    at BIGINT           NOT NULL
);
CREATE INDEX uploads_at ON uploads (at);

CREATE TABLE upload_pieces (
    upload   TEXT COLLATE "C" NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    start    BIGINT           NOT NULL,
    size     BIGINT           NOT NULL,
    blob_key TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (upload, start)
);
