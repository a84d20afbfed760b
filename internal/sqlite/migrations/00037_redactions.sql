-- +goose Up
-- What of a file isn't handed on, sealed under its report's data key, with the copy in which that is black or silent. Empty marks are a
-- redaction that was taken back. It goes with its report's files.
CREATE TABLE redactions (
    attachment TEXT PRIMARY KEY,
    report     TEXT NOT NULL,
    version    BIGINT NOT NULL,
    by_staff   TEXT NOT NULL,
    at         BIGINT NOT NULL,
    marks      BLOB,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL,
    blob_key   TEXT NOT NULL,
    type       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    sha256     BLOB,
    sealed_key BLOB,
    made_at    BIGINT NOT NULL,
    details    BLOB
) WITHOUT ROWID;
CREATE INDEX redactions_report ON redactions (report);
-- How many pictures, films and seconds of films somebody uncovered on a day (since 1970, in the line's own zone). Of no report, and gone after a week.
CREATE TABLE exposures (
    staff    TEXT NOT NULL,
    day      BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    films    BIGINT NOT NULL,
    seconds  BIGINT NOT NULL,
    PRIMARY KEY (staff, day)
) WITHOUT ROWID;
CREATE INDEX exposures_day ON exposures (day);
