-- +goose Up
-- Of which files of the report that the transaction named (mailbox.go) the Custodians can open the original: a portal may know that much,
-- to offer the reporter to take it back, and never reads the wrapped key. It runs with its owner's rights, past row security.
CREATE VIEW held_originals WITH (security_barrier) AS
SELECT id, report FROM attachments WHERE day_key IS NOT NULL AND report = current_setting('heed.report', true);
