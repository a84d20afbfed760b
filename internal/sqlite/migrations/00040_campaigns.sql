-- +goose Up
-- As one of at least how many with nearly the same text within a week a report is known, for its row in the queue. Nothing follows from it. It goes
-- with the report's screening.
CREATE TABLE campaigns (
    report  TEXT PRIMARY KEY,
    reports BIGINT NOT NULL
) WITHOUT ROWID;
