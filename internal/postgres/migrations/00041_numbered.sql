-- +goose Up
-- Many leaves, or many events, are added by one statement.
ALTER TABLE audit_leaves ALTER COLUMN seq SET DEFAULT next_seq();
ALTER TABLE desk_events ALTER COLUMN seq SET DEFAULT next_seq();
