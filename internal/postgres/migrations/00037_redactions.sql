-- +goose Up
-- What of a file isn't handed on, sealed under its report's data key, with the copy in which that is black or silent. Empty marks are a
-- redaction that was taken back. It goes with its report's files.
CREATE TABLE redactions (
    attachment TEXT COLLATE "C" PRIMARY KEY,
    report     TEXT COLLATE "C" NOT NULL,
    version    BIGINT NOT NULL,
    by_staff   TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    marks      BYTEA,
    state      TEXT COLLATE "C" NOT NULL,
    code       TEXT COLLATE "C" NOT NULL,
    blob_key   TEXT COLLATE "C" NOT NULL,
    type       TEXT COLLATE "C" NOT NULL,
    size       BIGINT NOT NULL,
    sha256     BYTEA,
    sealed_key BYTEA,
    made_at    BIGINT NOT NULL,
    details    BYTEA
);
CREATE INDEX redactions_report ON redactions (report);
-- How many pictures, films and seconds of films somebody uncovered on a day (since 1970, in the line's own zone). Of no report, and gone after a week.
CREATE TABLE exposures (
    staff    TEXT COLLATE "C" NOT NULL,
    day      BIGINT NOT NULL,
    pictures BIGINT NOT NULL,
    films    BIGINT NOT NULL,
    seconds  BIGINT NOT NULL,
    PRIMARY KEY (staff, day)
);
CREATE INDEX exposures_day ON exposures (day);
