-- +goose Up
-- Reports are found by marks in place of bands: keyed hashes of pairs of words and of what a happening is known by. They are made anew from the
-- content by a job, so the old ones go. marks in fingerprints repeats, packed, what the table marks holds of the report, so that its rows can be
-- deleted by their key. day counts from 1970.
DROP TABLE IF EXISTS bands;
DROP TABLE fingerprints;

CREATE TABLE fingerprints (
    report INTEGER PRIMARY KEY REFERENCES reports (num),
    day    INTEGER NOT NULL,
    marks  BLOB    NOT NULL
);

CREATE TABLE marks (
    mark   BIGINT  NOT NULL,
    day    INTEGER NOT NULL,
    report INTEGER NOT NULL,
    PRIMARY KEY (mark, day, report)
) WITHOUT ROWID;
