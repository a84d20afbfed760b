-- +goose Up
-- until: when an open disclosure lapses; 0 for one that is final, whose sealed is NULL then.
CREATE TABLE disclosures (
    id            TEXT COLLATE "C" PRIMARY KEY,
    report        TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    asked_by      TEXT COLLATE "C" NOT NULL,
    at            BIGINT NOT NULL,
    reason        TEXT COLLATE "C" NOT NULL,
    sealed_reason BYTEA,
    day           TEXT COLLATE "C" NOT NULL,
    showing_key   BYTEA,
    second_by     TEXT COLLATE "C" NOT NULL,
    second_at     BIGINT NOT NULL,
    until         BIGINT NOT NULL,
    sealed        BYTEA,
    seen_at       BIGINT NOT NULL,
    proof         BYTEA
);
CREATE INDEX disclosures_report ON disclosures (report, at, id);
CREATE INDEX disclosures_open   ON disclosures (until, id) WHERE until > 0;

CREATE TABLE custodian_approvals (
    staff       TEXT COLLATE "C" PRIMARY KEY,
    approved_by TEXT COLLATE "C" NOT NULL,
    at          BIGINT NOT NULL,
    signature   BYTEA
);
