-- +goose Up
-- What a machine heard in a file, sealed under its report's data key, or the code of why there is nothing. It goes with the copy that it
-- was made of.
ALTER TABLE safe_copies ADD COLUMN transcript BYTEA;
ALTER TABLE safe_copies ADD COLUMN transcript_code TEXT NOT NULL DEFAULT '';
