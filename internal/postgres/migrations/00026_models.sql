-- +goose Up
-- The models of the screening that a line learned for itself. What a model holds stands apart from its record, which stays; its key
-- stands alone, as the reports' do: destroying it is what ends the model.
CREATE TABLE models (
    id          TEXT   PRIMARY KEY,
    state       TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    base        TEXT   NOT NULL,
    against     TEXT   NOT NULL,
    sha256      BYTEA  NOT NULL,
    made_at     BIGINT NOT NULL,
    from_at     BIGINT NOT NULL,
    until_at    BIGINT NOT NULL,
    proposed_by TEXT   NOT NULL,
    proposed_at BIGINT NOT NULL,
    second_by   TEXT   NOT NULL,
    second_at   BIGINT NOT NULL,
    signature   BYTEA,
    drop_by     BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    ended_why   TEXT   NOT NULL
);
CREATE UNIQUE INDEX models_adopted ON models (state) WHERE state = 'adopted';

CREATE TABLE model_files (
    model   TEXT  PRIMARY KEY REFERENCES models (id),
    sealed  BYTEA NOT NULL,
    figures BYTEA NOT NULL
);

CREATE TABLE model_keys (
    model   TEXT  PRIMARY KEY REFERENCES models (id),
    wrapped BYTEA NOT NULL
);
