-- +goose Up
-- Callers who wait for a call-taker or speak with one, for as long as that lasts; who takes calls; wishes to be called back; and what
-- became of the calls, by hour and language. Nothing says who calls but call_backs, whose numbers are sealed to the day's transit key
-- and live four hours.
CREATE TABLE queued_calls (
    id       TEXT   PRIMARY KEY,
    language TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    seen     BIGINT NOT NULL,
    state    TEXT   NOT NULL,
    taker    TEXT   NOT NULL,
    phone    TEXT   NOT NULL,
    former   TEXT   NOT NULL,
    key      BLOB   NOT NULL,
    sealed   BLOB,
    returned BOOLEAN NOT NULL,
    back     BOOLEAN NOT NULL,
    answered BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE duties (
    staff     TEXT   PRIMARY KEY,
    languages TEXT   NOT NULL, -- ',en,ar,' or '' for any
    since     BIGINT NOT NULL,
    until     BIGINT NOT NULL,
    off       TEXT   NOT NULL
) WITHOUT ROWID;

CREATE TABLE call_backs (
    id       TEXT   PRIMARY KEY,
    day      TEXT   NOT NULL,
    language TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    expires  BIGINT NOT NULL,
    sealed   BLOB   NOT NULL,
    taker    TEXT   NOT NULL,
    phone    TEXT   NOT NULL,
    claimed  BIGINT NOT NULL,
    tries    BIGINT NOT NULL,
    key      BLOB,
    resealed BLOB
) WITHOUT ROWID;

CREATE TABLE call_hours (
    hour          BIGINT NOT NULL,
    language      TEXT   NOT NULL,
    offered       BIGINT NOT NULL,
    answered      BIGINT NOT NULL,
    answered_soon BIGINT NOT NULL,
    abandoned     BIGINT NOT NULL,
    elsewhere     BIGINT NOT NULL,
    called_back   BIGINT NOT NULL,
    waited        BIGINT NOT NULL,
    longest       BIGINT NOT NULL,
    PRIMARY KEY (hour, language)
) WITHOUT ROWID;
