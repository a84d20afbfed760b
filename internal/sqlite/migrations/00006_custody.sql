-- +goose Up
-- until: when an open disclosure lapses; 0 for one that is final, whose sealed is NULL then.
CREATE TABLE disclosures (
    id            TEXT   PRIMARY KEY,
    report        TEXT   NOT NULL,
    state         TEXT   NOT NULL,
    asked_by      TEXT   NOT NULL,
    at            BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    sealed_reason BLOB,
    day           TEXT   NOT NULL,
    showing_key   BLOB,
    second_by     TEXT   NOT NULL,
    second_at     BIGINT NOT NULL,
    until         BIGINT NOT NULL,
    sealed        BLOB,
    seen_at       BIGINT NOT NULL,
    proof         BLOB
);
CREATE INDEX disclosures_report ON disclosures (report, at, id);
CREATE INDEX disclosures_open   ON disclosures (until, id) WHERE until > 0;

CREATE TABLE custodian_approvals (
    staff       TEXT   PRIMARY KEY,
    approved_by TEXT   NOT NULL,
    at          BIGINT NOT NULL,
    signature   BLOB
);
