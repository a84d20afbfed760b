-- +goose Up
-- What is to be known of a copy beside what it shows (the pages of a document), sealed under its report's data key. It goes with the copy.
ALTER TABLE safe_copies ADD COLUMN details BYTEA;
