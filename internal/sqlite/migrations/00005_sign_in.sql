-- +goose Up
-- enrolled_at: when the account's person first had a way to sign in; 0 while only a link stands open. second_step: the person
-- enrolled in a browser, so a passphrase alone opens no later session.
ALTER TABLE staff ADD COLUMN enrolled_at BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN second_step BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE staff SET enrolled_at = created_at WHERE passphrase <> '';

-- browser: hash of the mark of the browser that a session is bound to. proved_at: when its holder last proved who they are.
-- made_by: who made a link or asked for one. way: how its holder signed in.
ALTER TABLE credentials ADD COLUMN browser   BLOB;
ALTER TABLE credentials ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN made_by   TEXT NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN way       TEXT NOT NULL DEFAULT '';

UPDATE credentials SET proved_at = created_at WHERE kind = 'session';

CREATE TABLE factors (
    id         TEXT   PRIMARY KEY,
    staff      TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    handle     BLOB   NOT NULL,
    data       BLOB,
    used       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX factors_handle ON factors (kind, handle);
CREATE INDEX factors_staff ON factors (staff, id);

CREATE TABLE announcements (
    id      TEXT    PRIMARY KEY,
    staff   TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    code    TEXT    NOT NULL,
    about   TEXT    NOT NULL,
    made_by TEXT    NOT NULL,
    seen    BOOLEAN NOT NULL
);
CREATE INDEX announcements_staff ON announcements (staff, id);
