-- +goose Up
-- enrolled_at: when the account's person first had a way to sign in; 0 while only a link stands open. second_step: the person
-- enrolled in a browser, so a passphrase alone opens no later session.
ALTER TABLE staff ADD COLUMN enrolled_at BIGINT  NOT NULL DEFAULT 0;
ALTER TABLE staff ADD COLUMN second_step BOOLEAN NOT NULL DEFAULT FALSE;

UPDATE staff SET enrolled_at = created_at WHERE passphrase <> '';

-- browser: hash of the mark of the browser that a session is bound to. proved_at: when its holder last proved who they are.
-- made_by: who made a link or asked for one. way: how its holder signed in.
ALTER TABLE credentials ADD COLUMN browser   BYTEA;
ALTER TABLE credentials ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE credentials ADD COLUMN made_by   TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE credentials ADD COLUMN way       TEXT COLLATE "C" NOT NULL DEFAULT '';

UPDATE credentials SET proved_at = created_at WHERE kind = 'session';

CREATE TABLE factors (
    id         TEXT COLLATE "C"   PRIMARY KEY,
    staff      TEXT COLLATE "C"   NOT NULL,
    kind       TEXT COLLATE "C"   NOT NULL,
    name       TEXT COLLATE "C"   NOT NULL,
    handle     BYTEA   NOT NULL,
    data       BYTEA,
    used       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX factors_handle ON factors (kind, handle);
CREATE INDEX factors_staff ON factors (staff, id);

CREATE TABLE announcements (
    id      TEXT COLLATE "C"    PRIMARY KEY,
    staff   TEXT COLLATE "C"    NOT NULL,
    at      BIGINT  NOT NULL,
    code    TEXT COLLATE "C"    NOT NULL,
    about   TEXT COLLATE "C"    NOT NULL,
    made_by TEXT COLLATE "C"    NOT NULL,
    seen    BOOLEAN NOT NULL
);
CREATE INDEX announcements_staff ON announcements (staff, id);
