-- +goose Up
-- commitment: what binds a leaf to its note; NULL where there is none, and in leaves from before.
ALTER TABLE audit_leaves ADD COLUMN commitment BYTEA;

-- What an overseer looks for: acts of a kind in a span of time.
CREATE INDEX audit_leaves_act ON audit_leaves (act, at, seq);

-- The leaves as the sequencer hung them into the tree: num from 1 without a gap, in the order of seq.
CREATE TABLE audit_tree (
    num  BIGINT PRIMARY KEY,
    seq  BIGINT NOT NULL UNIQUE,
    hash BYTEA NOT NULL
);

-- Signed heads of the tree. No two are of one moment.
CREATE TABLE audit_checkpoints (
    at   BIGINT PRIMARY KEY,
    size BIGINT NOT NULL,
    note BYTEA NOT NULL
);
