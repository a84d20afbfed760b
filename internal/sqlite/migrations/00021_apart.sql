-- +goose Up
-- exported_at: when a Custodian first took the sealed Identity to a machine apart; 0: never. It stays whatever becomes of the
-- disclosure, because the reporter is told of it.
ALTER TABLE disclosures ADD COLUMN exported_at BIGINT NOT NULL DEFAULT 0;
