-- +goose Up
-- The file whose original a Disclosure is about; '' where it is about who the reporter is.
ALTER TABLE disclosures ADD COLUMN file TEXT NOT NULL DEFAULT '';
