-- +goose Up
-- A telephone call in which something is being recorded. What its takes are, and the keys of their pieces, is sealed to the transit
-- key of the day on which it began, so that the worker can hand in what was said when the call's own process has died.
CREATE TABLE calls (
    id     TEXT COLLATE "C" PRIMARY KEY,
    day    TEXT COLLATE "C" NOT NULL,
    sealed BYTEA  NOT NULL,
    seen   BIGINT NOT NULL
);
