-- +goose Up
-- exported_again: each further time that a Custodian took the request to a machine apart, in milliseconds since 1970, a space before each. It stays as
-- exported_at does.
ALTER TABLE disclosures ADD COLUMN exported_again TEXT NOT NULL DEFAULT '';
