-- +goose Up
-- What reports are found by, in few rows: of each mark one with all reports that have it, and of search tokens those of many reports together.
-- It is made anew from the content by a job, so the old goes.
--
-- marks: reports are six bytes each, a day counted from 1970 and a report's number, in the order in which they came.
-- search_tokens: place is a part of all tokens, by their first bits, and a block of reports; tokens are twelve bytes each, a token and a
-- report's number. search_blocks says how many reports have theirs in a block.
-- fingerprints repeats, packed, under which marks and in which block a report stands, so that it can be taken out again; block is 0 where it
-- has no tokens. sketch holds two bytes of everything that others are looked for by: it says which reports are worth opening.
DROP TABLE marks;
DROP TABLE fingerprints;
DROP TABLE search_tokens;

CREATE TABLE marks (
    mark    INTEGER PRIMARY KEY,
    reports BLOB NOT NULL
);

CREATE TABLE search_tokens (
    place  INTEGER PRIMARY KEY,
    tokens BLOB NOT NULL
);

CREATE TABLE search_blocks (
    block   INTEGER PRIMARY KEY,
    reports BIGINT NOT NULL
);
CREATE INDEX search_blocks_room ON search_blocks (block) WHERE reports < 192;

CREATE TABLE fingerprints (
    report INTEGER PRIMARY KEY REFERENCES reports (num),
    day    INTEGER NOT NULL,
    block  INTEGER NOT NULL,
    marks  BLOB    NOT NULL,
    sketch BLOB    NOT NULL
);
