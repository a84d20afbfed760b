-- +goose Up
-- Here many leaves, or many events, are added by one statement anyway; both stores' schemas have one number, by which a backup of the one is taken
-- in by the other.
SELECT 1;
