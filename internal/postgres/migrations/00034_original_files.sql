-- +goose Up
-- The file whose original a Disclosure is about; '' where it is about who the reporter is.
ALTER TABLE disclosures ADD COLUMN file TEXT COLLATE "C" NOT NULL DEFAULT '';
