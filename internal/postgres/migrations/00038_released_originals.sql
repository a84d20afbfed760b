-- +goose Up
-- For which Department's package the file of a Disclosure is released as it was sent; '' where it isn't. What opens it is `sealed` until then.
ALTER TABLE disclosures ADD COLUMN department TEXT COLLATE "C" NOT NULL DEFAULT '';
